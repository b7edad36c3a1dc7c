import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type {
  ChunkStore,
  Holding,
  HoldingKey,
  Holdings,
  HoldingState,
  OfferedRecording,
  Rehashed,
  SealMemory,
  Settlement,
  Stamp,
} from '../../dock/ports.ts';
import { conflict, rot, stale, StoreError } from '../../dock/store/errors.ts';
import { formatStamps, parseStamps } from '../../dock/store/stamps.ts';
import { equal, toHex } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { peekManifest } from '../../proto/manifest.ts';

interface Kept {
  holding: Holding;
  readonly chunks: { sha256: Uint8Array; stored: Uint8Array; stamp: Stamp }[];
  stamps: Uint8Array | undefined;
  wrapsSha256: Uint8Array | undefined;
}

/**
 * A store in memory that keeps the same promises as the real one, for tests of what is above it. Everything
 * resolves at once, and what resolved outlives whoever used it, like a disk.
 */
export class MemoryStore implements ChunkStore, Holdings, SealMemory {
  readonly #kept = new Map<string, Kept>();
  #trouble: 'STORE_FULL' | 'STORE_IO' | undefined;

  /** Every write fails that way, until it is undefined again. */
  fail(trouble: 'STORE_FULL' | 'STORE_IO' | undefined): void {
    this.#trouble = trouble;
  }

  /** Rot: one bit of a stored chunk is no longer what it was. */
  flip(key: HoldingKey, index: number): void {
    const stored = this.#get(key).chunks[index]?.stored;
    assert(stored !== undefined && stored.length > 0);
    stored[0] = (stored[0] ?? 0) ^ 1;
  }

  /** Rot: one bit of the wraps is no longer what it was. */
  flipWraps(key: HoldingKey): void {
    const { wraps } = this.#get(key).holding;
    assert(wraps !== undefined && wraps.length > 0);
    wraps[0] = (wraps[0] ?? 0) ^ 1;
  }

  /** What arrived of a holding in any state, as a person who looks into its folder would see it. */
  content(key: HoldingKey): readonly Uint8Array[] {
    return this.#get(key).chunks.map(({ stored }) => stored.slice());
  }

  async lease(offer: OfferedRecording): Promise<Holding> {
    this.#checkDisk();
    const known = this.#kept.get(name(offer));
    if (known === undefined) return this.#add(offer);
    const { holding } = known;
    const { cameraId, manifestBytes, contentBytes } = offer;
    const same = manifestBytes === holding.manifestBytes && contentBytes === holding.contentBytes;
    const isBound =
      holding.state !== 'incoming' || holding.signedManifest !== undefined || known.chunks.length > 0;
    if (cameraId !== holding.cameraId || (!same && isBound))
      throw conflict('the holding was offered otherwise before');
    const transport = holding.state === 'incoming' ? offer.transport : holding.transport;
    const leaseEpoch = holding.leaseEpoch + 1;
    known.holding = { ...holding, manifestBytes, contentBytes, transport, leaseEpoch };
    return known.holding;
  }

  async putManifest(key: HoldingKey, signedManifest: Uint8Array, wraps?: Uint8Array): Promise<void> {
    const kept = this.#incoming(key);
    if (!equal(sha256(signedManifest), key.manifestSha256))
      throw conflict('the manifest is not the offered one');
    const given = wraps === undefined ? undefined : sha256(wraps);
    if (given !== undefined && kept.wrapsSha256 !== undefined && !equal(given, kept.wrapsSha256))
      throw conflict('one manifest came with different wraps');
    this.#checkDisk();
    kept.wrapsSha256 ??= given;
    const papers = { signedManifest: signedManifest.slice(), ...(wraps && { wraps: wraps.slice() }) };
    kept.holding = { ...kept.holding, ...papers };
  }

  async putChunk(...chunk: Parameters<ChunkStore['putChunk']>): Promise<void> {
    const [key, index, digest, stored, stamp] = chunk;
    const kept = this.#incoming(key);
    if (kept.holding.signedManifest === undefined) throw stale('a chunk came before its manifest');
    const there = kept.chunks[index];
    if (there !== undefined && equal(there.sha256, digest)) return;
    if (there !== undefined) throw conflict(`chunk ${index} is there already with other bytes`);
    if (index !== kept.chunks.length) throw stale(`chunk ${index} is not the next one`);
    this.#checkDisk();
    kept.chunks.push({ sha256: digest.slice(), stored: stored.slice(), stamp });
    kept.stamps = undefined;
    kept.holding = { ...kept.holding, durableChunks: kept.chunks.length, received: stamp };
  }

  async rehash(key: HoldingKey): Promise<Rehashed> {
    const kept = this.#get(key);
    checkLease(key, kept.holding);
    const { signedManifest, received, wraps } = kept.holding;
    if (signedManifest === undefined || received === undefined)
      throw stale('there is nothing to read back yet');
    if (kept.wrapsSha256 !== undefined && !(wraps && equal(sha256(wraps), kept.wrapsSha256)))
      throw forgetPapers(kept);
    const rotten = kept.chunks.findIndex((chunk) => !equal(sha256(chunk.stored), chunk.sha256));
    if (rotten >= 0) throw this.#forget(kept, rotten);
    kept.stamps ??= stampsOf(kept);
    const digests = kept.chunks.map(({ stored }) => sha256(stored));
    const stampsSha256 = sha256(kept.stamps);
    return { signedManifest, digests, stampsSha256, received, ...(wraps && { wraps }) };
  }

  async settle(key: HoldingKey, outcome: Settlement): Promise<void> {
    const kept = this.#get(key);
    const { holding } = kept;
    checkLease(key, holding);
    if (holding.state === outcome.state && holding.entryIndex === outcome.entryIndex) return;
    if (holding.state !== 'incoming') throw conflict(`the recording is ${holding.state} already`);
    this.#checkDisk();
    if (outcome.state === 'held') {
      if (holding.conflict === true) throw conflict('another manifest has this recording id');
      const isReadBack = holding.signedManifest !== undefined && kept.stamps !== undefined;
      if (!isReadBack) throw stale('the recording has not been read back as it is now');
    }
    if (kept.chunks.length > 0) kept.stamps ??= stampsOf(kept);
    kept.holding = { ...holding, ...outcome };
  }

  async list(state?: HoldingState): Promise<readonly Holding[]> {
    const all = [...this.#kept.values()].map(({ holding }) => holding);
    return state === undefined ? all : all.filter((holding) => holding.state === state);
  }

  async named(state: HoldingState): ReturnType<Holdings['named']> {
    return (await this.list(state)).map(({ recordingId, cameraId }) => ({ recordingId, cameraId }));
  }

  async find(recordingId: RecordingId): Promise<Holding | undefined> {
    return this.#held(recordingId)?.holding;
  }

  async readChunk(recordingId: RecordingId, index: number): Promise<Uint8Array> {
    const chunk = this.#held(recordingId)?.chunks[index];
    if (chunk === undefined) throw stale('no such chunk is held');
    if (!equal(sha256(chunk.stored), chunk.sha256)) throw rot('a chunk is not what was accepted');
    return chunk.stored.slice();
  }

  async stamps(recordingId: RecordingId): Promise<readonly Stamp[]> {
    const stamps = this.#held(recordingId)?.stamps;
    if (stamps === undefined) throw stale('no such recording is held');
    return (parseStamps(stamps) ?? []).map((line) => line.stamp);
  }

  async hasSealed(camera: CameraId, before: number): Promise<boolean> {
    return [...this.#kept.values()].some(
      ({ holding, wrapsSha256 }) =>
        holding.cameraId === camera &&
        holding.state === 'held' &&
        wrapsSha256 !== undefined &&
        counterOf(holding) < before,
    );
  }

  #forget(kept: Kept, from: number): StoreError {
    const { holding, chunks } = kept;
    if (holding.state !== 'incoming') return rot('a chunk is not what was accepted');
    chunks.splice(from);
    kept.stamps = undefined;
    const { received, ...rest } = holding;
    assert(received !== undefined, 'a holding with a chunk has a stamp');
    const last = chunks.at(-1);
    kept.holding = {
      ...rest,
      durableChunks: from,
      leaseEpoch: rest.leaseEpoch + 1,
      ...(last === undefined ? {} : { received: last.stamp }),
    };
    return new StoreError('STORE_ROT', 'a chunk is not what was written', { retry: 'later' });
  }

  #add(offer: OfferedRecording): Holding {
    const rivals = [...this.#kept.values()].filter(
      ({ holding }) => holding.recordingId === offer.recordingId,
    );
    // Whoever has the place keeps it until it is quarantined.
    const first = rivals.find(({ holding }) => holding.state !== 'quarantined' && holding.conflict !== true);
    if (first !== undefined && first.holding.cameraId !== offer.cameraId)
      throw conflict("the recording is another camera's");
    const conflicting = first !== undefined;
    const { recordingId, manifestSha256, cameraId, transport, manifestBytes, contentBytes } = offer;
    const holding: Holding = {
      recordingId,
      manifestSha256,
      cameraId,
      transport,
      manifestBytes,
      contentBytes,
      state: 'incoming',
      leaseEpoch: 1,
      durableChunks: 0,
      ...(conflicting ? { conflict: true } : {}),
    };
    this.#kept.set(name(offer), { holding, chunks: [], stamps: undefined, wrapsSha256: undefined });
    return holding;
  }

  #get(key: HoldingKey): Kept {
    const kept = this.#kept.get(name(key));
    if (kept === undefined) throw stale('no such holding');
    return kept;
  }

  #incoming(key: HoldingKey): Kept {
    const kept = this.#get(key);
    const { state } = kept.holding;
    if (state !== 'incoming') throw stale(`the recording is ${state} already`);
    checkLease(key, kept.holding);
    return kept;
  }

  #held(recordingId: RecordingId): Kept | undefined {
    const all = [...this.#kept.values()];
    return all.find(({ holding }) => holding.recordingId === recordingId && holding.state === 'held');
  }

  #checkDisk(): void {
    if (this.#trouble !== undefined)
      throw new StoreError(this.#trouble, 'the disk was told to fail', { retry: 'later' });
  }
}

/** A store of which some calls are others, for tests of what happens when they fail. */
export function alteredStore(
  store: ChunkStore & SealMemory,
  calls: Partial<ChunkStore & SealMemory>,
): ChunkStore & SealMemory {
  return {
    lease: (offer) => store.lease(offer),
    putManifest: (...manifest) => store.putManifest(...manifest),
    putChunk: (...chunk) => store.putChunk(...chunk),
    rehash: (key) => store.rehash(key),
    settle: (key, outcome) => store.settle(key, outcome),
    hasSealed: (...asked) => store.hasSealed(...asked),
    ...calls,
  };
}

function counterOf({ signedManifest }: Holding): number {
  try {
    return signedManifest === undefined ? 0 : peekManifest(signedManifest).counter;
  } catch (error) {
    if (error instanceof ProofError) return 0;
    throw error;
  }
}

function forgetPapers(kept: Kept): StoreError {
  if (kept.holding.state !== 'incoming') return rot('the wraps are not what was accepted');
  const rest: { -readonly [Field in keyof Holding]: Holding[Field] } = { ...kept.holding };
  delete rest.signedManifest;
  delete rest.wraps;
  kept.wrapsSha256 = undefined;
  kept.stamps = undefined;
  kept.holding = { ...rest, leaseEpoch: rest.leaseEpoch + 1 };
  return new StoreError('STORE_ROT', 'the wraps are not what was written', { retry: 'later' });
}

function checkLease(key: HoldingKey, { leaseEpoch }: Holding): void {
  if (key.leaseEpoch !== undefined && key.leaseEpoch !== leaseEpoch) throw stale('a newer lease was taken');
}

function stampsOf({ chunks }: Kept): Uint8Array {
  return formatStamps(
    chunks.map(({ sha256: digest, stored, stamp }, index) => {
      return { index, offset: 0, bytes: stored.length, sha256: digest, stamp };
    }),
  );
}

function name(key: HoldingKey): string {
  return `${key.recordingId}/${toHex(key.manifestSha256)}`;
}

function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}
