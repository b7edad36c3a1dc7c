import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { hmac } from '@noble/hashes/hmac.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { chunkSecret } from '../../../proto/chunk-key.ts';
import { badSegment, openPlan, SEAL_KEY_BYTES } from '../../../proto/cobblestone.ts';
import type { Hmac } from '../../../proto/hkdf.ts';
import { keysInfo, type KeyRange } from '../../../proto/key-range.ts';

const hmacSha512: Hmac = (key, message) => hmac(sha512, key, message);

/** The keys of a range of chunks, for as long as this page plays them. */
export class ChunkKeys {
  readonly #range: KeyRange;
  readonly #keys: Uint8Array;

  private constructor(range: KeyRange, keys: Uint8Array) {
    this.#range = range;
    this.#keys = keys;
  }

  /** Opens what the custodian sealed to this page (HPKE). Rejects unless it is the keys of this very range. */
  static async open(
    range: KeyRange,
    sealed: { readonly enc: Uint8Array; readonly ciphertext: Uint8Array },
    pair: CryptoKeyPair,
  ): Promise<ChunkKeys> {
    const suite = new CipherSuite({
      kem: new DhkemP256HkdfSha256(),
      kdf: new HkdfSha256(),
      aead: new Aes256Gcm(),
    });
    const to = { recipientKey: pair, enc: sealed.enc.slice(), info: keysInfo(range) };
    const keys = new Uint8Array(await suite.open(to, sealed.ciphertext.slice()));
    if (keys.length !== (range.end - range.start) * SEAL_KEY_BYTES)
      throw new TypeError(`${keys.length} bytes are not the keys of ${range.end - range.start} chunks`);
    return new ChunkKeys(range, keys);
  }

  /** The footage in one stored chunk. Throws SealError when it was sealed with another key, for another place, or damaged. */
  async unseal(index: number, stored: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    const { recording, start } = this.#range;
    const at = (index - start) * SEAL_KEY_BYTES;
    const secret = chunkSecret(this.#keys.subarray(at, at + SEAL_KEY_BYTES), { recording, index });
    const plan = openPlan(secret, stored, hmacSha512);
    const key = await crypto.subtle.importKey('raw', plan.aeadKey.slice(), 'AES-GCM', false, ['decrypt']);
    plan.aeadKey.fill(0);
    const plain = new Uint8Array(plan.plainBytes);
    // All segments at once: the browser decrypts them beside each other.
    await Promise.all(
      plan.segments.map(async ({ nonce, plainStart, sealedStart, sealedEnd }, segment) => {
        const algorithm = { name: 'AES-GCM', iv: nonce.slice() };
        const sealed = stored.subarray(sealedStart, sealedEnd);
        const opened = await crypto.subtle.decrypt(algorithm, key, sealed).catch(() => {
          throw badSegment(segment);
        });
        plain.set(new Uint8Array(opened), plainStart);
      }),
    );
    return plain;
  }

  forget(): void {
    this.#keys.fill(0);
  }
}
