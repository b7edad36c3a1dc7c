import { toHex, utf8 } from '../../../proto/bytes.ts';
import { formatCheckpoint } from '../../../proto/checkpoint.ts';
import { cosign, formatCosignerVkey } from '../../../proto/cosignature.ts';
import { type CustodyEntry, encodeEntry } from '../../../proto/custody-entry.ts';
import { isRecordingId, type RecordingId } from '../../../proto/ids.ts';
import { consistencyProof, inclusionProof, leafHash, rootOf } from '../../../proto/merkle.ts';
import type { Growth, Outcome, ReceiptBody } from '../../../proto/messages.ts';
import { signNote } from '../../../proto/note.ts';
import { formatTlogProof } from '../../../proto/tlog-proof.ts';
import {
  cameraId,
  checked,
  LEDGER_KEY,
  ORIGIN,
  refusedEntry,
  sha256,
  testKey,
  type TestKey,
} from './fixture.ts';

const AT = '2026-10-29T12:00:05.000000Z';

/** What a log says happened to a recording with that manifest. */
export function acceptedEntry(recording: RecordingId, manifestSha256: Uint8Array): CustodyEntry {
  return {
    type: 'accepted',
    at: AT,
    recording,
    camera: cameraId,
    counter: 1,
    previousRoot: '',
    manifest: toHex(manifestSha256),
    root: 'cd'.repeat(32),
    bytes: 600,
    chunks: 3,
    stamps: 'ef'.repeat(32),
    transport: 'mqtt',
    receivedAt: AT,
    uncertaintyUs: 900,
    basis: 'local',
    officer: '01'.repeat(32),
  };
}

/** A witness with a key of its own. */
export interface TestWitness {
  readonly name: string;
  readonly key: TestKey;
  readonly vkey: string;
}

export function witness(seed: number): TestWitness {
  const name = `witness-${seed}.example`;
  const key = testKey(100 + seed);
  return { name, key, vkey: formatCosignerVkey(name, key.publicKey, sha256) };
}

/** One history of a log, signed by one key: any size of it, and what it can prove. Another history begins with `fork`. */
export class TestLog {
  readonly entries: Uint8Array[] = [];
  readonly #key: TestKey;
  readonly #origin: string;

  constructor(entries: readonly Uint8Array[] = [], key: TestKey = LEDGER_KEY, origin: string = ORIGIN) {
    this.entries.push(...entries);
    this.#key = key;
    this.#origin = origin;
  }

  get size(): number {
    return this.entries.length;
  }

  /** Index of the new entry. */
  append(entry: CustodyEntry): number {
    return this.entries.push(encodeEntry(entry)) - 1;
  }

  /** Adds entries about nothing in particular; `about` tells one history from another. */
  fill(count: number, about: string): this {
    for (let i = 0; i < count; i++) {
      const name = toHex(sha256(utf8(`${about}-${this.size}`)));
      this.append(refusedEntry(checked(name.slice(0, 32), isRecordingId), cameraId, name));
    }
    return this;
  }

  /** A log of the same key that shares the first entries and nothing after them. */
  fork(shared: number): TestLog {
    return new TestLog(this.entries.slice(0, shared), this.#key, this.#origin);
  }

  head(size = this.size): { readonly size: number; readonly root: Uint8Array } {
    return { size, root: rootOf(sha256, this.#leaves(size)) };
  }

  note(size = this.size, witnesses: readonly TestWitness[] = []): string {
    const origin = this.#origin;
    const text = formatCheckpoint({ origin, ...this.head(size) });
    const lines = witnesses.map(({ name, key }) =>
      cosign(text, { ...key, name, sha256, timeS: 1_800_000_000 }),
    );
    return signNote(text, { ...this.#key, name: origin, sha256 }) + lines.join('');
  }

  prove(index: number, checkpoint = this.note(), size = this.size): string {
    return formatTlogProof({ index, hashes: inclusionProof(sha256, this.#leaves(size), index), checkpoint });
  }

  /** What a message says of the growth from `from` entries. */
  growth(from: number, to = this.size): Growth {
    if (from === 0) return {};
    if (from >= to) return { consistencyFrom: from };
    return { consistencyFrom: from, consistency: consistencyProof(sha256, this.#leaves(to), from) };
  }

  #leaves(size: number): readonly Uint8Array[] {
    return this.entries.slice(0, size).map((entry) => leafHash(sha256, entry));
  }
}

/** Takes a recording into the log and says so, as an honest dock does for a camera that keeps `from` entries. */
export function receiptBody(
  log: TestLog,
  recording: { readonly recordingId: RecordingId; readonly manifestSha256: Uint8Array },
  {
    from = 0,
    outcome = 'accepted',
    cosigners = [],
  }: {
    readonly from?: number;
    readonly outcome?: Outcome;
    readonly cosigners?: readonly TestWitness[];
  } = {},
): ReceiptBody {
  const { recordingId, manifestSha256 } = recording;
  const entry =
    outcome === 'accepted'
      ? acceptedEntry(recordingId, manifestSha256)
      : refusedEntry(recordingId, cameraId, toHex(manifestSha256));
  const index = log.append(entry);
  return {
    outcome,
    recordingId,
    manifestSha256,
    entry: log.entries[index] ?? new Uint8Array(),
    proof: log.prove(index, log.note(log.size, cosigners)),
    reason: outcome === 'accepted' ? '' : 'bad-manifest',
    ...log.growth(from),
  };
}
