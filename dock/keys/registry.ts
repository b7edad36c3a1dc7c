import { join } from 'node:path';
import { equal } from '../../proto/bytes.ts';
import { formatIdentity, parseIdentity, type Identity } from '../../proto/identity.ts';
import { KeyError } from './key-error.ts';
import { makeFolder, readIfThere, writePublic } from './key-file.ts';

/** Reads one identity file. Undefined when there is none; throws KeyError IDENTITY_BAD when it says something else. */
export function readIdentity(path: string): Identity | undefined {
  const json = readIfThere(path);
  if (json === undefined) return undefined;
  try {
    return parseIdentity(json);
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new KeyError('IDENTITY_BAD', path, { problem, cause });
  }
}

/**
 * Puts an identity into a registry folder as `<id>.json`. The same identity again changes nothing; another key
 * under the same id throws KeyError IDENTITY_EXISTS, since replacing it would disown what the old key signed.
 * Returns whether a file was written.
 */
export function publishIdentity(folder: string, identity: Identity): boolean {
  makeFolder(folder, 'identities');
  const path = join(folder, `${identity.id}.json`);
  const there = readIdentity(path);
  if (there === undefined) {
    writeIdentity(path, identity);
    return true;
  }
  if (sameIdentity(there, identity)) return false;
  const problem = `already names another key for ${identity.kind} ${identity.id}; to replace it, move this file away`;
  throw new KeyError('IDENTITY_EXISTS', path, { problem });
}

/** Writes an identity file that is not there yet. Throws KeyError KEY_EXISTS. */
export function writeIdentity(path: string, identity: Identity): void {
  writePublic(path, formatIdentity(identity));
}

/** Same kind, id and keys, whatever the spelling of the file, and whoever must witness that dock's ledger. */
export function sameIdentity(a: Identity, b: Identity): boolean {
  if (a.kind !== b.kind || a.id !== b.id || !equal(a.publicKey, b.publicKey)) return false;
  return a.kind !== 'dock' || (b.kind === 'dock' && a.ledger === b.ledger);
}
