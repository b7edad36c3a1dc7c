import type { ReleaseStatus } from '../ports.ts';
import type { PairCell } from './roster.ts';
import { rulesOf } from './status.ts';
import type { CustodyBook } from './book.ts';

/** What a person may be shown of a pair. */
export function shown(
  { item, person, known, stake }: PairCell,
  book: Pick<CustodyBook, 'last' | 'hasViewed'>,
): ReleaseStatus {
  const recorded = book.last(item.recordingId, person);
  const about = {
    recordingId: item.recordingId,
    person,
    mayKnow: item.officer === person || known.at === 'released' || stake,
    ...(book.hasViewed(item.recordingId, person) ? { viewed: true as const } : {}),
    ...(recorded.says === 'nothing' ? {} : { entryIndex: recorded.index }),
  };
  if (known.at === 'unasked') {
    const reason = 'the policy service has not answered yet';
    return { ...about, status: 'withheld', reason, missing: [], regime: '', purpose: '' };
  }
  const { reason, regime, purpose } = known;
  const said = { ...about, reason, regime, ...rulesOf(known), purpose };
  if (known.at === 'released') return { ...said, status: 'released', missing: [] };
  return { ...said, status: 'withheld', missing: known.missing };
}
