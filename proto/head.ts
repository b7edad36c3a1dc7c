import { concat, utf8 } from './bytes.ts';
import { decodeBody, encodeBody } from './codec.ts';
import { bytes, bytesUpTo, record, recordingId, uint32, uint53 } from './codec-field.ts';
import type { Entry } from './codec-table.ts';
import type { Checker, Sign } from './digest.ts';
import { PduError, ProofError } from './errors.ts';
import { bwc } from './gen/evidence.js';
import type { RecordingId } from './ids.ts';
import { CHUNKS_MAX } from './limits.ts';
import type { Moment } from './manifest.ts';

/** What the camera says of an open recording after each whole fragment. */
export interface Head {
  readonly recordingId: RecordingId;
  /** Chunks so far. */
  readonly chunks: number;
  /** RFC 6962 root over their SHA-256, as in the manifest. */
  readonly root: Uint8Array;
  readonly at: Moment;
}

interface Signed {
  readonly head: Uint8Array;
  readonly signature: Uint8Array;
}

const HEAD_DOMAIN = utf8('bwc.v1 head\n');
// Id, count, root and two clocks, each behind a tag and a length.
const HEAD_BYTES_MAX = 96;

const HEAD: Entry<Head> = {
  wire: bwc.v1.Head,
  fields: record<Head>({
    recordingId,
    chunks: uint32(1, CHUNKS_MAX),
    root: bytes(32),
    at: record<Moment>({ wallUs: uint53, monoUs: uint53 }),
  }),
};

const SIGNED_HEAD: Entry<Signed> = {
  wire: bwc.v1.SignedHead,
  fields: record<Signed>({ head: bytesUpTo(HEAD_BYTES_MAX), signature: bytes(64) }),
};

/** An encoded SignedHead. Throws ProofError BAD_HEAD for values out of range. */
export function signHead(head: Head, sign: Sign): Uint8Array {
  return orBad(() => {
    const encoded = encodeBody(HEAD, head);
    return encodeBody(SIGNED_HEAD, { head: encoded, signature: sign(concat(HEAD_DOMAIN, encoded)) });
  });
}

/** A head that `cameraKey` signed. Throws ProofError BAD_HEAD. */
export function openHead(signed: Uint8Array, cameraKey: Uint8Array, checker: Pick<Checker, 'verify'>): Head {
  return orBad(() => {
    const { head, signature } = decodeBody(SIGNED_HEAD, signed);
    if (!checker.verify(cameraKey, concat(HEAD_DOMAIN, head), signature))
      throw bad('its signature does not hold');
    return decodeBody(HEAD, head);
  });
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
  return new ProofError('BAD_HEAD', `head does not hold: ${problem}`, { retry: 'never', cause });
}
