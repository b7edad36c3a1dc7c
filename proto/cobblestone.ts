import { concat, equal, utf8 } from './bytes.ts';
import { SealError } from './errors.ts';
import { hkdfExpand, type Hmac } from './hkdf.ts';

/**
 * C2SP chunked encryption (https://c2sp.org/chunked-encryption) as Cobblestone-256: HKDF-Expand with SHA-512 and
 * AES-256-GCM. A sealed message is `salt | commitment | segments`; a segment is 16 KiB of plaintext with its tag behind
 * it, and the last one is always shorter, often empty, so that a message cut between two segments shows.
 *
 * Nothing here encrypts. A plan says which key and nonce go with which bytes, so that a program with synchronous
 * AES and a page with the asynchronous one of WebCrypto do the same.
 */
export const SEAL_KEY_BYTES = 32;
export const SALT_BYTES = 24;
const COMMITMENT_BYTES = 32;
const HEADER_BYTES = SALT_BYTES + COMMITMENT_BYTES;
export const SEGMENT_BYTES = 16 * 1024;
export const TAG_BYTES = 16;
const SEALED_SEGMENT_BYTES = SEGMENT_BYTES + TAG_BYTES;
const NONCE_BYTES = 12;
const SHA512_BYTES = 64;
// The zero byte ends the name of the cipher.
const LABEL = utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');

/** What both sides know beforehand: the input key, 32 uniformly random bytes, and what the message is. */
export interface SealSecret {
  readonly key: Uint8Array;
  readonly context: Uint8Array;
}

/** One AES-256-GCM call without additional data: these plain bytes, and these sealed ones with the tag as their last 16. */
export interface SegmentPlan {
  readonly nonce: Uint8Array;
  readonly plainStart: number;
  readonly plainEnd: number;
  readonly sealedStart: number;
  readonly sealedEnd: number;
}

/** All that sealing or opening one message takes. Whoever carries it out may overwrite `aeadKey` afterwards. */
export interface SealPlan {
  readonly aeadKey: Uint8Array;
  /** `salt | commitment`: the first bytes of the sealed message. */
  readonly header: Uint8Array;
  readonly segments: readonly SegmentPlan[];
  readonly plainBytes: number;
  readonly sealedBytes: number;
}

/** How to seal `plainBytes` bytes. A salt of 24 random bytes must never serve one key twice. Throws SealError SEAL_KEY. */
export function sealPlan(
  secret: SealSecret,
  { salt, plainBytes }: { readonly salt: Uint8Array; readonly plainBytes: number },
  hmacSha512: Hmac,
): SealPlan {
  if (salt.length !== SALT_BYTES) throw new RangeError(`salt has ${salt.length} B instead of ${SALT_BYTES}`);
  const schedule = scheduleOf(secret, salt, hmacSha512);
  return planOf(schedule, concat(salt, schedule.commitment), plainBytes);
}

/**
 * How to open these bytes; the commitment, which binds key, salt and context, has been checked. Throws SealError:
 * SEAL_KEY, SEAL_LENGTH when no message has this length, SEAL_TRUNCATED when the short last segment is missing,
 * SEAL_COMMITMENT when key or context is another one or the header is damaged.
 */
export function openPlan(secret: SealSecret, sealed: Uint8Array, hmacSha512: Hmac): SealPlan {
  const plainBytes = plainBytesOf(sealed.length);
  const header = sealed.subarray(0, HEADER_BYTES);
  const schedule = scheduleOf(secret, header.subarray(0, SALT_BYTES), hmacSha512);
  // The commitment is public, so how long the comparison takes tells nobody anything.
  if (!equal(schedule.commitment, header.subarray(SALT_BYTES))) {
    throw refused(
      'SEAL_COMMITMENT',
      'commitment does not match: another key, another place, or a damaged header',
    );
  }
  return planOf(schedule, header, plainBytes);
}

/** Length of a sealed message. */
export function sealedBytesOf(plainBytes: number): number {
  return HEADER_BYTES + plainBytes + TAG_BYTES * segmentsOf(plainBytes);
}

/** Inverse of {@link sealedBytesOf}. Throws SealError SEAL_LENGTH or SEAL_TRUNCATED for a length that no message has. */
export function plainBytesOf(sealedBytes: number): number {
  const body = sealedBytes - HEADER_BYTES;
  if (body < 0) throw badLength(sealedBytes);
  const last = body % SEALED_SEGMENT_BYTES;
  if (last === 0) {
    const message = `sealed message of ${sealedBytes} B ends between two segments: its end is missing`;
    throw refused('SEAL_TRUNCATED', message, { sealedBytes });
  }
  if (last < TAG_BYTES) throw badLength(sealedBytes);
  return body - TAG_BYTES * Math.ceil(body / SEALED_SEGMENT_BYTES);
}

/** Encrypts one segment: as many bytes as went in, and the 16 bytes of the tag. */
export type EncryptSegment = (
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
) => { readonly body: Uint8Array; readonly tag: Uint8Array };

/** Decrypts one segment; undefined when the tag does not fit. */
export type DecryptSegment = (
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: { readonly body: Uint8Array; readonly tag: Uint8Array },
) => Uint8Array | undefined;

/** What to seal, and where to. */
export interface SealContent {
  readonly plain: Uint8Array;
  /** Room for the result, when the caller has some: fresh memory is what sealing spends most on besides the cipher. */
  readonly into?: Uint8Array | undefined;
}

/**
 * Carries out a plan of {@link sealPlan} with a synchronous cipher, and clears the plan's key. Returns a new array, or the
 * beginning of `into`, which then holds until the caller uses that room again. Throws a RangeError when it is too small.
 */
export function sealSegments(
  plan: SealPlan,
  { plain, into }: SealContent,
  encrypt: EncryptSegment,
): Uint8Array {
  if (plain.length !== plan.plainBytes) throw badPlan(plan.plainBytes, plain);
  if (into !== undefined && into.length < plan.sealedBytes) throw badPlan(plan.sealedBytes, into);
  const sealed = into?.subarray(0, plan.sealedBytes) ?? new Uint8Array(plan.sealedBytes);
  sealed.set(plan.header);
  for (const { nonce, plainStart, plainEnd, sealedStart, sealedEnd } of plan.segments) {
    const { body, tag } = encrypt(plan.aeadKey, nonce, plain.subarray(plainStart, plainEnd));
    sealed.set(body, sealedStart);
    sealed.set(tag, sealedEnd - TAG_BYTES);
  }
  plan.aeadKey.fill(0);
  return sealed;
}

/**
 * Carries out a plan of {@link openPlan} with a synchronous cipher. Returns a new array, and clears the plan's key.
 * Throws SealError SEAL_SEGMENT when a segment is damaged or in another place; none of the plaintext is given out then.
 */
export function openSegments(plan: SealPlan, sealed: Uint8Array, decrypt: DecryptSegment): Uint8Array {
  if (sealed.length !== plan.sealedBytes) throw badPlan(plan.sealedBytes, sealed);
  const plain = new Uint8Array(plan.plainBytes);
  try {
    for (const [segment, { nonce, plainStart, sealedStart, sealedEnd }] of plan.segments.entries()) {
      const body = sealed.subarray(sealedStart, sealedEnd - TAG_BYTES);
      const tag = sealed.subarray(sealedEnd - TAG_BYTES, sealedEnd);
      const opened = decrypt(plan.aeadKey, nonce, { body, tag });
      if (opened === undefined) throw badSegment(segment);
      plain.set(opened, plainStart);
    }
  } finally {
    plan.aeadKey.fill(0);
  }
  return plain;
}

/** For whoever decrypts segments by itself: this one's tag does not fit. */
export function badSegment(segment: number): SealError {
  return refused('SEAL_SEGMENT', `segment ${segment} does not decrypt: damaged, or in another place`, {
    segment,
  });
}

interface Schedule {
  readonly aeadKey: Uint8Array;
  readonly baseNonce: Uint8Array;
  readonly commitment: Uint8Array;
}

function scheduleOf({ key, context }: SealSecret, salt: Uint8Array, hmacSha512: Hmac): Schedule {
  if (key.length !== SEAL_KEY_BYTES) {
    const keyBytes = key.length;
    throw refused('SEAL_KEY', `key has ${keyBytes} B instead of ${SEAL_KEY_BYTES}`, { keyBytes });
  }
  const bytes = SEAL_KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES;
  const info = concat(LABEL, salt, context);
  const expanded = hkdfExpand(hmacSha512, { key, info, bytes, hashBytes: SHA512_BYTES });
  return {
    aeadKey: expanded.subarray(0, SEAL_KEY_BYTES),
    baseNonce: expanded.subarray(SEAL_KEY_BYTES, SEAL_KEY_BYTES + NONCE_BYTES),
    commitment: expanded.subarray(SEAL_KEY_BYTES + NONCE_BYTES),
  };
}

function planOf(schedule: Schedule, header: Uint8Array, plainBytes: number): SealPlan {
  const count = segmentsOf(plainBytes);
  // One array for all nonces: a tiny array each is what engines are slowest at handing to native code.
  const nonces = new Uint8Array(count * NONCE_BYTES);
  const segments: SegmentPlan[] = [];
  for (let segment = 0; segment < count; segment++) {
    const nonce = nonces.subarray(segment * NONCE_BYTES, (segment + 1) * NONCE_BYTES);
    writeNonce(nonce, schedule.baseNonce, segment);
    const plainStart = segment * SEGMENT_BYTES;
    const plainEnd = Math.min(plainStart + SEGMENT_BYTES, plainBytes);
    const sealedStart = HEADER_BYTES + segment * SEALED_SEGMENT_BYTES;
    const sealedEnd = sealedStart + plainEnd - plainStart + TAG_BYTES;
    segments.push({ nonce, plainStart, plainEnd, sealedStart, sealedEnd });
  }
  return { aeadKey: schedule.aeadKey, header, segments, plainBytes, sealedBytes: sealedBytesOf(plainBytes) };
}

/** Full segments, and the short one at the end. A message is one array, so they never come near the 2^38 of the specification. */
function segmentsOf(plainBytes: number): number {
  return Math.floor(plainBytes / SEGMENT_BYTES) + 1;
}

/** The base nonce XOR the segment's number, big-endian. */
function writeNonce(nonce: Uint8Array, baseNonce: Uint8Array, segment: number): void {
  nonce.set(baseNonce);
  let rest = segment;
  for (let at = NONCE_BYTES - 1; rest > 0; at--) {
    nonce[at] = (nonce[at] ?? 0) ^ (rest % 256);
    rest = Math.floor(rest / 256);
  }
}

function badPlan(wantedBytes: number, bytes: Uint8Array): RangeError {
  return new RangeError(`plan is for ${wantedBytes} B, not ${bytes.length}`);
}

function badLength(sealedBytes: number): SealError {
  return refused('SEAL_LENGTH', `no sealed message has ${sealedBytes} B`, { sealedBytes });
}

/** No second try can help: the bytes, the key or the place are what they are. */
function refused(
  code: SealError['code'],
  message: string,
  facts: Readonly<Record<string, number>> = {},
): SealError {
  return new SealError(code, message, { retry: 'never', facts });
}
