import type { CustodyEntry, UnknownEntry } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { parseInstant } from '../../proto/instant.ts';

/** Footage that should be here and is not, in the words of the ledger's `missing` entries. */
export interface Absence {
  readonly camera: CameraId;
  readonly kind: EntryOf<'missing'>['kind'];
  /** Of a gap: the first and the last number that no recording here has. */
  readonly counterFrom?: number;
  readonly counterTo?: number;
  /** After a gap, with the broken link, or on its way in. */
  readonly recording?: RecordingId;
}

/** An absence that the ledger has named, and when it did, RFC 3339. */
export interface NamedAbsence extends Absence {
  readonly since: string;
}

/** Tells absences apart: one that grew or shrank is another one. */
export function absenceKey({ camera, kind, counterFrom, counterTo, recording }: Absence): string {
  return [camera, kind, counterFrom ?? '', counterTo ?? '', recording ?? ''].join('/');
}

interface Link {
  readonly recording: RecordingId;
  readonly root: string;
  readonly previousRoot: string;
}

/** One life of a camera: from the enrolment of a key to that of the next. */
interface Series {
  readonly publicKey: string;
  readonly links: Map<number, Link>;
  /** Numbers that quarantined recordings of this life used up. */
  readonly refused: Set<number>;
}

/**
 * What the ledger says, entry by entry, about which recordings each camera has made: every one has a number and names
 * the root of the one before, so what never came shows by what did. Entries must be given in log order, all of them.
 */
export class CounterBook {
  readonly #series = new Map<CameraId, Series[]>();
  readonly #named = new Map<string, Absence>();
  readonly #since = new Map<string, string>();
  readonly #heard = new Map<CameraId, number>();

  take(entry: CustodyEntry | UnknownEntry): void {
    if (entry.type === 'device.enrolled') this.#enrolled(entry);
    else if (entry.type === 'accepted') this.#accepted(entry);
    else if (entry.type === 'refused') this.#refused(entry);
    else if (entry.type === 'erased') this.#hear(entry.camera, entry.at);
    else if (entry.type === 'missing') this.#missing(entry);
    else if (entry.type === 'found') this.#named.delete(absenceKey(absenceOf(entry)));
  }

  /** Gaps and broken links, camera by camera in the order in which they were enrolled. */
  absences(): readonly Absence[] {
    return [...this.#series].flatMap(([camera, lives]) =>
      lives.flatMap((series) => lossesOf(camera, series)),
    );
  }

  /** What a `missing` entry has named and no `found` entry has explained since. */
  named(): ReadonlyMap<string, Absence> {
    return this.#named;
  }

  /** The same, each with the time of its entry, the oldest first. */
  listed(): readonly NamedAbsence[] {
    return [...this.#named].map(([key, absence]) => ({ ...absence, since: this.#since.get(key) ?? '' }));
  }

  /** When the ledger last heard of a camera, by the dock's clock, microseconds since 1970. */
  heardUs(camera: CameraId): number | undefined {
    return this.#heard.get(camera);
  }

  #missing(entry: EntryOf<'missing'>): void {
    const absence = absenceOf(entry);
    const key = absenceKey(absence);
    this.#named.set(key, absence);
    this.#since.set(key, entry.at);
  }

  #enrolled({ camera, publicKey, at }: EntryOf<'device.enrolled'>): void {
    this.#hear(camera, at);
    const lives = this.#series.get(camera) ?? [];
    this.#series.set(camera, lives);
    if (lives.at(-1)?.publicKey !== publicKey)
      lives.push({ publicKey, links: new Map(), refused: new Set() });
  }

  #accepted({ camera, counter, recording, root, previousRoot, at }: EntryOf<'accepted'>): void {
    this.#hear(camera, at);
    this.#series.get(camera)?.at(-1)?.links.set(counter, { recording, root, previousRoot });
  }

  #refused({ camera, counter, at }: EntryOf<'refused'>): void {
    this.#hear(camera, at);
    if (counter !== undefined) this.#series.get(camera)?.at(-1)?.refused.add(counter);
  }

  #hear(camera: CameraId, at: string): void {
    const heardUs = parseInstant(at) ?? 0;
    if (heardUs > (this.#heard.get(camera) ?? 0)) this.#heard.set(camera, heardUs);
  }
}

function lossesOf(camera: CameraId, { links, refused }: Series): readonly Absence[] {
  const losses: Absence[] = [];
  let expected = 1;
  for (const [counter, link] of [...links].toSorted(([a], [b]) => a - b)) {
    losses.push(...gapsIn({ from: expected, to: counter - 1, refused }, camera, link.recording));
    // What was quarantined kept its number, and its root is not known to the log.
    const before = links.get(counter - 1);
    const isBroken =
      before === undefined ? counter === 1 && link.previousRoot !== '' : before.root !== link.previousRoot;
    if (isBroken) losses.push({ camera, kind: 'broken-link', recording: link.recording });
    expected = counter + 1;
  }
  return losses;
}

interface Numbers {
  readonly from: number;
  readonly to: number;
  readonly refused: ReadonlySet<number>;
}

function gapsIn(
  { from, to, refused }: Numbers,
  camera: CameraId,
  recording: RecordingId,
): readonly Absence[] {
  const gaps: Absence[] = [];
  // Numbers come from a signed manifest, and may still be absurd: walk along what was refused, not along the gap.
  const used = [...refused].filter((number) => number >= from && number <= to).toSorted((a, b) => a - b);
  let next = from;
  for (const number of [...used, to + 1]) {
    if (number > next)
      gaps.push({ camera, kind: 'gap', counterFrom: next, counterTo: number - 1, recording });
    next = number + 1;
  }
  return gaps;
}

function absenceOf({
  camera,
  kind,
  counterFrom,
  counterTo,
  recording,
}: EntryOf<'missing' | 'found'>): Absence {
  return {
    camera,
    kind,
    ...(counterFrom === undefined ? {} : { counterFrom }),
    ...(counterTo === undefined ? {} : { counterTo }),
    ...(recording === undefined ? {} : { recording }),
  };
}
