import { describe, expect, it } from 'vitest';
import { isEnough, keptSpan, ROOMS } from '../../../../../dock/viewer/page/feed-budget.ts';

// Goal: a seek costs little, play has enough to ride out a slow moment, and memory does not grow with the film.

describe('the budget of the feed', () => {
  it('is half a minute ahead while the film plays', () => {
    expect(isEnough({ aheadS: 29.9, paused: false })).toBe(false);
    expect(isEnough({ aheadS: 30, paused: false })).toBe(true);
  });

  it('is a few seconds ahead while it is paused', () => {
    expect(isEnough({ aheadS: 0, paused: true })).toBe(false);
    expect(isEnough({ aheadS: 3.9, paused: true })).toBe(false);
    expect(isEnough({ aheadS: 4, paused: true })).toBe(true);
  });
});

describe('what the feed keeps', () => {
  // Fragments of two seconds.
  const cutS = (seconds: number): number => Math.max(0, Math.floor(seconds / 2) * 2);

  it('lies around the playhead, and begins where the film can be cut', () => {
    const { fromS, toS } = keptSpan({ atS: 301, endS: 320, cutS }, ROOMS.usual);
    expect(fromS).toBeCloseTo(239.9);
    expect(toS).toBeCloseTo(361.2);
  });

  it('begins before the first frame at the start of the film', () => {
    expect(keptSpan({ atS: 1, endS: undefined, cutS }, ROOMS.usual).fromS).toBeLessThan(0);
  });

  it('never ends inside of what plays now, however little room there is', () => {
    expect(keptSpan({ atS: 301, endS: 330, cutS }, ROOMS.least).toS).toBeGreaterThan(330);
    expect(keptSpan({ atS: 301, endS: undefined, cutS }, ROOMS.least).toS).toBeCloseTo(303.2);
  });

  it('gets less each time the browser has no more room', () => {
    const spans = [ROOMS.usual, ROOMS.less, ROOMS.least].map((room) =>
      keptSpan({ atS: 301, endS: 302, cutS }, room),
    );
    expect(spans.map(({ fromS }) => Math.round(fromS))).toEqual([240, 280, 298]);
    expect(spans.map(({ toS }) => Math.round(toS))).toEqual([361, 331, 303]);
  });
});
