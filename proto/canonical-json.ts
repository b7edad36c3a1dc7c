import { text } from './bytes.ts';
import { LEDGER_ENTRY_BYTES_MAX } from './limits.ts';

/** One spelling of a JSON value: keys sorted, no white space. Members that are undefined must have been left out. */
export function canonicalJson(value: unknown): string {
  // As most are that were written here, and read again.
  if (isSorted(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const pairs = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
}

/** Are the keys of this and of all in it in order? */
function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let before = '';
  for (const [key, member] of Object.entries(value)) {
    // What must have been left out must not go unnoticed: the slow way makes no JSON of it.
    if (key < before || member === undefined || !isSorted(member)) return false;
    before = key;
  }
  return true;
}

/**
 * The members of a ledger entry's JSON object. Throws what `bad` makes of the problem when it is too large, no JSON, no object, or
 * not in canonical form: two readers could otherwise take two meanings from one entry, for example from a repeated key.
 */
export function parseCanonical(
  bytes: Uint8Array,
  bad: (problem: string, cause?: unknown) => Error,
): Readonly<Record<string, unknown>> {
  if (bytes.length > LEDGER_ENTRY_BYTES_MAX) throw bad(`is larger than ${LEDGER_ENTRY_BYTES_MAX} bytes`);
  let json: string;
  let value: unknown;
  try {
    json = text(bytes);
    value = JSON.parse(json);
  } catch (cause) {
    throw bad('is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('is not a JSON object');
  if (canonicalJson(value) !== json) throw bad('is not in canonical form');
  return Object.fromEntries(Object.entries(value));
}
