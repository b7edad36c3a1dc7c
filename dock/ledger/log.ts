import { join, resolve } from 'node:path';
import { toHex } from '../../proto/bytes.ts';
import { decodeEntry, entryKey } from '../../proto/custody-entry.ts';
import { LEDGER_ENTRY_BYTES_MAX } from '../../proto/limits.ts';
import type { Cancel, Clock, Ledger, ProvenSince } from '../ports.ts';
import { nodeChecker } from './checker.ts';
import type { Edge } from './edge.ts';
import { codeOf, LedgerError, ledgerFault } from './errors.ts';
import { Files, type Probe } from './files.ts';
import type { LedgerNews } from './gathering.ts';
import type { LedgerJournal, LedgerLock } from './journal.ts';
import { type LedgerMachine, systemMachine } from './machine.ts';
import { proveEntry, proveGrowth, readEntries } from './proof.ts';
import { ensureVkey, type LogIdentity, vkeyOf } from './published.ts';
import { Publisher } from './publisher.ts';
import { bundleStart, checkEdge, recover, type Recoverable, type Standing } from './recovery.ts';
import { makeWaiting, type Waiting, WaitingRoom } from './waiting.ts';
import type { Cosigners } from './witness.ts';

export interface LedgerOptions extends LogIdentity {
  /** Folder of this log alone; made when it is not there. */
  readonly dir: string;
  readonly clock: Pick<Clock, 'after'>;
  /** Default: none, and a quorum of 0. */
  readonly cosigners?: Cosigners;
  /** May it be opened with a lower quorum than last time? Default: no. */
  readonly lowerQuorum?: boolean;
  readonly tell?: (news: LedgerNews) => void;
  /** The append key of the entry at `index`, for rebuilding a lost database. Default: the key of custody entries. */
  readonly keyOf?: (entry: Uint8Array, index: number) => string;
  /** The index that the entry of a key must get, where that is settled elsewhere; one whose turn it is not is told to come back. */
  readonly place?: (key: string) => number;
  /** For fault tests. */
  readonly probe?: Probe;
  /** Stand-ins for tests and simulation. Default: this machine. */
  readonly machine?: LedgerMachine;
}

/** What a look at the published log found. */
export interface LedgerCheck {
  readonly size: number;
  /** Entries that are decided on and wait to be published. */
  readonly pending: number;
  /** Names of the known witnesses under the checkpoint. */
  readonly cosigned: readonly string[];
  /** Why what waits is waiting, when it waits for witnesses. */
  readonly lacking?: string;
}

export interface OpenLedger extends Ledger {
  /**
   * Looks at what everybody may see: the checkpoint on the disk is the one that was published, signed by this log's key, and the
   * newest tiles make its root. Publishes what a fault has left waiting, and asks the witnesses again about a checkpoint that one of
   * them has not cosigned since `freshS`, seconds since 1970: the same checkpoint, as no second one of its size is ever signed.
   * Throws LedgerError: LEDGER_DAMAGED, LEDGER_DISAGREES.
   */
  check(freshS: number): Promise<LedgerCheck>;
  /** Publishes what is waiting, as far as the witnesses answer now, then lets the folder go. */
  close(): Promise<void>;
}

// A batch costs a few syncs, 2 to 5 ms here; waiting this long shares them and keeps far below the
// 200 ms within which an entry is promised a checkpoint.
const BATCH_WINDOW_MS = 10;
const BATCH_ENTRIES_MAX = 1_000;
// More than this waiting means that the disk no longer keeps up; whoever asks is told to come back.
const WAITING_MAX = 20_000;
// How long whoever appends waits for a quorum of witnesses before it is told to come back.
const COSIGN_WAIT_MS = 10_000;
const KEY_CHARACTERS_MAX = 512;

/**
 * Opens the append-only log in `dir` (C2SP tlog-tiles: `checkpoint`, `tile/…`; `vkey`; `log.db`) and finishes
 * what an interrupted process intended; with a quorum of witnesses in the background, while the log stands open with
 * what is published. Throws LedgerError: LEDGER_LOCKED while another process has it,
 * LEDGER_QUORUM for a lower quorum than last time, LEDGER_IDENTITY, LEDGER_AHEAD, LEDGER_DISAGREES or LEDGER_DAMAGED when going on would sign a second history,
 * LEDGER_FULL and LEDGER_IO for the disk.
 */
export async function openLedger(options: LedgerOptions): Promise<OpenLedger> {
  const { machine = systemMachine } = options;
  const files = new Files(resolve(options.dir), options.probe ?? (() => undefined), machine.disk);
  try {
    await files.makeRoot();
  } catch (cause) {
    throw ledgerFault(cause, `making ${options.dir}`);
  }
  const lock = takeLock(options.dir, machine);
  let journal: LedgerJournal | undefined;
  try {
    await files.prepare();
    await ensureVkey(files, options);
    journal = machine.openJournal(join(options.dir, 'log.db'));
    holdQuorum(journal, options);
    const from = { files, journal, log: options, keyOf: options.keyOf ?? custodyKey };
    const ledger = new TileLedger({ options, from, lock, standing: await recover(from) });
    await ledger.begin();
    return ledger;
  } catch (cause) {
    journal?.close();
    lock.release();
    throw ledgerFault(cause, `opening ${options.dir}`);
  }
}

class TileLedger implements OpenLedger {
  readonly origin: string;
  readonly vkey: string;
  readonly #options: LedgerOptions;
  readonly #from: Recoverable;
  readonly #lock: LedgerLock;
  readonly #publisher: Publisher;
  /** Undefined before the first batch and after one that failed half-way: then only the disk knows. */
  #edge: Edge | undefined;
  /** What opening found, until it is published. */
  #standing: Standing | undefined;
  readonly #waiting = new WaitingRoom();
  #window: Cancel | undefined;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(open: {
    readonly options: LedgerOptions;
    readonly from: Recoverable;
    readonly lock: LedgerLock;
    readonly standing: Standing;
  }) {
    const { options, from, standing } = open;
    this.#options = options;
    this.#from = from;
    this.#lock = open.lock;
    this.#standing = standing;
    this.#publisher = new Publisher(
      {
        files: from.files,
        log: options,
        clock: options.clock,
        cosigners: options.cosigners ?? { witnesses: [], quorum: 0 },
        probe: (step) => this.#probe(step),
        tell: (news) => options.tell?.(news),
      },
      standing.published,
    );
    this.origin = options.origin;
    this.vkey = vkeyOf(options);
  }

  /** Finishes what recovery found. Witnesses may be down for days, so nobody waits here for a quorum. */
  async begin(): Promise<void> {
    if (this.#publisher.quorum > 0) void this.#write();
    else await this.#settled();
  }

  async appendOnce(key: string, entry: Uint8Array): Promise<number> {
    this.#checkAppend(key, entry);
    const same = this.#waiting.find(key);
    if (same !== undefined) return same.settled;
    const index = this.#known(key);
    if (index !== undefined && index < this.#publisher.published.size) return index;
    this.#publisher.checkAgreement();
    // An index beyond the checkpoint is left from a batch that failed; waiting for the next batch finishes it.
    if (this.#waiting.queued >= WAITING_MAX) {
      throw new LedgerError('LEDGER_BUSY', `ledger: ${WAITING_MAX} entries are waiting`, { retry: 'later' });
    }
    const waiting = makeWaiting(key, entry.slice());
    this.#waiting.add(waiting, () => this.#deadline(waiting));
    this.#openWindow();
    return waiting.settled;
  }

  async prove(index: number): Promise<string> {
    return this.#reading(() => proveEntry(this.#from.files, this.#publisher.published, index));
  }

  async proveSince(index: number, from: number): Promise<ProvenSince> {
    const [{ files }, { published }] = [this.#from, this.#publisher];
    return this.#reading(async () => ({
      proof: await proveEntry(files, published, index),
      consistency: await proveGrowth(files, published, { from, to: published.size }),
      size: published.size,
    }));
  }

  async proveConsistency(from: number, to?: number): Promise<readonly Uint8Array[]> {
    const { published } = this.#publisher;
    return this.#reading(() => proveGrowth(this.#from.files, published, { from, to: to ?? published.size }));
  }

  async read(start: number, end: number): Promise<readonly Uint8Array[]> {
    return this.#reading(() => readEntries(this.#from.files, this.#publisher.published, { start, end }));
  }

  async intended(): Promise<readonly Uint8Array[]> {
    // Bodies are kept until their batch is published, and longer.
    return this.#reading(async () => [...this.#from.journal.tail(this.#publisher.published.size).values()]);
  }

  async checkpoint(): Promise<{ readonly size: number; readonly note: string }> {
    const { size, note } = this.#publisher.published;
    return { size, note };
  }

  async check(freshS: number): Promise<LedgerCheck> {
    if (this.#closed) throw new LedgerError('LEDGER_CLOSED', 'ledger is closed', { retry: 'never' });
    // A batch that is being written, perhaps as long as the witnesses take, is checked by its writer.
    if (this.#writing === undefined) await this.#alone(() => this.#audit(freshS));
    const pending = this.#pending();
    if (pending > 0 && this.#writing === undefined && !this.#closed) void this.#write();
    const { lacking, published } = this.#publisher;
    return {
      size: published.size,
      pending,
      cosigned: this.#publisher.cosignatures().lines.map(({ name }) => name),
      ...(pending === 0 || lacking === undefined ? {} : { lacking: lacking.message }),
    };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#window?.();
    this.#publisher.finish();
    while (this.#waiting.queued > 0 || this.#writing !== undefined) await (this.#writing ?? this.#write());
    await this.#publisher.rest();
    this.#from.journal.close();
    this.#lock.release();
  }

  #checkAppend(key: string, entry: Uint8Array): void {
    if (this.#closed) throw new LedgerError('LEDGER_CLOSED', 'ledger is closed', { retry: 'never' });
    if (entry.length <= LEDGER_ENTRY_BYTES_MAX && key.length > 0 && key.length <= KEY_CHARACTERS_MAX) return;
    const message = `ledger: entry of ${entry.length} bytes with a key of ${key.length} characters; at most ${LEDGER_ENTRY_BYTES_MAX} and ${KEY_CHARACTERS_MAX}`;
    throw new LedgerError('LEDGER_ENTRY', message, { retry: 'never', facts: { bytes: entry.length } });
  }

  #known(key: string): number | undefined {
    try {
      return this.#from.journal.indexOf(key);
    } catch (cause) {
      throw ledgerFault(cause, 'looking a key up');
    }
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (cause) {
      throw ledgerFault(cause, 'reading the log');
    }
  }

  /** Only witnesses keep anybody waiting without end; what the disk does ends by itself. */
  #deadline(waiting: Waiting): Cancel {
    if (this.#publisher.quorum === 0) return () => undefined;
    return this.#options.clock.after(COSIGN_WAIT_MS, () => {
      const slow = 'ledger: the witnesses have not been asked yet';
      const why = this.#publisher.lacking ?? new LedgerError('LEDGER_BUSY', slow, { retry: 'later' });
      this.#waiting.reject(waiting, why);
    });
  }

  #openWindow(): void {
    if (this.#window !== undefined || this.#writing !== undefined || this.#closed) return;
    this.#window = this.#options.clock.after(BATCH_WINDOW_MS, () => void this.#write());
  }

  #pending(): number {
    return (this.#from.journal.intended()?.size ?? 0) - this.#publisher.published.size;
  }

  async #audit(freshS: number): Promise<void> {
    this.#publisher.checkAgreement();
    await this.#reading(async () => checkEdge(this.#from.files, await this.#publisher.audit()));
    const { lines, known } = this.#publisher.cosignatures();
    if (this.#pending() === 0 && known > 0 && lines.filter(({ timeS }) => timeS >= freshS).length < known)
      await this.#publisher.askAgain();
  }

  /** In the place of a batch: nothing is written meanwhile. */
  async #alone(work: () => Promise<void>): Promise<void> {
    this.#window?.();
    this.#window = undefined;
    const working = work();
    const over = (): void => {
      this.#writing = undefined;
      if (this.#waiting.queued > 0) this.#openWindow();
    };
    this.#writing = working.then(over, over);
    await working;
  }

  /** Writes one batch; never rejects, as each waiting entry is told for itself. One at a time. */
  #write(): Promise<void> {
    this.#window = undefined;
    this.#writing = this.#writeBatch().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.queued > 0) this.#openWindow();
    });
    return this.#writing;
  }

  async #writeBatch(): Promise<void> {
    let batch: readonly Waiting[] = [];
    try {
      const edge = await this.#settled();
      batch = this.#inPlace(edge.size, this.#waiting.take(BATCH_ENTRIES_MAX));
      await this.#append(edge, batch);
      for (const waiting of batch) this.#waiting.resolve(waiting, this.#indexOf(waiting.key));
    } catch (cause) {
      const error = ledgerFault(cause, 'appending');
      if (batch.length === 0) batch = this.#waiting.take(this.#closed ? WAITING_MAX : BATCH_ENTRIES_MAX);
      for (const waiting of batch) this.#waiting.reject(waiting, error);
    }
  }

  /** Whoever waited longest may have given up while those behind still wait: they must not move up. */
  #inPlace(size: number, batch: readonly Waiting[]): readonly Waiting[] {
    const { place } = this.#options;
    if (place === undefined) return batch;
    let next = size;
    return batch.filter((waiting) => {
      if (this.#from.journal.indexOf(waiting.key) !== undefined) return true;
      if (place(waiting.key) === next) return (next += 1) > 0;
      const message = `ledger: the next entry is ${next}, and ${waiting.key} is not its key`;
      this.#waiting.reject(waiting, new LedgerError('LEDGER_BUSY', message, { retry: 'later' }));
      return false;
    });
  }

  /** The edge of a log of which nothing is intended that is not published. */
  async #settled(): Promise<Edge> {
    if (this.#edge !== undefined) return this.#edge;
    await this.#publisher.rest();
    const { edge, published, intended } = this.#standing ?? (await recover(this.#from));
    this.#standing = undefined;
    this.#publisher.adopt(published);
    await this.#publisher.publish(edge, intended);
    this.#edge = edge;
    return edge;
  }

  /** The order is the promise: batch and intended tree durable, then signed, then tiles, then cosignatures, then the checkpoint. */
  async #append(edge: Edge, batch: readonly Waiting[]): Promise<void> {
    this.#publisher.checkAgreement();
    const entries = batch.filter(({ key }) => this.#from.journal.indexOf(key) === undefined);
    if (entries.length === 0) return;
    this.#edge = undefined;
    const start = edge.size;
    for (const { entry } of entries) edge.append(entry);
    const intended = { size: edge.size, root: edge.root() };
    this.#probe('commit');
    this.#from.journal.commit({ start, entries, intended, keepFrom: bundleStart(start) });
    await this.#publisher.publish(edge, intended);
    this.#probe('resolve');
    this.#edge = edge;
  }

  #indexOf(key: string): number {
    const index = this.#from.journal.indexOf(key);
    if (index !== undefined) return index;
    throw new LedgerError('LEDGER_DISAGREES', `ledger: log.db lost the key ${key}`, { retry: 'never' });
  }

  #probe(step: string): void {
    this.#options.probe?.(step);
  }
}

/** Whoever opens the log on the side must not publish what its witnesses have not seen. */
function holdQuorum(journal: LedgerJournal, { cosigners, lowerQuorum, dir }: LedgerOptions): void {
  const [quorum, before] = [cosigners?.quorum ?? 0, journal.quorum()];
  if (quorum === before) return;
  if (quorum < before && lowerQuorum !== true) {
    const message = `ledger ${dir} was last opened with a quorum of ${before}, and ${quorum} is less: give --witness and --quorum as before (a dock that is to have less is started with --lower-quorum)`;
    throw new LedgerError('LEDGER_QUORUM', message, { retry: 'never', facts: { before, quorum } });
  }
  journal.rememberQuorum(quorum);
}

function takeLock(dir: string, machine: LedgerMachine): LedgerLock {
  try {
    return machine.takeLock(join(dir, 'log.lock'));
  } catch (cause) {
    if (codeOf(cause) !== 'SQLITE_BUSY') throw ledgerFault(cause, `locking ${dir}`);
    const message = `ledger ${dir} is open in another process; two writers would sign two histories`;
    throw new LedgerError('LEDGER_LOCKED', message, { retry: 'later', cause, facts: { dir } });
  }
}

/** Entries that are not custody entries of a known type are told apart by their content. */
function custodyKey(entry: Uint8Array): string {
  try {
    const decoded = decodeEntry(entry);
    if (decoded.type !== 'unknown') return entryKey(decoded);
  } catch {
    // Another program's log may hold other entries; their content is their key.
  }
  return `entry/${toHex(nodeChecker.sha256(entry))}`;
}
