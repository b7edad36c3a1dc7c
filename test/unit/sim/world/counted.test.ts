import { expect, it } from 'vitest';
import { Coverage, type FaultKind } from '../../../../sim/world/coverage.ts';
import { run } from '../../../../sim/world/run.ts';
import type { Action } from '../../../../sim/world/scenario.ts';
import { bay, SECOND_MS } from './small-world.ts';

// Goal: a fault that is counted has met something: the table of a run is a proof that its storm was one. Method: each kind once at a
// moment at which there is something to meet, and once where there is nothing; every check holds all the same.

const NOTHING_YET = 500;
const UPLOADING = 10_400;
const LONG_AFTER = 50_000;

const camera = { camera: 0 } as const;
const back = (atMs: number): Action => ({ atMs, do: 'dock', ...camera, dock: 0 });
const harm = (atMs: number, of: Extract<Action, { do: 'dock-harm' }>['harm']): Action => ({
  ...{ atMs, do: 'dock-harm', dock: 0, harm: of },
});
const plug = (atMs: number): Action => ({ atMs, do: 'dock-cut', dock: 0, offMs: SECOND_MS });
const pull = (atMs: number, isNoticed = true): Action => ({ atMs, do: 'pull', ...camera, isNoticed });

interface Counted {
  readonly kind: FaultKind;
  readonly met: readonly Action[];
  readonly missed: readonly Action[];
}

const COUNTED: readonly Counted[] = [
  {
    kind: 'rival-session',
    met: [pull(UPLOADING, false), back(UPLOADING + SECOND_MS)],
    missed: [pull(UPLOADING, false), back(UPLOADING + 20 * SECOND_MS)],
  },
  {
    kind: 'partition',
    met: [{ atMs: UPLOADING, do: 'part', ...camera, ms: SECOND_MS }],
    missed: [{ atMs: NOTHING_YET, do: 'part', ...camera, ms: SECOND_MS }],
  },
  { kind: 'undock', met: [pull(UPLOADING)], missed: [pull(NOTHING_YET)] },
  {
    kind: 'hang-up',
    met: [{ atMs: UPLOADING, do: 'hang-up', ...camera }],
    missed: [{ atMs: NOTHING_YET, do: 'hang-up', ...camera }],
  },
  {
    kind: 'bit-rot',
    met: [harm(UPLOADING, { harm: 'bit-rot', pick: 0.1 }), harm(LONG_AFTER, { harm: 'scrub' })],
    missed: [harm(NOTHING_YET, { harm: 'bit-rot', pick: 0.1 })],
  },
  {
    kind: 'index-lost',
    met: [harm(UPLOADING, { harm: 'index-lost' }), plug(UPLOADING + 1)],
    missed: [harm(NOTHING_YET, { harm: 'index-lost' }), plug(NOTHING_YET + 1)],
  },
  {
    kind: 'dock-disk-full',
    met: [harm(UPLOADING, { harm: 'disk-full', roomBytes: 0, ms: SECOND_MS })],
    missed: [harm(NOTHING_YET, { harm: 'disk-full', roomBytes: 0, ms: SECOND_MS })],
  },
  {
    kind: 'camera-clock-step',
    met: [{ atMs: 5 * SECOND_MS, do: 'clock-step', ...camera, byMs: -3_600 * SECOND_MS }],
    missed: [{ atMs: LONG_AFTER, do: 'clock-step', ...camera, byMs: -3_600 * SECOND_MS }],
  },
];

it.each(COUNTED)(
  '$kind is counted where it meets something',
  { timeout: 60_000 },
  async ({ kind, met, missed }) => {
    expect(await timesOf(kind, met)).toBeGreaterThan(0);
    expect(await timesOf(kind, missed)).toBe(0);
  },
);

// Goal: a harm with a cue waits for it, and none comes where it is never given. Method: the same pull at a Fin, and at a Ping of nobody.
it('does what waits for a cue when it is given', async () => {
  const at = (on: NonNullable<Action['on']>): Promise<number> =>
    timesOf('undock', [{ ...pull(NOTHING_YET), on }]);
  expect(await at('fin')).toBe(1);
  expect(await at('bye')).toBe(0);
});

async function timesOf(kind: FaultKind, actions: readonly Action[]): Promise<number> {
  const { failures, met } = await run(bay(...actions));
  expect(failures).toEqual([]);
  const coverage = new Coverage();
  coverage.add(met);
  return coverage.total(kind);
}
