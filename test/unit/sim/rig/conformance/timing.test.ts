import { expect, test } from 'vitest';
import { CaseFailure, demand } from '../../../../../sim/rig/conformance/case.ts';
import { anew, demandPause } from '../../../../../sim/rig/conformance/timing.ts';

// Goal: a busy machine fails no device, and no device is measured until it passes by luck. Method: measurements whose pauses are given.

const WANTED = { min: 100, max: 200 };

/** Measures each of these pauses in turn. */
function measured(pauses: readonly number[]): {
  readonly result: Promise<number>;
  readonly tries: () => number;
} {
  let tries = 0;
  const result = anew(async () => {
    const ms = pauses[tries] ?? Number.NaN;
    tries += 1;
    demandPause(ms, WANTED, 'an answer');
    return ms;
  });
  return { result, tries: () => tries };
}

test('a pause that is right is measured once', async () => {
  for (const ms of [100, 150, 200]) {
    const { result, tries } = measured([ms]);
    expect([await result, tries()]).toEqual([ms, 1]);
  }
});

test('a pause that is wrong is measured anew, up to three times', async () => {
  const lucky = measured([99, 201, 150]);
  expect([await lucky.result, lucky.tries()]).toEqual([150, 3]);
  const never = measured([99, 201, 98.6, 150]);
  await expect(never.result).rejects.toThrow('expected an answer after 100 to 200 ms; saw 99 ms');
  expect(never.tries()).toBe(3);
});

test('any other failure counts at once', async () => {
  let tries = 0;
  const result = anew(async () => {
    tries += 1;
    demand(false, 'the same bytes', 'others');
  });
  await expect(result).rejects.toBeInstanceOf(CaseFailure);
  expect(tries).toBe(1);
});
