import type { MissingFact } from './candidate.ts';
import type { Decision } from './decide.ts';

/** What one answer names of what is missing. A dock shows no more to anybody, and an answer has a size. */
export const MISSING_TOLD_MAX = 64;
const REASON_CHARACTERS_MAX = 1_000;

interface Told {
  readonly reason: string;
  readonly missing: readonly MissingFact[];
  readonly alternatives: readonly (readonly MissingFact[])[];
}

/** A decision as it is answered: of very many missing facts the first, and in the reason how many more there are. What is written down stays whole. */
export function brief({ reason, missing, alternatives }: Decision): Told {
  const rest = missing.length - MISSING_TOLD_MAX;
  if (rest <= 0) return { reason, missing, alternatives };
  const more = ` (${rest} more than the ${MISSING_TOLD_MAX} that are listed.)`;
  const room = REASON_CHARACTERS_MAX - more.length;
  const said = reason.length <= room ? reason : `${reason.slice(0, room - 1)}…`;
  // Nobody weighs one list of that length against another.
  return { reason: `${said}${more}`, missing: missing.slice(0, MISSING_TOLD_MAX), alternatives: [] };
}
