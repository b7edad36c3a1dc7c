import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  openPlan,
  openSegments,
  plainBytesOf,
  SEGMENT_BYTES,
  sealedBytesOf,
  sealPlan,
  sealSegments,
} from '../../../proto/cobblestone.ts';
import { SealError } from '../../../proto/errors.ts';
import { decrypt, encrypt, hmacSha512, refusal } from '../../unit/proto/seal-fixture.ts';
import { runs } from '../../runs.ts';
import { bytes, bytesUpTo } from './arbitrary.ts';

// Goal: any message opens to what it was, and no other bytes open at all. Method: random keys, contexts and lengths, most of
// them near the end of a segment; then one change of any kind and anywhere.

const secret = fc.record({ key: bytes(32), context: bytesUpTo(40) });
const length = fc.oneof(
  fc.nat({ max: 3 * SEGMENT_BYTES }),
  fc
    .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: -2, max: 2 }))
    .map(([segments, off]) => segments * SEGMENT_BYTES + off),
);
// Content does not matter to a cipher, its length does.
const plain = fc
  .tuple(length, fc.nat({ max: 255 }))
  .map(([size, first]) => Uint8Array.from({ length: size }, (_, i) => (first + i * 13) & 0xff));

interface Message {
  readonly secret: { readonly key: Uint8Array; readonly context: Uint8Array };
  readonly plain: Uint8Array;
  readonly salt: Uint8Array;
}

const message: fc.Arbitrary<Message> = fc.record({ secret, plain, salt: bytes(24) });

function seal(one: Message): Uint8Array {
  const plan = sealPlan(one.secret, { salt: one.salt, plainBytes: one.plain.length }, hmacSha512);
  return sealSegments(plan, { plain: one.plain }, encrypt);
}

const open = (from: Message['secret'], sealed: Uint8Array): Uint8Array =>
  openSegments(openPlan(from, sealed, hmacSha512), sealed, decrypt);

describe('sealing', () => {
  test('is undone by opening', () => {
    const holds = fc.property(message, (one) => {
      const sealed = seal(one);
      expect(sealed.length).toBe(sealedBytesOf(one.plain.length));
      expect(Buffer.compare(open(one.secret, sealed), one.plain)).toBe(0);
    });
    fc.assert(holds, { numRuns: runs(100) });
  });

  test('shows every changed, missing, added or moved byte', () => {
    const where = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    const change = fc.record({ kind: fc.constantFrom('flip', 'cut', 'add', 'swap'), where });
    const holds = fc.property(message, change, (one, { kind, where: share }) => {
      const sealed = seal(one);
      const changed = CHANGES[kind](sealed, Math.floor(share * sealed.length));
      // Two equal segments cannot be, so even a swap is a change.
      fc.pre(Buffer.compare(changed, sealed) !== 0);
      expect(refusal(() => open(one.secret, changed))).toBeInstanceOf(SealError);
    });
    fc.assert(holds, { numRuns: runs(300) });
  });
});

/** What may befall a message at a place. */
const CHANGES = {
  flip: (sealed: Uint8Array, at: number): Uint8Array =>
    sealed.map((byte, i) => (i === at ? byte ^ (1 << (at % 8)) : byte)),
  cut: (sealed: Uint8Array, at: number): Uint8Array => sealed.slice(0, at),
  add: (sealed: Uint8Array, at: number): Uint8Array =>
    Uint8Array.of(...sealed.subarray(0, at), 0, ...sealed.subarray(at)),
  swap: (sealed: Uint8Array): Uint8Array => {
    const whole = SEGMENT_BYTES + 16;
    const [first, second] = [sealed.slice(56, 56 + whole), sealed.slice(56 + whole, 56 + 2 * whole)];
    if (second.length < whole) return sealed;
    const swapped = sealed.slice();
    swapped.set(second, 56);
    swapped.set(first, 56 + whole);
    return swapped;
  },
} as const;

describe('lengths', () => {
  test('each of a plaintext has one of a message, and no other length is one', () => {
    const holds = fc.property(fc.nat({ max: 2 ** 40 }), (sealedBytes) => {
      const found = refusal(() => plainBytesOf(sealedBytes));
      if (found === 'not refused') expect(sealedBytesOf(plainBytesOf(sealedBytes))).toBe(sealedBytes);
      // Refused are those of no plaintext: a byte less or more of it does not meet them either.
      else {
        const near = Math.max(0, Math.floor(((sealedBytes - 56) / (SEGMENT_BYTES + 16)) * SEGMENT_BYTES));
        const around = Array.from({ length: 80 }, (_, i) => sealedBytesOf(Math.max(0, near - 40 + i)));
        expect(around).not.toContain(sealedBytes);
      }
    });
    fc.assert(holds, { numRuns: runs(2_000) });
  });
});
