import type { Knowledge } from '../facts/knowledge.ts';
import type { Rules } from './rules.ts';

/** Which rules hold when. Every decision asks it anew, with the facts and the moment that the decision itself rests on. */
export interface RuleBook {
  /** The rules for a decision about this recording at this moment; an unknown recording is under those of nobody in particular. */
  inForce(this: void, known: Knowledge, at: { readonly recording: string; readonly nowMs: number }): Rules;
}

/** One regime for everybody, always. */
export function oneRegime(rules: Rules): RuleBook {
  return { inForce: () => rules };
}
