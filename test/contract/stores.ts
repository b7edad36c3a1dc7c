import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  ChunkStore,
  HoldingKey,
  Holdings,
  OfferedRecording,
  SealMemory,
  Stamp,
} from '../../dock/ports.ts';
import { systemDisk } from '../../dock/store/disk.ts';
import type { Disk, DiskFile } from '../../dock/store/disk.ts';
import { openHoldingIndex } from '../../dock/store/holding-index.ts';
import { openStore } from '../../dock/store/store.ts';
import { concat } from '../../proto/bytes.ts';
import type { CameraId, RecordingId } from '../../proto/ids.ts';
import { FaultDisk } from '../../sim/fault/disk.ts';
import { FaultIndex } from '../../sim/fault/fault-index.ts';
import { MemoryStore } from '../../sim/fault/memory-store.ts';

/** One kind of store under test, and what can be done to it from outside. */
export interface StoreWorld {
  store: ChunkStore & Holdings & SealMemory;
  /** Stops the store and starts another one on what it left. */
  reopen(): Promise<void>;
  /** Changes one bit of a held chunk. */
  flip(key: HoldingKey): Promise<void>;
  /** Changes one bit of the wraps of a recording. */
  flipWraps(key: HoldingKey): Promise<void>;
  /** From now on there is no room, or there is again. */
  fill(full: boolean): void;
  end(): Promise<void>;
}

export const worlds: readonly (readonly [name: string, make: () => Promise<StoreWorld>])[] = [
  ['files and SQLite', realWorld],
  ['files on a faulty disk', faultyWorld],
  ['memory', memoryWorld],
];

async function realWorld(): Promise<StoreWorld> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-store-'));
  let isFull = false;
  const disk = limitedDisk(() => isFull);
  let store = await openStore({ dir, disk });
  const world: StoreWorld = {
    store,
    async reopen() {
      await store.close();
      store = await openStore({ dir, disk });
      world.store = store;
    },
    flip: ({ recordingId }) => flipFirst(join(dir, 'recordings', recordingId, 'chunks')),
    flipWraps: ({ recordingId }) => flipFirst(join(dir, 'recordings', recordingId, 'wraps')),
    fill(full) {
      isFull = full;
    },
    async end() {
      await store.close();
      await rm(dir, { recursive: true });
    },
  };
  return world;
}

async function flipFirst(path: string): Promise<void> {
  const first = (await readFile(path))[0] ?? 0;
  const file = await open(path, 'r+');
  await file.write(Uint8Array.of(first ^ 1), 0, 1, 0);
  await file.close();
}

/** The machine's own disk, whose files cannot grow while `isFull`. */
function limitedDisk(isFull: () => boolean): Disk {
  return {
    ...systemDisk,
    async open(path, mode) {
      const file = await systemDisk.open(path, mode);
      const limited = (
        parts: readonly Uint8Array[],
        position: number,
        how: 'write' | 'append',
      ): Promise<void> => {
        if (!isFull()) return file[how](parts, position);
        return full(file, parts, position);
      };
      return {
        read: (into, position) => file.read(into, position),
        digests: (spans) => file.digests(spans),
        size: () => file.size(),
        truncate: (bytes) => file.truncate(bytes),
        sync: () => file.sync(),
        close: () => file.close(),
        write: (parts, position) => limited(parts, position, 'write'),
        append: (parts, position) => limited(parts, position, 'append'),
      };
    },
  };
}

/** Some of it still fits, as on a real disk. */
async function full(file: DiskFile, parts: readonly Uint8Array[], position: number): Promise<void> {
  await file.write([concat(...parts).subarray(0, 50)], position);
  throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
}

async function faultyWorld(): Promise<StoreWorld> {
  const disk = new FaultDisk({ seed: 'contract' });
  const index = openHoldingIndex(':memory:');
  const boot = (): ReturnType<typeof openStore> => {
    const mount = disk.mount();
    return openStore({ dir: '/dock', disk: mount, index: new FaultIndex(index, mount) });
  };
  const world: StoreWorld = {
    store: await boot(),
    // Harsher than a stop: the power goes, and the old store is left as it is.
    async reopen() {
      disk.cutPower();
      world.store = await boot();
    },
    async flip({ recordingId }) {
      disk.flip(`/dock/recordings/${recordingId}/chunks`, 0);
    },
    async flipWraps({ recordingId }) {
      disk.flip(`/dock/recordings/${recordingId}/wraps`, 0);
    },
    fill: (full) => disk.leaveRoom(full ? 10 : Number.POSITIVE_INFINITY),
    async end() {
      index.close();
    },
  };
  return world;
}

async function memoryWorld(): Promise<StoreWorld> {
  const store = new MemoryStore();
  return {
    store,
    async reopen() {},
    async flip(key) {
      store.flip(key, 0);
    },
    async flipWraps(key) {
      store.flipWraps(key);
    },
    fill: (full) => store.fail(full ? 'STORE_FULL' : undefined),
    async end() {},
  };
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

/** A recording to offer; `variant` tells two manifests under one id apart. */
export interface Sample extends OfferedRecording {
  readonly manifest: Uint8Array;
  readonly wraps?: Uint8Array;
  readonly chunks: readonly Uint8Array[];
}

export function sample(number: number, chunkBytes: readonly number[], variant = 0): Sample {
  const manifest = new TextEncoder().encode(`manifest ${variant} of recording ${number}`);
  return {
    recordingId: number.toString(16).padStart(32, '0') as RecordingId,
    manifestSha256: sha256(manifest),
    cameraId: 'cam-1' as CameraId,
    transport: 'mqtt',
    manifestBytes: manifest.length,
    contentBytes: chunkBytes.reduce((sum, bytes) => sum + bytes, 0),
    manifest,
    chunks: chunkBytes.map((bytes, i) => content(bytes, `${number} ${variant} ${i}`)),
  };
}

/** The same, with wraps. A store never looks into them. */
export function sealedSample(number: number, chunkBytes: readonly number[]): Sample {
  return { ...sample(number, chunkBytes), wraps: content(151, `wraps ${number}`) };
}

/** Bytes that differ from sample to sample and from chunk to chunk. */
export function content(bytes: number, seed: string): Uint8Array {
  const block = sha256(new TextEncoder().encode(seed));
  return Uint8Array.from({ length: bytes }, (_, i) => (block[i % 32] ?? 0) ^ (i >> 5));
}

/** The first by a dock that knew no epochs, the others each in an epoch of its own. */
export function stampOf(index: number): Stamp {
  return {
    receivedAtUs: 1_800_000_000_000_000 + index * 1_001,
    uncertaintyUs: 1_500 + index,
    basis: index % 2 === 0 ? 'local' : 'utc',
    ...(index === 0 ? {} : { epoch: index }),
  };
}

/** Puts chunk after chunk, each once the one before is durable. */
export async function upload(
  store: ChunkStore,
  recording: Sample,
  count = recording.chunks.length,
): Promise<void> {
  const holding = await store.lease(recording);
  await store.putManifest(holding, recording.manifest, recording.wraps);
  for (let i = holding.durableChunks; i < count; i++) await putChunk(store, recording, i);
}

export function putChunk(store: ChunkStore, recording: Sample, index: number): Promise<void> {
  const stored = recording.chunks[index] ?? new Uint8Array(0);
  return store.putChunk(keyOf(recording), index, sha256(stored), stored, stampOf(index));
}

/** The key alone, without a lease. */
export function keyOf({ recordingId, manifestSha256 }: HoldingKey): HoldingKey {
  return { recordingId, manifestSha256 };
}
