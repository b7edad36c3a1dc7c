import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import Sqlite from 'libsql';
import { WitnessError } from './errors.ts';

const OWNER_ONLY = 0o600;

/** Called before every step of a write, with its name. A fault test throws or dies here; the program passes none. */
export type Probe = (step: string) => void;

/** The file's bytes, or undefined when there is none. Throws WitnessError WITNESS_IO. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw fault(`reading ${path}`, cause);
  }
}

/** Makes a folder, its name durable, for this user alone. Throws WitnessError WITNESS_IO. */
export async function makeFolder(path: string): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
  } catch (cause) {
    throw fault(`making ${path}`, cause);
  }
}

/**
 * Writes a whole file: after a crash there is the old one or the new one, never a part, and once this resolves it is
 * the new one. Throws WitnessError WITNESS_IO; which of the two is there is then not known.
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array,
  { mode = 0o644, probe = () => undefined }: { readonly mode?: number; readonly probe?: Probe } = {},
): Promise<void> {
  const folder = dirname(path);
  const next = join(folder, `.${basename(path)}.next`);
  try {
    probe('write');
    const file = await open(next, 'w', mode);
    try {
      await file.writeFile(bytes);
      probe('sync');
      await file.sync();
    } finally {
      await file.close();
    }
    probe('rename');
    await rename(next, path);
    probe('sync folder');
    await syncFolder(folder);
  } catch (cause) {
    throw fault(`writing ${path}`, cause);
  }
}

/**
 * Keeps every other witness off the folder until the returned function is called or this process ends, however it
 * ends. It is a transaction on an empty database, which the kernel lets go with the process. Throws WitnessError
 * WITNESS_LOCKED, WITNESS_IO.
 */
export function lockFolder(folder: string): () => void {
  const path = join(folder, 'lock.db');
  keepToOwner(path);
  const lock = new Sqlite(path, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (!codeOf(cause).startsWith('SQLITE_BUSY')) throw fault(`locking ${folder}`, cause);
    const message = `witness: ${folder} is in use by another process; two would each forget what the other cosigned`;
    throw new WitnessError('WITNESS_LOCKED', message, { retry: 'later', cause, facts: { folder } });
  }
  return () => {
    lock.exec('ROLLBACK');
    lock.close();
  };
}

/** Whoever may open it may hold it, and with it keep the witness from starting. */
function keepToOwner(path: string): void {
  try {
    // Closing a file lets go of every lock that this process has on it, so one that is there is not opened.
    if (existsSync(path)) chmodSync(path, OWNER_ONLY);
    else closeSync(openSync(path, 'a', OWNER_ONLY));
  } catch (cause) {
    throw fault(`making ${path}`, cause);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function fault(doing: string, cause: unknown): WitnessError {
  const message = `witness: ${doing}: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new WitnessError('WITNESS_IO', message, { retry: 'later', cause, facts: { code: codeOf(cause) } });
}

function codeOf(cause: unknown): string {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return '';
  return typeof cause.code === 'string' ? cause.code : '';
}
