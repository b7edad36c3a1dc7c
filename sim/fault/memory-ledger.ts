import { LedgerError } from '../../dock/ledger/errors.ts';
import type { Ledger, ProvenSince } from '../../dock/ports.ts';
import { formatCheckpoint } from '../../proto/checkpoint.ts';
import type { Sha256, Sign } from '../../proto/digest.ts';
import { consistencyProof, inclusionProof, leafHash, rootOf } from '../../proto/merkle.ts';
import { formatVkey, signNote } from '../../proto/note.ts';
import { formatTlogProof } from '../../proto/tlog-proof.ts';

export interface MemoryLedgerOptions {
  readonly origin: string;
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
  readonly sha256: Sha256;
}

/**
 * Stand-in for the log on disk: the same promises, no disk. It survives what a test calls a crash only because the
 * test keeps the object.
 */
export class MemoryLedger implements Ledger {
  readonly origin: string;
  readonly vkey: string;
  readonly #options: MemoryLedgerOptions;
  readonly #entries: Uint8Array[] = [];
  readonly #indexByKey = new Map<string, number>();

  constructor(options: MemoryLedgerOptions) {
    this.#options = options;
    this.origin = options.origin;
    this.vkey = formatVkey(options.origin, options.publicKey, options.sha256);
  }

  appendOnce(key: string, entry: Uint8Array): Promise<number> {
    const known = this.#indexByKey.get(key);
    if (known !== undefined) return Promise.resolve(known);
    const index = this.#entries.push(Uint8Array.from(entry)) - 1;
    this.#indexByKey.set(key, index);
    return Promise.resolve(index);
  }

  /**
   * What an operator does who puts an old copy of the log's folder back: only the first `size` entries were ever there.
   * Gives back how to undo it.
   */
  setBack(size: number): () => void {
    const taken = this.#entries.splice(size);
    const keys = [...this.#indexByKey].filter(([, index]) => index >= size);
    for (const [key] of keys) this.#indexByKey.delete(key);
    return () => {
      this.#entries.splice(size);
      this.#entries.push(...taken);
      for (const [key, index] of this.#indexByKey) if (index >= size) this.#indexByKey.delete(key);
      for (const [key, index] of keys) this.#indexByKey.set(key, index);
    };
  }

  /** Entries so far. */
  get size(): number {
    return this.#entries.length;
  }

  /** Root of the first `size` entries; undefined when there are not so many. */
  rootAt(size: number): Uint8Array | undefined {
    if (size > this.#entries.length) return undefined;
    return rootOf(this.#options.sha256, this.#leaves().slice(0, size));
  }

  /** Everything is published at once. */
  intended(): Promise<readonly Uint8Array[]> {
    return Promise.resolve([]);
  }

  async prove(index: number): Promise<string> {
    if (index < 0 || index >= this.#entries.length) throw outside(index);
    const hashes = inclusionProof(this.#options.sha256, this.#leaves(), index);
    return formatTlogProof({ index, hashes, checkpoint: (await this.checkpoint()).note });
  }

  async proveSince(index: number, from: number): Promise<ProvenSince> {
    const size = this.#entries.length;
    const [proof, consistency] = [this.prove(index), this.proveConsistency(from, size)];
    return { proof: await proof, consistency: await consistency, size };
  }

  async proveConsistency(from: number, to = this.#entries.length): Promise<readonly Uint8Array[]> {
    if (to < 0 || to > this.#entries.length) throw outside(to);
    if (from < 0 || from > to) throw outside(from);
    if (from === 0 || from === to) return [];
    return consistencyProof(this.#options.sha256, this.#leaves().slice(0, to), from);
  }

  async read(start: number, end: number): Promise<readonly Uint8Array[]> {
    if (start < 0 || start > end || end > this.#entries.length) throw outside(end);
    return this.#entries.slice(start, end);
  }

  checkpoint(): Promise<{ readonly size: number; readonly note: string }> {
    const { origin, publicKey, sign, sha256 } = this.#options;
    const size = this.#entries.length;
    const text = formatCheckpoint({ origin, size, root: rootOf(sha256, this.#leaves()) });
    return Promise.resolve({ size, note: signNote(text, { name: origin, publicKey, sign, sha256 }) });
  }

  #leaves(): readonly Uint8Array[] {
    return this.#entries.map((entry) => leafHash(this.#options.sha256, entry));
  }
}

function outside(index: number): LedgerError {
  return new LedgerError('LEDGER_INDEX', `ledger: ${index} is not in the log`, { retry: 'never' });
}
