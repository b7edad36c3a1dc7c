import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../proto/bytes.ts';
import {
  openPlan,
  openSegments,
  SALT_BYTES,
  SEGMENT_BYTES,
  sealPlan,
  sealSegments,
  TAG_BYTES,
} from '../../proto/cobblestone.ts';
import type { SealError } from '../../proto/errors.ts';
import { decrypt, encrypt, hmacSha512, refusal } from '../unit/proto/seal-fixture.ts';

// Goal: whatever Wycheproof says of Cobblestone-256 holds for us, refusals for the reason it names included.
// Method: every case through the plan, with node:crypto for the AES.

interface Case {
  readonly tcId: number;
  readonly comment: string;
  readonly key: string;
  readonly ctx: string;
  readonly ct: string;
  readonly aeadKey?: string;
  readonly baseNonce?: string;
  readonly msgLength?: number;
  readonly msgSha512?: string;
  readonly result: 'valid' | 'invalid';
  readonly flags: readonly string[];
}

interface File {
  readonly numberOfTests: number;
  readonly testGroups: readonly { readonly tests: readonly Case[] }[];
}

const path = new URL('./vectors/cobblestone256-wycheproof.json', import.meta.url);
const file = JSON.parse(readFileSync(path, 'utf8')) as File;
const cases = file.testGroups.flatMap(({ tests }) => tests);
const valid = cases.filter(({ result }) => result === 'valid');
const invalid = cases.filter(({ result }) => result === 'invalid');
const derived = cases.filter(({ aeadKey }) => aeadKey !== undefined);

const secretOf = (one: Case): { readonly key: Uint8Array; readonly context: Uint8Array } => ({
  key: fromHex(one.key),
  context: fromHex(one.ctx),
});
const sealedOf = ({ ct }: Case): Uint8Array => inflateSync(fromHex(ct));
const sha512 = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('hex');

/** What a refusal must say, by the flags; where they leave a choice, the lengths in the comment decide. */
function expectedCode({ flags, tcId }: Case): SealError['code'] {
  const has = (flag: string): boolean => flags.includes(flag);
  if (has('InvalidKeySize')) return 'SEAL_KEY';
  if (has('WrongKey') || has('WrongContext')) return 'SEAL_COMMITMENT';
  if (has('ModifiedCiphertext')) return has('HeaderFailure') ? 'SEAL_COMMITMENT' : 'SEAL_SEGMENT';
  if (has('ChunkReordering')) return 'SEAL_SEGMENT';
  if (has('Truncation') && has('HeaderFailure')) return 'SEAL_LENGTH';
  return LENGTHS[tcId] ?? 'SEAL_SEGMENT';
}

/** Cases that end where no message can: in the middle of a tag, or between two segments. */
const LENGTHS: Readonly<Record<number, SealError['code']>> = {
  16: 'SEAL_LENGTH',
  17: 'SEAL_LENGTH',
  19: 'SEAL_LENGTH',
  20: 'SEAL_TRUNCATED',
  31: 'SEAL_TRUNCATED',
};

// The copy must be whole, or a half-empty file would pass for success.
test('all 35 cases are here', () => {
  expect([cases.length, valid.length, invalid.length, derived.length]).toEqual([35, 10, 25, 25]);
  expect(file.numberOfTests).toBe(35);
});

describe('the key schedule', () => {
  // Also of damaged messages whose header is whole.
  test.each(derived)('$tcId: $comment', (one) => {
    const salt = sealedOf(one).subarray(0, SALT_BYTES);
    const plan = sealPlan(secretOf(one), { salt, plainBytes: 0 }, hmacSha512);
    expect(toHex(plan.aeadKey)).toBe(one.aeadKey);
    expect(toHex(plan.segments[0]?.nonce ?? new Uint8Array())).toBe(one.baseNonce);
  });
});

describe('a valid message', () => {
  test.each(valid)('$tcId: $comment', (one) => {
    const sealed = sealedOf(one);
    const plain = openSegments(openPlan(secretOf(one), sealed, hmacSha512), sealed, decrypt);
    expect([plain.length, sha512(plain)]).toEqual([one.msgLength, one.msgSha512]);
    const salt = sealed.subarray(0, SALT_BYTES);
    const plan = sealPlan(secretOf(one), { salt, plainBytes: plain.length }, hmacSha512);
    expect(sha512(sealSegments(plan, { plain }, encrypt))).toBe(sha512(sealed));
  });
});

describe('an invalid message', () => {
  // HeaderFailure: before any segment is decrypted. PartialPlaintext: in the segment after the good beginning.
  test.each(invalid)('$tcId: $comment', (one) => {
    const sealed = sealedOf(one);
    const planned = refusal(() => openPlan(secretOf(one), sealed, hmacSha512));
    if (planned !== 'not refused') {
      expect(planned.code).toBe(expectedCode(one));
      return;
    }
    expect(one.flags).not.toContain('HeaderFailure');
    const opened = refusal(() => openSegments(openPlan(secretOf(one), sealed, hmacSha512), sealed, decrypt));
    expect(opened).toMatchObject({
      code: expectedCode(one),
      facts: { segment: (one.msgLength ?? 0) / SEGMENT_BYTES },
    });
  });

  const partial = invalid.filter(({ flags }) => flags.includes('PartialPlaintext'));
  // The damage is where the case says, and nothing before it: what is refused is refused for that alone.
  test.each(partial)('$tcId begins well', (one) => {
    const sealed = sealedOf(one);
    const salt = sealed.subarray(0, SALT_BYTES);
    const plainBytes = one.msgLength ?? 0;
    const plan = sealPlan(secretOf(one), { salt, plainBytes }, hmacSha512);
    const pieces = plan.segments.slice(0, plainBytes / SEGMENT_BYTES).map((segment) => {
      const body = sealed.subarray(segment.sealedStart, segment.sealedEnd - TAG_BYTES);
      const tag = sealed.subarray(segment.sealedEnd - TAG_BYTES, segment.sealedEnd);
      return decrypt(plan.aeadKey, segment.nonce, { body, tag }) ?? new Uint8Array();
    });
    expect(sha512(Buffer.concat(pieces))).toBe(one.msgSha512);
  });

  const planned = invalid.filter(
    (one) => refusal(() => openPlan(secretOf(one), sealedOf(one), hmacSha512)) === 'not refused',
  );
  // A reader that looks at the end first, to learn the length, must be told the truth about that segment too.
  test.each(planned)('$tcId ends as its flags say', (one) => {
    const sealed = sealedOf(one);
    const { aeadKey, segments } = openPlan(secretOf(one), sealed, hmacSha512);
    const last = segments.at(-1);
    if (last === undefined) throw new Error('a plan has at least one segment');
    const body = sealed.subarray(last.sealedStart, last.sealedEnd - TAG_BYTES);
    const tag = sealed.subarray(last.sealedEnd - TAG_BYTES, last.sealedEnd);
    const isGood = decrypt(aeadKey, last.nonce, { body, tag }) !== undefined;
    expect(isGood).toBe(one.flags.includes('ValidFinalChunk'));
  });
});
