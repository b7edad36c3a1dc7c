import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text, toHex, utf8 } from '../../proto/bytes.ts';
import { type Checkpoint, parseCheckpoint } from '../../proto/checkpoint.ts';
import { openCosignatures } from '../../proto/cosignature.ts';
import { splitNote } from '../../proto/note.ts';
import { WitnessError } from './errors.ts';
import { makeFolder, type Probe, readIfThere, writeDurably } from './folder.ts';
import { nodeChecker } from './keys.ts';

/** The newest checkpoint of each log that this witness has cosigned. */
export interface Heads {
  /** Undefined for a log of which it has cosigned nothing. */
  get(origin: string): Checkpoint | undefined;
  /** Resolves when the note, a cosigned checkpoint, survives a pulled plug. Throws WitnessError; `get` then says what it said before. */
  put(origin: string, note: string): Promise<void>;
  /** Runs one piece of work a log at a time, in the order of the calls. */
  inTurn<T>(origin: string, work: () => Promise<T>): Promise<T>;
}

const INDEX = 'origins';
const FOLDER = 'heads';

/** What `origins` in this folder says: no such file, a new witness's, or that something was cosigned. */
export async function priorHeads(dir: string): Promise<'none' | 'empty' | 'some'> {
  const index = await readIfThere(join(dir, INDEX));
  if (index === undefined) return 'none';
  return index.length === 0 ? 'empty' : 'some';
}

/** Makes the empty index of a new witness. It must be there before the key, so that a key without it is damage. */
export async function makeHeads(dir: string): Promise<void> {
  await writeDurably(join(dir, INDEX), new Uint8Array());
}

/**
 * Reads back everything cosigned so far: `origins` names the logs, `heads/` holds one note each, which must carry this
 * witness's own cosignature. Throws WitnessError WITNESS_DAMAGED for anything missing or changed: a witness that began
 * anew with one log would cosign whatever history it is shown.
 */
export async function openHeads(dir: string, vkey: string, probe?: Probe): Promise<Heads> {
  await makeFolder(join(dir, FOLDER));
  const index = await readIfThere(join(dir, INDEX));
  if (index === undefined) throw WitnessError.damaged(join(dir, INDEX), 'is missing, though there is a key');
  const origins = text(index)
    .split('\n')
    .filter((line) => line !== '');
  const heads = new Map<string, Checkpoint>();
  // A head that `origins` does not name was written right before the end of the process, and is as good.
  for (const name of await readdir(join(dir, FOLDER))) {
    if (name.startsWith('.')) continue;
    const head = await readHead(join(dir, FOLDER, name), vkey);
    if (fileOf(head.origin) !== join(FOLDER, name))
      throw WitnessError.damaged(join(dir, FOLDER, name), `is the head of ${head.origin}`);
    heads.set(head.origin, head);
  }
  const lost = origins.find((origin) => !heads.has(origin));
  if (lost !== undefined)
    throw WitnessError.damaged(join(dir, fileOf(lost)), `is missing, though ${lost} was cosigned`);
  return new FolderHeads(dir, { origins: new Set(origins), heads, probe });
}

class FolderHeads implements Heads {
  readonly #dir: string;
  readonly #probe: Probe | undefined;
  readonly #origins: Set<string>;
  readonly #heads: Map<string, Checkpoint>;
  readonly #turns = new Map<string, Promise<unknown>>();
  #indexing: Promise<void> = Promise.resolve();

  constructor(
    dir: string,
    found: {
      readonly origins: Set<string>;
      readonly heads: Map<string, Checkpoint>;
      readonly probe: Probe | undefined;
    },
  ) {
    this.#dir = dir;
    this.#origins = found.origins;
    this.#heads = found.heads;
    this.#probe = found.probe;
  }

  get(origin: string): Checkpoint | undefined {
    return this.#heads.get(origin);
  }

  async put(origin: string, note: string): Promise<void> {
    const options = this.#probe === undefined ? {} : { probe: this.#probe };
    await writeDurably(join(this.#dir, fileOf(origin)), utf8(note), options);
    // The index second: a name in it without a file is damage.
    if (!this.#origins.has(origin)) await this.#index(origin);
    this.#heads.set(origin, parseCheckpoint(splitNote(note).text));
  }

  inTurn<T>(origin: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(origin) ?? Promise.resolve()).then(work, work);
    this.#turns.set(origin, turn);
    return turn;
  }

  async #index(origin: string): Promise<void> {
    const write = async (): Promise<void> => {
      const lines = [...this.#origins, origin].map((line) => `${line}\n`).join('');
      const options = this.#probe === undefined ? {} : { probe: this.#probe };
      await writeDurably(join(this.#dir, INDEX), utf8(lines), options);
      this.#origins.add(origin);
    };
    this.#indexing = this.#indexing.then(write, write);
    await this.#indexing;
  }
}

async function readHead(path: string, vkey: string): Promise<Checkpoint> {
  try {
    const note = text(await readFile(path));
    const [own] = openCosignatures(note, [vkey], nodeChecker);
    if (own !== undefined) return parseCheckpoint(splitNote(note).text);
  } catch (cause) {
    throw WitnessError.damaged(path, 'is not a checkpoint that this witness cosigned', cause);
  }
  throw WitnessError.damaged(path, 'does not carry the cosignature of this witness');
}

/** Any origin makes a file name. */
function fileOf(origin: string): string {
  return join(FOLDER, toHex(nodeChecker.sha256(utf8(origin))));
}
