import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { fromBase64, toBase64 } from '../../../proto/bytes.ts';
import { MemoryLedger, type MemoryLedgerOptions } from '../../fault/memory-ledger.ts';

/**
 * The rig's ledger, which outlives a run: the camera under test keeps its newest checkpoint, and rightly believes no ledger
 * of this name that began anew. Each line of the file is an entry's key and the entry in base64.
 */
export class RigLedger extends MemoryLedger {
  readonly #path: string;
  readonly #keys = new Set<string>();

  /** Throws the system's error when the file cannot be read or written. */
  constructor(options: MemoryLedgerOptions, path: string) {
    super(options);
    this.#path = path;
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    for (const line of text.split('\n').slice(0, -1)) {
      const [key = '', entry = ''] = line.split(' ');
      this.#keys.add(key);
      void super.appendOnce(key, fromBase64(entry));
    }
  }

  override appendOnce(key: string, entry: Uint8Array): Promise<number> {
    if (!this.#keys.has(key)) appendFileSync(this.#path, `${key} ${toBase64(entry)}\n`, { mode: 0o600 });
    this.#keys.add(key);
    return super.appendOnce(key, entry);
  }
}
