import { allArrivesAfterCalm } from './all-arrives-after-calm.ts';
import type { Check } from './check.ts';
import { storedEqualsCaptured } from './stored-equals-captured.ts';

/** Every check that a world is held to, one maker each: a check remembers what it saw, so each run has its own. */
export const CHECKS: readonly (() => Check)[] = [storedEqualsCaptured, allArrivesAfterCalm];
