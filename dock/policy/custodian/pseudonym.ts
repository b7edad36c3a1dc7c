import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDurably } from './file.ts';
import { TrustError } from '../errors.ts';
import { lost } from './log-key.ts';

/** A person's name in the ledger: HMAC-SHA-256 of their id, 64 hexadecimal digits. Ids of people can be guessed, so a bare hash would name them. */
export type Pseudonym = (person: string) => string;

const FILE = 'pseudonym.key';
const KEY_BYTES = 32;

/**
 * Pseudonyms under the key in `DATA/pseudonym.key` (64 hexadecimal digits, mode 0600), which is made where nothing was said in the
 * log yet. Throws OwnLogError LOG_KEY_LOST when it is gone from a log that has entries, TrustError BAD_KEY.
 */
export function openPseudonyms(data: string, { isNew }: { readonly isNew: boolean }): Pseudonym {
  const path = join(data, FILE);
  if (!existsSync(path)) {
    if (!isNew) throw lost(path);
    writeDurably(path, `${randomBytes(KEY_BYTES).toString('hex')}\n`, 0o600);
  }
  return pseudonymsOf(path);
}

/** The same for whoever only looks; undefined when the key is not there. Throws TrustError BAD_KEY. */
export function readPseudonyms(data: string): Pseudonym | undefined {
  const path = join(data, FILE);
  return existsSync(path) ? pseudonymsOf(path) : undefined;
}

function pseudonymsOf(path: string): Pseudonym {
  const digits = readFileSync(path, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(digits))
    throw new TrustError('BAD_KEY', `${path} is not 64 hexadecimal digits`, { retry: 'never' });
  const key = Buffer.from(digits, 'hex');
  return (person) => createHmac('sha256', key).update(person).digest('hex');
}
