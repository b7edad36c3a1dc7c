import { Chance } from '../../../../sim/fault/chance.ts';
import { WorkerMeter } from '../../../../sim/fleet/measure/meter.ts';
import { Tally } from '../../../../sim/fleet/measure/tally.ts';
import type { DockSample, LoadOptions, LoadResult } from '../../../../sim/fleet/result.ts';
import { facts } from './run-facts.ts';

interface Shape {
  readonly cameras: number;
  readonly seconds: number;
  readonly stallAtSecond?: number;
  readonly isDockSeen: boolean;
  readonly failure?: string;
  readonly where?: string;
  readonly options?: Partial<LoadOptions>;
}

const CHUNKS_PER_SECOND = 400;
const CHUNK_BYTES = 262_144;

/** What a run might have found, made up from a seed, through the same meters as a real one. */
export function madeRun(shape: Shape): LoadResult {
  const { cameras, seconds, stallAtSecond } = shape;
  const chance = new Chance('made');
  const meter = new WorkerMeter({ startUs: 0, fromUs: 5e6, toUs: seconds * 1e6 });
  const tally = new Tally();
  for (let second = 0; second < seconds; second += 1) {
    const chunks = CHUNKS_PER_SECOND - chance.below(60);
    for (let at = 0; at < chunks; at += 1) {
      const intendedUs = second * 1e6 + Math.round((at / chunks) * 1e6);
      const serviceUs = 3_000 + Math.round(-6_000 * Math.log(1 - chance.fraction()));
      const stalledUs = second === stallAtSecond ? Math.max(0, second * 1e6 + 500_000 - intendedUs) : 0;
      const sentUs = intendedUs + chance.below(300);
      const camera = chance.below(cameras * 20) === 0 ? 0 : chance.below(cameras);
      meter.chunk(camera, {
        intendedUs,
        sentUs,
        durableUs: sentUs + stalledUs + serviceUs,
        bytes: CHUNK_BYTES,
      });
    }
    for (let one = 0; one < 3; one += 1) {
      const erasableUs = (second + one / 3) * 1e6;
      const tookUs = 4e6 + chance.below(9e6);
      meter.recording(chance.below(cameras), { dockedUs: erasableUs - tookUs, erasableUs, bytes: 3e7 });
    }
    if (shape.failure !== undefined && second % 20 === 10) meter.failed(0, shape.failure);
    tally.add(meter.take());
    const dock = shape.isDockSeen ? seen(second, chance) : null;
    tally.tick(second, { dock, generatorCpuPercent: shape.isDockSeen ? 38 + chance.below(8) : null });
  }
  const options = { cameras, warmUpSeconds: 5, durationSeconds: seconds, ...shape.options };
  const target = {
    kind: 'given',
    where: shape.where ?? 'mqtt://dock-3.example:1883',
    version: null,
  } as const;
  return tally.result(
    facts({
      ...{ cameras, elapsedSeconds: seconds, target, options },
      notMeasured: ['Generator and dock shared one machine; on its own the dock may do more.'],
    }),
  );
}

function seen(second: number, chance: Chance): DockSample {
  return {
    cpuPercent: second === 0 ? null : 84 + chance.below(14),
    rssMiB: 210 + Math.min(second, 12) * 6 + chance.below(5),
    fds: 64 + chance.below(3),
    fsyncs: second * 118,
    eventLoopDelayMs: 2 + chance.below(9),
    queues: { staging: chance.below(40) },
  };
}
