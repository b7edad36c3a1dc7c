import type { ReleaseStatus } from '../ports.ts';
import type { PairCell } from './roster.ts';
import type { Recorded } from './status.ts';

/** What a person may be shown of a pair. */
export function shown({ item, person, known, stake }: PairCell, recorded: Recorded): ReleaseStatus {
  const about = {
    recordingId: item.recordingId,
    person,
    mayKnow: item.officer === person || known.at === 'released' || stake,
    ...(recorded.says === 'nothing' ? {} : { entryIndex: recorded.index }),
  };
  if (known.at === 'unasked') {
    const reason = 'the policy service has not answered yet';
    return { ...about, status: 'withheld', reason, missing: [], regime: '', purpose: '' };
  }
  const { reason, regime, purpose } = known;
  if (known.at === 'released') return { ...about, status: 'released', reason, missing: [], regime, purpose };
  return { ...about, status: 'withheld', reason, missing: known.missing, regime, purpose };
}
