import { createHash } from 'node:crypto';
import { FieldError, ProofError } from '../../proto/errors.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import type { ChunkInfo, StopReason } from '../../proto/manifest.ts';
import type { Flash, InterruptedRecording, Keys, Vault } from '../ports.ts';
import { ownHead } from '../seal/own-head.ts';
import { closeRecording } from '../seal/seal.ts';

/** A recording that has just been closed, for people and for whoever compares it with what arrives. */
export interface Film {
  readonly recordingId: RecordingId;
  readonly counter: number;
  readonly stopReason: StopReason;
  readonly mediaType: string;
  readonly mediaMs: number;
  readonly chunks: number;
  /** Length of the whole MP4 as recorded. */
  readonly bytes: number;
  /** SHA-256 of the whole MP4 as recorded, 32 bytes; not known of a sealed one after a restart, which nobody here can open. */
  readonly plainSha256?: Uint8Array;
}

/**
 * Closes what a power cut left open, oldest first: each recording is signed as far as its last whole fragment, with
 * stop reason `power-loss`. One without a whole fragment holds no footage and is removed, so that its counter is
 * not missed. Where the newest head that this camera signed names more chunks than are there, the manifest says how many
 * are lost. One whose journal says what cannot be signed is set aside as it is. In a
 * memory that can only be read all of it stays as it is, interrupted. Runs before anything else is recorded, and may be cut short and run again.
 * Throws FlashError.
 */
export async function recover(flash: Flash & Vault, keys: Keys): Promise<readonly Film[]> {
  const films: Film[] = [];
  for (const recording of await flash.interrupted()) {
    try {
      if (recording.chunks.length === 0) await flash.discard(recording.header.recordingId);
      else films.push(...(await closedOrSetAside(recording, flash, keys)));
    } catch (error) {
      // Trying again does not help such a medium, and what is there can still be read.
      if (!(error instanceof FieldError && error.facts['code'] === 'EROFS')) throw error;
    }
  }
  return films;
}

/** A checksum is no signature: what somebody else wrote into a journal must not keep a camera from starting. */
async function closedOrSetAside(
  recording: InterruptedRecording,
  flash: Flash & Vault,
  keys: Keys,
): Promise<readonly Film[]> {
  try {
    return [await closeInterrupted(recording, flash, keys)];
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    const why = `its journal says what no camera can sign: ${error.message}`;
    await flash.setAside(recording.header.recordingId, why);
    return [];
  }
}

async function closeInterrupted(
  recording: InterruptedRecording,
  flash: Flash & Vault,
  keys: Keys,
): Promise<Film> {
  const { header, chunks, marks, wraps, lastWritten, notes = [] } = recording;
  const { recordingId, counter, mediaType } = header;
  const end = { ended: lastWritten, stopReason: 'power-loss', marks } as const;
  const lostChunks = lostOf(recording, keys);
  await flash.close(recordingId, closeRecording(header, { chunks, end, notes, wraps, lostChunks }, keys));
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.plainBytes, 0);
  const film = {
    recordingId,
    counter,
    stopReason: end.stopReason,
    mediaType,
    mediaMs: mediaMsOf(chunks),
    chunks: chunks.length,
    bytes,
  };
  // Where stored bytes are plain bytes the film's digest can be had from the flash.
  return header.suite === 0 ? { ...film, plainSha256: await digestOf(flash, recordingId, bytes) } : film;
}

function lostOf({ header, chunks, head }: InterruptedRecording, keys: Keys): number {
  const said = head && ownHead(head, keys);
  return said?.recordingId === header.recordingId ? Math.max(0, said.chunks - chunks.length) : 0;
}

/** Where the last fragment ends, in milliseconds from the start of the film. */
export function mediaMsOf(chunks: readonly ChunkInfo[]): number {
  return chunks.reduce((end, chunk) => Math.max(end, chunk.mediaStartMs + chunk.mediaMs), 0);
}

async function digestOf(vault: Vault, recordingId: RecordingId, bytes: number): Promise<Uint8Array> {
  const hash = createHash('sha256');
  for (let start = 0; start < bytes; start += CHUNK_BYTES_MAX) {
    hash.update(await vault.read(recordingId, start, Math.min(start + CHUNK_BYTES_MAX, bytes)));
  }
  return hash.digest();
}
