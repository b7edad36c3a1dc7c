import type { Adoption, Knowledge } from '../facts/knowledge.ts';
import type { Rules } from './rules.ts';
import { RegimeError } from '../errors.ts';

/** Which rules hold when. Every decision asks it anew, with the facts and the moment that the decision itself rests on. */
export interface RuleBook {
  /**
   * The rules for a decision about this recording at this moment; an unknown recording is under those of nobody in particular.
   * Throws RegimeError NONE_IN_FORCE.
   */
  inForce(this: void, known: Knowledge, at: { readonly recording: string; readonly nowMs: number }): Rules;
}

/** In the place of a regime: the line is taken back. */
export const TAKEN_BACK = '';

/**
 * The book over the adoptions on file, for whatever sets were loaded. What holds is what the facts say: a set without its fact
 * decides nothing.
 */
export function ruleBook(loaded: readonly Rules[]): RuleBook {
  const sets = new Map(loaded.map((rules) => [nameOf(rules.regime, rules.hash), rules]));
  return {
    inForce(known, { recording, nowMs }) {
      const line = lineInForce(known.adoptions(), agencyOf(known, recording), nowMs);
      const rules = line === undefined ? undefined : sets.get(nameOf(line.regime, line.policySet));
      if (rules !== undefined) return rules;
      const why =
        line === undefined ? 'no regime is in force' : `${line.regime} ${line.policySet} is in force`;
      throw new RegimeError('NONE_IN_FORCE', `nothing can be decided: ${why} and no such rules are loaded`, {
        retry: 'never',
      });
    },
  };
}

/** One regime for everybody, always. */
export function oneRegime(rules: Rules): RuleBook {
  return { inForce: () => rules };
}

/** Whose rules a recording is under: the agency of the officer who recorded it, by their newest enrolment; empty when nobody knows. */
export function agencyOf(known: Knowledge, recording: string): string {
  const officer = known.recording(recording).registration?.officer ?? '';
  return known.person(officer)?.org ?? '';
}

/**
 * The adoption that holds for an agency at a moment: of its own lines, or else of those for everybody, the one with the newest
 * `from` that has come. Undefined when there is none.
 */
export function lineInForce(
  adoptions: readonly Adoption[],
  agency: string,
  nowMs: number,
): Adoption | undefined {
  return newest(adoptions, agency, nowMs) ?? (agency === '' ? undefined : newest(adoptions, '', nowMs));
}

/** Every line that stands, by agency and moment: a later fact about the same two replaces an earlier one. */
export function standingLines(adoptions: readonly Adoption[]): readonly Adoption[] {
  const standing = new Map(adoptions.map((one) => [`${one.fromMs} ${one.agency}`, one]));
  return [...standing.values()].filter(({ regime }) => regime !== TAKEN_BACK);
}

/** Which line holds for whom at this moment, as one text: it changes when, and only when, some decision may come out otherwise. */
export function edition(adoptions: readonly Adoption[], nowMs: number): string {
  const agencies = [...new Set(adoptions.map(({ agency }) => agency))].sort();
  return agencies.map((agency) => newest(adoptions, agency, nowMs)?.index ?? 0).join(' ');
}

function newest(adoptions: readonly Adoption[], agency: string, nowMs: number): Adoption | undefined {
  const come = adoptions.filter((one) => one.agency === agency && one.fromMs <= nowMs);
  return standingLines(come).reduce<Adoption | undefined>(
    (found, one) => (found === undefined || one.fromMs > found.fromMs ? one : found),
    undefined,
  );
}

function nameOf(regime: string, hash: string): string {
  return `${regime} ${hash}`;
}
