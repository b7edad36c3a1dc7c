import type { RunFacts } from '../../../../sim/fleet/measure/tally.ts';
import type { LoadOptions } from '../../../../sim/fleet/result.ts';

const NOTHING = { ledgerBytes: 0, indexBytes: 0 };

type Given = Partial<Omit<RunFacts, 'options'>> & { readonly options?: Partial<LoadOptions> };

/** A run of eight cameras, but for what is given. */
export function facts(given: Given = {}): RunFacts {
  const options: LoadOptions = {
    cameras: 8,
    transport: 'mqtt',
    loop: 'closed',
    profile: null,
    durationSeconds: 60,
    warmUpSeconds: 0,
    rampSeconds: 0,
    windowChunks: 8,
    chunkBytes: 262_144,
    baud: null,
    payloadScale: 1,
    timeWarp: 1,
    seed: 1,
    ...given.options,
  };
  return {
    target: { kind: 'own', where: 'mqtt://127.0.0.1:1883', version: 'holdfast 0.1.0' },
    startedAt: '2026-11-23T06:00:00.000Z',
    machine: { cpus: 2, model: 'Example CPU', node: 'v20.20.0', memoryMiB: 8_192 },
    elapsedSeconds: 60,
    cameras: 8,
    generatorCpuPercent: 41.5,
    sizes: { before: NOTHING, after: NOTHING },
    notMeasured: [],
    ...given,
    options,
  };
}
