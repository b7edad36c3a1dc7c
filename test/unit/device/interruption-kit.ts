import { basename } from 'node:path';
import { FilmInHand } from '../../../device/capture/film.ts';
import { encodeGop } from '../../../device/capture/footage/gop.ts';
import { FOOTAGE_DEFAULT, type Footage } from '../../../device/capture/footage/footage.ts';
import { makeScene } from '../../../device/capture/footage/picture.ts';
import { openMuxer } from '../../../device/capture/fragment.ts';
import { recover } from '../../../device/capture/recovery.ts';
import type { Disk, DiskFile } from '../../../device/flash/disk.ts';
import { FlashError } from '../../../device/flash/error.ts';
import { type FileFlash, openFlash } from '../../../device/flash/file-flash.ts';
import { checker } from '../../../device/keys/checker.ts';
import type { PlainChunk } from '../../../device/ports.ts';
import { ownHead } from '../../../device/seal/own-head.ts';
import { concat } from '../../../proto/bytes.ts';
import { type Manifest, openManifest } from '../../../proto/manifest.ts';
import { FaultDisk } from '../../../sim/fault/disk.ts';
import { chunkOf, headerOf, idOf, type TestKeys } from './camera-kit.ts';
import { openFilm, type Recipient } from './open-kit.ts';

/** Fragments of more than one chunk each, as a real camera makes them. */
const FOOTAGE: Footage = { ...FOOTAGE_DEFAULT, fps: 10 };
const SECONDS = 4;
const FRAMES_PER_FRAGMENT = FOOTAGE.fps;

/** A film as encoder and muxer make it: what a recording of it consists of. */
export interface ShotFilm {
  readonly chunks: readonly PlainChunk[];
  readonly framesPerFragment: number;
}

/** Real H.264 in real fragments, a second each. Takes seconds, so a test does it once. */
export async function shoot(): Promise<ShotFilm> {
  const scene = makeScene(FOOTAGE);
  const muxer = await openMuxer(FOOTAGE);
  const chunks: PlainChunk[] = [];
  for (let second = 0; second < SECONDS; second++) {
    const firstFrame = second * FRAMES_PER_FRAGMENT;
    const wear = { startWallUs: 0, cameraId: 'cam-1', officerId: '4411' };
    chunks.push(
      ...(await muxer.add(await encodeGop(scene, { firstFrame, frames: FRAMES_PER_FRAGMENT, ...wear }))),
    );
  }
  chunks.push(...(await muxer.finish()));
  return { chunks, framesPerFragment: FRAMES_PER_FRAGMENT };
}

/** A camera under test: whose keys it has, and who can open what it seals. */
export interface Camera {
  readonly keys: TestKeys;
  readonly custodian?: Recipient;
}

/** One write of the flash: into which file, and how many bytes. */
export interface FlashWrite {
  readonly file: string;
  readonly bytes: number;
}

/** What a recording of the film writes, in order, when nothing interrupts it. */
export async function writesOf(film: ShotFilm, camera: Camera): Promise<readonly FlashWrite[]> {
  const writes: FlashWrite[] = [];
  const disk = new FaultDisk({ seed: 'whole' });
  await startFilm(await open(disk, camera), camera);
  const flash = await open(disk, camera, writes);
  writes.length = 0;
  await record(flash, { film, keys: camera.keys }, () => undefined);
  return writes;
}

/** What was left of a recording, and what had been promised of it. */
export interface Aftermath {
  /** Chunks whose storing was answered before the power went. */
  readonly promised: number;
  /** Undefined when the recording was removed, as if it had never been begun. */
  readonly recovered:
    | { readonly manifest: Manifest; readonly plain: Uint8Array; readonly stored: Uint8Array }
    | undefined;
  /** Root of the recording before it. */
  readonly earlierRoot: Uint8Array;
  readonly next: { readonly counter: number; readonly previousRoot: Uint8Array };
}

/**
 * Records the film as a camera's second recording, cuts the power after that many bytes of it have been written, starts
 * again and recovers. Rejects when the flash then holds anything but what it should.
 */
export async function interrupt(
  film: ShotFilm,
  camera: Camera,
  at: { readonly seed: string; readonly bytes: number },
): Promise<Aftermath> {
  const disk = new FaultDisk({ seed: at.seed });
  const before = await open(disk, camera);
  await startFilm(before, camera);
  const earlierRoot = (await before.next()).previousRoot;
  const flash = await open(disk, camera);
  disk.failAfterBytes(at.bytes);
  let promised = 0;
  await record(flash, { film, keys: camera.keys }, () => (promised += 1)).catch((error: unknown) => {
    if (!(error instanceof FlashError)) throw error;
  });
  disk.cutPower();
  const again = await open(disk, camera);
  await recover(again, camera.keys);
  if (again.damaged().length > 0) throw new Error(`something is set aside: ${again.damaged()[0]?.why}`);
  return {
    promised,
    recovered: await developed(again, camera),
    earlierRoot,
    next: await again.next(),
  };
}

async function developed(flash: FileFlash, { keys, custodian }: Camera): Promise<Aftermath['recovered']> {
  const closed = (await flash.waiting()).find(({ recordingId }) => recordingId === idOf(2));
  if (!closed) return undefined;
  const manifest = openManifest(closed.signedManifest, keys.publicKey, checker);
  const stored = await flash.read(closed.recordingId, 0, closed.contentBytes);
  const plain = custodian ? await openFilm({ ...closed, content: stored }, custodian) : stored;
  return { manifest, stored, plain };
}

interface Take {
  readonly film: ShotFilm;
  readonly keys: TestKeys;
}

async function startFilm(flash: FileFlash, { keys }: Camera): Promise<void> {
  const film = await FilmInHand.open(flash, headerOf(1), keys);
  for (const index of [0, 1]) {
    const { info, bytes, at } = chunkOf(index, 100 + index);
    await film.store({ ...info, bytes }, at);
  }
  await film.close(END, keys);
}

/** Gives each chunk whose storing was answered to `stored`. */
async function record(
  flash: FileFlash,
  { film: { chunks }, keys }: Take,
  stored: (chunk: PlainChunk) => void,
): Promise<void> {
  const { counter, previousRoot } = await flash.next();
  const film = await FilmInHand.open(flash, headerOf(counter, { previousRoot }), keys);
  for (const [index, chunk] of chunks.entries()) {
    await film.store(chunk, { wallUs: 6_000_000 + index, monoUs: 6_000 + index });
    stored(chunk);
  }
  await film.close(END, keys);
}

const END = { ended: { wallUs: 9_000_000, monoUs: 9_000 }, stopReason: 'button', marks: [] } as const;

function open(disk: FaultDisk, { keys }: Camera, writes?: FlashWrite[]): Promise<FileFlash> {
  const mount = disk.mount();
  return openFlash('/camera', {
    disk: writes ? counted(mount, writes) : mount,
    reserveBytes: 600,
    headOf: (signed) => ownHead(signed, keys),
  });
}

/** The disk, and a note of all that goes into it. */
function counted(disk: Disk, writes: FlashWrite[]): Disk {
  const count = (path: string, file: DiskFile): DiskFile => ({
    read: (into, position) => file.read(into, position),
    truncate: (bytes) => file.truncate(bytes),
    sync: () => file.sync(),
    close: () => file.close(),
    write: (parts, position) => {
      writes.push({ file: basename(path, '.tmp'), bytes: concat(...parts).length });
      return file.write(parts, position);
    },
  });
  return {
    open: async (path, mode) => count(path, await disk.open(path, mode)),
    makeFolder: (path) => disk.makeFolder(path),
    list: (folder) => disk.list(folder),
    size: (path) => disk.size(path),
    rename: (from, to) => disk.rename(from, to),
    remove: (path) => disk.remove(path),
    syncFolder: (path) => disk.syncFolder(path),
  };
}
