import { join, resolve } from 'node:path';
import { toHex } from '../../proto/bytes.ts';
import { decodeEntry, entryKey } from '../../proto/custody-entry.ts';
import { LEDGER_ENTRY_BYTES_MAX } from '../../proto/limits.ts';
import type { Cancel, Clock, Ledger, ProvenSince } from '../ports.ts';
import { nodeChecker } from './checker.ts';
import { codeOf, LedgerError, ledgerFault } from './errors.ts';
import { Files, type Probe } from './files.ts';
import { Journal, type JournalEntry, WriterLock } from './journal.ts';
import { proveEntry, proveGrowth, readEntries } from './proof.ts';
import { publish } from './publish.ts';
import { ensureVkey, type LogIdentity, signCheckpoint, vkeyOf } from './published.ts';
import { bundleStart, recover, type Recoverable, type Standing } from './recovery.ts';

export interface LedgerOptions extends LogIdentity {
  /** Folder of this log alone; made when it is not there. */
  readonly dir: string;
  readonly clock: Pick<Clock, 'after'>;
  /** The append key of an entry, for rebuilding a lost database. Default: the key of custody entries. */
  readonly keyOf?: (entry: Uint8Array) => string;
  /** For fault tests. */
  readonly probe?: Probe;
}

export interface OpenLedger extends Ledger {
  /** Publishes what is waiting, then lets the folder go. */
  close(): Promise<void>;
}

interface Waiting extends JournalEntry {
  readonly settled: Promise<number>;
  readonly resolve: (index: number) => void;
  readonly reject: (error: LedgerError) => void;
}

// A batch costs a few syncs, 2 to 5 ms here; waiting this long shares them and keeps far below the
// 200 ms within which an entry is promised a checkpoint.
const BATCH_WINDOW_MS = 10;
const BATCH_ENTRIES_MAX = 1_000;
// More than this waiting means that the disk no longer keeps up; whoever asks is told to come back.
const WAITING_MAX = 20_000;
const KEY_CHARACTERS_MAX = 512;

/**
 * Opens the append-only log in `dir` (C2SP tlog-tiles: `checkpoint`, `tile/…`; `vkey`; `log.db`) and finishes
 * what an interrupted process intended. Throws LedgerError: LEDGER_LOCKED while another process has it,
 * LEDGER_IDENTITY, LEDGER_AHEAD, LEDGER_DISAGREES or LEDGER_DAMAGED when going on would sign a second history,
 * LEDGER_FULL and LEDGER_IO for the disk.
 */
export async function openLedger(options: LedgerOptions): Promise<OpenLedger> {
  const files = new Files(resolve(options.dir), options.probe ?? (() => undefined));
  try {
    await files.makeRoot();
  } catch (cause) {
    throw ledgerFault(cause, `making ${options.dir}`);
  }
  const lock = takeLock(options.dir);
  let journal: Journal | undefined;
  try {
    await files.prepare();
    await ensureVkey(files, options);
    journal = new Journal(join(options.dir, 'log.db'));
    const from = { files, journal, log: options, keyOf: options.keyOf ?? custodyKey };
    return new TileLedger({ options, from, lock, standing: await recover(from) });
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
  readonly #lock: WriterLock;
  /** Undefined after a batch that failed half-way: then only the disk knows, and the next batch recovers first. */
  #standing: Standing | undefined;
  #published: Standing['published'];
  /** By key, from appendOnce until its promise settles. */
  readonly #waiting = new Map<string, Waiting>();
  #queue: Waiting[] = [];
  #window: Cancel | undefined;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(open: {
    readonly options: LedgerOptions;
    readonly from: Recoverable;
    readonly lock: WriterLock;
    readonly standing: Standing;
  }) {
    this.#options = open.options;
    this.#from = open.from;
    this.#lock = open.lock;
    this.#standing = open.standing;
    this.#published = open.standing.published;
    this.origin = open.options.origin;
    this.vkey = vkeyOf(open.options);
  }

  async appendOnce(key: string, entry: Uint8Array): Promise<number> {
    this.#checkAppend(key, entry);
    const same = this.#waiting.get(key);
    if (same !== undefined) return same.settled;
    const index = this.#known(key);
    if (index !== undefined && index < this.#published.size) return index;
    // An index beyond the checkpoint is left from a batch that failed; waiting for the next batch finishes it.
    if (this.#queue.length >= WAITING_MAX) {
      throw new LedgerError('LEDGER_BUSY', `ledger: ${WAITING_MAX} entries are waiting`, { retry: 'later' });
    }
    const waiting = makeWaiting(key, entry.slice());
    this.#waiting.set(key, waiting);
    this.#queue.push(waiting);
    this.#openWindow();
    return waiting.settled;
  }

  async prove(index: number): Promise<string> {
    return this.#reading(() => proveEntry(this.#from.files, this.#published, index));
  }

  async proveSince(index: number, from: number): Promise<ProvenSince> {
    const [files, published] = [this.#from.files, this.#published];
    return this.#reading(async () => ({
      proof: await proveEntry(files, published, index),
      consistency: await proveGrowth(files, published, { from, to: published.size }),
      size: published.size,
    }));
  }

  async proveConsistency(from: number, to?: number): Promise<readonly Uint8Array[]> {
    const published = this.#published;
    return this.#reading(() => proveGrowth(this.#from.files, published, { from, to: to ?? published.size }));
  }

  async read(start: number, end: number): Promise<readonly Uint8Array[]> {
    return this.#reading(() => readEntries(this.#from.files, this.#published, { start, end }));
  }

  async checkpoint(): Promise<{ readonly size: number; readonly note: string }> {
    const { size, note } = this.#published;
    return { size, note };
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#window?.();
    while (this.#queue.length > 0 || this.#writing !== undefined) await (this.#writing ?? this.#write());
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

  #openWindow(): void {
    if (this.#window !== undefined || this.#writing !== undefined || this.#closed) return;
    this.#window = this.#options.clock.after(BATCH_WINDOW_MS, () => void this.#write());
  }

  /** Writes one batch; never rejects, as each waiting entry is told for itself. One at a time. */
  #write(): Promise<void> {
    this.#window = undefined;
    const batch = this.#queue.splice(0, BATCH_ENTRIES_MAX);
    this.#writing = this.#writeBatch(batch).finally(() => {
      this.#writing = undefined;
      if (this.#queue.length > 0) this.#openWindow();
    });
    return this.#writing;
  }

  async #writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const standing = this.#standing ?? (await recover(this.#from));
      this.#standing = undefined;
      this.#published = standing.published;
      this.#published = await this.#append(standing, batch);
      this.#standing = { edge: standing.edge, published: this.#published };
      for (const { key, resolve } of batch) resolve(this.#indexOf(key));
    } catch (cause) {
      const error = ledgerFault(cause, 'appending');
      for (const { reject } of batch) reject(error);
    } finally {
      for (const { key } of batch) this.#waiting.delete(key);
    }
  }

  /** The order is the promise: batch and intended tree durable, then signed, then tiles, then the checkpoint. */
  async #append({ edge, published }: Standing, batch: readonly Waiting[]): Promise<Standing['published']> {
    const entries = batch.filter(({ key }) => this.#from.journal.indexOf(key) === undefined);
    if (entries.length === 0) return published;
    const start = edge.size;
    for (const { entry } of entries) edge.append(entry);
    const intended = { size: edge.size, root: edge.root() };
    this.#probe('commit');
    this.#from.journal.commit({ start, entries, intended, keepFrom: bundleStart(published.size) });
    this.#probe('sign');
    const next = signCheckpoint(this.#options, intended);
    await publish(this.#from.files, edge, next);
    this.#probe('resolve');
    return next;
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

function makeWaiting(key: string, entry: Uint8Array): Waiting {
  const { promise, resolve, reject } = withResolvers();
  return { key, entry, settled: promise, resolve, reject };
}

function withResolvers(): {
  readonly promise: Promise<number>;
  readonly resolve: (index: number) => void;
  readonly reject: (error: LedgerError) => void;
} {
  let resolve: (index: number) => void = () => undefined;
  let reject: (error: LedgerError) => void = () => undefined;
  const promise = new Promise<number>((fulfil, fail) => {
    resolve = fulfil;
    reject = fail;
  });
  return { promise, resolve, reject };
}

function takeLock(dir: string): WriterLock {
  try {
    return new WriterLock(join(dir, 'log.lock'));
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
