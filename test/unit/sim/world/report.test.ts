import { expect, it } from 'vitest';
import type { Met } from '../../../../sim/world/coverage.ts';
import { EXIT_OF_VERDICT, type SeedOutcome, tooRare } from '../../../../sim/world/report.ts';

const outcome = (seed: number, met: Met): SeedOutcome => ({
  ...{ seed, verdict: 'ok', failures: [], hash: '', lines: 0, recordings: 0, virtualMs: 0 },
  met,
});

// Goal: a storm that lost its force is noticed, by the name of what no longer comes. Method: two seeds whose faults add up, in several states.
it('says which faults came too rarely', () => {
  const outcomes = [
    outcome(1, [
      ['hang-up', 'data', 3],
      ['undock', 'idle', 4],
    ]),
    outcome(2, [
      ['hang-up', 'fin', 2],
      ['bit-rot', 'idle', 4],
    ]),
  ];
  expect(tooRare(outcomes, { kinds: 0, times: 0 })).toBeUndefined();
  expect(tooRare(outcomes, { kinds: 1, times: 5 })).toBeUndefined();
  expect(tooRare(outcomes, { kinds: 3, times: 4 })).toBeUndefined();
  const rare = tooRare(outcomes, { kinds: 2, times: 5 });
  expect(rare).toMatch(/^1 kinds of fault came 5 times or more, and 2 were to: /);
  expect(rare).toContain('undock 4');
  expect(rare).toContain('index-lost 0');
  expect(rare).not.toContain('hang-up');
});

it('gives each verdict an exit code of its own', () => {
  expect(EXIT_OF_VERDICT).toEqual({ ok: 0, wrong: 1, crashed: 2, stuck: 3 });
});
