import { describe, expect, it } from 'vitest';
import type { Film } from '../../../../device/capture/recovery.ts';
import { Roll } from '../../../../device/capture/roll.ts';
import { idOf } from '../camera-kit.ts';

const film = (counter: number): Film => ({
  recordingId: idOf(counter),
  counter,
  stopReason: 'button',
  mediaType: 'video/mp4',
  mediaMs: 0,
  chunks: 0,
  bytes: 0,
  plainSha256: new Uint8Array(),
});

describe('a roll', () => {
  // Goal: a reader gets every film in order, those from before it came and those after. Method: push around a read.
  it('gives films in order, then ends', async () => {
    const roll = new Roll();
    roll.push(film(1));
    const reader = roll.read();
    expect((await reader.next()).value).toMatchObject({ counter: 1 });
    const waiting = reader.next();
    roll.push(film(2));
    roll.push(film(3));
    roll.end();
    expect((await waiting).value).toMatchObject({ counter: 2 });
    expect((await reader.next()).value).toMatchObject({ counter: 3 });
    expect((await reader.next()).done).toBe(true);
  });

  // Goal: an error comes after the films, and wakes a reader who waits. Method: end with one.
  it('throws what ended it', async () => {
    const roll = new Roll();
    roll.push(film(1));
    const reader = roll.read();
    await reader.next();
    const waiting = reader.next();
    roll.end(new RangeError('broken'));
    roll.end(new RangeError('later'));
    await expect(waiting).rejects.toThrow('broken');
  });
});
