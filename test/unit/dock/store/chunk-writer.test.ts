import { describe, expect, it } from 'vitest';
import { openHoldingIndex } from '../../../../dock/store/holding-index.ts';
import { openStore } from '../../../../dock/store/store.ts';
import { concat } from '../../../../proto/bytes.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { FaultIndex } from '../../../../sim/fault/fault-index.ts';
import { putChunk, sample, upload } from '../../../contract/stores.ts';

describe('ChunkWriter', () => {
  // Goal: a full disk gets back the room that a failed chunk took, so that other recordings can still end.
  // Method: fill it in the middle of a chunk and look at the file.
  it('gives a full disk its room back', async () => {
    const disk = new FaultDisk({ seed: 'full' });
    const store = await openStore({ dir: '/dock', disk: disk.mount(), index: openHoldingIndex(':memory:') });
    const recording = sample(1, [100, 1_000]);
    await upload(store, recording, 1);
    disk.leaveRoom(500);
    await expect(putChunk(store, recording, 1)).rejects.toMatchObject({ code: 'STORE_FULL', retry: 'later' });
    expect(disk.peek(`/dock/recordings/${recording.recordingId}/chunks`)).toEqual(recording.chunks[0]);
    expect(disk.takeRoom(500)).toBe(500);
    await store.close();
  });

  // Goal: bytes stay when only the index failed, as its commit may come to life in a crash. Method: fail the commit.
  it('leaves the bytes of a failed commit', async () => {
    const disk = new FaultDisk({ seed: 'index' });
    const mount = disk.mount();
    const index = new FaultIndex(openHoldingIndex(':memory:'), mount);
    let broken = false;
    index.commitLater = async (changes) => {
      if (broken) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
      await FaultIndex.prototype.commitLater.call(index, changes);
    };
    const store = await openStore({ dir: '/dock', disk: mount, index });
    const recording = sample(1, [100, 1_000]);
    await upload(store, recording, 1);
    broken = true;
    await expect(putChunk(store, recording, 1)).rejects.toMatchObject({ code: 'STORE_IO', retry: 'later' });
    const path = `/dock/recordings/${recording.recordingId}/chunks`;
    expect(disk.peek(path)).toEqual(concat(...recording.chunks));
    broken = false;
    await putChunk(store, recording, 1);
    expect(disk.peek(path)).toEqual(concat(...recording.chunks));
    await store.close();
  });
});
