import { describe, expect, it } from 'vitest';
import { FilmInHand } from '../../../device/capture/film.ts';
import { recover } from '../../../device/capture/recovery.ts';
import type { Disk, DiskFile } from '../../../device/flash/disk.ts';
import { FlashError } from '../../../device/flash/error.ts';
import { type FileFlash, openFlash } from '../../../device/flash/file-flash.ts';
import { checker } from '../../../device/keys/checker.ts';
import type { PlainChunk } from '../../../device/ports.ts';
import { ownHead } from '../../../device/seal/own-head.ts';
import { concat, utf8 } from '../../../proto/bytes.ts';
import { chunkKey } from '../../../proto/chunk-key.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import { openManifest } from '../../../proto/manifest.ts';
import { FaultDisk } from '../../../sim/fault/disk.ts';
import { isQuick } from '../../runs.ts';
import { chunkOf, headerOf, idOf } from '../../unit/device/camera-kit.ts';
import { openFilm, recipientOf, type SealingKeys, sealingKeys } from '../../unit/device/open-kit.ts';
import { hmacSha256 } from '../../unit/proto/seal-fixture.ts';

// Goal: a camera that seals, killed between any two of its disk writes, loses no fragment it had kept and no recording it had
// closed, erases nothing without a receipt, and all that is left opens with the custodian's key, as it was recorded. No key that
// opens anything is ever written. Method: real sealing, real HPKE, the real flash on a disk that keeps, loses or tears what was
// not synced; the power goes at every single operation, and again in the recovery; every byte that was ever handed to the disk is
// searched for the recording keys and the chunk keys.

const custodian = recipientOf();
const END = { ended: { wallUs: 9_000_000, monoUs: 9_000 }, stopReason: 'button', marks: [] } as const;

interface Told {
  /** Plain bytes of what was stored, a chunk each. */
  readonly chunks: PlainChunk[];
  step: 'opening' | 'open' | 'closing' | 'closed' | 'erasing' | 'erased';
}

interface World {
  readonly disk: FaultDisk;
  readonly keys: SealingKeys;
  readonly tale: Map<RecordingId, Told>;
  readonly written: Uint8Array[];
}

function worldOf(seed: string): World {
  const keys = sealingKeys([custodian], seed);
  return { disk: new FaultDisk({ seed }), keys, tale: new Map(), written: [] };
}

const start = (world: World): Promise<FileFlash> =>
  openFlash('/camera', {
    disk: tapped(world.disk.mount(), world.written),
    reserveBytes: 600,
    headOf: (signed) => ownHead(signed, world.keys),
  });

/** The disk, and a copy of all that goes into it. */
function tapped(disk: Disk, written: Uint8Array[]): Disk {
  const tap = (file: DiskFile): DiskFile => ({
    read: (into, position) => file.read(into, position),
    truncate: (bytes) => file.truncate(bytes),
    sync: () => file.sync(),
    close: () => file.close(),
    write: (parts, position) => {
      written.push(concat(...parts));
      return file.write(parts, position);
    },
  });
  return {
    open: async (path, mode) => tap(await disk.open(path, mode)),
    makeFolder: (path) => disk.makeFolder(path),
    list: (folder) => disk.list(folder),
    size: (path) => disk.size(path),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    syncFolder: (path) => disk.syncFolder(path),
  };
}

function plain(index: number, bytes: number, endOfFragment = true): PlainChunk {
  const { info, bytes: content } = chunkOf(index, bytes);
  return { bytes: content, mediaStartMs: info.mediaStartMs, mediaMs: info.mediaMs, endOfFragment };
}

/** Two recordings; the first is uploaded and erased while the second is written. Notes each promise. */
async function live(flash: FileFlash, world: World): Promise<void> {
  const first = await record(flash, world, [plain(0, 90), plain(1, 700, false), plain(2, 200)]);
  await close(first, world, idOf(1));
  const second = await record(flash, world, [
    plain(0, 80),
    plain(1, 600),
    plain(2, 520),
    plain(3, 300, false),
  ]);
  const told = toldOf(world, idOf(1));
  told.step = 'erasing';
  await flash.erase(idOf(1), utf8('receipt'));
  told.step = 'erased';
  await close(second, world, idOf(2));
}

async function record(flash: FileFlash, world: World, chunks: readonly PlainChunk[]): Promise<FilmInHand> {
  const { counter, previousRoot } = await flash.next();
  const told: Told = { chunks: [], step: 'opening' };
  world.tale.set(idOf(counter), told);
  const film = await FilmInHand.open(flash, headerOf(counter, { previousRoot }), world.keys);
  told.step = 'open';
  for (const chunk of chunks) {
    await film.store(chunk, chunkOf(0, 1).at);
    told.chunks.push(chunk);
  }
  return film;
}

async function close(film: FilmInHand, world: World, id: RecordingId): Promise<void> {
  const told = toldOf(world, id);
  told.step = 'closing';
  await film.close(END, world.keys);
  told.step = 'closed';
}

function toldOf(world: World, id: RecordingId): Told {
  const told = world.tale.get(id);
  if (!told) throw new TypeError(`nothing was told of ${id}`);
  return told;
}

/** Bytes up to the last whole fragment; none without one after the init segment. */
function whole(chunks: readonly PlainChunk[]): Uint8Array {
  const count = chunks.findLastIndex(({ endOfFragment }) => endOfFragment) + 1;
  return concat(...chunks.slice(0, count < 2 ? 0 : count).map(({ bytes }) => bytes));
}

/** After recovery: each recording is there as far as was promised, and its custodian can see it. */
async function checkRecovered(flash: FileFlash, world: World): Promise<void> {
  expect(flash.damaged()).toEqual([]);
  const waiting = await flash.waiting();
  for (const [id, told] of world.tale) {
    const closed = waiting.find(({ recordingId }) => recordingId === id);
    if (told.step === 'erased') {
      expect(closed).toBeUndefined();
      continue;
    }
    const promised = whole(told.chunks);
    // Erasing may have gone through, as its receipt was handed over.
    if (promised.length > 0 && told.step !== 'erasing') expect(closed).toBeDefined();
    if (!closed) continue;
    const manifest = openManifest(closed.signedManifest, world.keys.publicKey, checker);
    expect(manifest).toMatchObject({ suite: 1 });
    expect(manifest.lostChunks).toBeUndefined();
    expect(manifest.chunks.at(-1)?.endOfFragment).toBe(true);
    const content = await flash.read(id, 0, closed.contentBytes);
    const seen = Buffer.from(await openFilm({ ...closed, content }, custodian));
    expect(seen.length).toBeGreaterThanOrEqual(promised.length);
    expect(seen.subarray(0, promised.length).equals(promised)).toBe(true);
    // What is there beyond the promise is footage too: a fragment whose storing was not answered any more.
    const shown = manifest.chunks.map(({ plainBytes }, index) => chunkOf(index, plainBytes).bytes);
    expect(seen.equals(concat(...shown))).toBe(true);
  }
}

/** Every key that opens something of these recordings, searched for in every byte that went to the disk. */
function checkNoKeyWritten({ keys, written, tale }: World): void {
  const image = Buffer.concat(written);
  for (const { was } of keys.drawn) {
    const chunkKeys = [...tale.keys()].flatMap((recording) =>
      [0, 1, 2, 3].map((index) => chunkKey(was, { recording, index }, hmacSha256)),
    );
    for (const key of [was, ...chunkKeys]) {
      const spelt = [Buffer.from(key), Buffer.from(Buffer.from(key).toString('hex'))];
      const base64 = Buffer.from(Buffer.from(key).toString('base64').slice(0, 42));
      for (const needle of [...spelt, base64]) expect(image.includes(needle)).toBe(false);
    }
  }
}

async function oneLife(seed: string, operations: number): Promise<'finished' | 'cut'> {
  const world = worldOf(seed);
  world.disk.failAfter(operations);
  const end = await start(world)
    .then((flash) => live(flash, world))
    .then(() => 'finished' as const)
    .catch((error: unknown) => {
      if (error instanceof FlashError) return 'cut' as const;
      throw error;
    });
  world.disk.cutPower();
  // The power goes again while it recovers, then stays.
  world.disk.failAfter(operations % 23);
  await start(world)
    .then((flash) => recover(flash, world.keys))
    .catch((error: unknown) => {
      if (!(error instanceof FlashError)) throw error;
    });
  world.disk.cutPower();
  const last = await start(world);
  await recover(last, world.keys);
  await checkRecovered(last, world);
  checkNoKeyWritten(world);
  if (end === 'finished')
    expect(world.keys.drawn.map(({ is }) => is)).toEqual([0, 0].map(() => new Uint8Array(32)));
  return end;
}

describe('a camera that seals and loses its power', () => {
  it.each(isQuick() ? ['a'] : ['a', 'b', 'e'])(
    'keeps what it promised at every operation (seed %s)',
    { timeout: 60_000 },
    async (seed) => {
      let operations = 0;
      while ((await oneLife(`${seed} ${operations}`, operations)) === 'cut') operations += isQuick() ? 3 : 1;
      expect(operations).toBeGreaterThan(90);
    },
  );

  // The check above sees a flash that does not sync: a disk that only says it does.
  it.each(['files', 'names'] as const)('is caught when it only says that %s are durable', async (lie) => {
    const broken = async (seed: string): Promise<void> => {
      const world = { ...worldOf(seed), disk: new FaultDisk({ seed, lie }) };
      await live(await start(world), world);
      world.disk.cutPower();
      const flash = await start(world);
      await recover(flash, world.keys);
      await checkRecovered(flash, world);
    };
    const seeds = Array.from({ length: 10 }, (_, index) => `lie ${index}`);
    const ends = await Promise.allSettled(seeds.map(broken));
    expect(ends.some(({ status }) => status === 'rejected')).toBe(true);
  });
});
