import { utf8 } from './bytes.ts';
import { canonicalJson, parseCanonical } from './canonical-json.ts';
import { ENTRY_FIELDS, type EntryOf, type EntryType, isEntryType } from './custody-fields.ts';
import { ProofError } from './errors.ts';
import { parseInstant } from './instant.ts';
import { LEDGER_ENTRY_BYTES_MAX } from './limits.ts';

const ENTRY_VERSION = 1;

/** One statement in a dock's ledger. `at` is RFC 3339 UTC with microseconds, by the dock's clock. */
export type CustodyEntry = { readonly [T in EntryType]: EntryOf<T> }[EntryType];

/** An entry of a type that this version does not know: shown and proved, never acted on. */
export interface UnknownEntry {
  readonly type: 'unknown';
  /** What the entry calls itself. */
  readonly named: string;
  readonly at: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * The bytes that go into the ledger: JSON in UTF-8 with keys sorted and no white space, so that one
 * statement has one spelling. Adds `"v":1`. Throws ProofError BAD_ENTRY when a field is out of range.
 */
export function encodeEntry(entry: CustodyEntry): Uint8Array {
  const fields: Record<string, unknown> = { ...entry, v: ENTRY_VERSION };
  checkFields(entry.type, fields);
  const bytes = utf8(canonicalJson(fields));
  if (bytes.length > LEDGER_ENTRY_BYTES_MAX) throw bad(`is larger than ${LEDGER_ENTRY_BYTES_MAX} bytes`);
  return bytes;
}

/**
 * Inverse of {@link encodeEntry}. An unknown `type` is kept as {@link UnknownEntry}; extra fields of a known
 * type are kept too. Throws ProofError BAD_ENTRY for anything else, and for JSON that is not in canonical
 * form: two readers could otherwise take two meanings from one entry, for example from a repeated key.
 */
export function decodeEntry(bytes: Uint8Array): CustodyEntry | UnknownEntry {
  const fields = parseCanonical(bytes, (problem, cause) => bad(problem, {}, cause));
  const { v, type, at, ...rest } = fields;
  if (v !== ENTRY_VERSION) throw bad(`has version ${String(v)}, not ${ENTRY_VERSION}`);
  if (typeof type !== 'string') throw bad('has no type');
  if (!isEntryType(type)) return { type: 'unknown', named: type, at: instant(at), fields: rest };
  checkFields(type, fields);
  // Every field of this type was checked just above, so the record is what its type says.
  return { type, at, ...rest } as CustodyEntry;
}

/**
 * The key under which an entry is appended once: the same statement again gives the same key. Entries that may
 * honestly be made again (a withholding after a revocation) carry their instant in the key.
 */
export function entryKey(entry: CustodyEntry): string {
  switch (entry.type) {
    case 'device.enrolled':
      return `enrolled/${entry.camera}/${entry.publicKey}`;
    case 'accepted':
    case 'erased':
      return `${entry.type}/${entry.recording}`;
    case 'refused':
      return `refused/${entry.recording}/${entry.manifest}`;
    case 'granted':
      return `granted/${entry.grant}`;
    case 'viewed':
      return `viewed/${entry.recording}/${entry.session}`;
    case 'destroyed':
      return `destroyed/${entry.recording}/${entry.manifest}`;
    case 'started':
    case 'clock.stepped':
      return `${entry.type}/${entry.epoch}/${entry.at}`;
    case 'config.changed':
      return `config.changed/${entry.config}/${entry.at}`;
    case 'missing':
    case 'found':
      return `${entry.type}/${entry.camera}/${entry.kind}/${entry.counterFrom ?? ''}-${entry.counterTo ?? ''}/${entry.recording ?? ''}/${entry.at}`;
    case 'damaged':
    case 'repaired':
      return `${entry.type}/${entry.recording}/${entry.what}/${entry.chunk ?? ''}/${entry.at}`;
    case 'hold.placed':
    case 'hold.lifted':
      return `${entry.type}/${entry.recording}/${entry.fact ?? entry.at}`;
    case 'exported':
    case 'retained':
      return `${entry.type}/${entry.recording}/${entry.at}`;
    case 'released':
    case 'withheld':
    case 'revoked':
    case 'denied':
      return `${entry.type}/${entry.recording}/${entry.person}/${entry.at}`;
    default:
      return entry satisfies never;
  }
}

function checkFields(type: EntryType, fields: Readonly<Record<string, unknown>>): void {
  instant(fields.at);
  const checks: Readonly<Record<string, (value: unknown) => boolean>> = ENTRY_FIELDS[type];
  for (const [name, holds] of Object.entries(checks)) {
    if (!holds(fields[name])) throw bad(`has a bad ${name}`, { type, field: name });
  }
}

function instant(value: unknown): string {
  if (typeof value !== 'string' || parseInstant(value) === undefined) throw bad('has a bad at');
  return value;
}

function bad(problem: string, facts: Readonly<Record<string, string>> = {}, cause?: unknown): ProofError {
  return new ProofError('BAD_ENTRY', `custody entry ${problem}`, { retry: 'never', facts, cause });
}
