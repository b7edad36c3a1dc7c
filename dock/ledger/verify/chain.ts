import type { EntryOf } from '../../../proto/custody-fields.ts';
import type { Findings } from './finding.ts';
import type { History, Placed } from './history.ts';

type Accepted = Placed<EntryOf<'accepted'>>;

/**
 * Each camera numbers its recordings and names the root of the one before. A gap in the numbers is a note, as the
 * missing one may still be in the camera; two neighbours that do not fit together are a failure. A camera that was
 * enrolled anew starts a new series.
 */
export function checkChains(history: History, findings: Findings): void {
  for (const series of seriesOf(history)) {
    const inOrder = series.toSorted((a, b) => a.entry.counter - b.entry.counter || a.index - b.index);
    let before: Accepted | undefined;
    for (const placed of inOrder) {
      checkLink(before, placed, findings);
      before = placed;
    }
  }
}

function checkLink(before: Accepted | undefined, { entry, index }: Accepted, findings: Findings): void {
  const { camera, counter, previousRoot, recording } = entry;
  const at = { file: 'tile/entries', index };
  const expected = before === undefined ? 1 : before.entry.counter + 1;
  if (counter < expected) {
    const message = `${camera} has two recordings with counter ${counter}: ${before?.entry.recording ?? ''} and ${recording}`;
    findings.add({ code: 'counter-repeat', ...at, message });
  } else if (counter > expected) {
    const missing = counter - 1 === expected ? `${expected}` : `${expected} to ${counter - 1}`;
    findings.add({
      code: 'counter-gap',
      ...at,
      message: `${camera}: recording ${missing} is not in this ledger`,
    });
  } else if (previousRoot !== (before?.entry.root ?? '')) {
    const message = `${recording} of ${camera} does not name the root of recording ${counter - 1} as its predecessor's`;
    findings.add({ code: 'chain-mismatch', ...at, message });
  }
}

function seriesOf({ enrolled, accepted }: History): Iterable<readonly Accepted[]> {
  const series = new Map<string, Accepted[]>();
  for (const placed of accepted) {
    const { camera } = placed.entry;
    const key = enrolled.findLast(({ index, entry }) => entry.camera === camera && index < placed.index);
    const name = `${camera} ${key?.index ?? ''}`;
    const known = series.get(name);
    if (known === undefined) series.set(name, [placed]);
    else known.push(placed);
  }
  return series.values();
}
