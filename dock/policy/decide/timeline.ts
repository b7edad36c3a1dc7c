import { PURPOSES, type Entry, type Fact, type Purpose } from '../facts/fact.ts';
import { Knowledge } from '../facts/knowledge.ts';
import { situationOf, tookPart } from '../facts/situation.ts';
import type { RuleBook } from './rule-book.ts';
import type { Rules } from './rules.ts';

/** Why something is as it is from a moment on: a fact came in, or the date in an earlier one has come. */
export interface Cause {
  readonly what: 'arrived' | 'date came';
  readonly entry: Entry;
}

/** From when till when the answer is yes. Half open; without an end it still was when the facts end. */
export interface Interval {
  /** Milliseconds since 1970. */
  readonly fromMs: number;
  readonly from: Cause;
  readonly untilMs?: number;
  readonly until?: Cause;
}

export interface Pair {
  readonly recording: string;
  readonly person: string;
}

/** A state of the world that may have changed an answer. */
export interface Moment {
  readonly known: Knowledge;
  readonly nowMs: number;
  readonly cause: Cause;
}

/** Purposes for which the answer is yes: bit n stands for PURPOSES[n]. */
export type Purposes = number;

/** What was answered to one pair from this moment on, under each of the rule books. */
interface Change extends Omit<Moment, 'known'> {
  readonly allowed: readonly Purposes[];
}

/** Who is looked at. Whoever is left out is everybody. */
export interface Limits {
  readonly recording?: string;
  readonly person?: string;
}

/**
 * Goes through facts in index order and stops at every moment at which an answer about somebody may change: when a fact has come
 * in, and when a date in one has come, also after the last. Time is that of receipt; where this service's clock was set
 * back it stands still, so that it never runs against the order of the facts. Calls `visit` for each pair that the moment concerns.
 */
export function walk(
  entries: readonly Entry[],
  visit: (pair: Pair, moment: Moment) => void,
  limits: Limits = {},
): void {
  for (const { pair, moment } of visits(entries, limits)) visit(pair, moment);
}

interface Visit {
  readonly pair: Pair;
  readonly moment: Moment;
}

function* visits(entries: readonly Entry[], limits: Limits): Generator<Visit, void> {
  const known = new Knowledge();
  const seen = new Seen(entries, limits);
  const dates: { readonly atMs: number; readonly entry: Entry }[] = [];
  let nowMs = Number.NEGATIVE_INFINITY;
  function* stop(cause: Cause): Generator<Visit, void> {
    const moment = { known, nowMs, cause };
    for (const pair of seen.concerned(known, cause)) yield { pair, moment };
  }
  function* comeTo(untilMs: number): Generator<Visit, void> {
    for (;;) {
      const next = dates[0];
      if (next === undefined || next.atMs > untilMs) return;
      dates.shift();
      nowMs = next.atMs;
      yield* stop({ what: 'date came', entry: next.entry });
    }
  }
  for (const entry of entries) {
    yield* comeTo(Date.parse(entry.receivedAt));
    nowMs = Math.max(nowMs, Date.parse(entry.receivedAt));
    known.apply(entry);
    const atMs = dateIn(entry.fact);
    if (atMs !== undefined && atMs > nowMs) {
      dates.push({ atMs, entry });
      dates.sort((a, b) => a.atMs - b.atMs || a.entry.index - b.entry.index);
    }
    yield* stop({ what: 'arrived', entry });
  }
  yield* comeTo(Number.POSITIVE_INFINITY);
}

/** The moment, named in a fact, at which it begins or ceases to count. */
function dateIn(fact: Fact): number | undefined {
  if (fact.type === 'access.authorised') return Date.parse(fact.expiresAt);
  return fact.type === 'regime.adopted' ? Date.parse(fact.from) : undefined;
}

/** Which recordings and people there are so far, and whom a moment concerns. */
class Seen {
  readonly #people: ReadonlySet<string>;
  readonly #recordings = new Set<string>();
  readonly #limits: Limits;

  constructor(entries: readonly Entry[], limits: Limits) {
    this.#limits = limits;
    this.#people = new Set(limits.person === undefined ? peopleIn(entries) : [limits.person]);
  }

  /**
   * An answer rests on the recording, on its incidents and what else is linked to them, and on the roles of whoever asks, made the
   * recording or gave leave to view it. So a fact about any of these concerns everybody on these recordings, and nobody elsewhere.
   */
  *concerned(known: Knowledge, { entry: { fact } }: Cause): Generator<Pair> {
    const { recording: only } = this.#limits;
    // Of one recording alone: with an enrolment to each, all of them would be looked at as often as there are people.
    if ('recording' in fact && (only ?? fact.recording) === fact.recording)
      this.#recordings.add(fact.recording);
    if (fact.type === 'access.authorised' || fact.type === 'access.revoked') {
      yield* this.#pairs([fact.recording], [fact.person]);
    } else if (fact.type === 'person.enrolled') {
      const { person } = fact;
      for (const recording of this.#recordings) {
        const { registration, authorisations } = known.recording(recording);
        const hasSay = registration?.officer === person || authorisations.some(({ by }) => by === person);
        yield* this.#pairs([recording], hasSay ? this.#people : [person]);
      }
    } else {
      yield* this.#pairs(related(known, fact) ?? this.#recordings, this.#people);
    }
  }

  *#pairs(recordings: Iterable<string>, people: Iterable<string>): Generator<Pair> {
    const { recording: only, person: onlyPerson } = this.#limits;
    for (const recording of recordings) {
      if (only !== undefined && recording !== only) continue;
      for (const person of people)
        if (onlyPerson === undefined || person === onlyPerson) yield { recording, person };
    }
  }
}

/** Recordings that a fact has a say in; undefined when that may be any. */
function related(known: Knowledge, fact: Fact): ReadonlySet<string> | undefined {
  if ('recording' in fact) {
    const { incidents } = known.recording(fact.recording);
    const neighbours = incidents.flatMap((incident) => [...known.incident(incident).recordings]);
    const left = fact.type === 'recording.unlinked' ? known.incident(fact.incident).recordings : [];
    return new Set([fact.recording, ...neighbours, ...left]);
  }
  return 'incident' in fact ? known.incident(fact.incident).recordings : undefined;
}

/** Everybody whom a fact names as one who might view, sorted. */
export function peopleIn(entries: readonly Entry[]): readonly string[] {
  const named = entries.flatMap(({ fact }) => {
    if (fact.type === 'recording.registered') return fact.officer === '' ? [] : [fact.officer];
    return 'person' in fact ? [fact.person] : [];
  });
  return [...new Set(named)].sort();
}

/**
 * What rule books answer to a pair, for all purposes at once. The answers are those of `decide` to `view`; most pairs are in a
 * situation that another was in before, so the rules are asked far less often than this is.
 */
export class Answers {
  readonly #books: readonly RuleBook[];
  readonly #remembered = new Map<Rules, Map<string, Purposes>>();
  /** Of one recording at one moment: answers to people about whom the facts say no more than their roles. */
  #strangers = new Map<string, readonly Purposes[]>();
  #about: { readonly moment: Moment; readonly recording: string } | undefined;

  constructor(books: readonly RuleBook[]) {
    this.#books = books;
  }

  /** One answer for each rule book. */
  allowed(pair: Pair, moment: Moment): readonly Purposes[] {
    const { known } = moment;
    if (!isStranger(known, pair)) return this.#ask(pair, moment);
    if (this.#about?.moment !== moment || this.#about.recording !== pair.recording) {
      this.#about = { moment, recording: pair.recording };
      this.#strangers = new Map();
    }
    const roles = known.person(pair.person)?.roles.join(' ') ?? '';
    const answer = this.#strangers.get(roles) ?? this.#ask(pair, moment);
    this.#strangers.set(roles, answer);
    return answer;
  }

  #ask({ recording, person }: Pair, { known, nowMs }: Moment): readonly Purposes[] {
    const { incidents } = known.recording(recording);
    const question = { person, recording, action: 'view', purpose: '' };
    const situations = (incidents.length === 0 ? [undefined] : incidents).map((incident) => {
      const situation = situationOf(known, question, { incident, nowMs });
      return { situation, key: JSON.stringify(situation) };
    });
    return this.#books.map((book) => {
      const rules = book.inForce(known, { recording, nowMs });
      const remembered = this.#remembered.get(rules) ?? new Map<string, Purposes>();
      this.#remembered.set(rules, remembered);
      return situations.reduce((all, { situation, key }) => {
        const allowed =
          remembered.get(key) ??
          setOf((purpose) => rules.evaluate({ action: 'view', purpose, situation }).allowed);
        remembered.set(key, allowed);
        return all & allowed;
      }, ALL);
    });
  }
}

/** Do the facts tie this person in no way to the recording or its incidents? Then only their roles count. */
function isStranger(known: Knowledge, { recording, person }: Pair): boolean {
  const { registration, incidents, authorisations } = known.recording(recording);
  if (registration?.officer === person || authorisations.some((one) => one.person === person)) return false;
  return incidents.every(
    (incident) => !known.incident(incident).parts.has(person) && !tookPart(known, incident, person),
  );
}

const ALL: Purposes = 2 ** PURPOSES.length - 1;

/** The purposes that hold. */
export function setOf(holds: (purpose: Purpose) => boolean): Purposes {
  return PURPOSES.reduce((set, purpose, at) => (holds(purpose) ? set | (1 << at) : set), 0);
}

export function has(set: Purposes, purpose: Purpose): boolean {
  return (set & (1 << PURPOSES.indexOf(purpose))) !== 0;
}

/** What was answered to one person about one recording, and when that changed. */
export class Line {
  readonly #changes: Change[] = [];

  /** Takes the answers at a moment that is not before the last one. */
  note({ nowMs, cause }: Omit<Moment, 'known'>, allowed: readonly Purposes[]): void {
    const before = this.#changes.at(-1)?.allowed ?? [];
    if (allowed.every((set, at) => set === (before[at] ?? 0))) return;
    this.#changes.push({ nowMs, cause, allowed });
  }

  /** When a purpose was allowed under the rule book of that place. */
  intervals(place: number, purpose: Purpose): readonly Interval[] {
    const spans = new Spans();
    for (const { nowMs, cause, allowed } of this.#changes)
      spans.note(has(allowed[place] ?? 0, purpose), { nowMs, cause });
    return spans.list();
  }
}

/** When something was so, put together from one moment after the other. What lasts no time is not listed. */
export class Spans {
  readonly #closed: Interval[] = [];
  #open: Interval | undefined;

  note(isSo: boolean, { nowMs, cause }: Omit<Moment, 'known'>): void {
    if (isSo === (this.#open !== undefined)) return;
    if (isSo) {
      // Facts of one batch arrive at one moment: what ended and began again at it never ended.
      const last = this.#closed.at(-1);
      const goesOn = last?.untilMs === nowMs;
      if (goesOn) this.#closed.pop();
      this.#open = goesOn ? { fromMs: last.fromMs, from: last.from } : { fromMs: nowMs, from: cause };
      return;
    }
    if (this.#open !== undefined && this.#open.fromMs < nowMs)
      this.#closed.push({ ...this.#open, untilMs: nowMs, until: cause });
    this.#open = undefined;
  }

  list(): readonly Interval[] {
    return this.#open === undefined ? this.#closed : [...this.#closed, this.#open];
  }
}

/** Of whom, and who is told of each answer on the way. */
interface Looking {
  readonly limits?: Limits;
  readonly watch?: Watch;
}

type Lines = readonly (Pair & { readonly line: Line })[];

/** The timelines of every pair that was ever answered yes under any of the books, in the order of the facts. */
export function timelines(
  entries: readonly Entry[],
  books: readonly RuleBook[],
  looking: Looking = {},
): Lines {
  return finished(timelinesInSteps(entries, books, looking));
}

/** The same a step at a time, one step for each pair at each moment: for whoever has others to serve in between. */
export function* timelinesInSteps(
  entries: readonly Entry[],
  books: readonly RuleBook[],
  { limits = {}, watch }: Looking = {},
): Generator<undefined, Lines> {
  const answers = new Answers(books);
  const found = new Map<string, Pair & { readonly line: Line }>();
  for (const { pair, moment } of visits(entries, limits)) {
    yield;
    const allowed = answers.allowed(pair, moment);
    watch?.(pair, moment, allowed);
    const key = `${pair.recording} ${pair.person}`;
    const before = found.get(key);
    if (before === undefined && allowed.every((set) => set === 0)) continue;
    const one = before ?? { ...pair, line: new Line() };
    if (before === undefined) found.set(key, one);
    one.line.note(moment, allowed);
  }
  return [...found.values()];
}

/** What comes of steps that are taken all at once. */
export function finished<Result>(steps: Generator<undefined, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Looks over the shoulder of `timelines`: told of every answer, also of one that is as it was. */
export type Watch = (pair: Pair, moment: Moment, allowed: readonly Purposes[]) => void;
