import { describe, expect, it } from 'vitest';
import type { Film } from '../../../../device/capture/recovery.ts';
import { developed, look, rig } from './camera-rig.ts';

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe('a camera that goes on in a new file', () => {
  // Goal: between two files nothing is missing and nothing is twice. Method: a limit in the middle of a frame, with and
  // without a look ahead; the second film starts where the pictures of the first end.
  it.each([0, 2000])('leaves no gap, with %i ms before the trigger', async (preEventMs) => {
    const world = await rig({ preEventMs });
    const { camera, clock } = world;
    await camera.ready();
    await camera.trigger('taser');
    await look(clock, 2);
    clock.advance(250);
    const second = await camera.renew('limit');
    expect(camera.recording).toBe(second);
    await look(clock, 1);
    const last = await camera.stop('button');
    await camera.close();
    const films: Film[] = [];
    for await (const film of camera.closed()) films.push(film);
    const [one, other] = [await developed(world, films[0]), await developed(world, last)];
    expect(one.manifest).toMatchObject({ stopReason: 'limit', cause: 'taser' });
    expect(films[0]?.mediaMs).toBe(2200);
    expect(other.manifest).toMatchObject({ stopReason: 'button', cause: 'limit', counter: 2 });
    expect(other.manifest.started.monoUs).toBe(one.manifest.started.monoUs + 2_200_000);
    expect(one.manifest.ended.monoUs).toBe(other.manifest.started.monoUs);
  });

  it('has something to go on with', async () => {
    const { camera } = await rig();
    await camera.ready();
    await expect(camera.renew('limit')).rejects.toEqual(code('CAPTURE_BUSY'));
    await camera.close();
  });
});

describe('a camera that changes hands', () => {
  // Goal: what it saw while it was one officer's is not in a recording of the next. Method: two seconds of looking ahead,
  // another officer, a trigger at once.
  it('forgets what it saw before', async () => {
    const world = await rig({ preEventMs: 5000 });
    const { camera, clock } = world;
    await camera.ready();
    await look(clock, 2);
    await camera.wear('4412');
    await look(clock, 1);
    await camera.trigger();
    await expect(camera.wear('4413')).rejects.toEqual(code('CAPTURE_BUSY'));
    const { manifest } = await developed(world, await camera.stop('button'));
    expect(manifest).toMatchObject({ officerId: '4412', started: { monoUs: 2_000_000 } });
    await camera.close();
  });

  // Goal: nothing is seen in a bay or asleep, and from then on it is seen again. Method: covered for two of three seconds.
  it('sees nothing while it is covered', async () => {
    const world = await rig({ preEventMs: 5000 });
    const { camera, clock } = world;
    await camera.ready();
    await look(clock, 1);
    await camera.cover();
    clock.advance(2000);
    await camera.uncover();
    await look(clock, 1);
    await camera.trigger();
    const { manifest } = await developed(world, await camera.stop('button'));
    expect(manifest.started.monoUs).toBe(3_000_000);
    expect(manifest.cause).toBeUndefined();
    await camera.close();
  });
});
