import { describe, expect, it } from 'vitest';
import type { Encoder } from '../../../../device/capture/footage/encoder.ts';
import type { Shot } from '../../../../device/capture/footage/footage.ts';
import { Lens } from '../../../../device/capture/lens.ts';
import type { Take } from '../../../../device/capture/recorder.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { SMALL } from '../camera-kit.ts';

/** A lens whose encoder only notes what it was to draw. */
function setUp(): { lens: Lens; clock: ManualClock; shots: Shot[] } {
  const shots: Shot[] = [];
  const encoder: Encoder = {
    footage: SMALL,
    codec: 'avc1.420016',
    encode: (shot) => {
      shots.push(shot);
      const empty = new Uint8Array();
      return Promise.resolve({ codec: 'avc1.420016', description: empty, bytes: empty, frameSizes: [] });
    },
    close: () => Promise.resolve(),
  };
  const clock = new ManualClock();
  const names = { cameraId: 'cam-1', officerId: '4411' };
  return { lens: new Lens(encoder, { clock, names, gopMs: 1_000 }), clock, shots };
}

async function collect(takes: AsyncIterable<Take>): Promise<readonly (readonly [number, number])[]> {
  const found: (readonly [number, number])[] = [];
  for await (const { start, durationMs } of takes) found.push([start.monoUs / 1000, durationMs]);
  return found;
}

describe('a lens', () => {
  // Goal: whole seconds, one after the other without a gap, and the frames are counted on. Method: look three times.
  it('gives whole takes without a gap', async () => {
    const { lens, clock, shots } = setUp();
    expect(await collect(lens.takes(clock.monoUs()))).toEqual([]);
    lens.open(0);
    lens.open(500_000);
    clock.advance(2300);
    expect(await collect(lens.takes(clock.monoUs()))).toEqual([
      [0, 1000],
      [1000, 1000],
    ]);
    expect(lens.dueUs).toBe(3_000_000);
    clock.advance(600);
    expect(await collect(lens.takes(clock.monoUs()))).toEqual([]);
    clock.advance(100);
    expect(await collect(lens.takes(clock.monoUs()))).toEqual([[2000, 1000]]);
    expect(shots.map(({ firstFrame, frames }) => [firstFrame, frames])).toEqual([
      [0, 5],
      [5, 5],
      [10, 5],
    ]);
  });

  // Goal: a cut gives what there is, to the frame, and the next take goes on from there. Method: cut at 1.5 seconds.
  it('can be cut', async () => {
    const { lens } = setUp();
    lens.open(0);
    expect(await collect(lens.takes(1_500_000, { cut: true }))).toEqual([
      [0, 1000],
      [1000, 400],
    ]);
    expect(lens.dueUs).toBe(2_400_000);
    expect(await collect(lens.takes(1_500_000, { cut: true }))).toEqual([]);
    expect(await collect(lens.takes(1_500_000, { cut: true, framesMin: 1 }))).toEqual([[1400, 200]]);
  });

  // Goal: the burned-in clock is what the wall said when the frame was seen, not when it was drawn. Method: draw late.
  it('dates a take by when it was seen', async () => {
    const { lens, clock, shots } = setUp();
    lens.open(0);
    clock.advance(1700);
    await collect(lens.takes(clock.monoUs()));
    expect(shots[0]?.startWallUs).toBe(clock.wallUs() - 1_700_000);
  });

  // Goal: covered in the middle, it sees no more. Method: cover after the first of two takes.
  it('stops when it is covered between two takes', async () => {
    const { lens } = setUp();
    lens.open(0);
    const takes = lens.takes(3_000_000);
    expect((await takes.next()).value).toMatchObject({ durationMs: 1000 });
    lens.cover();
    expect((await takes.next()).done).toBe(true);
    expect(lens.dueUs).toBeUndefined();
  });
});
