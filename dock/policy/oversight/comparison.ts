import { giveWay, instant } from '../clock.ts';
import { loadRules, regimes } from '../decide/load.ts';
import type { Rules } from '../decide/rules.ts';
import type { Interval } from '../decide/timeline.ts';
import type { FactBook } from '../facts/book.ts';
import type { Purpose } from '../facts/fact.ts';
import { hasCase, tookPart } from '../facts/situation.ts';
import { compareInSteps, type Difference, type Row } from '../shift/difference.ts';
import { causeInWords } from '../shift/words.ts';
import { dossierOf, type Dossier } from './incident.ts';

/** From when till when; without an end it was so when the facts end. */
interface Span {
  readonly from: { readonly at: string; readonly cause: string };
  readonly until?: { readonly at: string; readonly cause: string };
}

type Names = Pick<Row, 'recording' | 'person' | 'part'>;

/** What two regimes make of one incident. */
export interface Comparison {
  readonly incident: string;
  readonly regimes: readonly { readonly regime: string; readonly policySet: string }[];
  /** Facts about the incident and its recordings, without enrolments. */
  readonly facts: number;
  /** Of the first and the last of them; RFC 3339. */
  readonly from: string;
  readonly until: string;
  readonly recordings: readonly {
    readonly recording: string;
    readonly officer: string;
    /** It belongs to another incident too, whose rules are not looked at here. */
    readonly elsewhere: boolean;
  }[];
  /** Who could have viewed what when, where the two do not agree. */
  readonly rows: readonly (Names & {
    readonly purposes: readonly Purpose[];
    readonly allowed: readonly (readonly Span[])[];
  })[];
  /** Times at which somebody who took part could have viewed footage under one regime before the report that the other waits for. */
  readonly windows: readonly (Names & Span & { readonly under: string })[];
}

/** The answer, or why there is none. */
export type Compared =
  | { readonly outcome: 'compared'; readonly comparison: Comparison }
  | { readonly outcome: 'not-yours' | 'too-large' };

// A step asks the rules about one person and one recording: 0.15 to 0.4 ms, so that a decision waits a millisecond or two.
const STEPS_A_TURN = 4;
/** Half a minute of work. A thousand facts about three officers and four recordings are 16,000 steps. */
const STEPS_MAX = 100_000;

/** Regimes by name, read and checked the first time that somebody compares them: they are files of the program. */
export class KnownRegimes {
  readonly names: readonly string[] = regimes();
  readonly #loaded = new Map<string, Rules>();

  /** Undefined for a name that is none of {@link names}. Throws RegimeError. */
  get(regime: string): Rules | undefined {
    if (!this.names.includes(regime)) return undefined;
    const rules = this.#loaded.get(regime) ?? loadRules(regime);
    this.#loaded.set(regime, rules);
    return rules;
  }
}

/**
 * Compares two regimes over the facts of one incident, for a person who has a case on it now and took no part in it. No office opens
 * more than that: under every regime independent review, the DOJ monitor and internal affairs see nothing without an assigned case,
 * and a chief or a supervisor sees nothing by rank, so what a comparison tells of people, reports and statements follows the same
 * rule. Gives way to others every few steps. Throws what the store throws.
 */
export async function compareFor(
  { known, store }: Pick<FactBook, 'known' | 'store'>,
  person: string,
  { incident, rules }: { readonly incident: string; readonly rules: readonly [Rules, Rules] },
): Promise<Compared> {
  if (!hasCase(known, incident, person) || tookPart(known, incident, person)) return { outcome: 'not-yours' };
  const dossier = dossierOf(store, incident);
  if (dossier === undefined) return { outcome: 'too-large' };
  const difference = await inTurns(compareInSteps(dossier.entries, rules));
  if (difference === undefined) return { outcome: 'too-large' };
  return { outcome: 'compared', comparison: shown(incident, dossier, difference) };
}

async function inTurns(steps: Generator<undefined, Difference>): Promise<Difference | undefined> {
  for (let taken = 1; taken <= STEPS_MAX; taken += 1) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (taken % STEPS_A_TURN === 0) await giveWay();
  }
  return undefined;
}

function shown(incident: string, { own, elsewhere }: Dossier, difference: Difference): Comparison {
  const { rules, known, recordings, rows, windows } = difference;
  const times = own.map(({ receivedAt }) => Date.parse(receivedAt));
  const first = times.reduce((earliest, ms) => Math.min(earliest, ms), times[0] ?? 0);
  const last = times.reduce((latest, ms) => Math.max(latest, ms), times[0] ?? 0);
  return {
    ...{ incident, regimes: rules.map(({ regime, hash }) => ({ regime, policySet: hash })) },
    ...{ facts: own.length, from: instant(first), until: instant(last) },
    recordings: recordings.map((recording) => ({
      ...{ recording, officer: known.recording(recording).registration?.officer ?? '' },
      elsewhere: elsewhere.has(recording),
    })),
    rows: rows.map(({ recording, person, part, purposes, allowed }) => ({
      ...{ recording, person, part, purposes },
      allowed: allowed.map((intervals) => intervals.map(spanOf)),
    })),
    windows: windows.map((one) => {
      const { recording, person, part, under } = one;
      return { ...{ recording, person, part, under: rules[under].regime }, ...spanOf(one) };
    }),
  };
}

function spanOf({ fromMs, from, untilMs, until }: Interval): Span {
  return {
    from: { at: instant(fromMs), cause: causeInWords(from) },
    ...(untilMs === undefined || until === undefined
      ? {}
      : { until: { at: instant(untilMs), cause: causeInWords(until) } }),
  };
}
