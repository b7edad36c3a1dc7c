import { expect, test } from 'vitest';
import { plan } from '../../../../sim/world/plan.ts';
import type { Scenario } from '../../../../sim/world/scenario.ts';
import { shrink } from '../../../../sim/world/shrink.ts';

// Goal: a failing scenario becomes a short one that still fails. Method: failures that a function of the scenario decides, so
// that what must be left is known.

const long = plan(3);

test('only the actions that the failure needs are left', async () => {
  const needed = long.actions.filter((action) => action.do === 'record').slice(0, 2);
  expect(needed).toHaveLength(2);
  const short = await shrink(
    long,
    ({ actions }) => Promise.resolve(needed.every((one) => actions.includes(one))),
    { runs: 2_000 },
  );
  expect(short.actions).toEqual(needed);
  expect(short.stormMs).toBeLessThan(long.stormMs);
});

test('what never fails without everything stays as it is', async () => {
  const whole = JSON.stringify(long);
  const short = await shrink(long, (one) => Promise.resolve(JSON.stringify(one) === whole), { runs: 2_000 });
  expect(short).toEqual(long);
});

test('it ends when its runs are spent, with the best so far', async () => {
  let runs = 0;
  const tried: Scenario[] = [];
  const short = await shrink(
    long,
    (scenario) => {
      runs += 1;
      tried.push(scenario);
      return Promise.resolve(true);
    },
    { runs: 3 },
  );
  expect(runs).toBe(3);
  expect(short).toEqual(tried.at(-1));
});
