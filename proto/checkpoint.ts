import { fromBase64, toBase64 } from './bytes.ts';
import type { Checker } from './digest.ts';
import { ProofError } from './errors.ts';
import { HASH_BYTES } from './merkle.ts';
import { openNote } from './note.ts';

/** A log's tree head (C2SP tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string;
  /** Entries in the log. */
  readonly size: number;
  /** RFC 6962 root, 32 bytes. */
  readonly root: Uint8Array;
}

const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/;

/** The text that a log signs: origin, size, root, a line feed after each. Throws ProofError BAD_NOTE. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (origin === '' || origin.includes('\n')) throw bad('origin must be one line');
  if (!Number.isSafeInteger(size) || size < 0) throw bad(`size is ${size}`);
  if (root.length !== HASH_BYTES) throw bad('root must have 32 bytes');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * Inverse of {@link formatCheckpoint}. Throws ProofError BAD_NOTE. Extension lines are refused: our logs write
 * none, and nothing in a log can prove what they say.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin, digits, encoded, end, ...more] = text.split('\n');
  if (origin === undefined || origin === '' || digits === undefined || encoded === undefined)
    throw bad('too few lines');
  if (end !== '' || more.length > 0) throw bad('must be three lines');
  const size = parseDecimal(digits);
  if (size === undefined) throw bad('size is no decimal number');
  return { origin, size, root: parseRoot(encoded) };
}

/** The checkpoint in a note signed by the log of that origin. Throws ProofError BAD_NOTE or BAD_SIGNATURE. */
export function openCheckpoint(note: string, vkey: string, checker: Checker): Checkpoint {
  const opened = openNote(note, [vkey], checker);
  const checkpoint = parseCheckpoint(opened.text);
  // A key signs for one log: the same operator's other log must not pass for this one. Only this key is known, so only it signed.
  const [name] = opened.signers;
  if (checkpoint.origin !== name) throw bad(`origin is ${checkpoint.origin}, but the key is for ${name}`);
  return checkpoint;
}

/** A decimal number without leading zeros, up to 2^53-1, or undefined. */
export function parseDecimal(digits: string): number | undefined {
  const value = DECIMAL.test(digits) ? Number(digits) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

function parseRoot(encoded: string): Uint8Array {
  try {
    const root = fromBase64(encoded);
    if (root.length === HASH_BYTES) return root;
  } catch {
    // Falls through to the one error that says what is wanted.
  }
  throw bad('root must be 32 bytes in base64');
}

function bad(problem: string): ProofError {
  return new ProofError('BAD_NOTE', `checkpoint: ${problem}`, { retry: 'never' });
}
