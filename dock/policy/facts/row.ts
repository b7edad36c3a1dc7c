import type Sqlite from 'libsql';
import { StoreError } from '../errors.ts';

export type Database = Sqlite.Database;

/** The columns of one row as an object. The database gave us what we wrote; a row of another shape is damage. */
export function fields(row: unknown): Readonly<Record<string, unknown>> {
  if (typeof row !== 'object' || row === null) throw damaged('a row is not a row');
  return Object.fromEntries(Object.entries(row));
}

/** The bytes of a BLOB column: libsql gives a Buffer for one row and an ArrayBuffer for many. Throws StoreError STORE_DAMAGED. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return new Uint8Array(value);
  throw damaged('a column that must hold bytes holds none');
}

/** Runs a write. What the disk refuses is an error of the field: full, read-only, gone. Nothing was written then. */
export function written<Result>(write: () => Result): Result {
  try {
    return write();
  } catch (cause) {
    throw new StoreError('STORE_IO', 'the facts cannot be written now; is the disk full?', {
      retry: 'later',
      cause,
    });
  }
}

export function damaged(what: string, cause?: unknown): StoreError {
  return new StoreError('STORE_DAMAGED', `facts.db is damaged: ${what}. Restore it from a backup`, {
    retry: 'never',
    ...(cause === undefined ? {} : { cause }),
  });
}
