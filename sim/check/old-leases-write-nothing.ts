import type { Check } from './check.ts';

/** Once a session has taken the lease of a recording, which is newer than all before, a dock takes no chunk of it from any session before. */
export function oldLeasesWriteNothing(): Check {
  return {
    name: 'old-leases-write-nothing',
    promise: 3,
    see: (event) => {
      if (event.what === 'overtaken') {
        const { dock, recordingId, index } = event;
        return `${dock} took chunk ${index} of ${recordingId} from a session whose lease was not the newest`;
      }
      if (event.what !== 'leased-twice') return undefined;
      const { dock, recordingId, leaseEpoch } = event;
      return `${dock} gave a session lease ${leaseEpoch} of ${recordingId}, which another may still write under`;
    },
  };
}
