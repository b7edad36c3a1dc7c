import { expect, it } from 'vitest';
import { plan } from '../../../../sim/world/plan.ts';
import { run } from '../../../../sim/world/run.ts';
import type { Scenario } from '../../../../sim/world/scenario.ts';

/** A camera whose pictures take no time: once it records, something is due at once for ever. */
function hanging(): Scenario {
  const { cameras, ...world } = plan(1);
  const still = cameras.map((one) => ({ ...one, footage: { ...one.footage, gopMs: 0 } }));
  return { ...world, cameras: still, actions: [{ atMs: 1_000, do: 'record', camera: 0 }] };
}

// Goal: a program that hangs fails its seed by name, as no progress and no crash, and in a time in which it can be shrunk.
it('ends a world whose time stands still', { timeout: 60_000 }, async () => {
  const { verdict, failures } = await run(hanging());
  expect(verdict).toBe('stuck');
  expect(failures.map(({ check }) => check)).toEqual(['time-stands-still']);
});
