import { FieldError } from '../../proto/errors.ts';
import type { Facts } from '../../proto/errors.ts';

/**
 * What can go wrong with the store in the field.
 *
 * - `STORE_FULL`: no room (ENOSPC, EDQUOT). Nothing was indexed; try again later.
 * - `STORE_IO`: the disk or the index failed. Nothing was indexed; try again later.
 * - `STORE_CONFLICT`: other bytes, or another owner, than what is already kept under that name. Never try again.
 * - `STORE_ROT`: bytes on disk are not the ones that were put there. Once settled: never try again; the damage is kept
 *   as it is. Before: they are forgotten, take a new lease and put them again.
 * - `STORE_STALE`: what the caller believes of the holding is no longer so (newer lease, settled, not the next
 *   chunk, unknown). Take a new lease and look again.
 * - `STORE_MIRROR`: the second copy cannot be made, read back or destroyed now. Try again later; there is no custody before.
 */
export class StoreError extends FieldError<
  'STORE_FULL' | 'STORE_IO' | 'STORE_CONFLICT' | 'STORE_ROT' | 'STORE_STALE' | 'STORE_MIRROR'
> {}

/** The codes of a full disk or a spent quota, from the system and from SQLite. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL']);

/**
 * Turns what a disk or SQLite threw into a StoreError; `doing` completes the sentence "could not ...".
 * Anything else is a bug and comes back as it was.
 */
export function asStoreError(error: unknown, doing: string, facts: Facts = {}): unknown {
  const code = systemCode(error);
  if (error instanceof StoreError || code === undefined) return error;
  const full = FULL.has(code);
  return new StoreError(full ? 'STORE_FULL' : 'STORE_IO', `could not ${doing}: ${code}`, {
    retry: 'later',
    facts: { ...facts, code },
    cause: error,
  });
}

/** The same for what the disk of the second copy threw. */
export function asMirrorError(error: unknown, doing: string, dir: string): unknown {
  const code = systemCode(error);
  if (error instanceof StoreError || code === undefined) return error;
  return noMirror(`could not ${doing} in ${dir}: ${code}`, { dir, code }, error);
}

/** There is no second copy now, and so no custody. */
export function noMirror(message: string, facts: Facts, cause?: unknown): StoreError {
  return new StoreError('STORE_MIRROR', `mirror: ${message}`, { retry: 'later', facts, cause });
}

/** The holding is not what the caller thinks it is. */
export function stale(message: string, facts: Facts = {}): StoreError {
  return new StoreError('STORE_STALE', message, { retry: 'later', facts });
}

/** Something else is already kept under that name. */
export function conflict(message: string, facts: Facts = {}): StoreError {
  return new StoreError('STORE_CONFLICT', message, { retry: 'never', facts });
}

/** Bytes on disk are not what was put there, and were in nobody's custody yet: they are forgotten and may come again. */
export function rotForgotten(message: string, facts: Facts, cause: unknown): StoreError {
  return new StoreError('STORE_ROT', message, { retry: 'later', facts, cause });
}

/** Bytes on disk are not what was accepted. */
export function rot(message: string, facts: Facts = {}, cause?: unknown): StoreError {
  return new StoreError('STORE_ROT', message, { retry: 'never', facts, cause });
}

/** The disk could not read a sector, or could not be spoken to. */
export function isUnreadable(error: unknown): boolean {
  return systemCode(error) === 'EIO';
}

/** The file or folder is not there. */
export function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

// System errors have an errno name, SQLite's a name of its own. A violated constraint is our own bug, as is
// every error of Node itself, whose code begins with ERR_.
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (error.code.startsWith('ERR_') || error.code.startsWith('SQLITE_CONSTRAINT')) return undefined;
  return error.code;
}
