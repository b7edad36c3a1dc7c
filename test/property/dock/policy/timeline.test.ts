import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../../../dock/policy/decide/decide.ts';
import { loadRules, regimes } from '../../../../dock/policy/decide/load.ts';
import { oneRegime } from '../../../../dock/policy/decide/rule-book.ts';
import { timelines, type Interval } from '../../../../dock/policy/decide/timeline.ts';
import { PURPOSES, type Entry, type Fact } from '../../../../dock/policy/facts/fact.ts';
import type { Rules } from '../../../../dock/policy/decide/rules.ts';
import { Knowledge } from '../../../../dock/policy/facts/knowledge.ts';
import type { Question } from '../../../../dock/policy/facts/situation.ts';
import { runs } from '../../../runs.ts';
import { fact, NOW_MS } from '../../../unit/dock/policy/story.ts';
import {
  anyFact,
  anyQuestion,
  INCIDENTS,
  OFFICERS,
  PEOPLE,
  RECORDINGS,
  REVIEW_AUTHORISED,
  START,
} from './world.ts';

const MINUTE_MS = 60_000;
const RULES = regimes().map((regime) => loadRules(regime));
const BOOKS = RULES.map((rules) => oneRegime(rules));

// What the world of the other properties has few of: a role lost, a recorded statement, a camera that was somebody else's.
const further: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .record({
      person: fc.constantFrom('chief', 'attorney', 'ia', 'o1'),
      roles: fc.constantFrom([], ['officer']),
    })
    .map((members) => fact('person.enrolled', members)),
  fc
    .record({
      incident: fc.constantFrom(...INCIDENTS),
      person: fc.constantFrom(...OFFICERS),
      kind: fc.constantFrom('perceptual', 'supervisor_interview'),
    })
    .map((members) => fact('statement.given', members)),
  fc
    .record({ recording: fc.constantFrom(...RECORDINGS), officer: fc.constantFrom(...PEOPLE) })
    .map((members) => fact('recording.registered', members)),
  fc
    .record({
      recording: fc.constantFrom(...RECORDINGS),
      person: fc.constantFrom('o1', 'ia', 'ipr'),
      by: fc.constantFrom('chief', 'attorney'),
      expiresAt: fc
        .integer({ min: -30, max: 90 })
        .map((minutes) => new Date(NOW_MS + minutes * MINUTE_MS).toISOString()),
    })
    .map((members) => fact('access.authorised', members)),
);
/** Facts as they came in: often several at one moment, now and then while the clock was set back. */
const history: fc.Arbitrary<readonly Entry[]> = fc
  .tuple(
    fc.constantFrom([], REVIEW_AUTHORISED),
    fc.array(
      fc.tuple(fc.oneof({ weight: 3, arbitrary: anyFact }, further), fc.constantFrom(0, 0, 1, 1, 7, 20, -15)),
      { maxLength: 30 },
    ),
  )
  .map(([first, rest]) => {
    const told = [...[...START, ...first].map((one) => [one, 0] as const), ...rest];
    let atMs = NOW_MS - 40 * MINUTE_MS;
    return told.map(([one, minutes], at) => {
      atMs += minutes * MINUTE_MS;
      return { index: at + 1, source: 'records', receivedAt: new Date(atMs).toISOString(), fact: one };
    });
  });

const isSame = (one: Question, other: Question): boolean =>
  one.person === other.person && one.recording === other.recording && one.purpose === other.purpose;
const holds = (intervals: readonly Interval[], atMs: number): boolean =>
  intervals.some(({ fromMs, untilMs }) => fromMs <= atMs && (untilMs === undefined || atMs < untilMs));

/** What `decide` goes by at a moment: every fact received by then, in the order of their indices, however the clock went. */
function knownAt(entries: readonly Entry[], atMs: number): Knowledge {
  const known = new Knowledge();
  let latestMs = Number.NEGATIVE_INFINITY;
  for (const entry of entries) {
    latestMs = Math.max(latestMs, Date.parse(entry.receivedAt));
    if (latestMs <= atMs) known.apply(entry);
  }
  return known;
}

/** Every interval of every timeline with what it is about. */
function spansOf(entries: readonly Entry[]): readonly Span[] {
  return timelines(entries, BOOKS).flatMap(({ person, recording, line }) =>
    RULES.flatMap((rules, place) =>
      PURPOSES.flatMap((purpose) =>
        line
          .intervals(place, purpose)
          .map((span) => ({ ...span, rules, question: { person, recording, action: 'view', purpose } })),
      ),
    ),
  );
}
interface Span extends Interval {
  readonly rules: Rules;
  readonly question: Question;
}

// Goal: a timeline says at every moment what `decide` says at that moment. Method: random worlds, every regime; each change is asked
// about right before it and at it, and people, recordings and purposes that chance picks at moments that chance picks.
describe('a timeline', { timeout: 120_000 }, () => {
  it('is what decide answers at every moment', () => {
    let yes = 0;
    let changes = 0;
    const asks = fc.array(
      fc.tuple(
        anyQuestion,
        fc.integer({ min: 0, max: RULES.length - 1 }),
        fc.integer({ min: -45, max: 200 }),
      ),
      { minLength: 15, maxLength: 15 },
    );
    fc.assert(
      fc.property(history, asks, fc.nat({ max: 9 }), (entries, random, from) => {
        const spans = spansOf(entries);
        const check = (rules: Rules, question: Question, nowMs: number): void => {
          const { allowed } = decide(rules, knownAt(entries, nowMs), { question, nowMs });
          const mine = spans.filter((span) => span.rules === rules && isSame(span.question, question));
          yes += allowed ? 1 : 0;
          if (holds(mine, nowMs) !== allowed)
            expect.fail(`${rules.regime} ${JSON.stringify(question)} at ${nowMs}: decide says ${allowed}`);
        };
        // A tenth of the changes of each world, from a place that chance picks: there are many, and denies take long to explain.
        for (const { rules, question, fromMs, untilMs } of spans.filter((_, at) => at % 10 === from)) {
          changes += 1;
          for (const ms of [fromMs, untilMs ?? fromMs])
            for (const nowMs of [ms - 1, ms]) check(rules, question, nowMs);
        }
        for (const [asked, place, minutes] of random) {
          const rules = RULES[place];
          if (rules !== undefined) check(rules, { ...asked, action: 'view' }, NOW_MS + minutes * MINUTE_MS);
        }
      }),
      { numRuns: runs(60) },
    );
    expect(yes).toBeGreaterThan(runs(100));
    expect(changes).toBeGreaterThan(runs(60));
  });

  // Goal: each change is put down to the fact, or the date in a fact, that made it. Method: the answer without that fact, and with it.
  it('names the cause of each change', () => {
    fc.assert(
      fc.property(history, (entries) => {
        for (const { rules, question, fromMs, from, untilMs, until } of spansOf(entries)) {
          const ask = (count: number, nowMs: number): boolean => {
            const known = new Knowledge();
            for (const entry of entries.slice(0, count)) known.apply(entry);
            return decide(rules, known, { question, nowMs }).allowed;
          };
          expect(from.what).toBe('arrived');
          expect(ask(from.entry.index, fromMs)).toBe(true);
          expect(ask(from.entry.index - 1, fromMs)).toBe(false);
          if (until?.what === 'arrived') expect(ask(until.entry.index - 1, untilMs ?? 0)).toBe(true);
          if (until?.what === 'date came') expect(until.entry.fact.type).toBe('access.authorised');
        }
      }),
      { numRuns: runs(25) },
    );
  });
});
