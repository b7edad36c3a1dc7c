import type { EntryOf } from '../../../proto/custody-fields.ts';
import { parseInstant } from '../../../proto/instant.ts';
import type { Findings } from './finding.ts';
import type { History } from './history.ts';
import type { Placed } from './placed.ts';

type Accepted = Placed<EntryOf<'accepted'>>;

// A dock that keeps watch says what it misses when the camera comes next, and at its own next start at the latest.
const SILENCE_US_MAX = 3_600_000_000;

/** What one camera made under one key, as far as this ledger has it. */
interface Series {
  readonly accepted: Accepted[];
  /** Numbers that quarantined recordings used up, by the camera's own word. */
  readonly refused: Set<number>;
}

/** Numbers that no recording has, first and last. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/**
 * Each camera numbers its recordings and names the root of the one before. A gap in the numbers is a note, as the
 * missing one may still be in the camera; what was refused is in quarantine and no gap. Two neighbours that do not fit
 * together are a failure. A camera that was enrolled anew starts a new series.
 */
export function checkChains(history: History, findings: Findings): void {
  for (const { accepted, refused } of seriesOf(history)) {
    const inOrder = accepted.toSorted((a, b) => a.entry.counter - b.entry.counter || a.index - b.index);
    let before: Accepted | undefined;
    for (const placed of inOrder) {
      const expected = before === undefined ? 1 : before.entry.counter + 1;
      checkLink(before, placed, findings);
      for (const gap of gapsBetween(expected, placed.entry.counter, refused))
        noteGap(gap, placed, { history, findings });
      before = placed;
    }
  }
}

function checkLink(before: Accepted | undefined, placed: Accepted, findings: Findings): void {
  const { camera, counter, previousRoot, recording } = placed.entry;
  const at = { file: 'tile/entries', index: placed.index };
  const expected = before === undefined ? 1 : before.entry.counter + 1;
  if (counter < expected) {
    const message = `${camera} has two recordings with counter ${counter}: ${before?.entry.recording ?? ''} and ${recording}`;
    findings.add({ code: 'counter-repeat', ...at, message });
  } else if (counter === expected && previousRoot !== (before?.entry.root ?? '')) {
    const message = `${recording} of ${camera} does not name the root of recording ${counter - 1} as its predecessor's`;
    findings.add({ code: 'chain-mismatch', ...at, message });
  }
}

function gapsBetween(from: number, counter: number, refused: ReadonlySet<number>): readonly Gap[] {
  const gaps: Gap[] = [];
  // Numbers may be absurd: walk along what was refused, not along the gap.
  const used = [...refused].filter((number) => number >= from && number < counter).toSorted((a, b) => a - b);
  let next = from;
  for (const number of [...used, counter]) {
    if (number > next) gaps.push({ from: next, to: number - 1 });
    next = number + 1;
  }
  return gaps;
}

function noteGap(
  gap: Gap,
  placed: Accepted,
  { history, findings }: { readonly history: History; readonly findings: Findings },
): void {
  const { camera } = placed.entry;
  const at = { file: 'tile/entries', index: placed.index };
  const missing = gap.from === gap.to ? `${gap.from}` : `${gap.from} to ${gap.to}`;
  const message = `${camera}: recording ${missing} is not in this ledger`;
  findings.add({ code: 'counter-gap', ...at, message });
  if (isNamed(gap, camera, history) || !goesOnAfter(placed, history)) return;
  const hidden = `${camera}: nothing says that recording ${missing} is missing`;
  findings.add({ code: 'counter-gap-hidden', ...at, message: hidden });
}

/** Do `missing` entries name every number of it? */
function isNamed(gap: Gap, camera: string, { missing }: History): boolean {
  const named = missing
    .filter(({ entry }) => entry.camera === camera && entry.kind === 'gap')
    .flatMap(({ entry: { counterFrom: from, counterTo: to = from } }) =>
      from === undefined || to === undefined ? [] : [{ from, to }],
    )
    .toSorted((a, b) => a.from - b.from);
  let next = gap.from;
  for (const { from, to } of named) if (from <= next) next = Math.max(next, to + 1);
  return next > gap.to;
}

/** Had the dock time to notice: a later start, or an hour of entries? */
function goesOnAfter({ index, entry }: Accepted, { epochs, end }: History): boolean {
  const hasStarted = [...epochs.values()].some((each) => each.entry.type === 'started' && each.index > index);
  const last = end === undefined ? undefined : parseInstant(end.entry.at);
  return hasStarted || (last ?? 0) - (parseInstant(entry.at) ?? 0) > SILENCE_US_MAX;
}

function seriesOf({ enrolled, accepted, refused }: History): Iterable<Series> {
  const all = new Map<string, Series>();
  const seriesAt = (camera: string, at: number): Series => {
    const key = enrolled.findLast(({ index, entry }) => entry.camera === camera && index < at);
    // The same key enrolled once more is the same camera: it goes on with its numbers.
    const name = `${camera} ${key?.entry.publicKey ?? ''}`;
    const series = all.get(name) ?? { accepted: [], refused: new Set<number>() };
    all.set(name, series);
    return series;
  };
  for (const placed of accepted) seriesAt(placed.entry.camera, placed.index).accepted.push(placed);
  for (const { entry, index } of refused)
    if (entry.counter !== undefined) seriesAt(entry.camera, index).refused.add(entry.counter);
  return all.values();
}
