import { describe, expect, test } from 'vitest';
import { PduError } from '../../../proto/errors.ts';
import { bwc } from '../../../proto/gen/evidence.js';
import { CATEGORIES_MAX, MUTES_MAX, TRACK_POINTS_MAX } from '../../../proto/limits.ts';
import {
  decodeManifest,
  encodeManifest,
  encodeManifestHeader,
  type Manifest,
} from '../../../proto/manifest.ts';
import { courseManifestOf, manifestOf } from './fixture.ts';

const bad: unknown = expect.objectContaining({ code: 'BAD_MANIFEST' });
const at = (monoUs: number): { wallUs: number; monoUs: number } => ({ wallUs: 0, monoUs });
const point = { at: at(1), latitudeE7: 0, longitudeE7: 0, accuracyDm: 0 };

describe('what a manifest says of the course of a recording', () => {
  // Nothing is lost on the way, and a camera that says nothing writes not one byte more than before.
  test('round trips', () => {
    expect(decodeManifest(encodeManifest(courseManifestOf()))).toEqual(courseManifestOf());
    const empty = { ...manifestOf(), mutes: [], categories: [], track: [] };
    expect(encodeManifest(empty)).toEqual(encodeManifest(manifestOf()));
    const flat = { ...manifestOf(), battery: { startPercent: 0, endPercent: 0 } };
    expect(decodeManifest(encodeManifest(flat))).toEqual(flat);
  });

  // The wraps are bound to what made the camera record, and to nothing that is only known at the end.
  test('has its cause in the header and the rest not', () => {
    const begun = { ...manifestOf(), cause: 'taser' } as const;
    expect(encodeManifestHeader(courseManifestOf())).toEqual(encodeManifestHeader(begun));
    expect(encodeManifestHeader(begun)).not.toEqual(encodeManifestHeader(manifestOf()));
  });

  // Each way to contradict oneself, written by us and read by us.
  test.each<readonly [string, Partial<Manifest>]>([
    ['a mute that ends before it begins', { mutes: [{ from: at(5), to: at(4) }] }],
    [
      'mutes that overlap',
      {
        mutes: [
          { from: at(1), to: at(5) },
          { from: at(4), to: at(6) },
        ],
      },
    ],
    ['a category without a name', { categories: [''] }],
    ['a category twice', { categories: ['a', 'b', 'a'] }],
    ['a category too long', { categories: ['x'.repeat(57)] }],
    ['a battery of 101 percent', { battery: { startPercent: 101, endPercent: 1 } }],
    ['a place beyond the pole', { track: [{ ...point, latitudeE7: 900_000_001 }] }],
    ['a place beyond the date line', { track: [{ ...point, longitudeE7: -1_800_000_001 }] }],
    ['a track that goes back in time', { track: [point, { ...point, at: at(0) }] }],
    ['too many categories', { categories: Array.from({ length: CATEGORIES_MAX + 1 }, String) }],
    ['too many mutes', { mutes: Array.from({ length: MUTES_MAX + 1 }, () => ({ from: at(1), to: at(1) })) }],
    ['too many places', { track: Array.from({ length: TRACK_POINTS_MAX + 1 }, () => point) }],
  ])('is refused with %s', (_what, course) => {
    expect(() => encodeManifest({ ...manifestOf(), ...course })).toThrow(bad);
    const wire = Object.assign(bwc.v1.Manifest.decode(encodeManifest(manifestOf())), course);
    expect(() => decodeManifest(bwc.v1.Manifest.encode(wire).finish())).toThrow(bad);
  });

  // Whoever sends a number that has no name sends nothing that can be shown.
  test('is refused with a cause that nobody knows', () => {
    const wire = Object.assign(bwc.v1.Manifest.decode(encodeManifest(manifestOf())), { cause: 9 });
    const encoded = bwc.v1.Manifest.encode(wire).finish();
    expect(() => decodeManifest(encoded)).toThrow(bad);
    expect(() => decodeManifest(encoded)).not.toThrow(PduError);
  });
});
