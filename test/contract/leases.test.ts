import { expect, it } from 'vitest';
import { keyOf, sample, sha256, stampOf, upload, worlds } from './stores.ts';

// Goal: a newer lease fences the older one also when it is taken before the first chunk came. Method: a holding that was opened
// again, a newer lease and a chunk under the older one, each a little later against the other; then the next chunk under either.
it.each(worlds)('a newer lease fences the older one on %s', async (_name, make) => {
  const world = await make();
  expect(await world.store.named('incoming')).toEqual([]);
  for (let late = 0; late < 30; late++) {
    const recording = sample(60 + late, [100, 100, 100]);
    await upload(world.store, recording, 0);
    await world.reopen();
    const put = (leaseEpoch: number, index: number): Promise<void> => {
      const stored = recording.chunks[index] ?? new Uint8Array(0);
      const key = { ...keyOf(recording), leaseEpoch };
      return world.store.putChunk(key, index, sha256(stored), stored, stampOf(index));
    };
    const { leaseEpoch: old } = await world.store.lease(recording);
    const leasing = world.store.lease(recording);
    for (let turn = 0; turn < late; turn++) await Promise.resolve();
    const isFirstTaken = put(old, 0).then(
      () => true,
      () => false,
    );
    const { leaseEpoch, durableChunks } = await leasing;
    expect({ late, durableChunks }).toEqual({ late, durableChunks: (await isFirstTaken) ? 1 : 0 });
    await expect(put(old, durableChunks)).rejects.toMatchObject({ code: 'STORE_STALE' });
    await put(leaseEpoch, durableChunks);
  }
  const { cameraId } = sample(60, [100]);
  const ids = Array.from({ length: 30 }, (_, late) => ({
    recordingId: sample(60 + late, [100]).recordingId,
    cameraId,
  }));
  expect(new Set(await world.store.named('incoming'))).toEqual(new Set(ids));
  expect(await world.store.named('held')).toEqual([]);
  await world.end();
});
