import { basename, dirname } from 'node:path';
import type { Chance } from './chance.ts';
import { type Losses, PlatterFile } from './platter.ts';

interface Folder {
  readonly kind: 'folder';
  readonly entries: Map<string, Entry>;
  /** The names the platter has. */
  readonly synced: Map<string, Entry>;
}

type Entry = PlatterFile | Folder;

interface Name {
  readonly folder: Folder;
  readonly name: string;
}

/** The names of a folder: those that a program sees, or those of the platter. */
type Names = (of: Folder) => Map<string, Entry>;

/** A change of names that is not durable before every folder that it waits for has been synced. */
interface NameChange {
  readonly waitsFor: Set<Folder>;
  readonly apply: () => void;
  /** A name that the change makes, or that it takes away for good. */
  readonly makes?: Name;
  readonly takes?: Name;
}

/**
 * When a rename from one folder to another is durable. `whole`: once both have been synced, and it is never there by half. `journalled`: it is one
 * transaction, so that syncing the folder that it leads to is enough, as ext4, XFS and btrfs have it. `apart`: the new name is once its
 * folder has been synced, and the old one may stay beside it until its own has, as POSIX leaves open.
 */
export type Renames = 'whole' | 'journalled' | 'apart';

/** Files by name. A pulled plug keeps or loses each name that was not synced, whatever happened to the others. */
export class Tree {
  readonly #renames: Renames;
  readonly #root: Folder = { kind: 'folder', entries: new Map(), synced: new Map() };
  #unsynced: NameChange[] = [];

  constructor(renames: Renames = 'whole') {
    this.#renames = renames;
  }

  find(path: string): Entry | undefined {
    let entry: Entry | undefined = this.#root;
    for (const name of path.split('/'))
      if (name !== '') entry = entry?.kind === 'folder' ? entry.entries.get(name) : undefined;
    return entry;
  }

  /** By the names that the platter has for certain. */
  findSynced(path: string): Entry | undefined {
    let entry: Entry | undefined = this.#root;
    for (const name of path.split('/'))
      if (name !== '') entry = entry?.kind === 'folder' ? entry.synced.get(name) : undefined;
    return entry;
  }

  /** Throws ENOENT unless it is a file. */
  file(path: string): PlatterFile {
    const found = this.find(path);
    if (found?.kind !== 'file') throw systemError('ENOENT', path);
    return found;
  }

  create(path: string): PlatterFile {
    const folder = this.#folder(dirname(path));
    const file = new PlatterFile();
    const makes = { folder, name: basename(path) };
    this.#change([folder], (names) => names(folder).set(basename(path), file), { makes });
    return file;
  }

  makeFolder(path: string): Folder {
    const found = this.find(path);
    if (found?.kind === 'folder') return found;
    if (found !== undefined) throw systemError('EEXIST', path);
    const parent = this.makeFolder(dirname(path));
    const folder: Folder = { kind: 'folder', entries: new Map(), synced: new Map() };
    this.#change([parent], (names) => names(parent).set(basename(path), folder));
    return folder;
  }

  rename(from: string, to: string): void {
    const [source, target] = [this.#folder(dirname(from)), this.#folder(dirname(to))];
    const entry = source.entries.get(basename(from));
    if (entry === undefined) throw systemError('ENOENT', from);
    const occupied = target.entries.get(basename(to));
    if (occupied?.kind === 'folder' && occupied.entries.size > 0) throw systemError('ENOTEMPTY', to);
    const leave = (names: Names): void => void names(source).delete(basename(from));
    const arrive = (names: Names): void => void names(target).set(basename(to), entry);
    if (this.#renames === 'apart' && source !== target) {
      this.#change([target], arrive);
      return this.#change([source], leave);
    }
    const change = (names: Names): void => {
      leave(names);
      arrive(names);
    };
    if (this.#renames !== 'journalled') return this.#change([source, target], change);
    this.#change([target], change, { takes: { folder: source, name: basename(from) } });
  }

  remove(path: string): void {
    const found = this.find(path);
    if (found?.kind === 'folder' && found.entries.size > 0) throw systemError('ENOTEMPTY', path);
    const folder = this.#folder(dirname(path));
    this.#change([folder], (names) => names(folder).delete(basename(path)));
  }

  sync(path: string): void {
    const folder = this.#folder(path);
    const done = this.#unsynced.filter(({ waitsFor }) => waitsFor.delete(folder) && waitsFor.size === 0);
    if (done.length === 0) return;
    for (const { apply } of done) apply();
    // What was made under a name that is gone for good is under the new one.
    const taken = done.flatMap(({ takes }) => (takes === undefined ? [] : [takes]));
    const over = new Set(done);
    this.#unsynced = this.#unsynced.filter(
      (one) => !over.has(one) && !taken.some((takes) => isSame(one.makes, takes)),
    );
  }

  /** The plug was pulled: back to what the platter has. Says what is not there any more. */
  restore(chance: Chance): Losses {
    const losses: Losses = { tornWrites: 0, lostWrites: 0, lostNames: 0 };
    for (const change of this.#unsynced) {
      if (chance.happens(0.5)) change.apply();
      else losses.lostNames += 1;
    }
    this.#unsynced = [];
    restoreEntry(this.#root, chance, losses);
    return losses;
  }

  #folder(path: string): Folder {
    const found = this.find(path);
    if (found?.kind !== 'folder') throw systemError('ENOENT', path);
    return found;
  }

  #change(
    folders: readonly Folder[],
    change: (names: Names) => void,
    about: Pick<NameChange, 'makes' | 'takes'> = {},
  ): void {
    change((folder) => folder.entries);
    const apply = (): void => change((folder) => folder.synced);
    this.#unsynced.push({ waitsFor: new Set(folders), apply, ...about });
  }
}

function isSame(one: Name | undefined, other: Name | undefined): boolean {
  return one !== undefined && one.folder === other?.folder && one.name === other.name;
}

/** An error as the system throws it. */
export function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

function restoreEntry(entry: Entry, chance: Chance, losses: Losses): void {
  if (entry.kind === 'file') {
    entry.restore(chance, losses);
    return;
  }
  entry.entries.clear();
  for (const [name, child] of entry.synced) entry.entries.set(name, child);
  for (const child of entry.entries.values()) restoreEntry(child, chance, losses);
}
