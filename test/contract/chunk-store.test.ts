import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatInstant } from '../../proto/instant.ts';
import { toHex } from '../../proto/bytes.ts';
import { content, keyOf, putChunk, sample, sealedSample, sha256, stampOf, upload, worlds } from './stores.ts';
import type { Sample, StoreWorld } from './stores.ts';

const HELD = { state: 'held', entryIndex: 7 } as const;
const QUARANTINED = { state: 'quarantined', entryIndex: 8, reason: 'root-mismatch' } as const;

const code = (expected: string): unknown => expect.objectContaining({ name: 'StoreError', code: expected });

describe.each(worlds)('ChunkStore on %s', (_name, make) => {
  let world: StoreWorld;
  beforeEach(async () => {
    world = await make();
  });
  afterEach(() => world.end());

  const hold = async (recording: Sample): Promise<void> => {
    await upload(world.store, recording);
    await world.store.rehash(recording);
    await world.store.settle(recording, HELD);
  };

  // Goal: a lease opens a holding and later finds it where it was. Method: take two, with a restart in between.
  it('opens and resumes a holding', async () => {
    const recording = sample(1, [100, 200]);
    const first = await world.store.lease(recording);
    expect(first).toMatchObject({
      ...keyOf(recording),
      state: 'incoming',
      durableChunks: 0,
      cameraId: 'cam-1',
    });
    expect(first.signedManifest).toBeUndefined();
    await upload(world.store, recording, 1);
    await world.reopen();
    const again = await world.store.lease({ ...recording, transport: 'serial' });
    expect(again).toMatchObject({
      state: 'incoming',
      durableChunks: 1,
      transport: 'serial',
      received: stampOf(0),
    });
    expect(toHex(again.signedManifest ?? new Uint8Array(0))).toBe(toHex(recording.manifest));
    expect(again.leaseEpoch).toBeGreaterThan(first.leaseEpoch);
  });

  // Goal: what was put is what is read, whoever restarts in between. Method: chunks of odd sizes, a restart,
  // custody, another restart, then every byte compared.
  it('gives back what it was given', async () => {
    const recording = sample(2, [1, 4096, 511, 70_000]);
    await upload(world.store, recording, 3);
    await world.reopen();
    await hold(recording);
    await world.reopen();
    const found = await world.store.find(recording.recordingId);
    expect(found).toMatchObject({ state: 'held', entryIndex: 7, durableChunks: 4, received: stampOf(3) });
    for (const [i, stored] of recording.chunks.entries()) {
      expect(toHex(await world.store.readChunk(recording.recordingId, i))).toBe(toHex(stored));
    }
    expect(await world.store.stamps(recording.recordingId)).toEqual([0, 1, 2, 3].map(stampOf));
  });

  // Goal: several recordings, and several chunks of each, may be put at once. Method: all calls before any await.
  it('takes chunks of many recordings at once', async () => {
    const recordings = [3, 4, 5, 6].map((number) => sample(number, [300, 400, 500, 600, 700]));
    for (const recording of recordings) await upload(world.store, recording, 0);
    await Promise.all(
      recordings.flatMap((recording) => recording.chunks.map((_, i) => putChunk(world.store, recording, i))),
    );
    for (const recording of recordings) {
      const { digests } = await world.store.rehash(recording);
      expect(digests.map(toHex)).toEqual(recording.chunks.map((chunk) => toHex(sha256(chunk))));
    }
  });

  // Goal: there is never a second content under one index. Method: put chunk 0 again, the same and another.
  it('takes the same chunk twice and another one never', async () => {
    const recording = sample(7, [100, 100]);
    await upload(world.store, recording, 1);
    await putChunk(world.store, recording, 0);
    const other = content(100, 'other');
    const put = world.store.putChunk(recording, 0, sha256(other), other, stampOf(0));
    await expect(put).rejects.toEqual(code('STORE_CONFLICT'));
    const both = [
      putChunk(world.store, recording, 1),
      world.store.putChunk(recording, 1, sha256(other), other, stampOf(1)),
    ];
    const [first, second] = await Promise.allSettled(both);
    expect(first?.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: code('STORE_CONFLICT') });
    expect((await world.store.rehash(recording)).digests.map(toHex)).toEqual(
      recording.chunks.map((chunk) => toHex(sha256(chunk))),
    );
  });

  // Goal: chunks come in order. Method: leave one out.
  it('refuses a chunk that is not the next one', async () => {
    const recording = sample(8, [100, 100, 100]);
    await upload(world.store, recording, 1);
    await expect(putChunk(world.store, recording, 2)).rejects.toEqual(code('STORE_STALE'));
    expect((await world.store.lease(recording)).durableChunks).toBe(1);
  });

  // Goal: a session that was overtaken cannot write. Method: write under the older of two leases.
  it('fences an older lease', async () => {
    const recording = sample(9, [100]);
    const old = await world.store.lease(recording);
    const now = await world.store.lease(recording);
    await expect(world.store.putManifest(old, recording.manifest)).rejects.toEqual(code('STORE_STALE'));
    const put = (lease: typeof old): Promise<void> =>
      world.store.putChunk(lease, 0, sha256(content(100, 'x')), content(100, 'x'), stampOf(0));
    await expect(put(old)).rejects.toEqual(code('STORE_STALE'));
    await world.store.putManifest(now, recording.manifest);
    await put(now);
    await expect(world.store.rehash(old)).rejects.toEqual(code('STORE_STALE'));
    await world.store.rehash(now);
    await expect(world.store.settle(old, QUARANTINED)).rejects.toEqual(code('STORE_STALE'));
    await world.store.settle(now, HELD);
  });

  // Goal: an offer, which nobody signed, binds nobody before its manifest has come. Method: other sizes at first, and later.
  it('takes the sizes of the newest offer until the manifest is there', async () => {
    const recording = sample(21, [100, 100]);
    await world.store.lease({ ...recording, manifestBytes: 5, contentBytes: 0 });
    await world.reopen();
    const { manifestBytes, contentBytes } = recording;
    expect(await world.store.lease(recording)).toMatchObject({ manifestBytes, contentBytes });
    await upload(world.store, recording, 1);
    await world.reopen();
    const other = world.store.lease({ ...recording, contentBytes: 0 });
    await expect(other).rejects.toEqual(code('STORE_CONFLICT'));
    expect(await world.store.lease(recording)).toMatchObject({ contentBytes, durableChunks: 1 });
  });

  // Goal: the stamps file is reproducible. Method: compare its digest with one made by hand, twice, with a restart.
  it('makes stamps that anyone can hash again', async () => {
    const recording = sample(10, [10, 20]);
    await upload(world.store, recording);
    const lines = recording.chunks.map((chunk, i) => {
      const { receivedAtUs, uncertaintyUs, basis, epoch } = stampOf(i);
      const line = {
        chunk: i,
        sha256: toHex(sha256(chunk)),
        receivedAt: formatInstant(receivedAtUs),
        uncertaintyUs,
        basis,
        ...(epoch === undefined ? {} : { epoch }),
      };
      return `${JSON.stringify(line)}\n`;
    });
    const expected = toHex(sha256(new TextEncoder().encode(lines.join(''))));
    const first = await world.store.rehash(recording);
    expect(toHex(first.stampsSha256)).toBe(expected);
    expect(first.received).toEqual(stampOf(1));
    expect(toHex(first.signedManifest)).toBe(toHex(recording.manifest));
    await world.reopen();
    expect(toHex((await world.store.rehash(recording)).stampsSha256)).toBe(expected);
    await world.store.settle(recording, HELD);
    expect(toHex((await world.store.rehash(recording)).stampsSha256)).toBe(expected);
  });

  // Goal: nothing is read back that is not there. Method: rehash with no manifest, and with no chunk.
  it('reads nothing back before there is something', async () => {
    const recording = sample(11, [10]);
    await world.store.lease(recording);
    await expect(world.store.rehash(recording)).rejects.toEqual(code('STORE_STALE'));
    await upload(world.store, recording, 0);
    await expect(world.store.rehash(recording)).rejects.toEqual(code('STORE_STALE'));
  });

  // Goal: custody is final. Method: settle twice alike, then otherwise, then write.
  it('settles once', async () => {
    const recording = sample(12, [100]);
    await hold(recording);
    await world.store.settle(recording, HELD);
    await expect(world.store.settle(recording, QUARANTINED)).rejects.toEqual(code('STORE_CONFLICT'));
    await expect(world.store.settle(recording, { ...HELD, entryIndex: 9 })).rejects.toEqual(
      code('STORE_CONFLICT'),
    );
    await expect(putChunk(world.store, recording, 0)).rejects.toEqual(code('STORE_STALE'));
    await expect(world.store.putManifest(recording, recording.manifest)).rejects.toEqual(code('STORE_STALE'));
    expect(await world.store.lease(recording)).toMatchObject({
      state: 'held',
      entryIndex: 7,
      durableChunks: 1,
    });
  });

  // Goal: nothing is held on the strength of an older look. Method: settle before reading back, and after one more chunk.
  it('holds only what was read back as it is', async () => {
    const recording = sample(20, [100, 100]);
    await upload(world.store, recording, 1);
    await expect(world.store.settle(recording, HELD)).rejects.toEqual(code('STORE_STALE'));
    await world.store.rehash(recording);
    await putChunk(world.store, recording, 1);
    await expect(world.store.settle(recording, HELD)).rejects.toEqual(code('STORE_STALE'));
    await hold(recording);
  });

  // Goal: what is refused is kept and shown to nobody. Method: quarantine at three stages of an upload.
  it.each([
    ['before the manifest', async (store, recording) => void (await store.lease(recording))],
    ['after the manifest', (store, recording) => upload(store, recording, 0)],
    ['in the middle', (store, recording) => upload(store, recording, 1)],
  ] as readonly [string, (store: StoreWorld['store'], recording: Sample) => Promise<void>][])(
    'quarantines %s',
    async (_stage, begin) => {
      const recording = sample(13, [100, 100]);
      await begin(world.store, recording);
      const before = await world.store.lease(recording);
      await world.store.settle(recording, QUARANTINED);
      await world.store.settle(recording, QUARANTINED);
      await world.reopen();
      const after = await world.store.lease(recording);
      const { durableChunks, signedManifest } = before;
      expect(after).toMatchObject({
        state: 'quarantined',
        entryIndex: 8,
        reason: 'root-mismatch',
        durableChunks,
      });
      expect(after.signedManifest).toEqual(signedManifest);
      expect(await world.store.find(recording.recordingId)).toBeUndefined();
      await expect(world.store.readChunk(recording.recordingId, 0)).rejects.toEqual(code('STORE_STALE'));
      await expect(putChunk(world.store, recording, durableChunks)).rejects.toEqual(code('STORE_STALE'));
      await expect(world.store.settle(recording, HELD)).rejects.toEqual(code('STORE_CONFLICT'));
    },
  );

  // Goal: two manifests under one id are never mixed, the second is never released, and each is listed by its state. Method: upload both at once.
  it('keeps a second manifest apart', async () => {
    const [first, second] = [sample(14, [100, 100]), sample(14, [100, 100], 1)];
    await upload(world.store, first, 1);
    expect(await world.store.lease(second)).toMatchObject({ conflict: true, durableChunks: 0 });
    await upload(world.store, second);
    await world.reopen();
    await world.store.rehash(second);
    await expect(world.store.settle(second, HELD)).rejects.toEqual(code('STORE_CONFLICT'));
    await hold(first);
    await world.store.settle(second, QUARANTINED);
    expect(toHex(await world.store.readChunk(first.recordingId, 0))).toBe(
      toHex(first.chunks[0] ?? first.manifest),
    );
    const holdings = await world.store.list();
    expect(holdings.map(({ state, conflict }) => ({ state, conflict }))).toEqual([
      { state: 'held', conflict: undefined },
      { state: 'quarantined', conflict: true },
    ]);
    for (const state of ['held', 'quarantined', 'incoming', 'destroyed'] as const)
      expect(await world.store.list(state)).toEqual(holdings.filter((one) => one.state === state));
  });

  // Goal: a refused manifest does not block the true one for ever. Method: quarantine the first, then hold the second.
  it('frees the place of a recording that was quarantined', async () => {
    const [first, second] = [sample(15, [100]), sample(15, [100], 1)];
    await upload(world.store, first);
    await world.store.settle(first, QUARANTINED);
    await hold(second);
    const found = await world.store.find(second.recordingId);
    expect(toHex(found?.manifestSha256 ?? new Uint8Array(0))).toBe(toHex(second.manifestSha256));
  });

  // Goal: a holding belongs to one camera and one manifest. Method: another manifest for it, and an offer as another's.
  it('refuses an offer that contradicts the first', async () => {
    const recording = sample(16, [100]);
    await world.store.lease(recording);
    await expect(world.store.putManifest(recording, content(10, 'm'))).rejects.toEqual(
      code('STORE_CONFLICT'),
    );
    const other = sample(99, [1]).cameraId.replace('1', '2') as Sample['cameraId'];
    await expect(world.store.lease({ ...recording, cameraId: other })).rejects.toEqual(
      code('STORE_CONFLICT'),
    );
    const strange = { ...sample(16, [100], 1), cameraId: other };
    await expect(world.store.lease(strange)).rejects.toEqual(code('STORE_CONFLICT'));
    await world.store.settle(recording, QUARANTINED);
    expect(await world.store.lease(strange)).toMatchObject({ state: 'incoming', cameraId: other });
  });

  // Goal: nothing happens to what nobody leased. Method: every call on an unknown holding.
  it('knows only what was leased', async () => {
    const recording = sample(17, [100]);
    await expect(world.store.putManifest(recording, recording.manifest)).rejects.toEqual(code('STORE_STALE'));
    await expect(putChunk(world.store, recording, 0)).rejects.toEqual(code('STORE_STALE'));
    await expect(world.store.rehash(recording)).rejects.toEqual(code('STORE_STALE'));
    await expect(world.store.settle(recording, QUARANTINED)).rejects.toEqual(code('STORE_STALE'));
    await expect(world.store.readChunk(recording.recordingId, 0)).rejects.toEqual(code('STORE_STALE'));
    await expect(world.store.stamps(recording.recordingId)).rejects.toEqual(code('STORE_STALE'));
    expect(await world.store.list()).toEqual([]);
  });

  // Goal: rotten content is never handed out. Method: change one bit on the disk and read.
  it('notices rot', async () => {
    const recording = sample(18, [100, 100]);
    await hold(recording);
    await world.flip(recording);
    await expect(world.store.readChunk(recording.recordingId, 0)).rejects.toEqual(code('STORE_ROT'));
    await world.store.readChunk(recording.recordingId, 1);
    await expect(world.store.rehash(recording)).rejects.toEqual(code('STORE_ROT'));
    await expect(world.store.rehash(recording)).rejects.toEqual(code('STORE_ROT'));
    expect(await world.store.lease(recording)).toMatchObject({ state: 'held', durableChunks: 2 });
  });

  // Goal: wraps come back wherever the manifest does. Method: put both, restart, read back, hold, restart again.
  it('keeps wraps with the manifest', async () => {
    const recording = sealedSample(22, [100]);
    await upload(world.store, recording, 0);
    await world.reopen();
    expect((await world.store.lease(recording)).wraps).toEqual(recording.wraps);
    await upload(world.store, recording);
    expect((await world.store.rehash(recording)).wraps).toEqual(recording.wraps);
    await world.store.settle(recording, HELD);
    await world.reopen();
    expect((await world.store.find(recording.recordingId))?.wraps).toEqual(recording.wraps);
    expect((await world.store.lease(recording)).wraps).toEqual(recording.wraps);
  });

  // Goal: one manifest has one set of wraps. Method: others for the same; the same again is welcome.
  it('refuses other wraps for the same manifest', async () => {
    const recording = sealedSample(23, [100]);
    await upload(world.store, recording, 0);
    await world.store.putManifest(recording, recording.manifest, recording.wraps);
    const other = content(151, 'other wraps');
    await expect(world.store.putManifest(recording, recording.manifest, other)).rejects.toEqual(
      code('STORE_CONFLICT'),
    );
    await hold(recording);
    expect((await world.store.find(recording.recordingId))?.wraps).toEqual(recording.wraps);
  });

  // Goal: no chunk is durable before the manifest, and so the wraps, are. Method: put one at once after the lease.
  it('takes no chunk before its manifest', async () => {
    const recording = sealedSample(24, [100]);
    await world.store.lease(recording);
    await expect(putChunk(world.store, recording, 0)).rejects.toEqual(code('STORE_STALE'));
    await hold(recording);
  });

  // Goal: rotten wraps never reach custody, and cost no more than a repetition. Method: change a bit before, and after.
  it('notices rotten wraps', async () => {
    const recording = sealedSample(25, [100]);
    await upload(world.store, recording);
    await world.flipWraps(recording);
    await expect(world.store.rehash(recording)).rejects.toMatchObject({ code: 'STORE_ROT', retry: 'later' });
    expect((await world.store.lease(recording)).signedManifest).toBeUndefined();
    expect((await world.store.lease(recording)).wraps).toBeUndefined();
    await hold(recording);
    await world.flipWraps(recording);
    await expect(world.store.rehash(recording)).rejects.toMatchObject({ code: 'STORE_ROT', retry: 'never' });
  });

  // Goal: whoever sealed once is remembered. Method: ask before, after a refused one, after one in custody, and after a restart.
  it('remembers which camera has sealed', async () => {
    const [refused, recording] = [sealedSample(26, [100]), sealedSample(27, [100])];
    await hold(sample(28, [100]));
    await upload(world.store, refused);
    await world.store.settle(refused, QUARANTINED);
    expect(await world.store.hasSealed(recording.cameraId, 99)).toBe(false);
    await hold(recording);
    await world.reopen();
    expect(await world.store.hasSealed(recording.cameraId, 99)).toBe(true);
    // Its manifest is none, so nothing says that it is younger than any other.
    expect(await world.store.hasSealed(recording.cameraId, 1)).toBe(true);
    expect(await world.store.hasSealed('cam-2' as Sample['cameraId'], 99)).toBe(false);
  });

  // Goal: rot before custody costs a repetition, never the recording. Method: change one bit of the first chunk before
  // the reading back, then put what the store asks for again.
  it('forgets what rotted before custody and takes it again', async () => {
    const recording = sample(21, [100, 100]);
    await upload(world.store, recording);
    await world.flip(recording);
    const before = await world.store.lease(recording);
    await expect(world.store.rehash(before)).rejects.toEqual(code('STORE_ROT'));
    await expect(world.store.rehash(before)).rejects.toEqual(code('STORE_STALE'));
    expect(await world.store.lease(recording)).toMatchObject({ state: 'incoming', durableChunks: 0 });
    await world.reopen();
    await hold(recording);
    for (const [i, stored] of recording.chunks.entries())
      expect(toHex(await world.store.readChunk(recording.recordingId, i))).toBe(toHex(stored));
  });

  // Goal: a full disk loses nothing and claims nothing. Method: fill it, fail, make room, go on.
  it('survives a full disk', async () => {
    const recording = sample(19, [100, 100, 100]);
    await upload(world.store, recording, 1);
    world.fill(true);
    const puts = await Promise.allSettled([
      putChunk(world.store, recording, 1),
      putChunk(world.store, recording, 2),
    ]);
    expect(puts[0]).toMatchObject({ status: 'rejected', reason: code('STORE_FULL') });
    expect(puts[1]?.status).toBe('rejected');
    world.fill(false);
    expect((await world.store.lease(recording)).durableChunks).toBe(1);
    await hold(recording);
  });
});
