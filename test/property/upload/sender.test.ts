import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../../sim/fault/chance.ts';
import { type SenderCase, SenderWorld } from './sender-world.ts';
import { runs } from '../../runs.ts';

const CALM_MS = 3_000;
// Of virtual time. One gap a round trip is the least that a dock may name; a recording in fragments of a byte has hundreds.
const LIMIT_MS = 60_000;

const share = (max: number): fc.Arbitrary<number> => fc.double({ min: 0, max, noNaN: true });
const parked = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 1_500 }), fc.integer({ min: 1, max: 200 })), { maxLength: 4 })
  .map((ranges) => ranges.map(([start, bytes]) => ({ start, end: start + bytes })));

function cases(line: {
  repeat: number;
  reorder: number;
  fragmentSpan: number;
}): fc.Arbitrary<{ seed: string; given: SenderCase }> {
  return fc.record({
    seed: fc.string({ minLength: 4, maxLength: 8 }),
    given: fc
      .record({
        dataLoss: share(0.7),
        ackLoss: share(0.7),
        repeat: share(line.repeat),
        reorder: share(line.reorder),
        delayMs: fc.integer({ min: 0, max: 60 }),
        calmMs: fc.constant(CALM_MS),
        unitBytes: fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        fragmentMin: fc.integer({ min: 1, max: 40 }),
        fragmentSpan: fc.constant(line.fragmentSpan),
        dock: fc.record({
          creditUnits: fc.integer({ min: 1, max: 4 }),
          missingMax: fc.integer({ min: 1, max: 16 }),
          writeMs: fc.integer({ min: 0, max: 80 }),
          pausesMs: fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 2 }),
        }),
        parked,
      })
      .map((given) => ({ ...given, parked: withinCredit(given) })),
  });
}

/** A dock has nothing in memory that it would not give credit for. */
function withinCredit({ unitBytes, dock, parked: ranges }: SenderCase): SenderCase['parked'] {
  const creditTo = unitBytes.slice(0, dock.creditUnits).reduce((sum, bytes) => sum + bytes, 0);
  return ranges
    .map(({ start, end }) => ({ start, end: Math.min(end, creditTo) }))
    .filter(({ start, end }) => start < end);
}

// Goal: whatever a line does to Data and Acks, the sender keeps the rules that it can keep by what it knows, and all
// arrives once the line calms down. Method: the pure sender against a reference dock over a line under virtual time;
// every Data is looked at as it leaves (tx_seq, credit, units, no byte twice before its last copy was answered, probes
// aside) and as it arrives (bytes, credit).
describe('a sender over a line of any kind', () => {
  it('keeps the rules and brings everything over after the calm', () => {
    fc.assert(
      fc.property(cases({ repeat: 0.4, reorder: 0.4, fragmentSpan: 8 }), ({ seed, given }) => {
        const world = new SenderWorld(given, new Chance(seed));
        const doneMs = world.run(LIMIT_MS);
        expect([...world.problems, ...world.dock.problems]).toEqual([]);
        expect(doneMs).toBeLessThan(LIMIT_MS);
      }),
      { numRuns: runs(300) },
    );
  });

  // A sender that may shorten its fragments no further repeats what is doubtful rather than leave the line idle.
  it('wastes nothing over one that keeps the order: only a probe ever brings a byte that was there', () => {
    fc.assert(
      fc.property(cases({ repeat: 0, reorder: 0, fragmentSpan: 1 }), ({ seed, given }) => {
        const world = new SenderWorld(given, new Chance(seed));
        const doneMs = world.run(LIMIT_MS);
        expect([...world.problems, ...world.dock.problems]).toEqual([]);
        expect(world.dock.repeatedBytes).toBe(0);
        expect(doneMs).toBeLessThan(LIMIT_MS);
      }),
      { numRuns: runs(300) },
    );
  });

  it('needs no probe and repeats nothing over one that loses nothing', () => {
    fc.assert(
      fc.property(cases({ repeat: 0, reorder: 0, fragmentSpan: 8 }), ({ seed, given }) => {
        const calm = { ...given, calmMs: 0, dock: { ...given.dock, pausesMs: [] } };
        const world = new SenderWorld(calm, new Chance(seed));
        expect(world.run(LIMIT_MS)).toBeLessThan(LIMIT_MS);
        expect([...world.problems, ...world.dock.problems]).toEqual([]);
        expect(world.probes).toBe(0);
      }),
      { numRuns: runs(100) },
    );
  });
});
