import fc from 'fast-check';
import { expect, test } from 'vitest';
import { edition, lineInForce, TAKEN_BACK } from '../../../../dock/policy/decide/rule-book.ts';
import type { Adoption } from '../../../../dock/policy/facts/knowledge.ts';

// Few agencies and moments, so that lines often meet. Everybody is covered since ever, as the program sees to.
const AGENCIES = ['', 'A', 'B'] as const;
const MOMENT_MAX = 6;
const line = fc.record({
  agency: fc.constantFrom(...AGENCIES),
  regime: fc.constantFrom('doj', 'city', 'osp', TAKEN_BACK),
  fromMs: fc.integer({ min: 0, max: MOMENT_MAX }),
});
const adoptions = fc
  .array(line, { maxLength: 12 })
  .map((lines) =>
    [{ agency: '', regime: 'doj', fromMs: -1 }, ...lines].map(
      (one, place): Adoption => ({ ...one, policySet: one.regime, index: place + 1 }),
    ),
  );

/** The same in the words of the manual, slowly: of what was said last about each moment, the newest moment that has come. */
function expected(all: readonly Adoption[], agency: string, nowMs: number): Adoption | undefined {
  for (let fromMs = nowMs; fromMs >= -1; fromMs -= 1) {
    const said = all.filter((one) => one.agency === agency && one.fromMs === fromMs).at(-1);
    if (said !== undefined && said.regime !== TAKEN_BACK) return said;
  }
  return agency === '' ? undefined : expected(all, '', nowMs);
}

// Goal: at every moment exactly one line holds for every agency, and it is the one the manual names.
test('exactly one line is in force for everybody at any moment', () => {
  fc.assert(
    fc.property(
      adoptions,
      fc.constantFrom(...AGENCIES, 'C'),
      fc.integer({ min: 0, max: MOMENT_MAX + 1 }),
      (all, agency, nowMs) => {
        const found = lineInForce(all, agency, nowMs);
        expect(found).toBeDefined();
        expect(found).toEqual(expected(all, agency, nowMs));
      },
    ),
  );
});

// Goal: time only moves forward through the lines, and docks are told exactly when what holds for somebody changes.
test('the lines in force are monotone, and the edition changes with them', () => {
  fc.assert(
    fc.property(adoptions, (all) => {
      const held = AGENCIES.map(() => Number.NEGATIVE_INFINITY);
      let before: { edition: string; lines: string } | undefined;
      for (let nowMs = 0; nowMs <= MOMENT_MAX; nowMs += 1) {
        const found = AGENCIES.map((agency) => lineInForce(all, agency, nowMs));
        for (const [place, agency] of AGENCIES.entries()) {
          const one = found[place];
          if (one?.agency !== agency) continue;
          expect(one.fromMs).toBeGreaterThanOrEqual(held[place] ?? 0);
          held[place] = one.fromMs;
        }
        const now = { edition: edition(all, nowMs), lines: JSON.stringify(found) };
        if (before !== undefined) expect(now.edition === before.edition).toBe(now.lines === before.lines);
        before = now;
      }
    }),
  );
});
