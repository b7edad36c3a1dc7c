import { instant } from '../clock.ts';
import { lineInForce, TAKEN_BACK } from '../decide/rule-book.ts';
import type { FactBook } from '../facts/book.ts';
import type { Adoption } from '../facts/knowledge.ts';

/** One time that this service said which rules hold for whom from when on. */
export interface PolicyChange {
  /** Index of the fact. */
  readonly index: number;
  /** When it was filed; RFC 3339. */
  readonly filedAt: string;
  /** Empty for everybody whose agency has no line of its own. */
  readonly agency: string;
  /** From when on it holds; RFC 3339. Absent when it always has. */
  readonly from?: string;
  /** Absent when the fact takes an earlier line back. */
  readonly adopted?: { readonly regime: string; readonly policySet: string };
  /** `in-force`: the line that decides for that agency now. `waiting`: its time has not come. `over`: another line holds since. */
  readonly state: 'in-force' | 'waiting' | 'over' | 'replaced' | 'taken-back' | 'takes-back';
}

export interface PolicyChanges {
  /** Newest first. */
  readonly changes: readonly PolicyChange[];
  /** Give it as `before` for those in front of these; absent when there are none. */
  readonly earlier?: number;
}

const CHANGES_MAX = 50;

/** The policy changes filed before the fact with that index, at most 50. Throws what the store throws. */
export function changesOf(
  { known, store }: Pick<FactBook, 'known' | 'store'>,
  {
    before = Number.POSITIVE_INFINITY,
    nowMs,
  }: { readonly before?: number | undefined; readonly nowMs: number },
): PolicyChanges {
  const all = known.adoptions();
  const upTo = all.filter(({ index }) => index < before);
  const shown = upTo.slice(-CHANGES_MAX).toReversed();
  const changes = shown.map((one) => {
    const [entry] = store.list({ after: one.index - 1, upTo: one.index, limit: 1 });
    return changeOf(one, { all, filedAt: entry?.receivedAt ?? '', nowMs });
  });
  const last = shown.at(-1);
  return { changes, ...(last === undefined || upTo.length === shown.length ? {} : { earlier: last.index }) };
}

interface Beside {
  readonly all: readonly Adoption[];
  readonly filedAt: string;
  readonly nowMs: number;
}

function changeOf(one: Adoption, beside: Beside): PolicyChange {
  const { index, agency, regime, policySet, fromMs } = one;
  return {
    ...{ index, filedAt: beside.filedAt, agency },
    ...(fromMs <= 0 ? {} : { from: instant(fromMs) }),
    ...(regime === TAKEN_BACK ? {} : { adopted: { regime, policySet } }),
    state: stateOf(one, beside),
  };
}

function stateOf(one: Adoption, { all, nowMs }: Beside): PolicyChange['state'] {
  if (one.regime === TAKEN_BACK) return 'takes-back';
  const later = all.find(
    ({ agency, fromMs, index }) => agency === one.agency && fromMs === one.fromMs && index > one.index,
  );
  if (later !== undefined) return later.regime === TAKEN_BACK ? 'taken-back' : 'replaced';
  if (one.fromMs > nowMs) return 'waiting';
  return lineInForce(all, one.agency, nowMs)?.index === one.index ? 'in-force' : 'over';
}
