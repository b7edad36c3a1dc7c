import assert from 'node:assert/strict';
import { concat, equal } from '../../../proto/bytes.ts';
import { decodePdu } from '../../../proto/codec.ts';
import { PduError } from '../../../proto/errors.ts';
import { SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import type { Data } from '../../../proto/messages.ts';
import type { KeptRecording } from '../../../sim/fault/memory-vault.ts';
import { type LineFaults, makeRecording, makeSigner, type Seen, Town } from '../../../sim/world/town.ts';

export const BAUD = 921_600;
export const CHUNK_BYTES = 256 * 1024;
/** A usual line: 20 ms there and back. */
export const LINE: LineFaults = { baud: BAUD, latencyMs: 10 };

/** One camera with one recording and one dock on a serial line; everything that was said is kept. */
export class LineWorld {
  readonly town: Town;
  readonly kept: KeptRecording;
  readonly seen: Seen[] = [];
  /** The most that was set aside in the dock's staging memory at once. */
  stagedBytesMax = 0;

  constructor(seed: string, faults: LineFaults, chunkBytes: readonly number[]) {
    const signer = makeSigner(`${seed}/camera`);
    this.kept = makeRecording(1, chunkBytes, { signer, seed });
    this.town = new Town({
      seed,
      faults,
      recordings: [this.kept],
      cameraSigner: signer,
      watch: (seen) => {
        this.seen.push(seen);
        this.stagedBytesMax = Math.max(this.stagedBytesMax, this.town.staging.bytesUsed);
      },
    });
  }

  readonly isDone = (): boolean => this.town.vault.receipts.size === 1;

  /** Every Data that the camera sent in one life of the line, or in all. */
  data(session?: number): readonly (Data & { readonly atUs: number })[] {
    return this.seen.flatMap((seen) => {
      if (seen.what !== 'sent' || seen.by !== 'camera') return [];
      if (session !== undefined && seen.session !== session) return [];
      const message = decodePdu(seen.pdu, SERIAL_PDU_BYTES_MAX);
      return message instanceof PduError || message.type !== 'data' ? [] : [{ ...message, atUs: seen.atUs }];
    });
  }

  /** The recording arrived once, identical, and nothing was erased before. */
  async expectWhole(): Promise<void> {
    const { town, kept } = this;
    const { recordingId, chunks } = kept.recording;
    const stored = await Promise.all(chunks.map((_, index) => town.store.readChunk(recordingId, index)));
    assert(equal(concat(...stored), kept.content), 'what is stored is not what was recorded');
    assert.deepEqual(town.problems, []);
  }

  /** Nobody heard a packet that the other side did not send. */
  expectNothingInvented(): void {
    const sent = { camera: new Set<string>(), dock: new Set<string>() };
    for (const { what, by, pdu } of this.seen) if (what === 'sent') sent[by].add(keyOf(pdu));
    const invented = this.seen.filter(
      ({ what, by, pdu }) => what === 'heard' && !sent[by === 'camera' ? 'dock' : 'camera'].has(keyOf(pdu)),
    );
    assert.deepEqual(invented, []);
  }
}

function keyOf(pdu: Uint8Array): string {
  return Buffer.from(pdu.buffer, pdu.byteOffset, pdu.byteLength).toString('latin1');
}
