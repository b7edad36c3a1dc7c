import { allArrivesAfterCalm } from './all-arrives-after-calm.ts';
import type { Check } from './check.ts';
import { dockCannotLook } from './dock-cannot-look.ts';
import { durableMeansSynced } from './durable-means-synced.ts';
import { ledgerHasNoGaps } from './ledger-has-no-gaps.ts';
import { noEraseBeforeReceipt } from './no-erase-before-receipt.ts';
import { nothingLeavesUnallowed } from './nothing-leaves-unallowed.ts';
import { numbersAreUsedOnce } from './numbers-are-used-once.ts';
import { oldLeasesWriteNothing } from './old-leases-write-nothing.ts';
import { prefixIsCompared } from './prefix-is-compared.ts';
import { receiptMeansDurable } from './receipt-means-durable.ts';
import { storedEqualsCaptured } from './stored-equals-captured.ts';
import { timeIsHonest } from './time-is-honest.ts';

/** Every check that a world is held to, one maker each: a check remembers what it saw, so each run has its own. */
export const CHECKS: readonly (() => Check)[] = [
  noEraseBeforeReceipt,
  receiptMeansDurable,
  durableMeansSynced,
  oldLeasesWriteNothing,
  numbersAreUsedOnce,
  prefixIsCompared,
  storedEqualsCaptured,
  allArrivesAfterCalm,
  ledgerHasNoGaps,
  timeIsHonest,
  nothingLeavesUnallowed,
  dockCannotLook,
];
