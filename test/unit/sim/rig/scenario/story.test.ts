import { describe, expect, it } from 'vitest';
import { Story } from '../../../../../sim/rig/scenario/story.ts';

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
    await expect(story.over).rejects.toThrow('over');
    expect(story.isOver).toBe(true);
  });
});
