import { describe, expect, it } from 'vitest';
import { formatStamps, parseStamps } from '../../../../dock/store/stamps.ts';
import { text, toHex, utf8 } from '../../../../proto/bytes.ts';
import { sha256 } from '../../../contract/stores.ts';

const digest = sha256(Uint8Array.of(1));
const stamp = { receivedAtUs: 1_800_000_000_000_007, uncertaintyUs: 1_250, basis: 'local' } as const;
const LINE = `{"chunk":0,"sha256":"${toHex(digest)}","receivedAt":"2027-01-15T08:00:00.000007Z","uncertaintyUs":1250,"basis":"local"}\n`;

// The same chunk stamped by a dock that counts the epochs of its clock.
const counted = { ...stamp, basis: 'utc', epoch: 3 } as const;
const COUNTED = LINE.replace('"local"}', '"utc","epoch":3}');

describe('the stamps file', () => {
  // Goal: the ledger's digest of this file can be reproduced for ever. Method: the exact bytes.
  it('has one line a chunk', () => {
    const bytes = formatStamps([{ index: 0, offset: 0, bytes: 5, sha256: digest, stamp }]);
    expect(text(bytes)).toBe(LINE);
    expect(parseStamps(bytes)).toEqual([{ chunk: 0, sha256: digest, stamp }]);
    expect(parseStamps(new Uint8Array(0))).toBeUndefined();
  });

  // Goal: which epoch of the clock a stamp belongs to is part of the file, and files from before there were epochs are
  // still read. Method: the exact bytes, and both kinds in one file.
  it('tells the epoch of each stamp', () => {
    const chunk = { index: 0, offset: 0, bytes: 5, sha256: digest, stamp: counted };
    expect(text(formatStamps([chunk]))).toBe(COUNTED);
    expect(parseStamps(utf8(COUNTED))).toEqual([{ chunk: 0, sha256: digest, stamp: counted }]);
    const mixed = formatStamps([
      { ...chunk, stamp },
      { ...chunk, index: 1 },
    ]);
    expect(parseStamps(mixed)?.map((line) => line.stamp.epoch)).toEqual([undefined, 3]);
  });

  // Goal: a file that is not one is not half read. Method: spoil one thing at a time.
  it.each([
    ['a missing end', LINE.trimEnd()],
    ['another order', LINE.replace('"chunk":0', '"chunk":1')],
    ['no JSON', 'chunk 0\n'],
    ['no object', 'null\n'],
    ['no digest', LINE.replace(/"sha256":"\w+",/, '')],
    ['a digest in capitals', LINE.replace(toHex(digest), toHex(digest).toUpperCase())],
    ['a short digest', LINE.replace(toHex(digest), 'ab')],
    ['another time zone', LINE.replace('Z', '+00:00')],
    ['a fraction of a microsecond', LINE.replace('1250', '1250.5')],
    ['a field too many', LINE.replace('}', ',"by":"us"}')],
    ['an unknown basis', LINE.replace('local', 'moon')],
    ['half an epoch', COUNTED.replace('"epoch":3', '"epoch":3.5')],
    ['an epoch below zero', COUNTED.replace('"epoch":3', '"epoch":-3')],
    ['an epoch in words', COUNTED.replace('"epoch":3', '"epoch":"3"')],
    ['bytes that are not UTF-8', undefined],
  ])('refuses %s', (_what, spoilt) => {
    expect(parseStamps(spoilt === undefined ? Uint8Array.of(0xff, 0x0a) : utf8(spoilt))).toBeUndefined();
  });
});
