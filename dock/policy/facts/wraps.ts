import { createHash } from 'node:crypto';
import { fromBase64, toHex } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import { decodeWraps } from '../../../proto/wraps.ts';
import { FactError } from '../errors.ts';
import { fields, openDatabaseAt, written, type Database } from './database.ts';
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
  /** When it returns, no file of the database holds the bytes any more. */
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
  const remove = database.prepare('DELETE FROM wraps WHERE recording = ? AND manifest = ?');
  return {
    keep: ({ recording, manifestHash }, wraps) => {
      written(() => insert.run(recording, manifestHash, Buffer.from(wraps)));
    },
    find: ({ recording, manifestHash }) => {
      const found = select.get(recording, manifestHash);
      const bytes = found === undefined ? undefined : fields(found)['bytes'];
      return bytes instanceof ArrayBuffer || bytes instanceof Uint8Array ? new Uint8Array(bytes) : undefined;
    },
    destroy: ({ recording, manifestHash }) => {
      written(() => {
        remove.run(recording, manifestHash);
        database.exec('VACUUM');
      });
    },
    close: () => database.close(),
  };
}

/** Who recordings should be sealed for: RFC 7638 thumbprints in base64url. */
export interface Recipients {
  readonly custodian: string;
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
  const strangers = recipients.filter((name) => name !== known.custodian && !known.recovery.includes(name));
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
    ...(recipients.includes(known.custodian)
      ? []
      : [`${place} is not sealed for this service: no key of it can ever be given here`]),
    ...unknownRecipients.map(
      (name) =>
        `${place} is sealed for ${name} too, whom nobody named with --recovery: look at that camera's keys`,
    ),
  ];
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
