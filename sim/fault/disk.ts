import { createHash } from 'node:crypto';
import type { Disk as FlashDisk } from '../../device/flash/disk.ts';
import type { Disk, DiskFile, Span } from '../../dock/store/disk.ts';
import { Chance } from './chance.ts';
import type { Losses, PlatterFile } from './platter.ts';
import { type Renames, systemError, Tree } from './tree.ts';

export interface FaultDiskOptions {
  readonly seed: string;
  /** A broken disk, for seeing a check fail: it answers "synced" about `files` or `names` and does nothing. */
  readonly lie?: 'files' | 'names';
  /** Default: `whole`. */
  readonly renames?: Renames;
  /** Awaited none, one or two times before each operation, so that operations overtake each other. */
  readonly pause?: () => Promise<unknown>;
  /** Hears of it when the plug goes with an operation, so that the rest of the machine dies at that moment too. */
  readonly gone?: () => void;
  /** Hears of each operation that there was no room for. */
  readonly full?: () => void;
  /** Is shown whatever is to be written, before it is, whatever becomes of it. */
  readonly wrote?: (bytes: Uint8Array) => void;
}

/**
 * A disk in memory that does all that a real one may do when the plug is pulled: of what was not synced, each
 * write is kept, lost or torn, and each new or changed name is kept or lost, by the seed. It can fill up and
 * rot. Much of this is harsher than a journalling file system, and none of it breaks a promise POSIX makes.
 */
export class FaultDisk {
  readonly #chance: Chance;
  readonly #lie: FaultDiskOptions['lie'];
  readonly #pause: () => Promise<unknown>;
  readonly #gone: FaultDiskOptions['gone'];
  readonly #wrote: FaultDiskOptions['wrote'];
  readonly #full: FaultDiskOptions['full'];
  readonly #tree: Tree;
  #mounted = 0;
  #operationsLeft = Number.POSITIVE_INFINITY;
  #writtenBytesLeft = Number.POSITIVE_INFINITY;
  #roomBytes = Number.POSITIVE_INFINITY;

  constructor(options: FaultDiskOptions) {
    this.#chance = new Chance(options.seed);
    this.#tree = new Tree(options.renames);
    this.#lie = options.lie;
    this.#pause = options.pause ?? ((): Promise<void> => Promise.resolve());
    this.#gone = options.gone;
    this.#wrote = options.wrote;
    this.#full = options.full;
  }

  /** The file system, until the power is cut: a program that outlives that gets EIO whatever it does. */
  mount(): Mount {
    const life = this.#mounted;
    const fate: Fate = (operation) => this.#operate(life, operation);
    const isPowered = (): boolean => life === this.#mounted && this.#operationsLeft >= 0;
    return new Mount({ tree: this.#tree, fate, disk: this, pause: () => this.#pauseABit(), isPowered });
  }

  /** There is no room: what the operation throws. */
  noRoom(): Error {
    this.#full?.();
    return systemError('ENOSPC', 'no space left on device');
  }

  /** Somebody looks at what is to be written. */
  show(bytes: Uint8Array): void {
    this.#wrote?.(bytes);
  }

  /** The plug is pulled now. Says what that took; mount again to see what is left. */
  cutPower(): Losses {
    this.#mounted++;
    this.#operationsLeft = Number.POSITIVE_INFINITY;
    this.#writtenBytesLeft = Number.POSITIVE_INFINITY;
    return this.#tree.restore(this.#chance);
  }

  /** The plug goes with the operation after the next `operations`; that one may or may not still take effect. */
  failAfter(operations: number): void {
    this.#operationsLeft = operations;
  }

  /** The plug goes when this many more bytes have been written: in the middle of a write, most often, of which no byte behind that one is seen again. */
  failAfterBytes(bytes: number): void {
    this.#writtenBytesLeft = bytes;
  }

  /** Takes up to `bytes` of what may still be written before the plug goes, and says how many. */
  takeWritten(bytes: number): number {
    const taken = Math.min(bytes, this.#writtenBytesLeft);
    this.#writtenBytesLeft -= taken;
    // The write that is cut short is the last thing that happens.
    if (taken < bytes) this.#operationsLeft = -1;
    return taken;
  }

  /** The plug has gone by itself, and nobody has mounted the disk again. */
  get isOff(): boolean {
    return this.#operationsLeft < 0;
  }

  /** Leaves room for this many more bytes, then ENOSPC; Infinity for a disk that never fills up. */
  leaveRoom(bytes: number): void {
    this.#roomBytes = bytes;
  }

  get isFull(): boolean {
    return this.#roomBytes <= 0;
  }

  /** Takes up to `bytes` of the room left and says how many; a negative count gives room back. */
  takeRoom(bytes: number): number {
    const taken = Math.min(bytes, this.#roomBytes);
    this.#roomBytes -= taken;
    return taken;
  }

  /** Whether a sync of that kind is one. */
  syncs(kind: 'files' | 'names'): boolean {
    return this.#lie !== kind;
  }

  /** Rot: one bit of a file at rest is no longer what it was. */
  flip(path: string, offset: number): void {
    this.#tree.file(path).damage((bytes) => bytes.fill((bytes[offset] ?? 0) ^ 1, offset, offset + 1));
  }

  /** Rot: the end of a file at rest is gone. */
  shorten(path: string, bytes: number): void {
    this.#tree.file(path).damage((whole) => whole.slice(0, bytes));
  }

  /** What a person who looks at the file would see; undefined when there is none. */
  peek(path: string): Uint8Array | undefined {
    const entry = this.#tree.find(path);
    return entry?.kind === 'file' ? entry.bytes.slice() : undefined;
  }

  /** What is left of the file when the plug is pulled now and everything that is not synced is lost; undefined when the file is. */
  peekSynced(path: string): Uint8Array | undefined {
    const entry = this.#tree.findSynced(path);
    return entry?.kind === 'file' ? entry.synced : undefined;
  }

  async #pauseABit(): Promise<void> {
    for (let turns = this.#chance.below(3); turns > 0; turns--) await this.#pause();
  }

  #operate<T>(life: number, operation: () => T): T {
    if (life !== this.#mounted || this.#operationsLeft < 0) throw systemError('EIO', 'the power is off');
    this.#operationsLeft--;
    if (this.#operationsLeft >= 0) return operation();
    if (this.#chance.happens(0.5)) operation();
    this.#gone?.();
    throw systemError('EIO', 'the power went');
  }
}

/** Runs one operation, unless the power is off or goes with it. */
type Fate = <T>(operation: () => T) => T;

interface MountParts {
  readonly tree: Tree;
  readonly fate: Fate;
  readonly disk: FaultDisk;
  readonly pause: () => Promise<void>;
  readonly isPowered: () => boolean;
}

/** A {@link FaultDisk} as a program sees it between two power cuts: a dock's store, or a camera's flash. */
export class Mount implements Disk, FlashDisk {
  readonly #parts: MountParts;

  constructor(parts: MountParts) {
    this.#parts = parts;
  }

  /** False from the moment when the power goes. */
  get isPowered(): boolean {
    return this.#parts.isPowered();
  }

  /** One operation of something else that shares the disk and its power, such as an index. */
  share<T>(operation: () => T): T {
    return this.#parts.fate(() => {
      if (this.#parts.disk.isFull) throw this.#parts.disk.noRoom();
      return operation();
    });
  }

  open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
    return this.#step((tree) => {
      const found = tree.find(path);
      if (found?.kind === 'folder') throw systemError('EISDIR', path);
      if (found === undefined && mode === 'read') throw systemError('ENOENT', path);
      return new OpenFile(found ?? tree.create(path), this.#parts);
    });
  }

  async makeFolder(path: string): Promise<void> {
    await this.#step((tree) => tree.makeFolder(path));
  }

  list(folder: string): Promise<readonly string[]> {
    return this.#step((tree) => {
      const found = tree.find(folder);
      return found?.kind === 'folder' ? [...found.entries.keys()] : [];
    });
  }

  size(path: string): Promise<number | undefined> {
    return this.#step((tree) => {
      const found = tree.find(path);
      return found?.kind === 'folder' ? 0 : found?.bytes.length;
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.#step((tree) => tree.rename(from, to));
  }

  /** A file, or a folder that is empty. */
  remove(path: string): Promise<void> {
    return this.#step((tree) => tree.remove(path));
  }

  syncFolder(path: string): Promise<void> {
    return this.#step((tree) => {
      if (this.#parts.disk.syncs('names')) tree.sync(path);
    });
  }

  async #step<T>(operation: (tree: Tree) => T): Promise<T> {
    await this.#parts.pause();
    return this.#parts.fate(() => operation(this.#parts.tree));
  }
}

class OpenFile implements DiskFile {
  readonly #file: PlatterFile;
  readonly #parts: MountParts;

  constructor(file: PlatterFile, parts: MountParts) {
    this.#file = file;
    this.#parts = parts;
  }

  async write(parts: readonly Uint8Array[], position: number): Promise<void> {
    let at = position;
    for (const part of parts) {
      const here = at;
      await this.#step(() => this.#writePart(part, here));
      at += part.length;
    }
  }

  async append(parts: readonly Uint8Array[], position: number): Promise<void> {
    await this.write(parts, position);
    await this.sync();
  }

  /** One span after another, as a disk is read. */
  async digests(spans: readonly Span[]): Promise<readonly (Uint8Array | undefined)[]> {
    const digests: (Uint8Array | undefined)[] = [];
    for (const { offset, bytes } of spans) {
      const room = new Uint8Array(bytes);
      const count = await this.read(room, offset);
      digests.push(count < bytes ? undefined : createHash('sha256').update(room).digest());
    }
    return digests;
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#step(() => {
      const bytes = this.#file.bytes.subarray(position, position + into.length);
      into.set(bytes);
      return bytes.length;
    });
  }

  size(): Promise<number> {
    return this.#step(() => this.#file.bytes.length);
  }

  truncate(bytes: number): Promise<void> {
    return this.#step(() => {
      this.#parts.disk.takeRoom(Math.min(0, bytes - this.#file.bytes.length));
      this.#file.truncate(bytes);
    });
  }

  sync(): Promise<void> {
    return this.#step(() => {
      if (this.#parts.disk.syncs('files')) this.#file.sync();
    });
  }

  /** Syncs nothing, as on a real disk. */
  async close(): Promise<void> {}

  // On a full disk what still fits is written.
  #writePart(part: Uint8Array, position: number): void {
    this.#parts.disk.show(part);
    const growth = Math.max(0, position + part.length - this.#file.bytes.length);
    const missing = growth - this.#parts.disk.takeRoom(growth);
    const fits = part.subarray(0, Math.max(0, part.length - missing));
    const taken = this.#parts.disk.takeWritten(fits.length);
    this.#file.write(fits.subarray(0, taken), position);
    if (taken < fits.length) throw systemError('EIO', 'the power went');
    if (missing > 0) throw this.#parts.disk.noRoom();
  }

  async #step<T>(operation: () => T): Promise<T> {
    await this.#parts.pause();
    return this.#parts.fate(operation);
  }
}
