import { describe, expect, it } from 'vitest';
import { childrenOf, readBox, startOf, timescalesOf } from '../../../../device/capture/box.ts';
import { concat, utf8 } from '../../../../proto/bytes.ts';

const u32 = (...values: readonly number[]): Uint8Array =>
  concat(...values.map((value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)));
const box = (type: string, ...parts: readonly Uint8Array[]): Uint8Array => {
  const body = concat(...parts);
  return concat(u32(body.length + 8), utf8(type), body);
};

const tkhd = (id: number, version: 0 | 1): Uint8Array =>
  box('tkhd', u32(version << 24), ...(version === 1 ? [u32(0, 0, 0, 0)] : [u32(0, 0)]), u32(id));
const mdhd = (scale: number, version: 0 | 1): Uint8Array =>
  box('mdhd', u32(version << 24), ...(version === 1 ? [u32(0, 0, 0, 0)] : [u32(0, 0)]), u32(scale));
const trak = (id: number, scale: number, version: 0 | 1): Uint8Array =>
  box('trak', tkhd(id, version), box('mdia', mdhd(scale, version)));
const traf = (id: number, ...time: readonly number[]): Uint8Array =>
  box('traf', box('tfhd', u32(0, id)), box('tfdt', u32(time.length === 2 ? 1 << 24 : 0, ...time)));

describe('a box', () => {
  // Goal: the three ways to say a size. Method: hand-made headers.
  it('says where it ends', () => {
    expect(readBox(box('moof', u32(1)), 100, 200)).toEqual({
      type: 'moof',
      start: 100,
      headerBytes: 8,
      end: 112,
    });
    expect(readBox(concat(u32(0), utf8('mdat')), 100, 200)).toMatchObject({ end: 200 });
    expect(readBox(concat(u32(1), utf8('mdat'), u32(0, 50)), 100, 200)).toMatchObject({
      headerBytes: 16,
      end: 150,
    });
  });

  // Goal: what is no box, or does not fit, is none. Method: one fault each.
  it.each([
    ['too short to say', Uint8Array.of(0, 0, 0)],
    ['beyond the limit', concat(u32(101), utf8('mdat'))],
    ['smaller than its header', concat(u32(7), utf8('mdat'))],
    ['of a type that is no text', concat(u32(20), Uint8Array.of(0, 1, 2, 3))],
    ['without its long size', concat(u32(1), utf8('mdat'))],
  ])('is none when it is %s', (_why, bytes) => {
    expect(readBox(bytes, 100, 200)).toBeUndefined();
  });

  it('lists what is inside up to the first fault', () => {
    const bytes = concat(box('aaaa'), box('bbbb', u32(1, 2)), u32(3));
    expect(childrenOf(bytes, 0, bytes.length).map(({ type }) => type)).toEqual(['aaaa', 'bbbb']);
  });
});

describe('when a fragment starts', () => {
  // Goal: time in milliseconds of the earliest track, in both versions of each box. Method: a video track of 90,000
  // ticks a second and a sound track of 48,000.
  it('is read in the ticks of its own track', () => {
    const scales = timescalesOf(box('moov', box('mvhd'), trak(1, 90_000, 0), trak(2, 48_000, 1)));
    expect([...scales]).toEqual([
      [1, 90_000],
      [2, 48_000],
    ]);
    expect(startOf(box('moof', box('mfhd'), traf(1, 180_000), traf(2, 0, 95_952)), scales)).toBe(1999);
    expect(startOf(box('moof', traf(2, 1, 0)), scales)).toBe(Math.round((2 ** 32 * 1000) / 48_000));
  });

  // Goal: a fragment that does not say is not guessed at. Method: no time, an unknown track, a torn box.
  it('is undefined when it is not said', () => {
    const scales = new Map([[1, 1000]]);
    expect(startOf(box('moof', box('traf', box('tfhd', u32(0, 1)))), scales)).toBeUndefined();
    expect(startOf(box('moof', traf(9, 5)), scales)).toBeUndefined();
    expect(startOf(box('moof', traf(1, 5)).subarray(0, 30), scales)).toBeUndefined();
    expect(timescalesOf(box('moov', box('trak', tkhd(1, 0))))).toEqual(new Map());
  });
});
