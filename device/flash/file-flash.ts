import assert from 'node:assert/strict';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, equal } from '../../proto/bytes.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { MANIFEST_BYTES_MAX } from '../../proto/limits.ts';
import { type ChunkInfo, type Mark, peekManifest } from '../../proto/manifest.ts';
import type {
  ClosedRecording,
  Flash,
  InterruptedRecording,
  Note,
  RecordingHeader,
  StoredChunk,
  Vault,
} from '../ports.ts';
import { cutFile, type Disk, flashDisk, readRange, systemDisk } from './disk.ts';
import { FlashError, isReadOnly } from './error.ts';
import { encodeEntry, encodeHeader, type Entry, type HeaderFile } from './journal.ts';
import { byUrgency, contentBytesOf, isSealedIn, type Kept, type OpenRecording } from './kept.ts';
import { writeWithReserve } from './reserve.ts';
import {
  areWraps,
  closedFrom,
  FILE,
  freeContent,
  type HeadOf,
  readShelf,
  recordingOf,
  removeShelf,
  sha256,
  writeWhole,
} from './shelf.ts';

export interface FlashOptions {
  readonly disk?: Disk;
  /** Room for content, as if the memory chip were this big; without it the file system's own room counts. */
  readonly capacityBytes?: number;
  /** Room held back to close and erase when the memory is full; by default that of the largest manifest. */
  readonly reserveBytes?: number;
  /**
   * Reads a SignedHead of this camera's own; undefined for any other. Then an interrupted recording comes back only as far as such a
   * head stands behind it: whoever can write to a memory card can write all the rest.
   */
  readonly headOf?: HeadOf;
}

/** A recording that cannot be read, for a person to look at. */
export interface DamagedRecording {
  readonly recordingId: RecordingId;
  readonly why: string;
}

const SEALED = 'sealed';

interface Memory {
  readonly disk: Disk;
  readonly folder: string;
  readonly capacityBytes: number | undefined;
  readonly reserveBytes: number;
}

/** What a start found in the memory. */
interface Found {
  readonly kept: Map<RecordingId, Kept>;
  /** Whether the file `sealed` is there. */
  readonly isMarked: boolean;
}

/**
 * Opens a camera's memory: a folder that survives a kill or a power cut at any moment, and that one process uses
 * at a time.
 *
 * ```
 * reserve                  room kept back, so that a full memory can still close a recording
 * sealed                   empty; there: this camera has begun to seal, and records nothing else; durable before the first such header
 * recordings/<id>/header   who, when and which counter: one line of JSON with its CRC-32C, durable before any content
 *                 wraps    encoded Wraps of a sealed recording: its key, for those who may open it; durable before the header
 *                 chunks   the stored chunks one after the other
 *                 journal  a line of JSON with its CRC-32C for each chunk, mark, note and head, written when the chunk is durable
 *                 manifest encoded SignedManifest; there: the recording is closed
 *                 receipt  the checked receipt; there: chunks, journal and wraps are free to go, and the rest is a tombstone
 * ```
 *
 * Whole files come to be by a temporary name, fsync, rename and an fsync of their folder. The journal is the word
 * on what an open recording holds: bytes without their line, and a line that is torn, do not count.
 *
 * A counter is used up by footage: by a manifest, or by a fragment that survived. A recording that lost power
 * before its first whole fragment was never seen by anyone; `discard` removes it, and the next recording takes its
 * counter. Tombstones remember counters that were used, and a folder nobody can read costs one, which shows as a gap.
 * A memory in which one sealed recording was begun takes no other kind any more, whatever became of that one.
 *
 * Throws FlashError FLASH_IO when the folder cannot be read.
 */
export async function openFlash(folder: string, options: FlashOptions = {}): Promise<FileFlash> {
  const disk = flashDisk(options.disk ?? systemDisk);
  const recordings = join(folder, 'recordings');
  await disk.makeFolder(recordings);
  await disk.syncFolder(folder);
  await disk.syncFolder(join(folder, '..'));
  const kept = new Map<RecordingId, Kept>();
  for (const name of await disk.list(recordings)) {
    const id = recordingOf(name);
    const shelved = id && (await readShelf(disk, join(recordings, id), options.headOf));
    if (id && shelved) kept.set(id, shelved);
  }
  const { capacityBytes, reserveBytes = MANIFEST_BYTES_MAX } = options;
  const isMarked = (await disk.size(join(folder, SEALED))) !== undefined;
  const flash = new FileFlash({ disk, folder, capacityBytes, reserveBytes }, { kept, isMarked });
  await flash.keepReserve();
  return flash;
}

/** Both sides of the camera's memory, see {@link openFlash}. */
export class FileFlash implements Flash, Vault {
  readonly #disk: Disk;
  readonly #folder: string;
  readonly #memory: Memory;
  readonly #kept: Map<RecordingId, Kept>;
  #isMarked: boolean;
  /** As if what else lies on the chip had left no room. */
  #isStuffed = false;

  /** Use {@link openFlash}, which reads the folder first. */
  constructor(memory: Memory, { kept, isMarked }: Found) {
    this.#disk = memory.disk;
    this.#folder = memory.folder;
    this.#memory = memory;
    this.#kept = kept;
    this.#isMarked = isMarked;
  }

  async open(header: RecordingHeader, wraps?: Uint8Array): Promise<void> {
    const id = header.recordingId;
    assert(!this.#kept.has(id), `recording ${id} is on this flash already`);
    assert.equal(header.suite === 1, wraps !== undefined, 'wraps belong to a sealed recording');
    this.#checkSeal(header);
    this.#checkRoom(0);
    if (header.suite === 1) await this.#markSealed();
    const folder = this.#folderOf(id);
    await this.#disk.makeFolder(folder);
    const chunksFile = await this.#disk.open(join(folder, FILE.chunks), 'write');
    const journalFile = await this.#disk.open(join(folder, FILE.journal), 'write');
    try {
      if (wraps !== undefined) await writeWhole(this.#disk, join(folder, FILE.wraps), wraps);
      await writeWhole(this.#disk, join(folder, FILE.header), encodeHeader(fileOf(header, wraps)));
      await this.#disk.syncFolder(join(folder, '..'));
    } catch (error) {
      await Promise.allSettled([chunksFile.close(), journalFile.close()]);
      await removeShelf(this.#disk, folder).catch(() => undefined);
      throw error;
    }
    this.#kept.set(id, {
      at: 'open',
      header,
      wraps,
      chunksFile,
      journalFile,
      chunks: [],
      contentBytes: 0,
      journalBytes: 0,
    });
  }

  async append(recordingId: RecordingId, { info, bytes, at, head }: StoredChunk): Promise<void> {
    const open = this.#openOf(recordingId);
    assert.equal(bytes.length, info.storedBytes);
    this.#checkRoom(bytes.length);
    // Written where the last whole chunk ends: what a failed append left there does not count and is overwritten.
    await open.chunksFile.write([bytes], open.contentBytes);
    await open.chunksFile.sync();
    const entry = { entry: 'chunk', index: open.chunks.length, chunk: info, at } as const;
    await this.#log(open, head === undefined ? [entry] : [entry, { entry: 'head', head }]);
    open.chunks.push(info);
    open.contentBytes += bytes.length;
  }

  async mark(recordingId: RecordingId, mark: Mark): Promise<void> {
    await this.#log(this.#openOf(recordingId), [{ entry: 'mark', mark }]);
  }

  async note(recordingId: RecordingId, note: Note): Promise<void> {
    await this.#log(this.#openOf(recordingId), [{ entry: 'note', note }]);
  }

  async close(recordingId: RecordingId, signedManifest: Uint8Array): Promise<void> {
    const kept = this.#kept.get(recordingId);
    assert(kept?.at === 'open' || kept?.at === 'interrupted', `recording ${recordingId} is not open`);
    const manifest = peekManifest(signedManifest);
    const { header, chunks, wraps } = kept.at === 'open' ? kept : kept.recording;
    assert.equal(manifest.recordingId, recordingId);
    assert.equal(manifest.suite, header.suite);
    assert(areWraps(wraps, manifest.wrapsSha256), 'the manifest names other wraps');
    assert(
      manifest.chunks.every((chunk, index) => isSame(chunk, chunks[index])),
      'the manifest names other chunks',
    );
    await cutFile(this.#disk, join(this.#folderOf(recordingId), FILE.chunks), manifest.contentBytes);
    await this.#writeWithReserve(recordingId, FILE.manifest, signedManifest);
    this.#kept.set(recordingId, { at: 'closed', recording: closedFrom(manifest, signedManifest, wraps) });
    if (kept.at === 'open') await Promise.all([kept.chunksFile.close(), kept.journalFile.close()]);
  }

  async discard(recordingId: RecordingId): Promise<void> {
    const kept = this.#kept.get(recordingId);
    assert(kept?.at === 'open' || kept?.at === 'interrupted', `recording ${recordingId} is not open`);
    if (kept.at === 'open') await Promise.all([kept.chunksFile.close(), kept.journalFile.close()]);
    await removeShelf(this.#disk, this.#folderOf(recordingId));
    this.#kept.delete(recordingId);
  }

  setAside(recordingId: RecordingId, why: string): Promise<void> {
    const kept = this.#kept.get(recordingId);
    assert(kept?.at === 'interrupted', `recording ${recordingId} was not interrupted`);
    const { counter } = kept.recording.header;
    this.#kept.set(recordingId, { at: 'damaged', counter, why, isSealed: isSealedIn(kept) });
    return Promise.resolve();
  }

  interrupted(): Promise<readonly InterruptedRecording[]> {
    const found = [...this.#kept.values()].flatMap((kept) =>
      kept.at === 'interrupted' ? [kept.recording] : [],
    );
    return Promise.resolve(found.toSorted((a, b) => a.header.counter - b.header.counter));
  }

  waiting(): Promise<readonly ClosedRecording[]> {
    const found = [...this.#kept.values()].flatMap((kept) => (kept.at === 'closed' ? [kept.recording] : []));
    return Promise.resolve(found.toSorted(byUrgency));
  }

  async read(recordingId: RecordingId, start: number, end: number): Promise<Uint8Array> {
    const kept = this.#kept.get(recordingId);
    assert(kept?.at === 'closed', `recording ${recordingId} is not closed and kept`);
    assert(start >= 0 && start <= end && end <= kept.recording.contentBytes, `no bytes ${start}..${end}`);
    const path = join(this.#folderOf(recordingId), FILE.chunks);
    const bytes = await readRange(this.#disk, path, { start, end });
    if (bytes.length === end - start) return bytes;
    throw new FlashError(
      'FLASH_CORRUPT',
      `recording ${recordingId} has lost its bytes from ${start + bytes.length} on`,
      {
        retry: 'never',
        facts: { recordingId, start, end },
      },
    );
  }

  async erase(recordingId: RecordingId, receipt: Uint8Array): Promise<void> {
    const kept = this.#kept.get(recordingId);
    // A dock may send its receipt twice; the first one did it.
    if (kept?.at === 'erased') return;
    assert(kept?.at === 'closed', `recording ${recordingId} is not closed`);
    const { counter, root } = kept.recording;
    const isSealed = isSealedIn(kept);
    await this.#writeWithReserve(recordingId, FILE.receipt, receipt);
    this.#kept.set(recordingId, { at: 'erased', counter, root, isSealed });
    await freeContent(this.#disk, this.#folderOf(recordingId));
    await this.keepReserve();
  }

  async next(): Promise<{ readonly counter: number; readonly previousRoot: Uint8Array }> {
    let last = { counter: 0, root: new Uint8Array() as Uint8Array };
    let highest = 0;
    let unreadable = 0;
    for (const kept of this.#kept.values()) {
      assert(kept.at !== 'open' && kept.at !== 'interrupted', 'close what is open before the next recording');
      const counter = kept.at === 'closed' ? kept.recording.counter : kept.counter;
      if (counter === undefined) unreadable += 1;
      else highest = Math.max(highest, counter);
      if (kept.at === 'closed' && kept.recording.counter > last.counter) last = kept.recording;
      if (kept.at === 'erased' && kept.counter > last.counter) last = kept;
    }
    return { counter: highest + unreadable + 1, previousRoot: last.root };
  }

  /** Recordings that this start could not read, or sign. They stay where they are until a person has looked. */
  damaged(): readonly DamagedRecording[] {
    return [...this.#kept].flatMap(([recordingId, kept]) =>
      kept.at === 'damaged' ? [{ recordingId, why: kept.why }] : [],
    );
  }

  /** Whether a sealed recording was ever begun on it: then it takes no other kind. */
  get takesSealedOnly(): boolean {
    return this.#isMarked || [...this.#kept.values()].some(isSealedIn);
  }

  /** Takes the room away that is left for content, or gives it back; what is there stays. */
  stuff(isStuffed: boolean): void {
    this.#isStuffed = isStuffed;
  }

  /** Room left for content, in bytes. */
  async freeBytes(): Promise<number> {
    if (this.#isStuffed) return 0;
    const { capacityBytes } = this.#memory;
    if (capacityBytes === undefined) return systemFreeBytes(this.#folder);
    return Math.max(0, capacityBytes - this.#usedBytes());
  }

  /** Lets go of its files. A recording still open is then on the flash as if the power had gone. */
  async shut(): Promise<void> {
    for (const kept of this.#kept.values()) {
      if (kept.at === 'open') await Promise.all([kept.chunksFile.close(), kept.journalFile.close()]);
    }
  }

  /** Holds room back for one manifest and one receipt, so that a full memory can still close and erase. */
  async keepReserve(): Promise<void> {
    const path = join(this.#folder, 'reserve');
    const { reserveBytes } = this.#memory;
    if ((await this.#disk.size(path)) === reserveBytes) return;
    try {
      await writeWhole(this.#disk, path, new Uint8Array(reserveBytes));
    } catch (error) {
      // A memory that was full already has nothing to hold back; the next erasure makes room. One that can only be read needs none.
      if (!isReadOnly(error) && !(error instanceof FlashError && error.code === 'FLASH_FULL')) throw error;
    }
  }

  #writeWithReserve(recordingId: RecordingId, name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folderOf(recordingId), name);
    return writeWithReserve(this.#disk, path, { bytes, reserve: join(this.#folder, 'reserve') });
  }

  async #log(open: OpenRecording, entries: readonly Entry[]): Promise<void> {
    const lines = concat(...entries.map(encodeEntry));
    await open.journalFile.write([lines], open.journalBytes);
    await open.journalFile.sync();
    open.journalBytes += lines.length;
  }

  // A recording that is discarded leaves nothing else behind that could remember it.
  async #markSealed(): Promise<void> {
    if (this.#isMarked) return;
    await writeWhole(this.#disk, join(this.#folder, SEALED), new Uint8Array());
    this.#isMarked = true;
  }

  // Sealing cannot be switched off by taking the custodian's key out of a camera.
  #checkSeal({ suite }: RecordingHeader): void {
    if (suite !== 0 || !this.takesSealedOnly) return;
    throw new FlashError(
      'FLASH_SEALED',
      'this camera has sealed recordings before and must not record unsealed: give it its custodian.json again (holdfast enrol camera ID --out KEYS --custodian FILE)',
      { retry: 'never', facts: { suite } },
    );
  }

  #checkRoom(bytes: number): void {
    const usedBytes = this.#usedBytes();
    const capacityBytes = this.#isStuffed ? usedBytes : this.#memory.capacityBytes;
    if (capacityBytes === undefined) return;
    if (usedBytes + bytes < capacityBytes) return;
    throw new FlashError('FLASH_FULL', `the flash is full: ${usedBytes} of ${capacityBytes} bytes are used`, {
      retry: 'later',
      facts: { capacityBytes, usedBytes, bytes },
    });
  }

  #usedBytes(): number {
    return [...this.#kept.values()].reduce((sum, kept) => sum + contentBytesOf(kept), 0);
  }

  #openOf(recordingId: RecordingId): OpenRecording {
    const kept = this.#kept.get(recordingId);
    assert(kept?.at === 'open', `recording ${recordingId} is not open`);
    return kept;
  }

  #folderOf(recordingId: RecordingId): string {
    return join(this.#folder, 'recordings', recordingId);
  }
}

async function systemFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

function fileOf(header: RecordingHeader, wraps: Uint8Array | undefined): HeaderFile {
  return wraps === undefined ? { header } : { header, wrapsSha256: sha256(wraps) };
}

function isSame(chunk: ChunkInfo, other: ChunkInfo | undefined): boolean {
  return other !== undefined && chunk.storedBytes === other.storedBytes && equal(chunk.sha256, other.sha256);
}
