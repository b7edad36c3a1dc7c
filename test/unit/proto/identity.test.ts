import { createHash, generateKeyPairSync } from 'node:crypto';
import { calculateJwkThumbprint } from 'jose';
import { describe, expect, test } from 'vitest';
import { toBase64 } from '../../../proto/bytes.ts';
import {
  formatIdentity,
  type Identity,
  parseIdentity,
  recipientThumbprint,
} from '../../../proto/identity.ts';
import { isCameraId, isDockId } from '../../../proto/ids.ts';

const publicKey = Uint8Array.from({ length: 32 }, (_, i) => i);
const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const LEDGER = `holdfast.local/dock-1+01234567+AQ${KEY.slice(2)}`;

const POINT = Uint8Array.from({ length: 65 }, (_, i) => (i === 0 ? 4 : i));
const WITNESSES = [
  `witness-1+89abcdef+BA${KEY.slice(2)}`,
  // Its key has a plus sign of its own.
  'witness-2+01234567+BPv7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+w==',
];

function identity(kind: Identity['kind']): Identity {
  const [camera, dock] = ['cam-1', 'dock-1'];
  if (!isCameraId(camera) || !isDockId(dock)) throw new Error('test ids are wrong');
  if (kind === 'camera') return { kind, id: camera, publicKey };
  if (kind === 'dock') return { kind, id: dock, publicKey, ledger: LEDGER };
  return { kind, id: 'city', publicKey: POINT };
}

describe('identity files', () => {
  // What enrolling writes, every program reads.
  test.each(['camera', 'dock', 'custodian', 'recovery'] as const)('a %s round trips', (kind) => {
    expect(parseIdentity(formatIdentity(identity(kind)))).toEqual(identity(kind));
  });

  // A camera's copy says who must have cosigned.
  test('a dock keeps its witnesses', () => {
    const dock = { ...identity('dock'), witnesses: WITNESSES, quorum: 2 };
    expect(parseIdentity(formatIdentity(dock))).toEqual(dock);
  });

  // People may write notes into their files.
  test('ignores unknown fields', () => {
    const json = JSON.stringify({ ...JSON.parse(formatIdentity(identity('camera'))), note: 'bay 3' });
    expect(parseIdentity(json)).toEqual(identity('camera'));
  });

  // Each mistake is refused by name, so that the operator knows which line to mend.
  test.each([
    ['format', { format: 'holdfast/identity@2' }],
    ['kind', { kind: 'person' }],
    ['id', { id: 'Cam 1' }],
    ['id', { id: 7 }],
    ['publicKey', { publicKey: 'AAAA' }],
    ['publicKey', { publicKey: KEY.slice(0, -1) }],
    ['publicKey', { publicKey: undefined }],
    ['ledger', { kind: 'dock', ledger: 'no key' }],
    ['ledger', { kind: 'dock' }],
  ])('names a bad %s', (field, change) => {
    const json = JSON.stringify({ ...JSON.parse(formatIdentity(identity('camera'))), ...change });
    expect(() => parseIdentity(json)).toThrow(
      expect.objectContaining({ code: 'BAD_IDENTITY', facts: { field } }),
    );
  });

  // A quorum that nobody can reach, or that one witness reaches alone, must not pass for one.
  test.each([
    ['witnesses', { witnesses: [], quorum: 1 }],
    ['witnesses', { witnesses: 'one', quorum: 1 }],
    ['witnesses', { witnesses: ['one'], quorum: 1 }],
    ['witnesses', { witnesses: [WITNESSES[0], WITNESSES[0]?.replace('witness-1', 'other')], quorum: 2 }],
    ['witnesses', { quorum: 1 }],
    ['quorum', { witnesses: WITNESSES }],
    ['quorum', { witnesses: WITNESSES, quorum: 0 }],
    ['quorum', { witnesses: WITNESSES, quorum: 3 }],
    ['quorum', { witnesses: WITNESSES, quorum: 1.5 }],
    ['quorum', { witnesses: WITNESSES, quorum: '2' }],
  ])('names bad %s of a dock', (field, change) => {
    const json = JSON.stringify({ ...JSON.parse(formatIdentity(identity('dock'))), ...change });
    expect(() => parseIdentity(json)).toThrow(
      expect.objectContaining({ code: 'BAD_IDENTITY', facts: { field } }),
    );
  });

  // Nothing can be wrapped for another form of key: a compressed point, a private key, a raw Ed25519 key.
  test.each([
    ['publicKey', { publicKey: KEY }],
    ['publicKey', { publicKey: toBase64(POINT.subarray(0, 64)) }],
    ['publicKey', { publicKey: toBase64(Uint8Array.from(POINT, (byte, i) => (i === 0 ? 2 : byte))) }],
    ['id', { id: 'the city' }],
  ])('names a bad %s of a custodian', (field, change) => {
    const json = JSON.stringify({ ...JSON.parse(formatIdentity(identity('custodian'))), ...change });
    expect(() => parseIdentity(json)).toThrow(
      expect.objectContaining({ code: 'BAD_IDENTITY', facts: { field } }),
    );
  });

  // Anything that is no JSON object is a typed error, not a crash.
  test.each(['', '[]', 'null', '"x"', '{'])('refuses %j', (json) => {
    expect(() => parseIdentity(json)).toThrow(expect.objectContaining({ code: 'BAD_IDENTITY' }));
  });
});

// The name of a recipient in a wrap is the one that any JOSE library gives its key.
test('a recipient is named by its JWK thumbprint', async () => {
  for (let time = 0; time < 20; time++) {
    const jwk = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    const { kty = '', crv = '', x = '', y = '' } = jwk;
    const point = Buffer.concat([Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    const thumbprint = recipientThumbprint(point, (bytes) => createHash('sha256').update(bytes).digest());
    expect(Buffer.from(thumbprint).toString('base64url')).toBe(
      await calculateJwkThumbprint({ kty, crv, x, y }),
    );
  }
});
