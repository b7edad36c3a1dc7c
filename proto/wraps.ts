import { concat, equal, utf8 } from './bytes.ts';
import { decodeBody, encodeBody } from './codec.ts';
import { bytes, bytesUpTo, list, rangeError, record } from './codec-field.ts';
import type { Entry } from './codec-table.ts';
import type { Sha256 } from './digest.ts';
import { PduError, ProofError } from './errors.ts';
import { bwc } from './gen/evidence.js';
import { WRAPS_BYTES_MAX, WRAPS_MAX } from './limits.ts';

/** A recording key, sealed to one recipient (HPKE, RFC 9180); field meanings in evidence.proto. */
export interface Wrap {
  /** RFC 7638 SHA-256 thumbprint of the recipient's public key, 32 bytes. */
  readonly recipient: Uint8Array;
  /** 65 bytes: an uncompressed P-256 point. */
  readonly enc: Uint8Array;
  /** 48 bytes. */
  readonly ciphertext: Uint8Array;
}

const WRAP_DOMAIN = utf8('bwc.v1 wrap\n');

const WRAPS: Entry<{ readonly wraps: readonly Wrap[] }> = {
  wire: bwc.v1.Wraps,
  fields: record<{ readonly wraps: readonly Wrap[] }>(
    { wraps: list(record<Wrap>({ recipient: bytes(32), enc: bytes(65), ciphertext: bytes(48) }), WRAPS_MAX) },
    ({ wraps }) => {
      if (wraps.length === 0) throw rangeError('wraps', 'is empty: nobody could ever open the recording');
    },
  ),
};

/** The one way to write wraps; the manifest holds the SHA-256 of these bytes. Throws ProofError BAD_WRAPS. */
export function encodeWraps(wraps: readonly Wrap[]): Uint8Array {
  return orBad(() => encodeBody(WRAPS, { wraps }));
}

/** Inverse of {@link encodeWraps}. Throws ProofError BAD_WRAPS for anything else, a second way to write them included. */
export function decodeWraps(encoded: Uint8Array): readonly Wrap[] {
  const { wraps } = orBad(() => {
    bytesUpTo(WRAPS_BYTES_MAX).fromWire(encoded, 'wraps');
    return decodeBody(WRAPS, encoded);
  });
  if (!equal(encodeWraps(wraps), encoded)) throw bad('they are not encoded in the one canonical way');
  return wraps;
}

/** HPKE `info` of every wrap of a recording: a wrap that is moved to another recording does not open there. */
export function wrapInfo(header: Uint8Array, sha256: Sha256): Uint8Array {
  return concat(WRAP_DOMAIN, sha256(header));
}

function orBad<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof PduError) throw bad(cause.message, cause);
    throw cause;
  }
}

function bad(problem: string, cause?: unknown): ProofError {
  return new ProofError('BAD_WRAPS', `wraps do not hold: ${problem}`, { retry: 'never', cause });
}
