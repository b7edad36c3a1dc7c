import { toHex } from '../../proto/bytes.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { FieldError } from '../../proto/errors.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Clock, HoldingKey, HoldingState, Ledger } from '../ports.ts';
import { DamageBook, pieceKey } from './damages.ts';
import type { Pace } from './pace.ts';
import { Counting, type PassReport, type ScrubStanding } from './progress.ts';

type Source = EntryOf<'repaired'>['from'];

/** A piece that the disk does not give back as it was put. */
export interface Wound {
  readonly piece: {
    readonly what: EntryOf<'damaged'>['what'];
    readonly expected: Uint8Array;
    readonly chunk?: { readonly index: number } | undefined;
  };
  /** SHA-256 of what is there; empty when nothing can be read. */
  readonly found: Uint8Array;
}

/** What was read of one settled holding. */
export interface Examined<W extends Wound> {
  readonly state: HoldingState;
  readonly cameraId: CameraId;
  readonly isAccepted: boolean;
  /** What differs, read twice. */
  readonly wounds: readonly W[];
  readonly healing?: Source;
}

/** What the scrub needs of the store; see its `Keeper` for what each promises. */
export interface Upkeep<W extends Wound> {
  turns(): Promise<readonly (HoldingKey & { readonly bytes: number })[]>;
  examine(key: HoldingKey, pace: (bytes: number) => Promise<void>): Promise<Examined<W> | undefined>;
  mend(
    key: HoldingKey,
    wounds: readonly W[],
  ): Promise<readonly { readonly wound: W; readonly from: Source }[]>;
  condemn(key: HoldingKey, wounds: readonly W[]): Promise<void>;
  restore(key: HoldingKey): Promise<void>;
  healed(key: HoldingKey): Promise<void>;
  mirror(key: HoldingKey, pace: (bytes: number) => Promise<void>): Promise<readonly W[] | undefined>;
  examinedAt(key: HoldingKey, atUs: number): Promise<void>;
}

export type ScrubNews =
  /** What was accepted, or refused, is no longer what it was. `copyIn`: a camera that has not erased its copy. */
  | {
      readonly news: 'damaged';
      readonly recordingId: RecordingId;
      readonly pieces: readonly string[];
      readonly copyIn?: CameraId;
    }
  | {
      readonly news: 'repaired';
      readonly recordingId: RecordingId;
      readonly pieces: readonly string[];
      readonly from: Source;
    }
  /** It is no longer in custody until it is repaired. */
  | { readonly news: 'withdrawn' | 'restored'; readonly recordingId: RecordingId }
  | {
      readonly news: 'mirror-repaired';
      readonly recordingId: RecordingId;
      readonly pieces: readonly string[];
    }
  | { readonly news: 'pass'; readonly recordings: number; readonly damaged: number }
  /** Disk or ledger failed; the recording has its next turn as always. */
  | { readonly news: 'problem'; readonly problem: unknown };

export interface ScrubOptions<W extends Wound> {
  readonly upkeep: Upkeep<W>;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly pace: Pace;
  /** True: one pass after another. False: only what somebody has reason to look at is read, and a pass when it is asked for. */
  readonly passes: boolean;
  /** Goes around each pass that nobody asked for, to put it on record; rejects as the pass does. */
  readonly record?: (pass: () => Promise<void>) => Promise<void>;
  /** Must not throw. */
  readonly tell: (news: ScrubNews) => void;
}

// A pass takes at least as long as reading this much: the recordings of a dock that holds little need not be read every second.
const PASS_BYTES_MIN = 1024 * 1024 * 1024;
// How often a scrub that is paused looks whether it may go on.
const PAUSED_MS = 1_000;
// A pass over nothing is over at once, and is no reason for the next.
const REST_MS_MIN = 1_000;
// A disk or a ledger that failed gets a moment before the next recording.
const RETRY_MS = 5_000;

interface Asked {
  readonly resolve: (report: PassReport | undefined) => void;
  readonly reject: (problem: unknown) => void;
}

/** Reads everything that is held again and again, and puts right, or takes out of custody, what a disk has lost. */
export class Scrub<W extends Wound> {
  readonly #options: ScrubOptions<W>;
  readonly #book: DamageBook;
  /** Out of turn: somebody has reason to look. */
  readonly #soon = new Map<RecordingId, HoldingKey>();
  #running: Promise<void> | undefined;
  /** Who waits for the end of a pass. */
  readonly #asked = new Set<Asked>();
  #passes = 0;
  #counting: Counting | undefined;
  #last: PassReport | undefined;
  #wake: () => void = () => undefined;

  constructor(options: ScrubOptions<W>) {
    this.#options = options;
    this.#book = new DamageBook(options.ledger);
  }

  /** Goes on in the background until {@link stop}. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#options.pace.stop();
    this.#wake();
    await this.#running;
  }

  /** This one next, whenever its turn was. */
  soon(key: HoldingKey): void {
    this.#soon.set(key.recordingId, key);
    this.#wake();
  }

  /** It came into custody now. What came because it was damaged here is read and, being whole, repaired. */
  async arrived({ recordingId, manifestSha256 }: HoldingKey): Promise<void> {
    await this.#book.readOn();
    if (this.#book.open(recordingId).length > 0) this.soon({ recordingId, manifestSha256 });
  }

  /**
   * A pass over everything now, or the rest of the one that is under way. Resolves to what came of it, to undefined when the scrub
   * was stopped before its end. Rejects with what ended it.
   */
  async ask(): Promise<PassReport | undefined> {
    if (this.#options.pace.isStopped) return undefined;
    return new Promise((resolve, reject) => {
      this.#asked.add({ resolve, reject });
      this.#wake();
    });
  }

  standing(): ScrubStanding {
    const now = this.#counting?.now();
    const state = now === undefined ? 'resting' : 'reading';
    return {
      state: this.#options.pace.isPaused ? 'paused' : state,
      begun: this.#passes,
      ...(now === undefined ? {} : { now }),
      ...(this.#last === undefined ? {} : { last: this.#last }),
    };
  }

  /** One pass over everything, those read longest ago first. Resolves early when it is stopped. */
  async pass(): Promise<void> {
    const { pace, upkeep, clock, tell } = this.#options;
    const turns = await upkeep.turns();
    this.#passes += 1;
    const counting = new Counting(this.#passes, turns, clock);
    this.#counting = counting;
    try {
      for (const { bytes, ...key } of turns) {
        counting.begin(0);
        for (const urgent of this.#takeSoon()) await this.#turn(urgent);
        if (pace.isStopped) return;
        counting.begin(bytes);
        counting.end(await this.#turn(key));
      }
      this.#last = counting.report();
      const { recordingsDone, damaged } = this.#last;
      tell({ news: 'pass', recordings: recordingsDone, damaged });
    } finally {
      this.#counting = undefined;
    }
  }

  async #run(): Promise<void> {
    const { pace, passes } = this.#options;
    while (!pace.isStopped) {
      if (passes || this.#asked.size > 0) await this.#passOnce();
      await this.#rest();
    }
    for (const { resolve } of this.#asked) resolve(undefined);
    this.#asked.clear();
  }

  async #passOnce(): Promise<void> {
    const { record = (pass) => pass(), tell } = this.#options;
    const isAsked = this.#asked.size > 0;
    const before = this.#last;
    try {
      await (isAsked ? this.pass() : record(() => this.pass()));
      const done = this.#last === before ? undefined : this.#last;
      for (const { resolve } of this.#asked) resolve(done);
    } catch (problem) {
      tell({ news: 'problem', problem });
      for (const { reject } of this.#asked) reject(problem);
    }
    this.#asked.clear();
  }

  /** Until the next pass is due, or somebody asks for one; what there is reason to look at is looked at meanwhile. */
  async #rest(): Promise<void> {
    const { clock, pace, passes } = this.#options;
    const restMs = passes ? Math.max(REST_MS_MIN, pace.msFor(PASS_BYTES_MIN)) : Number.POSITIVE_INFINITY;
    const untilUs = clock.monoUs() + restMs * 1_000;
    for (;;) {
      if (!pace.isPaused) for (const urgent of this.#takeSoon()) await this.#turn(urgent);
      const leftMs = (untilUs - clock.monoUs()) / 1_000;
      if (pace.isStopped || leftMs <= 0 || this.#asked.size > 0) return;
      await this.#sleep(this.#soon.size === 0 ? leftMs : PAUSED_MS);
    }
  }

  /** For so long, or until somebody wakes it. */
  async #sleep(ms: number): Promise<void> {
    const { clock } = this.#options;
    await new Promise<void>((resolve) => {
      const cancel = Number.isFinite(ms) ? clock.after(ms, resolve) : (): void => undefined;
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #spend(bytes: number): Promise<void> {
    this.#counting?.read(bytes);
    return this.#options.pace.spend(bytes);
  }

  *#takeSoon(): Generator<HoldingKey> {
    for (const [recordingId, key] of this.#soon) {
      this.#soon.delete(recordingId);
      yield key;
    }
  }

  /** One recording, primary and mirror; false when something is left damaged, or could not be looked at. */
  async #turn(key: HoldingKey): Promise<boolean> {
    const { upkeep, clock, pace, tell } = this.#options;
    try {
      const isWhole = await this.#look(key);
      await this.#lookAtMirror(key, isWhole);
      await upkeep.examinedAt(key, clock.wallUs());
      return isWhole;
    } catch (problem) {
      if (pace.isStopped) return true;
      tell({ news: 'problem', problem });
      await pace.wait(RETRY_MS);
      return false;
    }
  }

  async #look(key: HoldingKey): Promise<boolean> {
    const { upkeep } = this.#options;
    const examined = await upkeep.examine(key, (bytes) => this.#spend(bytes));
    if (examined === undefined) return true;
    await this.#book.readOn();
    if (examined.wounds.length > 0) return this.#care(key, examined);
    if (examined.isAccepted) await this.#whole(key, examined);
    return true;
  }

  /** The damage is on record before anything is put right: a repair must not be the first that anybody hears of it. */
  async #care(key: HoldingKey, examined: Examined<W>): Promise<boolean> {
    const { upkeep, tell } = this.#options;
    const { wounds, isAccepted, state } = examined;
    await this.#record(key, examined);
    const mended = await upkeep.mend(key, wounds);
    const left = wounds.filter((wound) => !mended.some((one) => one.wound === wound));
    if (isAccepted) await this.#recordMended(key, mended);
    if (left.length === 0) {
      await this.#settle(key, examined);
      return true;
    }
    if (isAccepted && state === 'held') {
      await upkeep.condemn(key, left);
      tell({ news: 'withdrawn', recordingId: key.recordingId });
    }
    return false;
  }

  /** Nothing is wrong: what the ledger still calls damaged has been put right, perhaps just before a crash. */
  async #whole(key: HoldingKey, examined: Examined<W>): Promise<void> {
    const open = this.#book.open(key.recordingId);
    const pieces = open.map(({ what, chunk }) => ({ what, ...(chunk === undefined ? {} : { chunk }) }));
    if (pieces.length > 0) await this.#repaired(key, pieces, examined.healing ?? 'disk');
    await this.#settle(key, examined);
  }

  async #settle(key: HoldingKey, { state, isAccepted }: Examined<W>): Promise<void> {
    const { upkeep, tell } = this.#options;
    await upkeep.healed(key);
    if (state !== 'quarantined' || !isAccepted) return;
    await upkeep.restore(key);
    tell({ news: 'restored', recordingId: key.recordingId });
  }

  async #record(key: HoldingKey, { wounds, isAccepted, state, cameraId }: Examined<W>): Promise<void> {
    const { recordingId } = key;
    const hasCopy = isAccepted && state !== 'destroyed' && !this.#book.isErased(recordingId);
    const copyIn = hasCopy ? { copyIn: cameraId } : {};
    const fresh = wounds.filter((wound) => !this.#book.isOpen(recordingId, pieceOf(wound)));
    // A ledger has no word for the damage of what it never accepted.
    for (const wound of isAccepted ? fresh : []) {
      const what = { expected: toHex(wound.piece.expected), found: toHex(wound.found) };
      await this.#write({ type: 'damaged', ...this.#about(key), ...pieceOf(wound), ...what, ...copyIn });
    }
    if (fresh.length > 0)
      this.#options.tell({ news: 'damaged', recordingId, pieces: fresh.map(nameOf), ...copyIn });
  }

  async #recordMended(
    key: HoldingKey,
    mended: readonly { readonly wound: W; readonly from: Source }[],
  ): Promise<void> {
    for (const from of new Set(mended.map((one) => one.from))) {
      const pieces = mended.filter((one) => one.from === from).map(({ wound }) => pieceOf(wound));
      await this.#repaired(key, pieces, from);
    }
  }

  async #repaired(
    key: HoldingKey,
    pieces: readonly { readonly what: EntryOf<'damaged'>['what']; readonly chunk?: number }[],
    from: Source,
  ): Promise<void> {
    for (const piece of pieces) await this.#write({ type: 'repaired', ...this.#about(key), ...piece, from });
    const { recordingId } = key;
    this.#options.tell({
      news: 'repaired',
      recordingId,
      pieces: pieces.map((one) => pieceKey(one).trim()),
      from,
    });
  }

  async #lookAtMirror(key: HoldingKey, isWhole: boolean): Promise<void> {
    const { upkeep, tell } = this.#options;
    if (!isWhole) return;
    try {
      const wounds = await upkeep.mirror(key, (bytes) => this.#spend(bytes));
      if (wounds === undefined || wounds.length === 0) return;
      tell({ news: 'mirror-repaired', recordingId: key.recordingId, pieces: wounds.map(nameOf) });
    } catch (problem) {
      // The mirror says itself that it is away, and one disk is no reason to leave the other alone.
      if (!(problem instanceof FieldError && problem.code === 'STORE_MIRROR')) throw problem;
    }
  }

  #about({ recordingId, manifestSha256 }: HoldingKey): {
    readonly at: string;
    readonly recording: RecordingId;
    readonly manifest: string;
  } {
    const at = formatInstant(this.#options.clock.wallUs());
    return { at, recording: recordingId, manifest: toHex(manifestSha256) };
  }

  async #write(entry: CustodyEntry): Promise<void> {
    await this.#options.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }
}

function pieceOf({ piece: { what, chunk } }: Wound): {
  readonly what: EntryOf<'damaged'>['what'];
  readonly chunk?: number;
} {
  return chunk === undefined ? { what } : { what, chunk: chunk.index };
}

/** For people: `chunk 3`, `wraps`. */
function nameOf(wound: Wound): string {
  return pieceKey(pieceOf(wound)).trim();
}
