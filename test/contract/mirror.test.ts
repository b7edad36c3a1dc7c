import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Mirror } from '../../dock/ports.ts';
import { MemoryMirror } from '../../sim/fault/memory-mirror.ts';
import { TwoDisks } from '../unit/dock/store/two-disks.ts';
import { keyOf, type Sample, sealedSample, upload } from './stores.ts';

/** One mirror under test, whose other disk can be taken away. */
interface World {
  readonly mirror: Mirror;
  /** Puts a whole recording where it is to be copied from. */
  receive(recording: Sample): Promise<void>;
  /** What of it there is on the other disk, as a person would see it. */
  has(recording: Sample): boolean;
  away(isAway: boolean): void;
  end(): void;
}

const worlds: readonly (readonly [string, () => Promise<World>])[] = [
  ['two disks', twoDisks],
  ['what stands in for it', () => Promise.resolve(standIn())],
];

async function twoDisks(): Promise<World> {
  const world = await TwoDisks.open('contract');
  return {
    mirror: world.store,
    async receive(recording) {
      await upload(world.store, recording);
      await world.store.rehash(recording);
    },
    has: (recording) => world.mirrored(recording, 'chunks') !== undefined,
    away: (isAway) => world.mirror.leaveRoom(isAway ? 0 : Number.POSITIVE_INFINITY),
    end: () => world.index.close(),
  };
}

function standIn(): World {
  const mirror = new MemoryMirror();
  return {
    mirror,
    receive: () => Promise.resolve(),
    has: ({ recordingId }) => mirror.kept.includes(recordingId),
    away: (isAway) => mirror.away(isAway),
    end: () => undefined,
  };
}

describe.each(worlds)('Mirror on %s', (_name, make) => {
  const recording = sealedSample(1, [400, 300]);
  let world: World;
  beforeEach(async () => {
    world = await make();
    await world.receive(recording);
  });
  afterEach(() => world.end());

  // Goal: an answer means that there are two. Method: ask, look, and ask again.
  it('says how many copies there are once they are there', async () => {
    expect(await world.mirror.copy(keyOf(recording))).toBe(2);
    expect(world.has(recording)).toBe(true);
    expect(await world.mirror.copy(keyOf(recording))).toBe(2);
  });

  // Goal: a disk that is away is a typed failure that may be tried again, and then it is.
  it('fails while the other disk is away, and not after', async () => {
    world.away(true);
    const failed: unknown = expect.objectContaining({ code: 'STORE_MIRROR', retry: 'later' });
    await expect(world.mirror.copy(keyOf(recording))).rejects.toEqual(failed);
    world.away(false);
    expect(await world.mirror.copy(keyOf(recording))).toBe(2);
    expect(world.has(recording)).toBe(true);
  });
});
