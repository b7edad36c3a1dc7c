import { describe, expect, test } from 'vitest';
import { keysOf, makeCrew } from '../../../../../sim/fleet/engine/crew.ts';
import { makeFilm } from '../../../../../sim/fleet/engine/film.ts';
import { closedLoop, dayLoop, Reel, steadyLoop } from '../../../../../sim/fleet/engine/itinerary.ts';
import type { Arrival } from '../../../../../sim/fleet/measure/schedule.ts';

const CHUNK_BYTES = 1_000;
const [member] = makeCrew(1);
if (member === undefined) throw new TypeError('a crew of one');
const trusted = { dockId: 'dock-1', publicKey: new Uint8Array(32), ledgerVkey: 'd+1+k' };
const keys = keysOf(member, trusted);
const reel = (): Reel => new Reel({ film: makeFilm(3, CHUNK_BYTES), keys, camera: 0 });

describe('what a camera brings', () => {
  // Goal: a closed loop brings what it was told to and no more, numbered as a camera numbers. Method: two recordings.
  test('in a closed loop is so many recordings', () => {
    const itinerary = closedLoop(reel(), { startUs: 5, chunksEach: 4, recordings: 2 });
    const [first, second, third] = [itinerary.next(), itinerary.next(), itinerary.next()];
    expect(first?.recording.chunks).toHaveLength(4);
    expect(first?.dueUs).toBeUndefined();
    expect(second?.recording.recordingId).not.toBe(first?.recording.recordingId);
    expect(third).toBeUndefined();
  });

  // Goal: at a pace, chunks are due without a gap over all recordings, and cameras do not all end theirs at once. Method: a head start.
  test('at a pace is due one chunk after another', () => {
    const dueUs = (chunk: number): number => chunk * 100;
    const itinerary = steadyLoop(reel(), { startUs: 0, chunksEach: 4, dueUs, headStart: 5, untilUs: 1_000 });
    const recordings = [itinerary.next(), itinerary.next(), itinerary.next(), itinerary.next()];
    expect(recordings.map((errand) => errand?.recording.chunks.length)).toEqual([3, 4, 4, undefined]);
    expect([0, 1, 2].map((chunk) => recordings[0]?.dueUs?.(chunk))).toEqual([0, 100, 200]);
    expect([0, 3].map((chunk) => recordings[1]?.dueUs?.(chunk))).toEqual([300, 600]);
  });

  // Goal: a shift comes at its camera's own rate; what is torn out comes back later or never, and nothing comes after never. Method: a
  // plan with both.
  test('from a shift is due at the rate of its link', () => {
    const recordings = [
      { bytes: 2_500, cut: null },
      { bytes: 3_000, cut: { afterBytes: 1_000, backAfterMs: 50 } },
      { bytes: 4_000, cut: { afterBytes: 2_000, backAfterMs: null } },
      { bytes: 1_000, cut: null },
    ];
    const arrival: Arrival = { camera: 0, atMs: 10, recordings, bytesPerSecond: 1_000_000 };
    const itinerary = dayLoop(reel(), arrival, { startUs: 1_000_000, chunkBytes: CHUNK_BYTES });
    expect(itinerary.startUs).toBe(1_010_000);
    const [first, second, third, fourth] = [0, 1, 2, 3].map(() => itinerary.next());
    expect(first?.recording.chunks).toHaveLength(3);
    expect([0, 1, 2].map((chunk) => first?.dueUs?.(chunk))).toEqual([1_010_000, 1_011_000, 1_012_000]);
    expect(second?.cut).toEqual({ afterChunks: 1, backAfterUs: 50_000 });
    expect([0, 1].map((chunk) => second?.dueUs?.(chunk))).toEqual([1_012_500, 1_063_500]);
    expect(third?.cut).toEqual({ afterChunks: 2, backAfterUs: null });
    expect(third?.dueUs?.(2)).toBe(Number.POSITIVE_INFINITY);
    expect(fourth).toBeUndefined();
  });
});
