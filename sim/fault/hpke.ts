import { createCipheriv, createDecipheriv, createECDH, createHmac } from 'node:crypto';
import type { Sealer } from '../../device/ports.ts';
import { concat, utf8 } from '../../proto/bytes.ts';
import { hkdfExpand, type Hmac } from '../../proto/hkdf.ts';
import type { RecipientIdentity } from '../../proto/identity.ts';
import { recipientThumbprint } from '../../proto/identity.ts';
import type { Wrap } from '../../proto/wraps.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import type { Chance } from './chance.ts';

const VERSION = utf8('HPKE-v1');
// DHKEM(P-256, HKDF-SHA256); HKDF-SHA256; AES-256-GCM: the numbers of RFC 9180, section 7.
const KEM_SUITE = concat(utf8('KEM'), Uint8Array.of(0, 0x10));
const HPKE_SUITE = concat(utf8('HPKE'), Uint8Array.of(0, 0x10, 0, 1, 0, 2));
const NOTHING = new Uint8Array();
const [SECRET_BYTES, KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 32, 12, 16];

const hmac: Hmac = (key, message) => createHmac('sha256', key).update(message).digest();

/** A P-256 key pair for wraps, by the seed. */
export interface WrapPair {
  readonly secret: Uint8Array;
  /** Uncompressed point, 65 bytes. */
  readonly point: Uint8Array;
}

/** By the chance of a world, never for a real key. */
export function wrapPair(chance: Chance): WrapPair {
  const ecdh = createECDH('prime256v1');
  // Below 2^255, and so below the order of the group.
  const secret = chance.bytes(SECRET_BYTES);
  secret[0] = (secret[0] ?? 0) & 0x7f;
  ecdh.setPrivateKey(secret);
  return { secret, point: new Uint8Array(ecdh.getPublicKey()) };
}

/**
 * Wraps recording keys as `hpkeSealer` of a camera does (RFC 9180, base mode, single shot, no additional data), but answers
 * at once: the library of the product asks WebCrypto, which answers from a thread pool when it likes.
 */
export function promptSealer(recipients: readonly RecipientIdentity[], chance: Chance): Sealer {
  return {
    wrap: (recordingKey, info) =>
      Promise.resolve(
        recipients.map(({ publicKey }) => wrapFor(publicKey, { recordingKey, info, own: wrapPair(chance) })),
      ),
  };
}

/** What a wrap holds, for the key it was made for; undefined when it does not open under this info. */
export function openWrap(wrap: Wrap, info: Uint8Array, pair: WrapPair): Uint8Array | undefined {
  const shared = agree(pair, wrap.enc);
  const { key, nonce } = schedule(sharedSecret(shared, concat(wrap.enc, pair.point)), info);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce);
  decipher.setAuthTag(wrap.ciphertext.subarray(-TAG_BYTES));
  try {
    return concat(decipher.update(wrap.ciphertext.subarray(0, -TAG_BYTES)), decipher.final());
  } catch {
    return undefined;
  }
}

function wrapFor(
  point: Uint8Array,
  {
    recordingKey,
    info,
    own,
  }: { readonly recordingKey: Uint8Array; readonly info: Uint8Array; readonly own: WrapPair },
): Wrap {
  const shared = agree(own, point);
  const { key, nonce } = schedule(sharedSecret(shared, concat(own.point, point)), info);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const ciphertext = concat(cipher.update(recordingKey), cipher.final(), cipher.getAuthTag());
  return { recipient: recipientThumbprint(point, nodeChecker.sha256), enc: own.point, ciphertext };
}

function agree({ secret }: WrapPair, point: Uint8Array): Uint8Array {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(secret);
  return ecdh.computeSecret(point);
}

/** ExtractAndExpand of section 4.1. */
function sharedSecret(shared: Uint8Array, kemContext: Uint8Array): Uint8Array {
  const prk = labeledExtract(KEM_SUITE, { salt: NOTHING, label: 'eae_prk', ikm: shared });
  return labeledExpand(KEM_SUITE, { prk, label: 'shared_secret', info: kemContext, bytes: SECRET_BYTES });
}

/** KeySchedule of section 5.1 in base mode; a single shot uses the base nonce as it is. */
function schedule(
  secret: Uint8Array,
  info: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const idHash = labeledExtract(HPKE_SUITE, { salt: NOTHING, label: 'psk_id_hash', ikm: NOTHING });
  const infoHash = labeledExtract(HPKE_SUITE, { salt: NOTHING, label: 'info_hash', ikm: info });
  const context = concat(Uint8Array.of(0), idHash, infoHash);
  const prk = labeledExtract(HPKE_SUITE, { salt: secret, label: 'secret', ikm: NOTHING });
  return {
    key: labeledExpand(HPKE_SUITE, { prk, label: 'key', info: context, bytes: KEY_BYTES }),
    nonce: labeledExpand(HPKE_SUITE, { prk, label: 'base_nonce', info: context, bytes: NONCE_BYTES }),
  };
}

function labeledExtract(
  suite: Uint8Array,
  { salt, label, ikm }: { readonly salt: Uint8Array; readonly label: string; readonly ikm: Uint8Array },
): Uint8Array {
  return hmac(salt, concat(VERSION, suite, utf8(label), ikm));
}

function labeledExpand(
  suite: Uint8Array,
  {
    prk,
    label,
    info,
    bytes,
  }: { readonly prk: Uint8Array; readonly label: string; readonly info: Uint8Array; readonly bytes: number },
): Uint8Array {
  const labeled = concat(Uint8Array.of(0, bytes), VERSION, suite, utf8(label), info);
  return hkdfExpand(hmac, { key: prk, info: labeled, bytes, hashBytes: SECRET_BYTES });
}
