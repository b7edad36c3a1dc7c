import { createHash, type webcrypto } from 'node:crypto';
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { Sha256 } from '../../proto/digest.ts';
import { type RecipientIdentity, recipientThumbprint } from '../../proto/identity.ts';
import type { Wrap } from '../../proto/wraps.ts';
import type { Sealer } from '../ports.ts';

// RFC 9180, section 7.1: what a key pair of P-256 is derived from.
const IKM_BYTES = 32;

/** What is used of the library. Its own types name the keys of a browser, which Node's types keep in a module. */
interface Suite {
  readonly kem: {
    deriveKeyPair(ikm: ArrayBuffer): Promise<webcrypto.CryptoKeyPair>;
    deserializePublicKey(point: ArrayBuffer): Promise<webcrypto.CryptoKey>;
  };
  seal(to: Sending, plain: ArrayBuffer): Promise<{ readonly enc: ArrayBuffer; readonly ct: ArrayBuffer }>;
}

interface Sending {
  readonly recipientPublicKey: webcrypto.CryptoKey;
  readonly info: ArrayBuffer;
  /** The ephemeral key pair. */
  readonly ekm: webcrypto.CryptoKeyPair;
}

/**
 * Wraps recording keys with HPKE (RFC 9180): base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM, no additional
 * data; one wrap for each recipient, in their order. The keys of the recipients must be points of P-256. `randomBytes` must be
 * a generator fit for keys: each wrap's ephemeral key pair is derived from it, as section 4 of the RFC allows.
 */
export function hpkeSealer(
  recipients: readonly RecipientIdentity[],
  randomBytes: (count: number) => Uint8Array,
): Sealer {
  const suite: Suite = new CipherSuite({
    kem: new DhkemP256HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
  const wrapFor = async ({ publicKey }: RecipientIdentity, secret: Secret): Promise<Wrap> => {
    // Copies that the library takes as they are, so that they can be overwritten.
    const [ikm, plain] = [bufferOf(secret.ikm), bufferOf(secret.recordingKey)];
    try {
      const ekm = await suite.kem.deriveKeyPair(ikm);
      const recipientPublicKey = await suite.kem.deserializePublicKey(bufferOf(publicKey));
      const { enc, ct } = await suite.seal({ recipientPublicKey, info: secret.info, ekm }, plain);
      const recipient = recipientThumbprint(publicKey, sha256);
      return { recipient, enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
    } finally {
      for (const spent of [new Uint8Array(ikm), new Uint8Array(plain), secret.ikm]) spent.fill(0);
    }
  };
  return {
    wrap: (recordingKey, info) => {
      // All drawn at once and not between two answers of the library, so that one seed gives one set of wraps.
      const wraps = recipients.map((recipient) => ({ recipient, ikm: randomBytes(IKM_BYTES) }));
      return Promise.all(
        wraps.map(({ recipient, ikm }) => wrapFor(recipient, { ikm, recordingKey, info: bufferOf(info) })),
      );
    },
  };
}

interface Secret {
  readonly ikm: Uint8Array;
  readonly recordingKey: Uint8Array;
  readonly info: ArrayBuffer;
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();
