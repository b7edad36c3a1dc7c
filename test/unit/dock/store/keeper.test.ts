import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Wound } from '../../../../dock/store/examine.ts';
import { concat, toHex } from '../../../../proto/bytes.ts';
import {
  keyOf,
  putChunk,
  type Sample,
  sealedSample,
  sha256,
  stampOf,
  upload,
} from '../../../contract/stores.ts';
import { signedSample } from './samples.ts';
import { TwoDisks } from './two-disks.ts';

const paceless = (): Promise<void> => Promise.resolve();
const names = (wounds: readonly Wound[] = []): readonly string[] =>
  wounds.map(({ piece }) => (piece.what === 'chunk' ? `chunk ${piece.chunk.index}` : piece.what));

describe('looking after what is held', () => {
  const recording = sealedSample(1, [700, 900, 300, 500]);
  let world: TwoDisks;
  beforeEach(async () => {
    world = await TwoDisks.open('keeper');
  });
  afterEach(() => world.index.close());

  const path = (file: string, folder = `recordings/${recording.recordingId}`): string =>
    `/dock/${folder}/${file}`;
  const examine = async (key: Sample = recording) => world.store.keeper.examine(key, paceless);
  const state = async (key: Sample = recording) =>
    (await world.store.list()).find(
      ({ manifestSha256 }) => toHex(manifestSha256) === toHex(key.manifestSha256),
    );
  const alone = async (): Promise<void> => {
    world.useMirror(false);
    await world.boot();
  };

  // Goal: every piece is looked at, and named. Method: one bit of each, one after another.
  it.each([
    ['manifest', 3, 'manifest'],
    ['wraps', 3, 'wraps'],
    ['stamps', 3, 'stamps'],
    ['chunks', 0, 'chunk 0'],
    ['chunks', 1_650, 'chunk 2'],
    ['chunks', 2_399, 'chunk 3'],
  ] as const)('finds a bit of %s that fell over at %i', async (file, at, name) => {
    await world.hold(recording);
    expect(names((await examine())?.wounds)).toEqual([]);
    world.disk.flip(path(file), at);
    expect(names((await examine())?.wounds)).toEqual([name]);
  });

  // Goal: one strange answer of a disk is no damage. Method: a disk that lies once, when the chunk is first read.
  it('reads again before it believes', async () => {
    await world.hold(recording);
    world.disk.flip(path('chunks'), 750);
    let read = 0;
    const healing = async (): Promise<void> => {
      read += 1;
      // The manifest, wraps and stamps, and the first two chunks have been read: the bit stands up again.
      if (read === 5) world.disk.flip(path('chunks'), 750);
    };
    expect(names((await world.store.keeper.examine(recording, healing))?.wounds)).toEqual([]);
    expect(read).toBe(7);
  });

  // Goal: what the mirror has good is put right in place, byte for byte, durably. Method: damage of every kind at once.
  it('mends from the mirror', async () => {
    await world.hold(recording);
    for (const file of ['manifest', 'wraps', 'stamps']) world.disk.flip(path(file), 2);
    for (const at of [10, 1_700]) world.disk.flip(path('chunks'), at);
    const { wounds } = (await examine()) ?? { wounds: [] };
    expect(names(wounds)).toEqual(['manifest', 'wraps', 'stamps', 'chunk 0', 'chunk 2']);
    const mended = await world.store.keeper.mend(recording, wounds);
    expect(mended.map(({ from }) => from)).toEqual(wounds.map(() => 'mirror'));
    world.cutPower();
    await world.boot();
    expect(world.stored(recording, 'chunks')).toEqual(concat(...recording.chunks));
    expect(await examine()).toMatchObject({ wounds: [], healing: 'mirror' });
    await world.store.keeper.healed(recording);
    expect((await examine())?.healing).toBeUndefined();
    expect(await world.store.readChunk(recording.recordingId, 2)).toEqual(recording.chunks[2]);
  });

  // Goal: a damaged copy mends nothing. Method: the same chunk damaged in both places.
  it('mends nothing from a mirror that has lost the same', async () => {
    await world.hold(recording);
    world.disk.flip(path('chunks'), 10);
    world.mirror.flip(`/mirror/recordings/${recording.recordingId}/chunks`, 20);
    const { wounds } = (await examine()) ?? { wounds: [] };
    const before = world.stored(recording, 'chunks');
    expect(await world.store.keeper.mend(recording, wounds)).toEqual([]);
    expect(world.stored(recording, 'chunks')).toEqual(before);
  });

  // Goal: stamps are in the index too, and written the same way each time. Method: no mirror.
  it('mends stamps without a mirror', async () => {
    await world.hold(recording);
    await alone();
    const before = world.stored(recording, 'stamps');
    world.disk.flip(path('stamps'), 2);
    const { wounds } = (await examine()) ?? { wounds: [] };
    expect((await world.store.keeper.mend(recording, wounds)).map(({ from }) => from)).toEqual(['index']);
    expect(world.stored(recording, 'stamps')).toEqual(before);
  });

  /** Without a mirror, chunk 2 rots, and the recording is put aside. */
  async function lose(lost: Sample = recording): Promise<string> {
    await world.hold(lost);
    await alone();
    world.disk.flip(`/dock/recordings/${lost.recordingId}/chunks`, 1_650);
    await world.store.keeper.condemn(lost, (await examine(lost))?.wounds ?? []);
    return `quarantine/${lost.recordingId}-${toHex(lost.manifestSha256).slice(0, 8)}`;
  }

  // Goal: what is damaged for good is nobody's to see, and is all still there. Method: no mirror, one chunk.
  it('puts aside what cannot be mended', async () => {
    const folder = await lose();
    expect(await world.store.find(recording.recordingId)).toBeUndefined();
    await expect(world.store.readChunk(recording.recordingId, 0)).rejects.toMatchObject({
      code: 'STORE_STALE',
    });
    expect(await state()).toMatchObject({
      state: 'quarantined',
      reason: 'rot',
      entryIndex: 7,
      durableChunks: 4,
    });
    expect(world.stored(recording, 'chunks', folder)).toHaveLength(2_400);
    expect(names((await examine())?.wounds)).toEqual(['chunk 2']);
    expect(await world.store.hasSealed(recording.cameraId, 99)).toBe(true);
  });

  // Goal: its camera may bring it again, from the first bad chunk on, and then it is what was accepted, stamps and all, though
  // the chunks came at another time. Method: offer it, put what is missing with other stamps, settle; the power goes in between.
  it('takes it again from its camera', async () => {
    const before = [stampOf(0), stampOf(1), stampOf(2), stampOf(3)];
    const folder = await lose();
    const stampsFile = world.stored(recording, 'stamps', folder);
    const lease = await world.store.lease(recording);
    expect(lease).toMatchObject({ state: 'incoming', durableChunks: 2, entryIndex: 7 });
    world.cutPower();
    await world.boot();
    expect(world.store.recovered).toMatchObject({ cut: [], forgotten: [] });
    expect(world.stored(recording, 'chunks', folder)).toHaveLength(2_400);
    await world.store.lease(recording);
    for (const index of [2, 3]) {
      const stored = recording.chunks[index] ?? new Uint8Array(0);
      await world.store.putChunk(keyOf(recording), index, sha256(stored), stored, stampOf(index + 40));
    }
    const { stampsSha256 } = await world.store.rehash(recording);
    expect(stampsSha256).toEqual(sha256(stampsFile ?? new Uint8Array(0)));
    await world.store.settle(recording, { state: 'held', entryIndex: 7 });
    world.cutPower();
    await world.boot();
    expect(await world.store.find(recording.recordingId)).toMatchObject({ state: 'held', entryIndex: 7 });
    expect(await world.store.stamps(recording.recordingId)).toEqual(before);
    expect(world.stored(recording, 'chunks')).toEqual(concat(...recording.chunks));
    expect(world.stored(recording, 'refusal.json')).toBeUndefined();
    expect(await examine()).toMatchObject({ wounds: [], healing: 'camera', isAccepted: true });
  });

  // Goal: the stamps with which it was accepted outlive their file, which rots as well as any, also where the recording lies aside.
  // Method: a bit of the file there, before its camera brings the recording again.
  it('takes it again although its stamps have rotted too', async () => {
    const folder = await lose();
    const stampsFile = world.stored(recording, 'stamps', folder);
    world.disk.flip(path('stamps', folder), 5);
    await world.store.lease(recording);
    world.cutPower();
    await world.boot();
    await world.store.lease(recording);
    for (const index of [2, 3]) await putChunk(world.store, recording, index);
    const { stampsSha256 } = await world.store.rehash(recording);
    expect(stampsSha256).toEqual(sha256(stampsFile ?? new Uint8Array(0)));
    await world.store.settle(recording, { state: 'held', entryIndex: 7 });
    expect(await examine()).toMatchObject({ state: 'held', wounds: [] });
  });

  // Goal: papers that rotted are asked for again with the content. Method: the manifest, without a mirror.
  it('asks for a manifest again', async () => {
    await world.hold(recording);
    await alone();
    world.disk.flip(path('manifest'), 1);
    await world.store.keeper.condemn(recording, (await examine())?.wounds ?? []);
    expect(await world.store.lease(recording)).toMatchObject({ state: 'incoming', durableChunks: 4 });
    await upload(world.store, recording);
    await world.store.rehash(recording);
    await world.store.settle(recording, { state: 'held', entryIndex: 7 });
    expect(await examine()).toMatchObject({ state: 'held', wounds: [] });
  });

  // Goal: a mirror that comes back brings back what was put aside. Method: put aside without it, then with it.
  it('brings it back from a mirror that was away', async () => {
    await lose();
    world.useMirror(true);
    await world.boot();
    const { wounds } = (await examine()) ?? { wounds: [] };
    expect(await world.store.keeper.mend(recording, wounds)).toHaveLength(1);
    await world.store.keeper.restore(recording);
    world.cutPower();
    await world.boot();
    expect(await world.store.find(recording.recordingId)).toMatchObject({ state: 'held', entryIndex: 7 });
    expect(world.stored(recording, 'chunks')).toEqual(concat(...recording.chunks));
  });

  // Goal: the mirror is looked after from the other side. Method: damage there, and a recording it never had.
  it('mends the mirror', async () => {
    await world.hold(recording);
    world.mirror.flip(`/mirror/recordings/${recording.recordingId}/chunks`, 1_000);
    expect(names(await world.store.keeper.mirror(recording, paceless))).toEqual(['chunk 1']);
    expect(world.mirrored(recording, 'chunks')).toEqual(concat(...recording.chunks));
    expect(await world.store.keeper.mirror(recording, paceless)).toEqual([]);
    world.useMirror(false);
    await world.boot();
    const second = signedSample(2, [300]);
    await world.hold(second, 8);
    world.useMirror(true);
    await world.boot();
    expect(names(await world.store.keeper.mirror(second, paceless))).toEqual([
      'manifest',
      'stamps',
      'chunk 0',
    ]);
    expect(world.mirrored(second, 'chunks')).toEqual(second.chunks[0]);
  });

  // Goal: the longest unread comes first, also after a restart. Method: read two of three.
  it('takes turns', async () => {
    const all = [1, 2, 3].map((number) => sealedSample(number, [100]));
    for (const [index, one] of all.entries()) await world.hold(one, index);
    const turns = async () =>
      (await world.store.keeper.turns()).map(({ recordingId }) => Number(recordingId));
    expect(await turns()).toEqual([1, 2, 3]);
    for (const at of [0, 1]) await world.store.keeper.examinedAt(all[at] ?? recording, 5);
    await world.boot();
    expect(await turns()).toEqual([3, 1, 2]);
    await world.store.keeper.examinedAt(all[0] ?? recording, 1);
    expect(await turns()).toEqual([3, 2, 1]);
  });

  // Goal: what is destroyed is gone here and there, and the proof stays. Method: destroy, pull the plug, look everywhere.
  it('destroys content and wraps, and keeps the proof', async () => {
    await world.hold(recording);
    await world.store.keeper.destroy(recording);
    await world.store.keeper.destroy(recording);
    world.cutPower();
    await world.boot();
    for (const file of ['chunks', 'wraps']) {
      expect(world.stored(recording, file)).toBeUndefined();
      expect(world.mirrored(recording, file)).toBeUndefined();
    }
    expect(world.stored(recording, 'manifest')).toEqual(recording.manifest);
    expect(world.stored(recording, 'stamps')).toBeDefined();
    expect(world.mirrored(recording, 'manifest')).toEqual(recording.manifest);
    expect(await state()).toMatchObject({ state: 'destroyed', entryIndex: 7 });
    expect(await examine()).toMatchObject({ state: 'destroyed', wounds: [] });
    expect(world.store.recovered.damage).toEqual([]);
  });

  // Goal: nothing is called destroyed while a copy of it is left somewhere; nor is it readable any more. Method: the mirror away.
  it('is not done before the mirror is done', async () => {
    await world.hold(recording);
    world.mirror.cutPower();
    await expect(world.store.keeper.destroy(recording)).rejects.toMatchObject({ code: 'STORE_MIRROR' });
    await expect(world.store.readChunk(recording.recordingId, 0)).rejects.toMatchObject({
      code: 'STORE_STALE',
    });
    expect(world.mirrored(recording, 'chunks')).toBeDefined();
    world.disk.cutPower();
    await world.boot();
    expect(world.store.recovered.destroyed).toEqual([keyOf(recording)]);
    expect(world.mirrored(recording, 'chunks')).toBeUndefined();
  });

  // Goal: what was put aside may be destroyed too, and its proof goes back to where it is looked for. Method: rot, then destroy.
  it('destroys what had rotted', async () => {
    await lose();
    await world.store.keeper.destroy(recording);
    expect(world.stored(recording, 'manifest')).toEqual(recording.manifest);
    expect(world.stored(recording, 'chunks')).toBeUndefined();
    expect(world.stored(recording, 'refusal.json')).toBeUndefined();
    const held = await state();
    expect(held).toMatchObject({ state: 'destroyed', entryIndex: 7 });
    expect(held?.reason).toBeUndefined();
  });

  // Goal: nothing on its way in is destroyed. Method: a recording that is not settled.
  it('destroys nothing that is still coming', async () => {
    await upload(world.store, recording, 1);
    await expect(world.store.keeper.destroy(recording)).rejects.toMatchObject({ code: 'STORE_STALE' });
    await putChunk(world.store, recording, 1);
  });
});
