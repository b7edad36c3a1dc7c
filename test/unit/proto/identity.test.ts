import { describe, expect, test } from 'vitest';
import { formatIdentity, type Identity, parseIdentity } from '../../../proto/identity.ts';
import { isCameraId, isDockId } from '../../../proto/ids.ts';

const publicKey = Uint8Array.from({ length: 32 }, (_, i) => i);
const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';
const LEDGER = `holdfast.local/dock-1+01234567+AQ${KEY.slice(2)}`;

function identity(kind: 'camera' | 'dock'): Identity {
  const [camera, dock] = ['cam-1', 'dock-1'];
  if (!isCameraId(camera) || !isDockId(dock)) throw new Error('test ids are wrong');
  return kind === 'camera' ? { kind, id: camera, publicKey } : { kind, id: dock, publicKey, ledger: LEDGER };
}

describe('identity files', () => {
  // What enrolling writes, every program reads.
  test.each(['camera', 'dock'] as const)('a %s round trips', (kind) => {
    expect(parseIdentity(formatIdentity(identity(kind)))).toEqual(identity(kind));
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

  // Anything that is no JSON object is a typed error, not a crash.
  test.each(['', '[]', 'null', '"x"', '{'])('refuses %j', (json) => {
    expect(() => parseIdentity(json)).toThrow(expect.objectContaining({ code: 'BAD_IDENTITY' }));
  });
});
