import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemDisk } from '../../../../dock/store/disk.ts';
import type { Disk } from '../../../../dock/store/disk.ts';
import { adoptMirror, findMirror, type MirrorPlace } from '../../../../dock/store/mirror-place.ts';
import { openStore } from '../../../../dock/store/store.ts';
import { concat } from '../../../../proto/bytes.ts';
import { sealedSample, upload } from '../../../contract/stores.ts';
import { ORIGIN, TwoDisks } from './two-disks.ts';

const away: unknown = expect.objectContaining({ code: 'STORE_MIRROR', retry: 'later' });

describe('the second copy', () => {
  const recording = sealedSample(1, [700, 900, 300]);
  let world: TwoDisks;
  beforeEach(async () => {
    world = await TwoDisks.open('mirror');
    await upload(world.store, recording);
    await world.store.rehash(recording);
  });
  afterEach(() => world.index.close());

  // Goal: a copy is every file of the recording, and survives a pulled plug. Method: copy, cut the power, look.
  it('is whole and durable', async () => {
    expect(await world.store.copy(recording)).toBe(2);
    world.cutPower();
    expect(world.mirrored(recording, 'chunks')).toEqual(concat(...recording.chunks));
    expect(world.mirrored(recording, 'manifest')).toEqual(recording.manifest);
    expect(world.mirrored(recording, 'wraps')).toEqual(recording.wraps);
    expect(world.mirrored(recording, 'stamps')).toEqual(world.stored(recording, 'stamps'));
  });

  // Goal: a copy that is damaged is no copy. Method: one bit of each file of it, then ask again.
  it.each(['chunks', 'manifest', 'wraps', 'stamps'])(
    'is made again when its %s are damaged',
    async (file) => {
      await world.store.copy(recording);
      const good = world.mirrored(recording, file);
      world.mirror.flip(`/mirror/recordings/${recording.recordingId}/${file}`, 0);
      expect(world.mirrored(recording, file)).not.toEqual(good);
      expect(await world.store.copy(recording)).toBe(2);
      expect(world.mirrored(recording, file)).toEqual(good);
    },
  );

  // Goal: a full mirror gives no custody, and says so once; with room again all goes on.
  it('waits for room', async () => {
    world.mirror.leaveRoom(1_000);
    await expect(world.store.copy(recording)).rejects.toEqual(away);
    await expect(world.store.copy(recording)).rejects.toEqual(away);
    world.mirror.leaveRoom(Number.POSITIVE_INFINITY);
    expect(await world.store.copy(recording)).toBe(2);
    expect(world.news.map(({ news }) => news)).toEqual(['mirror-missing', 'mirror-back']);
    expect(world.mirrored(recording, 'chunks')).toEqual(concat(...recording.chunks));
  });

  // Goal: what the store has lost never becomes the copy. Method: rot between reading back and copying.
  it('is never made of damaged bytes', async () => {
    world.disk.flip(`/dock/recordings/${recording.recordingId}/chunks`, 1_000);
    await expect(world.store.copy(recording)).rejects.toMatchObject({ code: 'STORE_ROT' });
    expect(world.mirrored(recording, 'chunks')).toBeUndefined();
    expect(world.news).toEqual([]);
  });

  // Goal: the copy of what was accepted is not given up for another manifest under its id. Method: offer one.
  it('belongs to what was accepted', async () => {
    await world.store.copy(recording);
    await world.store.settle(recording, { state: 'held', entryIndex: 3 });
    const rival = { ...sealedSample(2, [100]), recordingId: recording.recordingId };
    await upload(world.store, rival);
    await world.store.rehash(rival);
    expect(await world.store.copy(rival)).toBe(1);
    expect(world.mirrored(recording, 'manifest')).toEqual(recording.manifest);
  });
});

// Goal: what was written is believed only once it was read back. Method: a disk that keeps other bytes than it was given.
it('does not believe a mirror that does not give back what it took', async () => {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-liar-'));
  const dir = join(root, 'mirror');
  await mkdir(dir);
  const mirror = { dir, origin: ORIGIN, disk: spoiling(), tell: () => undefined };
  const store = await openStore({ dir: join(root, 'dock'), mirror });
  const recording = sealedSample(1, [700, 900]);
  await upload(store, recording);
  await store.rehash(recording);
  await expect(store.copy(recording)).rejects.toEqual(away);
  await store.close();
  await rm(root, { recursive: true });
});

/** Turns one bit of whatever is written into a chunks file. */
function spoiling(): Disk {
  const flipped = (part: Uint8Array): Uint8Array => part.map((byte, i) => (i === 5 ? byte ^ 1 : byte));
  return {
    ...systemDisk,
    async open(path, mode) {
      const file = await systemDisk.open(path, mode);
      if (!path.endsWith('/chunks')) return file;
      return {
        write: (parts, at) => file.write(parts.map(flipped), at),
        append: (parts, at) => file.append(parts.map(flipped), at),
        digests: (spans) => file.digests(spans),
        read: (into, at) => file.read(into, at),
        size: () => file.size(),
        truncate: (bytes) => file.truncate(bytes),
        sync: () => file.sync(),
        close: () => file.close(),
      };
    },
  };
}

describe('where the mirror is', () => {
  let root: string;
  let place: MirrorPlace;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'holdfast-mirror-'));
    const [data, dir] = [join(root, 'data'), join(root, 'mirror')];
    await mkdir(data);
    place = { dir, data, origin: ORIGIN, disk: systemDisk, home: systemDisk };
  });
  afterEach(() => rm(root, { recursive: true }));

  // Goal: an unmounted disk is never mistaken for the mirror. Method: a first start, then an empty folder in its place.
  it('is marked at first, and then known by its mark', async () => {
    await expect(findMirror(place)).rejects.toEqual(away);
    await mkdir(place.dir);
    await findMirror(place);
    await findMirror(place);
    await rm(place.dir, { recursive: true });
    await mkdir(place.dir);
    await expect(findMirror(place)).rejects.toThrow('mounted');
  });

  // Goal: another disk becomes the mirror only when somebody says so, and the old one is then no longer taken for it.
  it('changes when it is told to', async () => {
    await mkdir(place.dir);
    await findMirror(place);
    const other = { ...place, dir: join(root, 'other') };
    await mkdir(other.dir);
    await expect(findMirror(other)).rejects.toEqual(away);
    await adoptMirror(other);
    await findMirror(other);
    await expect(findMirror(place)).rejects.toThrow('mirror-init');
  });

  // Goal: two docks never mix their copies, and nobody's files are overwritten.
  it('is nobody else’s', async () => {
    await mkdir(place.dir);
    await findMirror(place);
    const neighbour = { ...place, origin: 'test.example/dock-2', data: root };
    await expect(findMirror(neighbour)).rejects.toThrow(ORIGIN);
    await expect(adoptMirror(neighbour)).rejects.toEqual(away);
    const used = { ...neighbour, dir: join(root, 'data') };
    await expect(findMirror(used)).rejects.toThrow('not empty');
  });
});
