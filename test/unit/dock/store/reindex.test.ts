import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Holding } from '../../../../dock/ports.ts';
import { reindex } from '../../../../dock/store/reindex.ts';
import { openStore, type Store } from '../../../../dock/store/store.ts';
import type { Memory, Remember } from '../../../../dock/store/survey.ts';
import { equal, toHex } from '../../../../proto/bytes.ts';
import { flipByte } from './flip.ts';
import { content, type Sample, sha256, upload } from '../../../contract/stores.ts';
import { signedSample } from './samples.ts';

const paceless = (): Promise<void> => Promise.resolve();

// One of each: sealed and held, held, destroyed, refused, refused in mid-upload, refused for its id, rotten, and one on its way.
const sealed = signedSample(1, [700, 900], content(151, 'wraps 1'));
const plain = { ...signedSample(2, [300, 300, 300]), transport: 'serial' as const };
const gone = signedSample(3, [400], content(151, 'wraps 3'));
const refused = { ...signedSample(4, [500, 200]), transport: 'serial' as const };
const cut = signedSample(5, [500, 200]);
const rival: Sample = { ...signedSample(6, [150]), recordingId: plain.recordingId };
const rotten = signedSample(7, [600, 600, 100]);
const coming = signedSample(8, [100, 100]);

const name = ({ recordingId, manifestSha256 }: { recordingId: string; manifestSha256: Uint8Array }): string =>
  `${recordingId}/${toHex(manifestSha256)}`;

describe('an index that is made anew', () => {
  let dir: string;
  let store: Store;
  /** What a ledger would say. */
  const memories = new Map<string, Memory>();
  const remember: Remember = async (key) => memories.get(name(key));

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'holdfast-reindex-'));
    store = await openStore({ dir });
    memories.clear();
    await live();
  });
  afterEach(() => rm(dir, { recursive: true }));

  async function accept(recording: Sample, entryIndex: number): Promise<void> {
    await upload(store, recording);
    const { stampsSha256 } = await store.rehash(recording);
    await store.settle(recording, { state: 'held', entryIndex });
    memories.set(name(recording), {
      ...about(recording),
      stamps: toHex(stampsSha256),
      settlement: { state: 'held', entryIndex },
    });
  }

  /** The ledger has the code word of a reason only. */
  async function refuse(recording: Sample, entryIndex: number, reason: string): Promise<void> {
    await store.settle(recording, { state: 'quarantined', entryIndex, reason });
    const word = reason.split(':', 1)[0] ?? '';
    const { cameraId, contentBytes } = recording;
    memories.set(name(recording), {
      cameraId,
      contentBytes,
      settlement: { state: 'quarantined', entryIndex, reason: word },
    });
  }

  const about = ({ cameraId, contentBytes, transport }: Sample): Memory => ({
    cameraId,
    contentBytes,
    transport,
  });

  async function live(): Promise<void> {
    for (const [index, recording] of [sealed, plain, gone, rotten].entries()) await accept(recording, index);
    await store.keeper.destroy(gone);
    memories.set(name(gone), { ...memories.get(name(gone)), destroyed: true });
    await upload(store, refused);
    await refuse(refused, 4, 'root-mismatch: what is stored is not what the camera signed');
    await upload(store, cut, 1);
    await refuse(cut, 5, 'bad-manifest: it ends too early');
    await upload(store, rival);
    await refuse(rival, 6, 'recording-conflict');
    await flipByte(join(dir, 'recordings', rotten.recordingId, 'chunks'), 650);
    const examined = await store.keeper.examine(rotten, paceless);
    await store.keeper.condemn(rotten, examined?.wounds ?? []);
  }

  /** All that a store answers, but for its own counting of leases. */
  async function answers(): Promise<readonly object[]> {
    const holdings = await store.list();
    const all = holdings.map(async ({ leaseEpoch: _, ...holding }) => {
      const { recordingId, durableChunks } = holding;
      const found = await store.find(recordingId);
      const isFound = found !== undefined && equal(found.manifestSha256, holding.manifestSha256);
      const stamps = isFound ? await store.stamps(recordingId) : undefined;
      const chunks = await Promise.all(
        Array.from({ length: isFound ? durableChunks : 0 }, async (__, i) =>
          toHex(sha256(await store.readChunk(recordingId, i))),
        ),
      );
      return { name: name(holding), holding, isFound, stamps, chunks };
    });
    return (await Promise.all(all)).toSorted((a, b) => a.name.localeCompare(b.name));
  }

  // Goal: files and ledger alone give the same index, row by row, and the same answers. Method: one recording of each fate; compare
  // with the old index, then lose it and make it from nothing, then lose it and just start.
  it.each(['beside the old one', 'after it was lost', 'by a start without one'])(
    'says the same %s',
    async (how) => {
      const before = await answers();
      expect(before).toHaveLength(7);
      const sealedBefore = await store.hasSealed(sealed.cameraId, 99);
      await store.close();
      if (how !== 'beside the old one')
        for (const file of ['', '-wal', '-shm']) await rm(join(dir, `index.db${file}`), { force: true });
      if (how !== 'by a start without one') {
        const done = await reindex({ dir, remember, check: false });
        expect(done.differences).toEqual(how === 'after it was lost' ? undefined : []);
        expect(done.holdings).toEqual({ incoming: 0, held: 2, quarantined: 4, destroyed: 1 });
        expect(done.unexplained).toEqual([]);
        expect(done.keptAs).toBe(how === 'after it was lost' ? undefined : join(dir, 'index.db.old-1'));
      }
      store = await openStore({ dir, remember });
      expect(store.recovered.damage).toEqual([]);
      expect(await answers()).toEqual(before);
      expect(await store.hasSealed(sealed.cameraId, 99)).toBe(sealedBefore);
      // What rotted is still what its camera may bring again, from the same chunk on.
      expect(await store.lease(rotten)).toMatchObject({
        state: 'incoming',
        durableChunks: 1,
      } satisfies Partial<Holding>);
      await store.close();
    },
  );

  // Goal: what differs is named by table, recording and column. Method: change the old index behind the dock's back.
  it('names what differs', async () => {
    memories.set(name(sealed), {
      ...memories.get(name(sealed)),
      settlement: { state: 'held', entryIndex: 99 },
    });
    await upload(store, coming, 1);
    await store.close();
    const { differences } = await reindex({ dir, remember, check: true });
    const about = {
      table: 'holdings',
      recording: sealed.recordingId,
      manifest: toHex(sealed.manifestSha256),
    };
    expect(differences).toEqual([
      { ...about, column: 'entryIndex', before: '0', after: '99' },
      // What is on its way cannot prove itself: its camera still has it.
      {
        ...{ ...about, recording: coming.recordingId, manifest: toHex(coming.manifestSha256) },
        ...{ column: 'row', before: 'there', after: 'missing' },
      },
    ]);
    expect(
      (await readdir(dir)).filter((file) => file.startsWith('index.db.old') || file.includes('.new')),
    ).toEqual([]);
  });

  // Goal: a dock that runs is not disturbed.
  it('is not made while a dock has the folder', async () => {
    await expect(reindex({ dir, remember, check: false })).rejects.toMatchObject({ code: 'STORE_IO' });
    await store.close();
  });

  // Goal: what was set aside when an index was lost in mid-upload stays nobody's after its camera has brought the same recording again.
  // Method: half of one, no index, all of it, then the same two ways to an index; the folder is there under the same manifest twice.
  it.each(['a start', 'a start without one', 'making it anew'])(
    'leaves what was set aside at %s',
    async (how) => {
      await upload(store, coming, 1);
      await store.close();
      const lose = (): Promise<void> => rm(join(dir, 'index.db'));
      await lose();
      store = await openStore({ dir, remember });
      const aside = `quarantine/${coming.recordingId}-unindexed`;
      expect(store.recovered.setAside).toEqual([aside]);
      await accept(coming, 9);
      const before = await answers();
      await store.close();
      if (how !== 'a start') await lose();
      if (how === 'making it anew') {
        const done = await reindex({ dir, remember, check: false });
        expect(done.unexplained).toEqual([aside]);
        expect(done.holdings).toEqual({ incoming: 0, held: 3, quarantined: 4, destroyed: 1 });
      }
      store = await openStore({ dir, remember });
      expect(store.recovered.setAside).toEqual([aside]);
      expect(await answers()).toEqual(before);
      await store.close();
    },
  );

  // Goal: the ledger's digest of the stamps counts, not what lies there. Method: other stamps, all in order, and no index.
  it('does not take changed stamps for those that were accepted', async () => {
    const digest = 'ab'.repeat(32);
    memories.set(name(plain), { ...memories.get(name(plain)), stamps: digest });
    await store.close();
    await rm(join(dir, 'index.db'));
    store = await openStore({ dir, remember });
    expect(store.recovered.damage).toMatchObject([
      { recordingId: plain.recordingId, file: 'stamps', problem: 'changed' },
    ]);
    await expect(store.stamps(plain.recordingId)).rejects.toMatchObject({ code: 'STORE_ROT' });
    await store.close();
  });
});
