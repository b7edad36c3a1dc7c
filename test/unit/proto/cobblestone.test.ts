import { spawnSync } from 'node:child_process';
import { randomBytes, webcrypto } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concat, toHex, utf8 } from '../../../proto/bytes.ts';
import {
  openPlan,
  openSegments,
  plainBytesOf,
  SEGMENT_BYTES,
  type SealPlan,
  sealedBytesOf,
  sealPlan,
  sealSegments,
} from '../../../proto/cobblestone.ts';
import { decrypt, encrypt, hmacSha512, refusal } from './seal-fixture.ts';
import { peer, skippingForbidden } from '../../peer.ts';
import { fill } from './fixture.ts';

// Goal: one plan, the same bytes wherever it is carried out, and nothing opens that is not whole and in its place.
// Method: node:crypto beside WebCrypto and Python's cryptography on lengths around the segments' ends; damage of each part.

const secret = { key: fill(32, 7), context: utf8('here') };
const salt = fill(24, 9);
const LENGTHS = [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 5 * SEGMENT_BYTES - 3] as const;

const planFor = (plain: Uint8Array): SealPlan =>
  sealPlan(secret, { salt, plainBytes: plain.length }, hmacSha512);
const seal = (plain: Uint8Array): Uint8Array => sealSegments(planFor(plain), { plain }, encrypt);
const open = (sealed: Uint8Array, from = secret): Uint8Array =>
  openSegments(openPlan(from, sealed, hmacSha512), sealed, decrypt);

/** The same message with one bit turned over. */
function flipped(sealed: Uint8Array, at: number): Uint8Array {
  const copy = sealed.slice();
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

describe('one plan, two programs', () => {
  test.each(LENGTHS)('%i bytes in node are those of WebCrypto, and back', async (length) => {
    const plain = new Uint8Array(randomBytes(length));
    const sealed = seal(plain);
    expect(sealed.length).toBe(sealedBytesOf(length));
    expect(toHex(await sealInPage(planFor(plain), plain))).toBe(toHex(sealed));
    const inPage = await openInPage(openPlan(secret, sealed, hmacSha512), sealed);
    expect(Buffer.compare(inPage, plain)).toBe(0);
    expect(Buffer.compare(open(sealed), plain)).toBe(0);
  });

  // The specification's one line of it, spelled with HMAC alone.
  test('the key schedule is what the specification spells', () => {
    const { aeadKey, header, segments } = sealPlan(secret, { salt, plainBytes: 0 }, hmacSha512);
    const info = concat(
      utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM'),
      fill(1, 0),
      salt,
      secret.context,
    );
    const first = hmacSha512(secret.key, concat(info, fill(1, 1)));
    const second = hmacSha512(secret.key, concat(first, info, fill(1, 2)));
    const spelled = concat(first, second).subarray(0, 76);
    const nonce = segments[0]?.nonce ?? fill(0, 0);
    expect(toHex(concat(aeadKey, nonce, header.subarray(24)))).toBe(toHex(spelled));
  });
});

describe('a damaged message', () => {
  const plain = Uint8Array.from({ length: 2 * SEGMENT_BYTES + 5 }, (_, i) => (i * 31) & 0xff);
  const sealed = seal(plain);

  test.each([
    ['salt', 0, 'SEAL_COMMITMENT'],
    ['commitment', 24, 'SEAL_COMMITMENT'],
    ['end of the commitment', 55, 'SEAL_COMMITMENT'],
    ['first segment', 56, 'SEAL_SEGMENT'],
    ['first tag', 56 + SEGMENT_BYTES, 'SEAL_SEGMENT'],
    ['second segment', 56 + SEGMENT_BYTES + 16, 'SEAL_SEGMENT'],
    ['last tag', sealed.length - 1, 'SEAL_SEGMENT'],
  ] as const)('in its %s', (_, at, code) => {
    expect(refusal(() => open(flipped(sealed, at)))).toMatchObject({ code, retry: 'never' });
  });

  test('from another place or under another key', () => {
    const elsewhere = { ...secret, context: utf8('there') };
    expect(refusal(() => open(sealed, elsewhere))).toMatchObject({ code: 'SEAL_COMMITMENT' });
    const other = { ...secret, key: fill(32, 8) };
    expect(refusal(() => open(sealed, other))).toMatchObject({ code: 'SEAL_COMMITMENT' });
  });

  // The commitment has to be what refuses, before any cipher runs.
  test('is not decrypted when the commitment is another one', () => {
    let calls = 0;
    const counting: typeof decrypt = (key, nonce, segment) => {
      calls += 1;
      return decrypt(key, nonce, segment);
    };
    const damaged = flipped(sealed, 30);
    refusal(() => openSegments(openPlan(secret, damaged, hmacSha512), damaged, counting));
    expect(calls).toBe(0);
    openSegments(openPlan(secret, sealed, hmacSha512), sealed, counting);
    expect(calls).toBe(3);
  });

  test.each([31, 33, 0])('under a key of %i bytes', (length) => {
    const short = { ...secret, key: fill(length, 7) };
    expect(refusal(() => open(sealed, short))).toMatchObject({
      code: 'SEAL_KEY',
      facts: { keyBytes: length },
    });
    expect(refusal(() => sealPlan(short, { salt, plainBytes: 1 }, hmacSha512))).toMatchObject({
      code: 'SEAL_KEY',
    });
  });
});

describe('lengths', () => {
  test.each([
    [0, 'SEAL_LENGTH'],
    [55, 'SEAL_LENGTH'],
    [56, 'SEAL_TRUNCATED'],
    [57, 'SEAL_LENGTH'],
    [71, 'SEAL_LENGTH'],
    [56 + SEGMENT_BYTES + 16, 'SEAL_TRUNCATED'],
    [56 + SEGMENT_BYTES + 16 + 15, 'SEAL_LENGTH'],
  ] as const)('no message has %i bytes', (length, code) => {
    expect(refusal(() => plainBytesOf(length))).toMatchObject({ code, facts: { sealedBytes: length } });
    expect(refusal(() => open(new Uint8Array(length)))).toMatchObject({ code });
  });

  test.each(LENGTHS)('%i bytes of plaintext, there and back', (length) => {
    expect(plainBytesOf(sealedBytesOf(length))).toBe(length);
  });

  test('a plan is for one length, and a salt has one', () => {
    expect(() => sealSegments(planFor(fill(3, 0)), { plain: fill(4, 0) }, encrypt)).toThrow(
      'plan is for 3 B, not 4',
    );
    const sealed = seal(fill(3, 0));
    const plan = openPlan(secret, sealed, hmacSha512);
    expect(() => openSegments(plan, sealed.subarray(1), decrypt)).toThrow('plan is for');
    expect(() => sealPlan(secret, { salt: fill(23, 0), plainBytes: 1 }, hmacSha512)).toThrow(RangeError);
  });
});

describe('the segment number in the nonce', () => {
  const SEGMENTS = 66_000;
  const { segments } = sealPlan(secret, { salt, plainBytes: SEGMENTS * SEGMENT_BYTES }, hmacSha512);
  const nonceAt = (segment: number): Uint8Array => segments[segment]?.nonce ?? fill(0, 0);

  // Around the carries into the second and third byte from the end.
  test.each([0, 1, 255, 256, 257, 65_535, 65_536, SEGMENTS])('of segment %i', (segment) => {
    const base = nonceAt(0);
    const number = Uint8Array.of(...fill(9, 0), segment >> 16, (segment >> 8) & 0xff, segment & 0xff);
    expect(toHex(nonceAt(segment))).toBe(toHex(base.map((byte, i) => byte ^ (number[i] ?? 0))));
  });

  test('is another one for each', () => {
    expect(new Set(segments.map(({ nonce }) => toHex(nonce))).size).toBe(SEGMENTS + 1);
  });
});

describe('keys', () => {
  test('of a plan are gone once it was carried out, also in vain', () => {
    const sealing = planFor(fill(3, 1));
    const sealed = sealSegments(sealing, { plain: fill(3, 1) }, encrypt);
    const opening = openPlan(secret, sealed, hmacSha512);
    openSegments(opening, sealed, decrypt);
    const damaged = flipped(sealed, 57);
    const failing = openPlan(secret, damaged, hmacSha512);
    expect(refusal(() => openSegments(failing, damaged, decrypt))).toMatchObject({ code: 'SEAL_SEGMENT' });
    for (const { aeadKey } of [sealing, opening, failing]) expect(aeadKey).toEqual(fill(32, 0));
  });
});

// Opens messages with nothing of ours: the specification in a few lines of Python over OpenSSL.
const OPEN_IN_PYTHON = `
import sys
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
for line in sys.stdin:
    key, context, sealed = (bytes.fromhex(word) for word in line.split())
    salt, commitment, body = sealed[:24], sealed[24:56], sealed[56:]
    info = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\\x00" + salt + context
    expanded = HKDFExpand(SHA512(), 76, info).derive(key)
    assert expanded[44:] == commitment
    plain = b""
    for n in range(len(body) // 16400 + 1):
        nonce = (int.from_bytes(expanded[32:44], "big") ^ n).to_bytes(12, "big")
        plain += AESGCM(expanded[:32]).decrypt(nonce, body[n * 16400:(n + 1) * 16400], None)
    print(plain.hex())
`;

// The system's own first, since that is where Debian puts python3-cryptography.
const python = ['/usr/bin/python3', peer('python3')].find(
  (path) => path !== undefined && spawnSync(path, ['-c', 'import cryptography']).status === 0,
);

describe.skipIf(python === undefined && !skippingForbidden())('beside Python', () => {
  test('messages of one, two and four segments', () => {
    const plains = [5, SEGMENT_BYTES, 3 * SEGMENT_BYTES + 100].map(
      (length) => new Uint8Array(randomBytes(length)),
    );
    const lines = plains.map((plain) => [secret.key, secret.context, seal(plain)].map(toHex).join(' '));
    const how = { input: lines.join('\n'), encoding: 'utf8' } as const;
    const { stdout, stderr } = spawnSync(python ?? 'python3', ['-c', OPEN_IN_PYTHON], how);
    expect([stdout.trim().split('\n'), stderr]).toEqual([plains.map(toHex), '']);
  });
});

async function sealInPage(plan: SealPlan, plain: Uint8Array): Promise<Uint8Array> {
  const key = await pageKey(plan);
  const sealed = new Uint8Array(plan.sealedBytes);
  sealed.set(plan.header);
  for (const { nonce, plainStart, plainEnd, sealedStart } of plan.segments) {
    const how = { name: 'AES-GCM', iv: nonce };
    const segment = await webcrypto.subtle.encrypt(how, key, plain.subarray(plainStart, plainEnd));
    sealed.set(new Uint8Array(segment), sealedStart);
  }
  return sealed;
}

async function openInPage(plan: SealPlan, sealed: Uint8Array): Promise<Uint8Array> {
  const key = await pageKey(plan);
  const plain = new Uint8Array(plan.plainBytes);
  for (const { nonce, plainStart, sealedStart, sealedEnd } of plan.segments) {
    const how = { name: 'AES-GCM', iv: nonce };
    const segment = await webcrypto.subtle.decrypt(how, key, sealed.subarray(sealedStart, sealedEnd));
    plain.set(new Uint8Array(segment), plainStart);
  }
  return plain;
}

function pageKey({ aeadKey }: SealPlan): Promise<webcrypto.CryptoKey> {
  return webcrypto.subtle.importKey('raw', aeadKey, 'AES-GCM', false, ['encrypt', 'decrypt']);
}
