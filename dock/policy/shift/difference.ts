import { decideOnce } from '../decide/remembered.ts';
import { oneRegime } from '../decide/rule-book.ts';
import type { Rules } from '../decide/rules.ts';
import {
  finished,
  has,
  peopleIn,
  setOf,
  Spans,
  timelinesInSteps,
  type Interval,
  type Line,
  type Moment,
  type Pair,
  type Purposes,
} from '../decide/timeline.ts';
import { PURPOSES, type Entry, type Purpose } from '../facts/fact.ts';
import { Knowledge } from '../facts/knowledge.ts';
import { tookPart } from '../facts/situation.ts';

/** A length of time within the shift. */
export interface Length {
  readonly ms: number;
  /** It had not ended when the shift did. */
  readonly goesOn: boolean;
}

export type Part = 'made it' | 'took part' | 'no part';

/** What one person could have viewed when, for purposes that fared alike, where the two regimes do not agree. */
export interface Row extends Pair {
  readonly part: Part;
  readonly purposes: readonly Purpose[];
  /** When it was allowed under the first and the second regime. */
  readonly allowed: readonly [readonly Interval[], readonly Interval[]];
  /** How long only the first allowed it, and only the second. */
  readonly only: readonly [Length, Length];
}

/**
 * A pre-review window: somebody who took part could have viewed the footage under one regime before the report that the other
 * waits for.
 */
export interface PreReviewWindow extends Pair, Interval {
  readonly part: Part;
  /** Place of the regime under which it is viewable: 0 or 1. */
  readonly under: 0 | 1;
  readonly length: Length;
}

/** What two regimes make of the same facts. */
export interface Difference {
  readonly rules: readonly [Rules, Rules];
  readonly entries: readonly Entry[];
  /** What was known when the last fact had come in. */
  readonly known: Knowledge;
  /** Moments of the first and the last fact, milliseconds since 1970; lengths are counted up to the last. */
  readonly startMs: number;
  readonly endMs: number;
  /** In the order in which the facts name them. */
  readonly recordings: readonly string[];
  readonly people: readonly string[];
  /** By recording in that order; the officer who made it first, then whoever took part, then the others. */
  readonly rows: readonly Row[];
  readonly windows: readonly PreReviewWindow[];
}

// What an officer views for. Investigation, oversight and disclosure are no pre-review.
const OFFICERS = setOf((purpose) =>
  ['write_report', 'supplement_report', 'interview_preparation'].includes(purpose),
);
const PARTS: readonly Part[] = ['made it', 'took part', 'no part'];

/**
 * Who could have viewed what, and when, under one regime and not under the other. Pure: facts in index order and rules in, the
 * same answer each time out.
 */
export function compare(entries: readonly Entry[], rules: readonly [Rules, Rules]): Difference {
  return finished(compareInSteps(entries, rules));
}

/** The same a step at a time, for a program that has others to serve in between. Its caller may stop after any step. */
export function* compareInSteps(
  entries: readonly Entry[],
  rules: readonly [Rules, Rules],
): Generator<undefined, Difference> {
  const known = new Knowledge();
  for (const entry of entries) known.apply(entry);
  const times = entries.map(({ receivedAt }) => Date.parse(receivedAt));
  // Not Math.max(...): a shift may be longer than a call has room for.
  const endMs = times.reduce((latest, ms) => Math.max(latest, ms), times[0] ?? 0);
  const recordings = [
    ...new Set(entries.flatMap(({ fact }) => ('recording' in fact ? [fact.recording] : []))),
  ];
  const watch = new PreReview(rules);
  const lines = yield* timelinesInSteps(
    entries,
    rules.map((one) => oneRegime(one)),
    { watch: (pair, moment, allowed) => watch.look(pair, moment, allowed) },
  );
  const order = placeOf(recordings);
  const frame = { known, endMs };
  return {
    rules,
    entries,
    known,
    startMs: times[0] ?? 0,
    endMs,
    recordings,
    people: peopleIn(entries),
    rows: lines.flatMap((one) => rowsOf(one, frame)).toSorted(order),
    windows: watch.windows(frame).toSorted(order),
  };
}

interface Frame {
  readonly known: Knowledge;
  readonly endMs: number;
}

function rowsOf({ recording, person, line }: Pair & { readonly line: Line }, frame: Frame): readonly Row[] {
  const alike = new Map<string, { purposes: Purpose[]; allowed: Row['allowed'] }>();
  for (const purpose of PURPOSES) {
    const allowed = [line.intervals(0, purpose), line.intervals(1, purpose)] as const;
    const [first, second] = allowed.map(timesOf);
    if (first === second) continue;
    const key = `${first} ${second}`;
    const group = alike.get(key) ?? { purposes: [], allowed };
    group.purposes.push(purpose);
    alike.set(key, group);
  }
  const part = partOf(frame.known, { recording, person });
  return [...alike.values()].map(({ purposes, allowed }) => {
    const [first, second] = allowed;
    const only = [without(first, second, frame.endMs), without(second, first, frame.endMs)] as const;
    return { recording, person, part, purposes, allowed, only };
  });
}

function timesOf(intervals: readonly Interval[]): string {
  return JSON.stringify(intervals.map(({ fromMs, untilMs }) => [fromMs, untilMs]));
}

/** How long the one held while the other did not. */
function without(these: readonly Interval[], those: readonly Interval[], endMs: number): Length {
  const both = these.flatMap((one) => those.map((other) => shared(one, other)));
  const isOpen = (list: readonly Interval[]): boolean =>
    list.at(-1)?.untilMs === undefined && list.length > 0;
  const sum = (list: readonly Interval[]): number =>
    list.reduce((total, one) => total + lengthOf(one, endMs).ms, 0);
  return {
    ms: sum(these) - sum(both.filter((one) => one !== undefined)),
    goesOn: isOpen(these) && !isOpen(those),
  };
}

function shared(one: Interval, other: Interval): Interval | undefined {
  const [later, earlier] = one.fromMs >= other.fromMs ? [one, other] : [other, one];
  if (earlier.untilMs !== undefined && earlier.untilMs <= later.fromMs) return undefined;
  const ends = [one.untilMs, other.untilMs].filter((ms) => ms !== undefined);
  const { fromMs, from } = later;
  return ends.length === 0 ? { fromMs, from } : { fromMs, from, untilMs: Math.min(...ends) };
}

function lengthOf({ fromMs, untilMs }: Interval, endMs: number): Length {
  const until = Math.min(untilMs ?? endMs, endMs);
  return { ms: Math.max(0, until - fromMs), goesOn: untilMs === undefined };
}

/** What this person had to do with what the recording shows, as far as the facts say. */
function partOf(known: Knowledge, { recording, person }: Pair): Part {
  const { registration, incidents } = known.recording(recording);
  if (registration?.officer === person) return 'made it';
  return incidents.some((incident) => tookPart(known, incident, person)) ? 'took part' : 'no part';
}

type Placed = Pair & { readonly part: Part };

function placeOf(recordings: readonly string[]): (a: Placed, b: Placed) => number {
  const places = new Map(recordings.map((recording, at) => [recording, at]));
  const rank = ({ part }: Placed): number => PARTS.indexOf(part);
  return (a, b) =>
    (places.get(a.recording) ?? 0) - (places.get(b.recording) ?? 0) ||
    rank(a) - rank(b) ||
    compareText(a.person, b.person);
}

/** By code points, the same on every machine. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Watches the answers for moments at which one regime lets somebody view before the report that the other waits for. */
class PreReview {
  readonly #rules: readonly [Rules, Rules];
  readonly #found = new Map<string, Pair & { readonly under: readonly [Spans, Spans] }>();

  constructor(rules: readonly [Rules, Rules]) {
    this.#rules = rules;
  }

  look(pair: Pair, moment: Moment, allowed: readonly Purposes[]): void {
    const name = `${pair.recording} ${pair.person}`;
    // Shut under both: so it is with most people, most of the time.
    if (allowed.every((set) => set === 0) && !this.#found.has(name)) return;
    const spans = this.#found.get(name) ?? { ...pair, under: [new Spans(), new Spans()] as const };
    this.#found.set(name, spans);
    for (const under of [0, 1] as const)
      spans.under[under].note(this.#isWindow(pair, moment, { under, allowed }), moment);
  }

  #isWindow(
    pair: Pair,
    { known, nowMs }: Moment,
    { under, allowed }: { readonly under: 0 | 1; readonly allowed: readonly Purposes[] },
  ): boolean {
    const there = (allowed[under] ?? 0) & OFFICERS;
    const here = (allowed[1 - under] ?? 0) & OFFICERS;
    if (there === 0 || here !== 0 || partOf(known, pair) === 'no part') return false;
    const purpose = PURPOSES.find((one) => has(there, one)) ?? '';
    const question = { ...pair, action: 'view', purpose };
    const { missing, alternatives } = decideOnce(this.#rules[under === 0 ? 1 : 0], known, {
      question,
      nowMs,
    });
    return [missing, ...alternatives].flat().some(({ fact }) => fact === 'report.filed');
  }

  windows({ known, endMs }: Frame): readonly PreReviewWindow[] {
    return [...this.#found.values()].flatMap(({ recording, person, under: spans }) => {
      const part = partOf(known, { recording, person });
      return ([0, 1] as const).flatMap((under) =>
        spans[under]
          .list()
          .map((span) => ({ recording, person, part, under, ...span, length: lengthOf(span, endMs) })),
      );
    });
  }
}

/** Windows under one regime as numbers. */
export interface WindowSum {
  readonly count: number;
  /** Still open when the shift ended. */
  readonly open: number;
  readonly totalMs: number;
  readonly medianMs: number;
}

export function sumOf(windows: readonly PreReviewWindow[]): WindowSum {
  const lengths = windows.map(({ length }) => length.ms).toSorted((a, b) => a - b);
  const middle = [
    lengths[Math.floor((lengths.length - 1) / 2)] ?? 0,
    lengths[Math.floor(lengths.length / 2)] ?? 0,
  ];
  return {
    count: windows.length,
    open: windows.filter(({ length }) => length.goesOn).length,
    totalMs: lengths.reduce((total, ms) => total + ms, 0),
    medianMs: middle.reduce((total, ms) => total + ms, 0) / 2,
  };
}
