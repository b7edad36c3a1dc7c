import type { EntryOf } from '../../../proto/custody-fields.ts';
import { parseInstant } from '../../../proto/instant.ts';
import type { Findings } from './finding.ts';
import type { History } from './history.ts';
import type { Placed } from './placed.ts';

type Accepted = Placed<EntryOf<'accepted'>>;

// A dock that keeps watch says what it misses when the camera comes next, and at its own next start at the latest.
const SILENCE_US_MAX = 3_600_000_000;

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
      checkLink(before, placed, { history, findings });
      before = placed;
    }
  }
}

function checkLink(
  before: Accepted | undefined,
  placed: Accepted,
  { history, findings }: { readonly history: History; readonly findings: Findings },
): void {
  const { camera, counter, previousRoot, recording } = placed.entry;
  const at = { file: 'tile/entries', index: placed.index };
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
    if (!isNamed(placed, expected, history) && goesOnAfter(placed, history)) {
      const message = `${camera}: nothing says that recording ${missing} is missing`;
      findings.add({ code: 'counter-gap-hidden', ...at, message });
    }
  } else if (previousRoot !== (before?.entry.root ?? '')) {
    const message = `${recording} of ${camera} does not name the root of recording ${counter - 1} as its predecessor's`;
    findings.add({ code: 'chain-mismatch', ...at, message });
  }
}

/** Does an entry name every counter of the gap that begins with `first` and ends before this recording? */
function isNamed({ entry: { camera, counter } }: Accepted, first: number, history: History): boolean {
  const refused = history.refused.filter(({ entry }) => entry.camera === camera);
  // What was refused has used up a counter too, and entries of older docks do not say which.
  const unnumbered = refused.filter(({ entry }) => entry.counter === undefined).length;
  const gaps = history.missing.filter(({ entry }) => entry.camera === camera && entry.kind === 'gap');
  const named = [...gaps, ...refused]
    .map(({ entry }) => rangeOf(entry))
    .filter((range) => range !== undefined)
    .toSorted((a, b) => a.from - b.from);
  let next = first;
  for (const { from, to } of named) if (from <= next) next = Math.max(next, to + 1);
  return next + unnumbered >= counter;
}

function rangeOf(
  entry: EntryOf<'missing'> | EntryOf<'refused'>,
): { readonly from: number; readonly to: number } | undefined {
  const [from, to] =
    entry.type === 'missing' ? [entry.counterFrom, entry.counterTo] : [entry.counter, entry.counter];
  return from === undefined ? undefined : { from, to: to ?? from };
}

/** Had the dock time to notice: a later start, or an hour of entries? */
function goesOnAfter({ index, entry }: Accepted, { epochs, end }: History): boolean {
  const hasStarted = [...epochs.values()].some((each) => each.entry.type === 'started' && each.index > index);
  const last = end === undefined ? undefined : parseInstant(end.entry.at);
  return hasStarted || (last ?? 0) - (parseInstant(entry.at) ?? 0) > SILENCE_US_MAX;
}

function seriesOf({ enrolled, accepted }: History): Iterable<readonly Accepted[]> {
  const series = new Map<string, Accepted[]>();
  for (const placed of accepted) {
    const { camera } = placed.entry;
    const key = enrolled.findLast(({ index, entry }) => entry.camera === camera && index < placed.index);
    // The same key enrolled once more is the same camera: it goes on with its numbers.
    const name = `${camera} ${key?.entry.publicKey ?? ''}`;
    const known = series.get(name);
    if (known === undefined) series.set(name, [placed]);
    else known.push(placed);
  }
  return series.values();
}
