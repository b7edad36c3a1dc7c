import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRANT_MEDIA_MS_MAX, grantedRange } from '../../../../dock/policy/custodian/range.ts';
import type { ChunkSpan } from '../../../../proto/fragments.ts';
import type { ChunkInfo } from '../../../../proto/manifest.ts';
import { runs } from '../../../runs.ts';

// Goal: one grant never covers more footage than it may, never half a fragment, and a viewer who asks on always gets to the end.
// Method: recordings of random fragments, some longer than a grant; ranges asked at random, in and out of bounds.

const MINUTE_MS = 60_000;

interface Fragment {
  readonly chunks: number;
  readonly ms: number;
}

const fragments = fc.array(
  fc.record({
    chunks: fc.integer({ min: 1, max: 4 }),
    ms: fc.oneof(fc.nat(10_000), fc.nat(3 * MINUTE_MS), fc.constant(0)),
  }),
  { minLength: 1, maxLength: 40 },
);
const place = fc.nat(200);
const asked = fc.option(fc.tuple(place, place), { nil: undefined });
const mediaMsMax = fc.integer({ min: 1, max: 10 }).map((minutes) => minutes * MINUTE_MS);

/** The chunk table of a recording: an initialisation segment, then these. The last fragment may have been cut short. */
function table(all: readonly Fragment[], isCutShort = false): readonly ChunkInfo[] {
  const info = { sha256: new Uint8Array(32), storedBytes: 1, plainBytes: 1 };
  const chunks: ChunkInfo[] = [{ ...info, mediaStartMs: 0, mediaMs: 0, endOfFragment: true }];
  let mediaStartMs = 0;
  for (const { chunks: count, ms } of all) {
    for (let at = 1; at <= count; at += 1)
      chunks.push({ ...info, mediaStartMs, mediaMs: ms, endOfFragment: at === count });
    mediaStartMs += ms;
  }
  const last = chunks.pop();
  return last === undefined ? chunks : [...chunks, isCutShort ? { ...last, endOfFragment: false } : last];
}

const recording = fc.tuple(fragments, fc.boolean()).map(([all, isCutShort]) => table(all, isCutShort));

/** Where footage may be cut. */
function cuts(chunks: readonly ChunkInfo[]): readonly number[] {
  const ends = chunks.flatMap(({ endOfFragment }, index) => (endOfFragment ? [index + 1] : []));
  return [0, ...ends, chunks.length];
}

function mediaMs(chunks: readonly ChunkInfo[], [start, end]: ChunkSpan): number {
  const shown = chunks.slice(Math.max(1, start), end);
  const ends = shown.map((chunk) => chunk.mediaStartMs + chunk.mediaMs);
  return Math.max(...ends) - Math.min(...shown.map((chunk) => chunk.mediaStartMs));
}

/** How many fragments begin in there; the initialisation segment is none. */
const fragmentsIn = (chunks: readonly ChunkInfo[], [start, end]: ChunkSpan): number =>
  new Set(cuts(chunks).filter((cut) => cut > 0 && cut >= start && cut < end)).size;

describe('the range of a grant', () => {
  it('holds whole fragments, and at most the longest allowed, unless it is one fragment', () => {
    fc.assert(
      fc.property(recording, asked, mediaMsMax, (chunks, wanted, max) => {
        const [start, end] = grantedRange(chunks, wanted, max);
        expect(start).toBeLessThan(end);
        expect(cuts(chunks)).toContain(start);
        expect(cuts(chunks)).toContain(end);
        const count = fragmentsIn(chunks, [start, end]);
        expect(count).toBeGreaterThanOrEqual(1);
        if (count > 1) expect(mediaMs(chunks, [start, end])).toBeLessThanOrEqual(max);
      }),
      { numRuns: runs(500) },
    );
  });

  it('is the largest there is when nothing else is asked for', () => {
    fc.assert(
      fc.property(recording, place, mediaMsMax, (chunks, from, max) => {
        const [start, end] = grantedRange(chunks, [from, chunks.length], max);
        if (end === chunks.length) return;
        const next = Math.min(...cuts(chunks).filter((cut) => cut > end));
        expect(mediaMs(chunks, [start, next])).toBeGreaterThan(max);
      }),
      { numRuns: runs(500) },
    );
  });

  it('holds what was asked first, and nothing in front of that fragment or behind the last one', () => {
    fc.assert(
      fc.property(recording, fc.tuple(place, place), mediaMsMax, (chunks, [one, other], max) => {
        const [from, to] = [Math.min(one, other), Math.max(one, other) + 1];
        const [start, end] = grantedRange(chunks, [from, to], max);
        const first = Math.min(from, chunks.length - 1);
        expect(start).toBe(Math.max(...cuts(chunks).filter((cut) => cut <= first)));
        const lastEnd = Math.min(...cuts(chunks).filter((cut) => cut >= Math.min(to, chunks.length)));
        const firstEnd = Math.min(...cuts(chunks).filter((cut) => cut > Math.max(1, first)), chunks.length);
        expect(end).toBeLessThanOrEqual(Math.max(lastEnd, firstEnd));
      }),
      { numRuns: runs(500) },
    );
  });

  it('asked for again is the same, and asking on reaches the end', () => {
    fc.assert(
      fc.property(recording, mediaMsMax, (chunks, max) => {
        let next = 0;
        for (let grants = 0; next < chunks.length; grants += 1) {
          const [start, end] = grantedRange(chunks, [next, chunks.length], max);
          expect(start).toBe(next);
          expect(grantedRange(chunks, [start, end], max)).toEqual([start, end]);
          next = end;
          expect(grants).toBeLessThan(chunks.length);
        }
      }),
      { numRuns: runs(300) },
    );
  });

  it('is ten minutes of an hour of five-second fragments', () => {
    const chunks = table(Array.from({ length: 720 }, () => ({ chunks: 2, ms: 5_000 })));
    expect(grantedRange(chunks, undefined, GRANT_MEDIA_MS_MAX)).toEqual([0, 241]);
    expect(grantedRange(chunks, [241, 1_441], GRANT_MEDIA_MS_MAX)).toEqual([241, 481]);
    expect(grantedRange(chunks, [242, 250], GRANT_MEDIA_MS_MAX)).toEqual([241, 251]);
    expect(grantedRange(chunks, [9_999, 10_000], GRANT_MEDIA_MS_MAX)).toEqual([1_439, 1_441]);
    expect(grantedRange(chunks.slice(0, 1), undefined, GRANT_MEDIA_MS_MAX)).toEqual([0, 1]);
  });
});
