import { createHash } from 'node:crypto';
import { fromBase64, toHex } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import { decodeWraps, type Wrap } from '../../../proto/wraps.ts';
import { FactError } from '../errors.ts';
import { damaged, fields, openDatabaseAt, written, type Database } from './database.ts';
import type { Fact } from './fact.ts';

/** Which wraps: those of one recording under one manifest. */
export interface WrapsPlace {
  readonly recording: string;
  /** SHA-256 of the encoded SignedManifest, hex. */
  readonly manifestHash: string;
}

/** The wrapped keys of sealed recordings: the only thing here whose loss destroys footage, and so the only thing that can be destroyed. */
export interface WrapsShelf {
  /** Durable when it returns. What is there already stays. */
  keep(place: WrapsPlace, wraps: Uint8Array): void;
  find(place: WrapsPlace): Uint8Array | undefined;
  /** Durable when it returns: a wrap made at a recovery, for the custodian's present key. */
  keepRewrap(place: WrapsPlace, rewrap: Wrap): void;
  rewraps(place: WrapsPlace): readonly Wrap[];
  /** When it returns, no file of the database holds the bytes any more; those made at a recovery are gone too. */
  destroy(place: WrapsPlace): void;
  close(): void;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS wraps (
  recording TEXT NOT NULL,
  manifest  TEXT NOT NULL,
  bytes     BLOB NOT NULL,
  PRIMARY KEY (recording, manifest)
) STRICT;
CREATE TABLE IF NOT EXISTS rewraps (
  recording  TEXT NOT NULL,
  manifest   TEXT NOT NULL,
  recipient  BLOB NOT NULL,
  enc        BLOB NOT NULL,
  ciphertext BLOB NOT NULL,
  PRIMARY KEY (recording, manifest, recipient)
) STRICT;
`;

/**
 * Opens wraps.db: a file of its own, so that the append-only facts and every backup of them can be kept for ever while
 * wraps are destroyed. Deleted rows are overwritten (`secure_delete`), and a rollback journal, which SQLite removes with each
 * transaction, keeps no old pages as a write-ahead log would. Throws StoreError STORE_IO.
 */
export function openWraps(path: string): WrapsShelf {
  const database = openDatabaseAt(path, {
    schema: SCHEMA,
    pragmas: ['journal_mode = DELETE', 'synchronous = EXTRA', 'secure_delete = ON'],
  });
  return shelfOn(database);
}

/** A thumbprint of 32 bytes as RFC 7638 writes it. */
export function thumbprintText(thumbprint: Uint8Array): string {
  return Buffer.from(thumbprint).toString('base64url');
}

function shelfOn(database: Database): WrapsShelf {
  const insert = database.prepare(
    'INSERT OR IGNORE INTO wraps (recording, manifest, bytes) VALUES (?, ?, ?)',
  );
  const select = database.prepare('SELECT bytes FROM wraps WHERE recording = ? AND manifest = ?');
  const again = database.prepare('INSERT OR REPLACE INTO rewraps VALUES (?, ?, ?, ?, ?)');
  const made = database.prepare(
    'SELECT recipient, enc, ciphertext FROM rewraps WHERE recording = ? AND manifest = ? ORDER BY recipient',
  );
  const removals = ['wraps', 'rewraps'].map((table) =>
    database.prepare(`DELETE FROM ${table} WHERE recording = ? AND manifest = ?`),
  );
  const remove = database.transaction((recording: string, manifestHash: string) => {
    for (const removal of removals) removal.run(recording, manifestHash);
  });
  return {
    keep: ({ recording, manifestHash }, wraps) => {
      written(() => insert.run(recording, manifestHash, Buffer.from(wraps)));
    },
    find: ({ recording, manifestHash }) => {
      const found = select.get(recording, manifestHash);
      return found === undefined ? undefined : bytesOf(fields(found)['bytes']);
    },
    keepRewrap: ({ recording, manifestHash }, { recipient, enc, ciphertext }) => {
      const blobs = [recipient, enc, ciphertext].map((bytes) => Buffer.from(bytes));
      written(() => again.run(recording, manifestHash, ...blobs));
    },
    rewraps: ({ recording, manifestHash }) =>
      made.all(recording, manifestHash).map((row) => {
        const { recipient, enc, ciphertext } = fields(row);
        return { recipient: bytesOf(recipient), enc: bytesOf(enc), ciphertext: bytesOf(ciphertext) };
      }),
    destroy: ({ recording, manifestHash }) => {
      written(() => {
        remove(recording, manifestHash);
        database.exec('VACUUM');
      });
    },
    close: () => database.close(),
  };
}

function bytesOf(blob: unknown): Uint8Array {
  if (blob instanceof ArrayBuffer || blob instanceof Uint8Array) return new Uint8Array(blob);
  throw damaged('a wrap is no blob');
}

/** Who recordings should be sealed for: RFC 7638 thumbprints in base64url. */
export interface Recipients {
  readonly custodian: string;
  /** Keys that the custodian had before. */
  readonly retired?: readonly string[];
  readonly recovery: readonly string[];
}

/** A fact as it is stored, and the wraps that came with it. Throws FactError BAD_WRAPS for what are no wraps. */
export function detachWraps(
  sent: Fact,
  known: Recipients,
): { readonly fact: Fact; readonly wraps?: Uint8Array } {
  if (sent.type !== 'recording.registered' || sent.wraps === undefined) return { fact: sent };
  const { wraps: symbols, ...rest } = sent;
  const { wraps, recipients } = parseWraps(symbols);
  const ours = [known.custodian, ...(known.retired ?? []), ...known.recovery];
  const strangers = recipients.filter((name) => !ours.includes(name));
  const fact = {
    ...rest,
    wrapsHash: toHex(createHash('sha256').update(wraps).digest()),
    recipients,
    ...(strangers.length === 0 ? {} : { unknownRecipients: strangers }),
  };
  return { fact, wraps };
}

/** What is odd about whom a registered recording is sealed for, in words; it is taken all the same, as it cannot be sealed again. */
export function recipientTrouble(fact: Fact, known: Recipients): readonly string[] {
  if (fact.type !== 'recording.registered' || fact.recipients === undefined) return [];
  const { recording, camera, recipients, unknownRecipients = [] } = fact;
  const place = `recording ${recording} of camera ${camera}`;
  return [
    ...sealedFor(place, recipients, known),
    ...unknownRecipients.map(
      (name) =>
        `${place} is sealed for ${name} too, whom nobody named with --recovery: look at that camera's keys`,
    ),
  ];
}

function sealedFor(
  place: string,
  recipients: readonly string[],
  { custodian, retired = [] }: Recipients,
): readonly string[] {
  if (recipients.includes(custodian)) return [];
  if (retired.some((name) => recipients.includes(name)))
    return [
      `${place} is sealed for a key that this service has retired: give that camera the new custodian.json`,
    ];
  return [`${place} is not sealed for this service: no key of it can ever be given here`];
}

function parseWraps(symbols: string): {
  readonly wraps: Uint8Array;
  readonly recipients: readonly string[];
} {
  try {
    const wraps = fromBase64(symbols);
    const recipients = decodeWraps(wraps).map(({ recipient }) => thumbprintText(recipient));
    return { wraps, recipients };
  } catch (cause) {
    if (!(cause instanceof ProofError || cause instanceof TypeError)) throw cause;
    throw new FactError('BAD_WRAPS', `the wraps are not taken: ${cause.message}`, { retry: 'never', cause });
  }
}
