import type { Missing } from './answers.ts';

/** Somebody who took part in an incident, and what of theirs is on file. */
export interface Participant {
  readonly person: string;
  readonly report: 'none' | 'filed' | 'withdrawn';
  readonly statements: readonly { readonly kind: string; readonly recorded: boolean }[];
}

/** A recording of a case, and what the rules would say if its reviewer asked to view it now. */
export interface CaseRecording {
  readonly recording: string;
  readonly officer: string;
  readonly purpose: string;
  readonly allowed: boolean;
  readonly reason: string;
  readonly missing: readonly Pick<Missing, 'text'>[];
}

/** A case that the person has now. */
export interface OpenCase {
  readonly case: string;
  readonly incident: string;
  readonly since: string;
  readonly force: 'unclassified' | 'none' | 'non_deadly' | 'deadly';
  readonly deathInCustody: boolean;
  readonly injury: 'none' | 'non_serious' | 'serious';
  readonly vulnerable: boolean;
  readonly misconduct: boolean;
  /** They took part themselves. */
  readonly barred: boolean;
  readonly participants: readonly Participant[];
  readonly recordings: readonly CaseRecording[];
  readonly more: number;
}

/** One time that the policy service said which rules hold for whom. */
export interface PolicyChange {
  readonly index: number;
  readonly filedAt: string;
  readonly agency: string;
  readonly from?: string;
  readonly adopted?: { readonly regime: string; readonly policySet: string };
  readonly state: 'in-force' | 'waiting' | 'over' | 'replaced' | 'taken-back' | 'takes-back';
}

interface Turn {
  readonly at: string;
  readonly cause: string;
}

/** From when till when; without an end it was so when the facts end. */
export interface Span {
  readonly from: Turn;
  readonly until?: Turn;
}

interface Named {
  readonly recording: string;
  readonly person: string;
  readonly part: 'made it' | 'took part' | 'no part';
}

export type ComparedRow = Named & {
  readonly purposes: readonly string[];
  /** Under the first regime, and under the second. */
  readonly allowed: readonly (readonly Span[])[];
};

export type Window = Named & Span & { readonly under: string };

/** What two regimes make of one incident. */
export interface Comparison {
  readonly incident: string;
  readonly regimes: readonly { readonly regime: string; readonly policySet: string }[];
  readonly facts: number;
  readonly from: string;
  readonly until: string;
  readonly recordings: readonly {
    readonly recording: string;
    readonly officer: string;
    readonly elsewhere: boolean;
  }[];
  readonly rows: readonly ComparedRow[];
  readonly windows: readonly Window[];
}

/** Answers by what was asked, as the document of the policy service has them. */
export interface Answers {
  readonly cases: { readonly cases: readonly OpenCase[]; readonly more: number };
  readonly changes: {
    readonly regimes: readonly string[];
    readonly changes: readonly PolicyChange[];
    readonly earlier?: number;
  };
  readonly compare: { readonly comparison: Comparison };
}
export type ToldCases = Answers['cases'];
export type ToldChanges = Answers['changes'];
