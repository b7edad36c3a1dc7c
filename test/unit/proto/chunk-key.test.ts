import { describe, expect, test } from 'vitest';
import { toHex } from '../../../proto/bytes.ts';
import { chunkKey, chunkSecret, sealingSecret } from '../../../proto/chunk-key.ts';
import { fill, recordingId } from './fixture.ts';
import { hmacSha256 } from './seal-fixture.ts';

// Goal: the key and the context of a chunk are those of the format, and another chunk has others.
// Method: values worked out with Python's cryptography; small differences between two places.

const recordingKey: Uint8Array = Uint8Array.from({ length: 32 }, (_, i) => i);
const keyOf = (index: number, key = recordingKey): string =>
  toHex(chunkKey(key, { recording: recordingId, index }, hmacSha256));

describe('known values', () => {
  test.each([
    [0, '976c9fe8541b4d7857e55536585a62fe59ea373f4dd4c6454283fc6685ccfef4', '00000000'],
    [0x01020304, 'd042bf69df99232424ba47339c52a2f556f5987480bf867086697bb58b680044', '01020304'],
  ])('chunk %i', (index, key, number) => {
    expect(keyOf(index)).toBe(key);
    const secret = chunkSecret(fill(32, 3), { recording: recordingId, index });
    expect(secret.key).toEqual(fill(32, 3));
    // "bwc.v1 chunk\n", then the place.
    expect(toHex(secret.context)).toBe(`6277632e7631206368756e6b0a00112233445566778899aabbccddeeff${number}`);
  });
});

describe('a key', () => {
  test('is one for each index and recording key', () => {
    const all = [0, 1, 255, 256, 0xffff_ffff].flatMap((index) => [keyOf(index), keyOf(index, fill(32, 1))]);
    expect(new Set(all).size).toBe(all.length);
  });

  test('is what sealing starts from', () => {
    const place = { recording: recordingId, index: 7 };
    const opening = chunkSecret(chunkKey(recordingKey, place, hmacSha256), place);
    expect(sealingSecret(recordingKey, place, hmacSha256)).toEqual(opening);
  });

  test.each([-1, 0.5, 2 ** 32, Number.NaN])('is refused for index %d', (index) => {
    expect(() => keyOf(index)).toThrow(RangeError);
    expect(() => chunkSecret(recordingKey, { recording: recordingId, index })).toThrow(RangeError);
  });

  test.each([0, 31, 33])('is refused under a recording key of %i bytes', (length) => {
    expect(() => keyOf(0, fill(length, 1))).toThrow(RangeError);
  });
});
