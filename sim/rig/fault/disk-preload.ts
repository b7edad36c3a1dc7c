import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import type { DiskAct } from './disk-control.ts';
import { DiskJudge, type Sentence } from './disk-judge.ts';
import { type Call, clip, pause, pauseAll, replace, sizeOf } from './patch.ts';

type Acts = Readonly<Record<string, DiskAct>>;

const HANDLE: Acts = {
  ...{ write: 'write', writev: 'write', writeFile: 'write', appendFile: 'write' },
  ...{ sync: 'sync', datasync: 'sync', read: 'read', readv: 'read', readFile: 'read' },
};
const BY_PATH: Acts = { writeFile: 'write', appendFile: 'write', readFile: 'read' };
const BY_NUMBER: Acts = {
  ...{ write: 'write', writev: 'write', fsync: 'sync', fdatasync: 'sync', read: 'read', readv: 'read' },
};

/** One of the functions that lead to files; its data is the argument at `place`. */
interface Door {
  readonly name: string;
  readonly place: number;
}

// What tells how much it wrote may be cut short; a whole file is written or not.
const CUT = new Set(['write', 'writev', 'writeSync', 'writevSync']);

/** Stands between this process and its files from now on. */
export async function troubleDisk(controlFile: string): Promise<void> {
  const trouble = new Trouble(new DiskJudge(controlFile));
  const probe = await promises.open(process.execPath, 'r');
  const prototype: unknown = Object.getPrototypeOf(probe);
  await probe.close();
  if (typeof prototype !== 'object' || prototype === null) throw new TypeError('files have no prototype');
  trouble.opening();
  trouble.room();
  trouble.freeing(prototype);
  for (const [name, act] of Object.entries(HANDLE)) trouble.handle(prototype, name, act);
  for (const [name, act] of Object.entries(BY_PATH)) trouble.promise(name, act);
  for (const [name, act] of Object.entries({ ...BY_NUMBER, ...BY_PATH }))
    trouble.synchronous(`${name}Sync`, act);
  // With a callback, Node writes a whole file by its own `write`; reading one it does by itself.
  for (const [name, act] of Object.entries<DiskAct>({ ...BY_NUMBER, readFile: 'read' }))
    trouble.callback(name, act);
  // What was imported by name follows only now.
  syncBuiltinESMExports();
}

class Trouble {
  readonly #judge: DiskJudge;
  /** Where open files are, by FileHandle and by number; a number is another file's when it was opened anew. */
  readonly #handles = new WeakMap<object, string>();
  readonly #numbers = new Map<number, string>();
  /** Opened so that each write is a sync as well (O_DSYNC). */
  readonly #syncing = new WeakSet<object>();
  /** One synchronous call is made of others in Node, and is one call all the same. */
  #isInside = false;

  constructor(judge: DiskJudge) {
    this.#judge = judge;
  }

  opening(): void {
    const [handles, numbers, syncing] = [this.#handles, this.#numbers, this.#syncing];
    replace(promises, 'open', (open) => async (self, args) => {
      const handle: unknown = await open(self, args);
      if (typeof handle !== 'object' || handle === null) return handle;
      handles.set(handle, String(args[0]));
      const { O_DSYNC } = fs.constants;
      if (typeof args[1] === 'number' && O_DSYNC > 0 && (args[1] & O_DSYNC) === O_DSYNC) syncing.add(handle);
      return handle;
    });
    replace(fs, 'openSync', (open) => (self, args) => {
      const number = open(self, args);
      if (typeof number === 'number') numbers.set(number, String(args[0]));
      return number;
    });
    replace(fs, 'open', (open) => (self, args) => {
      const done = args.at(-1);
      return open(self, [
        ...args.slice(0, -1),
        (error: unknown, number: unknown) => {
          if (typeof number === 'number') numbers.set(number, String(args[0]));
          if (typeof done === 'function') Reflect.apply(done, undefined, [error, number]);
        },
      ]);
    });
  }

  /** A program that asks how much room there is hears of none when there is none. */
  room(): void {
    const empty = (path: unknown, told: unknown): unknown => {
      if (typeof told !== 'object' || told === null || !this.#judge.isFull(String(path))) return told;
      const zero = 'bavail' in told && typeof told.bavail === 'bigint' ? 0n : 0;
      return Object.assign(told, { bavail: zero, bfree: zero });
    };
    replace(promises, 'statfs', (ask) => async (self, args) => empty(args[0], await ask(self, args)));
    replace(fs, 'statfsSync', (ask) => (self, args) => empty(args[0], ask(self, args)));
  }

  /** Who removes or shortens a file makes room for another one. */
  freeing(prototype: object): void {
    const sizeAt = (path: unknown): number => {
      const found = fs.statSync(String(path), { throwIfNoEntry: false });
      return found?.isFile() === true ? found.size : 0;
    };
    for (const name of ['rm', 'unlink'])
      replace(promises, name, (remove) => async (self, args) => {
        const bytes = sizeAt(args[0]);
        await remove(self, args);
        this.#judge.freed(String(args[0]), bytes);
      });
    for (const name of ['rmSync', 'unlinkSync'])
      replace(fs, name, (remove) => (self, args) => {
        const bytes = sizeAt(args[0]);
        remove(self, args);
        this.#judge.freed(String(args[0]), bytes);
      });
    replace(prototype, 'truncate', (cut) => async (self, args) => {
      const path = typeof self === 'object' && self !== null ? this.#handles.get(self) : undefined;
      const before = sizeAt(path);
      await cut(self, args);
      if (path !== undefined) this.#judge.freed(path, Math.max(0, before - sizeAt(path)));
    });
  }

  handle(prototype: object, name: string, act: DiskAct): void {
    replace(prototype, name, (call) => async (self, args) => {
      const path = typeof self === 'object' && self !== null ? this.#handles.get(self) : undefined;
      const sentence = this.#judge.judge(path, act, sizeOf(args[0], args.slice(1)));
      if (sentence.delayMs > 0) await pause(sentence.delayMs);
      const done: unknown = await call(self, left({ name, place: 0 }, args, sentence));
      if (act === 'write' && typeof self === 'object' && self !== null && this.#syncing.has(self)) {
        const { error } = this.#judge.judge(path, 'sync');
        if (error !== undefined) throw error;
      }
      const isLast = args[0] instanceof Uint8Array && this.#judge.cutsAfter(path, args[0]);
      if (isLast) process.kill(process.pid, 'SIGKILL');
      return done;
    });
  }

  promise(name: string, act: DiskAct): void {
    replace(promises, name, (call) => async (self, args) => {
      const sentence = this.#judge.judge(this.#pathOf(args[0]), act, sizeOf(args[1], []));
      if (sentence.delayMs > 0) await pause(sentence.delayMs);
      return call(self, left({ name, place: 1 }, args, sentence));
    });
  }

  synchronous(name: string, act: DiskAct): void {
    replace(fs, name, (call) => (self, args) => {
      if (this.#isInside) return call(self, args);
      const sentence = this.#judge.judge(this.#pathOf(args[0]), act, sizeOf(args[1], args.slice(2)));
      if (sentence.delayMs > 0) pauseAll(sentence.delayMs);
      const taken = left({ name, place: 1 }, args, sentence);
      this.#isInside = true;
      try {
        return call(self, taken);
      } finally {
        this.#isInside = false;
      }
    });
  }

  callback(name: string, act: DiskAct): void {
    replace(fs, name, (call) => (self, args) => {
      const sentence = this.#judge.judge(this.#pathOf(args[0]), act, sizeOf(args[1], args.slice(2, -1)));
      if (sentence.delayMs === 0 && sentence.error === undefined) return call(self, args);
      void pause(sentence.delayMs).then(() => this.#late(call, args, { self, name, sentence }));
      return undefined;
    });
  }

  #late(
    call: Call,
    args: readonly unknown[],
    now: { self: unknown; name: string; sentence: Sentence },
  ): void {
    try {
      call(now.self, left({ name: now.name, place: 1 }, args, now.sentence));
    } catch (error) {
      const done = args.at(-1);
      if (error !== now.sentence.error || typeof done !== 'function') throw error;
      Reflect.apply(done, undefined, [error]);
    }
  }

  #pathOf(file: unknown): string | undefined {
    if (typeof file === 'number') return this.#numbers.get(file);
    if (typeof file === 'object' && file !== null && !(file instanceof URL) && !Buffer.isBuffer(file))
      return this.#handles.get(file);
    return file instanceof URL ? file.pathname : String(file);
  }
}

/** The arguments as far as the disk takes them, the data being the one at `place`. Throws the error when it takes nothing. */
function left(
  { name, place }: Door,
  args: readonly unknown[],
  { error, room = 0 }: Sentence,
): readonly unknown[] {
  if (error === undefined) return args;
  const clipped = room > 0 && CUT.has(name) ? clip(args, place, room) : undefined;
  if (clipped === undefined) throw error;
  return clipped;
}
