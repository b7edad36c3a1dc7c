import { describe, expect, it } from 'vitest';
import { Chance } from '../../../../../sim/fault/chance.ts';
import { Story } from '../../../../../sim/rig/scenario/story.ts';
import { draw } from '../../../../../sim/rig/scenario/timeline.ts';

const closed = { of: 'cam-1', event: 'closed', having: {} };

// Goal: a timeline waits for the event that it names, and for no other. Method: a story that is told in pieces.
describe('a story', () => {
  it('gives the nth event that fits, past or future, with the fields that are asked for', async () => {
    const story = new Story();
    story.add('cam-1', { event: 'closed', recording: 'a' });
    story.add('cam-2', { event: 'closed', recording: 'b' });
    const second = story.until(closed, 2);
    story.add('cam-1', { event: 'closed', recording: 'c' });
    expect((await story.until(closed)).event['recording']).toBe('a');
    expect((await second).event['recording']).toBe('c');
    expect(story.all({ ...closed, having: { recording: 'c' } })).toHaveLength(1);
  });

  it('lets nobody wait for what cannot come any more', async () => {
    const story = new Story();
    const waiting = story.until(closed);
    const pausing = story.pause(60_000);
    story.end(new Error('over'));
    await expect(waiting).rejects.toThrow('over');
    await expect(pausing).rejects.toThrow('over');
    await expect(story.until(closed)).rejects.toThrow('over');
  });
});

// Goal: a random moment is the same for the same seed, and within its bounds. Method: many draws.
it('a moment is drawn from the seed', () => {
  const at = (seed: string): number => draw({ from: 1_000, to: 2_000 }, new Chance(seed));
  const moments = Array.from({ length: 50 }, (_, seed) => at(String(seed)));
  expect(moments).toEqual(Array.from({ length: 50 }, (_, seed) => at(String(seed))));
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(1_000);
  expect(Math.max(...moments)).toBeLessThanOrEqual(2_000);
  expect(new Set(moments).size).toBeGreaterThan(40);
});
