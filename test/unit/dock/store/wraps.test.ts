import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openHoldingIndex } from '../../../../dock/store/holding-index.ts';
import { openStore, type Store } from '../../../../dock/store/store.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { keyOf, sample, sealedSample, upload } from '../../../contract/stores.ts';
import type { Sample } from '../../../contract/stores.ts';
import { signedSample } from './samples.ts';

const HELD = { state: 'held', entryIndex: 7 } as const;
const QUARANTINED = { state: 'quarantined', entryIndex: 8, reason: 'root-mismatch' } as const;

describe('wraps on disk', () => {
  let dir: string;
  let store: Store;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'holdfast-store-'));
    store = await openStore({ dir });
  });
  afterEach(async () => {
    await store.close();
    await rm(dir, { recursive: true });
  });

  const reopen = async (between: () => Promise<void>): Promise<void> => {
    await store.close();
    await between();
    store = await openStore({ dir });
  };
  const path = (recording: Sample, file: string): string =>
    join(dir, 'recordings', recording.recordingId, file);
  const hold = async (recording: Sample): Promise<void> => {
    await upload(store, recording);
    await store.rehash(recording);
    await store.settle(recording, HELD);
  };

  // Goal: wraps lie beside their manifest, and go where it goes. Method: look, quarantine, look again.
  it('keeps wraps beside the manifest', async () => {
    const recording = sealedSample(15, [100]);
    await upload(store, recording);
    expect(new Uint8Array(await readFile(path(recording, 'wraps')))).toEqual(recording.wraps);
    await store.settle(recording, QUARANTINED);
    const digits = toHex(recording.manifestSha256).slice(0, 8);
    const folder = join(dir, 'quarantine', `${recording.recordingId}-${digits}`);
    expect(new Uint8Array(await readFile(join(folder, 'wraps')))).toEqual(recording.wraps);
  });

  // Goal: the wraps of a recording are durable before its manifest. Method: a folder where the manifest must go.
  it('writes the wraps first', async () => {
    const recording = sealedSample(16, [100]);
    await mkdir(path(recording, 'manifest'), { recursive: true });
    await expect(upload(store, recording)).rejects.toMatchObject({ code: 'STORE_IO' });
    expect(new Uint8Array(await readFile(path(recording, 'wraps')))).toEqual(recording.wraps);
    expect((await store.lease(recording)).signedManifest).toBeUndefined();
    await rm(path(recording, 'manifest'), { recursive: true });
    await hold(recording);
  });

  // Goal: wraps that the disk lost are asked for again before custody, and named as damage after. Method: remove them.
  it('notices lost wraps at its start', async () => {
    const [incoming, held] = [sealedSample(17, [100]), sealedSample(18, [100])];
    await upload(store, incoming);
    await hold(held);
    await reopen(async () => {
      await rm(path(incoming, 'wraps'));
      await rm(path(held, 'wraps'));
    });
    expect(store.recovered.forgotten).toEqual([{ ...keyOf(incoming), chunks: 0, manifest: true }]);
    expect(store.recovered.damage).toEqual([
      { ...keyOf(held), state: 'held', file: 'wraps', problem: 'missing' },
    ]);
    expect((await store.lease(incoming)).signedManifest).toBeUndefined();
    await hold(incoming);
    expect(await store.find(held.recordingId)).toMatchObject({ state: 'held', damaged: true });
    await expect(store.rehash(held)).rejects.toMatchObject({ code: 'STORE_ROT', retry: 'never' });
  });

  // Goal: a recording whose time is over is settled for good, and is no damage. Method: destroy it as an index would
  // say, then offer it again.
  it('knows what was destroyed', async () => {
    const recording = sealedSample(19, [100, 100]);
    await hold(recording);
    await reopen(async () => {
      const index = openHoldingIndex(join(dir, 'index.db'));
      const row = index.find(recording);
      if (row === undefined) throw new TypeError('it is held');
      index.commit([{ change: 'set-holding', holding: { ...row, state: 'destroyed' } }]);
      index.close();
      await rm(path(recording, 'wraps'));
      await rm(path(recording, 'chunks'));
    });
    expect(store.recovered.damage).toEqual([]);
    const holding = await store.lease(recording);
    expect(holding).toMatchObject({ state: 'destroyed', entryIndex: 7 });
    expect([holding.signedManifest, holding.wraps, holding.damaged]).toEqual([
      recording.manifest,
      undefined,
      undefined,
    ]);
    expect(await store.find(recording.recordingId)).toBeUndefined();
    expect(await store.hasSealed(recording.cameraId, 99)).toBe(true);
    await expect(upload(store, recording)).rejects.toMatchObject({ code: 'STORE_STALE' });
    await expect(store.rehash(recording)).rejects.toMatchObject({ code: 'STORE_STALE' });
    await expect(store.settle(recording, QUARANTINED)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
    // Another manifest of the same recording still comes second.
    expect(await store.lease(sample(19, [100, 100], 1))).toMatchObject({ conflict: true });
  });

  // Goal: losing the index loses neither wraps nor the memory of a camera's seal. Method: delete it, with the footage
  // of one recording destroyed and the wraps of another lost.
  it('is rebuilt with wraps', async () => {
    const recordings = [5, 6, 7].map((number) =>
      signedSample(number, [300], sealedSample(number, [300]).wraps),
    );
    for (const recording of recordings) await hold(recording);
    const [whole, destroyed, spoiled] = recordings;
    if (!whole || !destroyed || !spoiled) throw new TypeError('three recordings');
    await store.close();
    await rm(join(dir, 'index.db'));
    for (const file of ['wraps', 'chunks']) await rm(path(destroyed, file));
    await writeFile(path(spoiled, 'wraps'), 'something else');
    store = await openStore({
      dir,
      remember: async ({ recordingId }) => ({
        transport: 'mqtt',
        settlement: { state: 'held', entryIndex: Number(recordingId) },
        ...(recordingId === destroyed.recordingId ? { destroyed: true } : {}),
      }),
    });
    expect(store.recovered.damage).toEqual([
      { ...keyOf(spoiled), state: 'held', file: 'wraps', problem: 'changed' },
    ]);
    expect((await store.find(whole.recordingId))?.wraps).toEqual(whole.wraps);
    expect(await store.lease(destroyed)).toMatchObject({ state: 'destroyed', entryIndex: 6 });
    // All three are its first: one with a higher counter is younger, one with the same is not.
    expect(await store.hasSealed(whole.cameraId, 2)).toBe(true);
    expect(await store.hasSealed(whole.cameraId, 1)).toBe(false);
  });
});
