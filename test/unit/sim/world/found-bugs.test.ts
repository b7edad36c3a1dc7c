import { expect, it } from 'vitest';
import type { Met } from '../../../../sim/world/coverage.ts';
import { run } from '../../../../sim/world/run.ts';
import type { Action, Scenario } from '../../../../sim/world/scenario.ts';
import { bay, SECOND_MS } from './small-world.ts';

// Goal: a bug that a world found once is found again, whatever seeds come to mean. Method: one camera and one dock, the few things
// that have to happen, and every check; each world says that the trouble came, since one that misses its moment shows nothing.

const atDock = (atMs: number, harm: Extract<Action, { do: 'dock-harm' }>['harm']): Action => ({
  ...{ atMs, do: 'dock-harm', dock: 0, harm },
});
const plug = (atMs: number): Action => ({ atMs, do: 'dock-cut', dock: 0, offMs: 2 * SECOND_MS });

interface Found {
  readonly bug: string;
  readonly meets: Met;
  readonly scenario: Scenario;
}

const FOUND: readonly Found[] = [
  {
    bug: 'the good copy is refused for the session, because the copy of the dock rotted before the camera had its receipt',
    meets: [
      ['undock', 'uploading', 1],
      ['bit-rot', 'idle', 1],
    ],
    scenario: bay(
      { atMs: 10 * SECOND_MS, on: 'receipt', do: 'pull', camera: 0, isNoticed: true },
      atDock(30 * SECOND_MS, { harm: 'bit-rot', pick: 0.1 }),
    ),
  },
  {
    bug: 'a dock never starts again that set half of a recording aside and then got all of it',
    meets: [
      ['index-lost', 'in mid-upload', 1],
      ['index-lost', 'all settled', 1],
    ],
    scenario: bay(
      atDock(10 * SECOND_MS, { harm: 'index-lost' }),
      plug(10 * SECOND_MS + 400),
      atDock(40 * SECOND_MS, { harm: 'index-lost' }),
      plug(41 * SECOND_MS),
    ),
  },
  {
    bug: 'a recording stays on a docked camera, because its memory took nothing when the receipt came',
    meets: [['flash-worn', 'erasing', 2]],
    scenario: bay({
      ...{ atMs: 10 * SECOND_MS, on: 'fin', do: 'weary', camera: 0, ms: 5 * SECOND_MS },
      weariness: { eachMs: 0, wornWrites: 1 },
    }),
  },
];

it.each(FOUND)('$bug', { timeout: 60_000 }, async ({ meets, scenario }) => {
  const { failures, met } = await run(scenario);
  expect(failures).toEqual([]);
  expect(met).toEqual(expect.arrayContaining(meets.map((one) => [...one])));
});
