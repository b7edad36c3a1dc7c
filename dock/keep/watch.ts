import { encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Bay, Clock, Holdings, Ledger } from '../ports.ts';
import { entriesFrom } from '../release/history.ts';
import { type Absence, absenceKey, CounterBook, type NamedAbsence } from './absences.ts';

/** A camera that this dock may expect, and when it was last here. */
export interface ExpectedCamera {
  readonly camera: CameraId;
  /** When it was put on file, microseconds since 1970. */
  readonly enrolledUs: number;
  /** When it last docked or left, as far as this dock has written it down. */
  readonly seenUs?: number;
}

export interface WatchPorts {
  readonly ledger: Ledger;
  readonly holdings: Pick<Holdings, 'list' | 'named'>;
  readonly clock: Clock;
  /** Every enrolled camera. */
  readonly cameras: () => readonly ExpectedCamera[];
  readonly bays: () => readonly Bay[];
}

export interface WatchOptions {
  /** A camera that has not been here for so long is overdue; 0: cameras are never overdue. */
  readonly overdueMs: number;
  /** An upload that has stood still for so long is listed. */
  readonly partialMs: number;
}

const US_PER_MS = 1_000;
// A camera sends what is critical first, so what is older comes later: while it is here, a number that is not here yet is no loss.
const HERE_GAP_US = 600_000_000;

/**
 * Looks for footage that should be here and is not, and keeps the ledger's word about it true: a `missing` entry for each
 * absence that is new, a `found` entry for each that is over. Nothing is ever taken back silently.
 */
export class Watch {
  readonly #ports: WatchPorts;
  readonly #options: WatchOptions;
  readonly #book = new CounterBook();
  /** When an upload was first seen to stand still, by the monotonic clock. */
  readonly #stillSinceUs = new Map<RecordingId, number>();
  /** When a gap of a camera that is here was first seen, by the monotonic clock. */
  readonly #gapSinceUs = new Map<string, number>();
  #next = 0;
  #looking: Promise<readonly Absence[]> | undefined;
  #again = false;

  constructor(ports: WatchPorts, options: WatchOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  /**
   * Looks now and writes down what changed; resolves to everything that is missing. Calls that come meanwhile share one
   * more look after this one. Rejects with what ledger or store throw; the next look writes what this one could not.
   */
  async look(): Promise<readonly Absence[]> {
    if (this.#looking !== undefined) {
      this.#again = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilStill().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** What the ledger has named and not explained; reads what is new in the ledger, writes nothing. */
  async listed(): Promise<readonly NamedAbsence[]> {
    await this.#readOn();
    return this.#book.listed();
  }

  async #lookUntilStill(): Promise<readonly Absence[]> {
    let found: readonly Absence[];
    do {
      this.#again = false;
      found = await this.#lookOnce();
    } while (this.#again);
    return found;
  }

  async #lookOnce(): Promise<readonly Absence[]> {
    await this.#readOn();
    const bays = this.#ports.bays();
    const now = [...this.#lost(bays), ...(await this.#partial(bays)), ...this.#overdue(bays)];
    const keys = new Set(now.map(absenceKey));
    const named = this.#book.named();
    const fresh = now.filter((absence) => !named.has(absenceKey(absence)));
    const over = [...named.values()].filter((absence) => !keys.has(absenceKey(absence)));
    const isPartial = over.some(({ kind }) => kind === 'partial');
    const holdings = isPartial ? await this.#ports.holdings.list() : [];
    for (const absence of fresh) await this.#write({ type: 'missing', at: this.#at(), ...absence });
    for (const absence of over)
      await this.#write({ type: 'found', at: this.#at(), because: becauseOf(absence, holdings), ...absence });
    await this.#readOn();
    return now;
  }

  async #readOn(): Promise<void> {
    for await (const { index, entry } of entriesFrom(this.#ports.ledger, this.#next)) {
      // A look and a listing may read side by side: every entry counts once.
      if (index !== this.#next) continue;
      this.#next = index + 1;
      this.#book.take(entry);
    }
  }

  /** Gaps and broken links. A gap of a camera that is here is named once it has stayed as it is for so long that nothing will close it. */
  #lost(bays: readonly Bay[]): readonly Absence[] {
    const nowUs = this.#ports.clock.monoUs();
    const here = new Set(bays.map(({ camera }) => camera));
    const all = this.#book.absences();
    const named = this.#book.named();
    const young = all.filter(
      (one) => one.kind === 'gap' && here.has(one.camera) && !named.has(absenceKey(one)),
    );
    const keys = new Set(young.map(absenceKey));
    for (const key of this.#gapSinceUs.keys()) if (!keys.has(key)) this.#gapSinceUs.delete(key);
    for (const key of keys) if (!this.#gapSinceUs.has(key)) this.#gapSinceUs.set(key, nowUs);
    return all.filter(
      (one) => nowUs - (this.#gapSinceUs.get(absenceKey(one)) ?? -HERE_GAP_US) >= HERE_GAP_US,
    );
  }

  async #partial(bays: readonly Bay[]): Promise<readonly Absence[]> {
    const nowUs = this.#ports.clock.monoUs();
    const live = new Set(bays.map(({ recording }) => recording));
    const incoming = await this.#ports.holdings.named('incoming');
    const still = incoming.filter(({ recordingId }) => !live.has(recordingId));
    const stillIds = new Set(still.map(({ recordingId }) => recordingId));
    for (const id of this.#stillSinceUs.keys()) if (!stillIds.has(id)) this.#stillSinceUs.delete(id);
    const limitUs = this.#options.partialMs * US_PER_MS;
    const named = new Set([...this.#book.named().values()].map(absenceKey));
    return still.flatMap(({ recordingId, cameraId }) => {
      const sinceUs = this.#stillSinceUs.get(recordingId) ?? nowUs;
      this.#stillSinceUs.set(recordingId, sinceUs);
      const absence: Absence = { camera: cameraId, kind: 'partial', recording: recordingId };
      // What was listed before a restart stays listed: the dock does not know how long it was away.
      return nowUs - sinceUs >= limitUs || named.has(absenceKey(absence)) ? [absence] : [];
    });
  }

  #overdue(bays: readonly Bay[]): readonly Absence[] {
    if (this.#options.overdueMs === 0) return [];
    const here = new Set(bays.map(({ camera }) => camera));
    const limitUs = this.#ports.clock.wallUs() - this.#options.overdueMs * US_PER_MS;
    return this.#ports
      .cameras()
      .filter(({ camera }) => !here.has(camera))
      .filter((expected) => Math.max(this.#heardUs(expected), 0) < limitUs)
      .map(({ camera }) => ({ camera, kind: 'overdue' }));
  }

  #heardUs({ camera, enrolledUs, seenUs = 0 }: ExpectedCamera): number {
    return Math.max(enrolledUs, seenUs, this.#book.heardUs(camera) ?? 0);
  }

  async #write(entry: Parameters<typeof encodeEntry>[0]): Promise<void> {
    await this.#ports.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }

  #at(): string {
    return formatInstant(this.#ports.clock.wallUs());
  }
}

/** Why an absence is over, in one word of the ledger. */
function becauseOf(
  absence: Absence,
  holdings: readonly { readonly recordingId: RecordingId; readonly state: string }[],
): string {
  switch (absence.kind) {
    case 'gap':
    case 'broken-link':
      return 'arrived';
    case 'overdue':
      return 'came-back';
    case 'partial': {
      const holding = holdings.find(({ recordingId }) => recordingId === absence.recording);
      if (holding === undefined) return 'gone';
      return holding.state === 'incoming' ? 'goes-on' : holding.state;
    }
    default:
      return absence.kind satisfies never;
  }
}
