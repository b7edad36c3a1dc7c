import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import {
  chmod,
  appendFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Holding } from '../../../../dock/ports.ts';
import { openStore } from '../../../../dock/store/store.ts';
import type { Store } from '../../../../dock/store/store.ts';
import { concat, toHex } from '../../../../proto/bytes.ts';
import { content, keyOf, putChunk, sample, sha256, stampOf, upload } from '../../../contract/stores.ts';
import type { Sample } from '../../../contract/stores.ts';
import { signedSample } from './samples.ts';

const HELD = { state: 'held', entryIndex: 7 } as const;
const QUARANTINED = { state: 'quarantined', entryIndex: 8, reason: 'root-mismatch' } as const;

describe('the store on disk', () => {
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

  const reopen = async (between: () => Promise<void> = async () => {}): Promise<Store> => {
    await store.close();
    await between();
    store = await openStore({ dir });
    return store;
  };
  const path = (recording: Sample, file: string): string =>
    join(dir, 'recordings', recording.recordingId, file);
  const hold = async (recording: Sample): Promise<void> => {
    await upload(store, recording);
    await store.rehash(recording);
    await store.settle(recording, HELD);
  };
  const state = async (recording: Sample): Promise<Holding | undefined> => {
    const holdings = await store.list();
    return holdings.find(({ recordingId }) => recordingId === recording.recordingId);
  };
  const quarantineFolder = (recording: Sample): string =>
    join(dir, 'quarantine', `${recording.recordingId}-${toHex(recording.manifestSha256).slice(0, 8)}`);

  // Goal: an operator can see and hash what is there. Method: compare each file with what was put.
  it('lays a recording out as plain files that only the dock may read', async () => {
    const recording = sample(1, [100, 200, 300]);
    await hold(recording);
    expect((await readdir(join(dir, 'recordings', recording.recordingId))).toSorted()).toEqual([
      'chunks',
      'manifest',
      'stamps',
    ]);
    expect(new Uint8Array(await readFile(path(recording, 'chunks')))).toEqual(concat(...recording.chunks));
    expect(new Uint8Array(await readFile(path(recording, 'manifest')))).toEqual(recording.manifest);
    const stamps = await readFile(path(recording, 'stamps'));
    expect(toHex((await store.rehash(recording)).stampsSha256)).toBe(
      createHash('sha256').update(stamps).digest('hex'),
    );
    expect((await stat(path(recording, 'chunks'))).mode & 0o077).toBe(0);
    expect((await stat(join(dir, 'recordings'))).mode & 0o077).toBe(0);
  });

  // Goal: nobody else on the machine reads who recorded what. Method: every file of the index, as it is made, and after a start
  // on one that others could read.
  it('keeps its index to its user', async () => {
    const modes = async (): Promise<readonly number[]> => {
      const names = (await readdir(dir)).filter((name) => name.startsWith('index.db'));
      expect(names).toEqual(expect.arrayContaining(['index.db', 'index.db-wal', 'index.db.lock']));
      return Promise.all(names.map(async (name) => (await stat(join(dir, name))).mode & 0o777));
    };
    await hold(sample(2, [100]));
    expect(new Set(await modes())).toEqual(new Set([0o600]));
    await store.close();
    for (const name of ['index.db', 'index.db.lock']) await chmod(join(dir, name), 0o644);
    store = await openStore({ dir });
    await hold(sample(3, [100]));
    expect(new Set(await modes())).toEqual(new Set([0o600]));
  });

  // Goal: what is refused is moved aside, whole. Method: quarantine an upload in the middle and look.
  it('moves what is refused to quarantine', async () => {
    const recording = sample(2, [100, 200]);
    await upload(store, recording, 1);
    await store.settle(recording, QUARANTINED);
    expect(existsSync(join(dir, 'recordings', recording.recordingId))).toBe(false);
    const folder = quarantineFolder(recording);
    expect(new Uint8Array(await readFile(join(folder, 'chunks')))).toEqual(recording.chunks[0]);
    expect(new Uint8Array(await readFile(join(folder, 'manifest')))).toEqual(recording.manifest);
    expect((await readFile(join(folder, 'stamps'), 'utf8')).split('\n')).toHaveLength(2);
  });

  // Goal: two manifests that agree in eight digits do not share a folder. Method: have the folder there already.
  it('never moves into a folder that is there', async () => {
    const recording = sample(3, [100]);
    await mkdir(quarantineFolder(recording), { recursive: true });
    await upload(store, recording);
    await store.settle(recording, QUARANTINED);
    const long = join(dir, 'quarantine', `${recording.recordingId}-${toHex(recording.manifestSha256)}`);
    expect(await readdir(quarantineFolder(recording))).toEqual([]);
    expect(await readdir(long)).toContain('chunks');
  });

  // Goal: bytes that were never acknowledged are gone. Method: leave half a chunk and a half-made file behind.
  it('cuts what was never acknowledged', async () => {
    const recording = sample(4, [100, 200]);
    await upload(store, recording, 1);
    await reopen(async () => {
      await appendFile(path(recording, 'chunks'), content(50, 'torn'));
      await writeFile(
        path(recording, 'manifest.tmp'),
        'left over from a crash, and longer than the manifest will be',
      );
    });
    expect(store.recovered.cut).toEqual([{ ...keyOf(recording), bytes: 50 }]);
    expect((await stat(path(recording, 'chunks'))).size).toBe(100);
    await hold(recording);
    expect(new Uint8Array(await readFile(path(recording, 'chunks')))).toEqual(concat(...recording.chunks));
  });

  // Goal: what an incoming recording has lost is asked for again. Method: take bytes, or all, from its files.
  it.each([
    ['half a chunk', 250, 2],
    ['all of them', 0, 0],
  ])('forgets %s that the disk lost', async (_what, bytes, left) => {
    const recording = sample(5, [100, 100, 100]);
    await upload(store, recording);
    await reopen(() => truncate(path(recording, 'chunks'), bytes));
    expect(store.recovered.forgotten).toEqual([{ ...keyOf(recording), chunks: 3 - left, manifest: false }]);
    expect((await store.lease(recording)).durableChunks).toBe(left);
    await hold(recording);
    await store.readChunk(recording.recordingId, 2);
  });

  // Goal: a manifest that is lost before custody is asked for again too. Method: change it, and remove it.
  it.each([
    ['changed', (file: string) => writeFile(file, 'something else')],
    ['removed', (file: string) => rm(file)],
  ])('forgets a manifest that was %s', async (_what, spoil) => {
    const recording = sample(6, [100]);
    await upload(store, recording);
    await reopen(() => spoil(path(recording, 'manifest')));
    expect(store.recovered.forgotten).toEqual([{ ...keyOf(recording), chunks: 0, manifest: true }]);
    expect((await store.lease(recording)).signedManifest).toBeUndefined();
    await hold(recording);
  });

  // Goal: damage to what is in custody is named, kept as it is, and never handed out. Method: spoil each file.
  it('reports damage to what is held', async () => {
    const recordings = [7, 8, 9, 10].map((number) => sample(number, [100, 100]));
    for (const recording of recordings) await hold(recording);
    const [short, gone, unstamped, longer] = recordings;
    if (!short || !gone || !unstamped || !longer) throw new TypeError('four recordings');
    await reopen(async () => {
      await truncate(path(short, 'chunks'), 150);
      await rm(join(dir, 'recordings', gone.recordingId), { recursive: true });
      await rm(path(unstamped, 'stamps'));
      await appendFile(path(longer, 'chunks'), 'more');
    });
    const held = (recording: Sample): object => ({ ...keyOf(recording), state: 'held' });
    expect(store.recovered.damage).toEqual([
      { ...held(short), file: 'chunks', problem: 'short', chunk: 1 },
      { ...held(gone), file: 'manifest', problem: 'missing' },
      { ...held(gone), file: 'stamps', problem: 'missing' },
      { ...held(gone), file: 'chunks', problem: 'missing', chunk: 0 },
      { ...held(unstamped), file: 'stamps', problem: 'missing' },
      { ...held(longer), file: 'chunks', problem: 'long' },
    ]);
    const rot = { code: 'STORE_ROT' };
    expect(await store.readChunk(short.recordingId, 0)).toEqual(short.chunks[0]);
    await expect(store.readChunk(short.recordingId, 1)).rejects.toMatchObject(rot);
    await expect(store.readChunk(gone.recordingId, 0)).rejects.toMatchObject(rot);
    await expect(store.rehash(gone)).rejects.toMatchObject(rot);
    await expect(store.stamps(unstamped.recordingId)).rejects.toMatchObject(rot);
    expect(await store.find(gone.recordingId)).toMatchObject({ state: 'held', damaged: true });
    expect(await readFile(path(longer, 'chunks'), 'utf8')).toMatch(/more$/);
  });

  // Goal: stamps that were changed are not believed. Method: change a digit of a time.
  it('does not believe stamps that were changed', async () => {
    const recording = sample(11, [100]);
    await hold(recording);
    const text = await readFile(path(recording, 'stamps'), 'utf8');
    await writeFile(path(recording, 'stamps'), text.replace('"uncertaintyUs":1500', '"uncertaintyUs":1501'));
    await expect(store.stamps(recording.recordingId)).rejects.toMatchObject({ code: 'STORE_ROT' });
    await expect(store.rehash(recording)).rejects.toMatchObject({ code: 'STORE_ROT' });
  });

  // Goal: losing the index loses nothing that was in custody. Method: delete it, and tell what the ledger knew.
  it('is rebuilt from its files', async () => {
    const [held, complete, partial] = [
      signedSample(1, [300, 400]),
      signedSample(2, [500]),
      signedSample(3, [10, 10]),
    ];
    await hold(held);
    await upload(store, complete);
    await store.rehash(complete);
    await upload(store, partial, 1);
    await store.close();
    await rm(join(dir, 'index.db'));
    store = await openStore({
      dir,
      remember: async ({ recordingId }) =>
        recordingId === held.recordingId ? { transport: 'serial', settlement: HELD } : undefined,
    });
    expect(store.recovered.rebuilt).toEqual([keyOf(held), keyOf(complete)]);
    expect(store.recovered.damage).toEqual([]);
    expect(store.recovered.setAside).toEqual([`quarantine/${partial.recordingId}-unindexed`]);
    expect(await store.find(held.recordingId)).toMatchObject({
      ...HELD,
      transport: 'serial',
      durableChunks: 2,
    });
    expect(await store.readChunk(held.recordingId, 1)).toEqual(held.chunks[1]);
    expect(await store.stamps(held.recordingId)).toEqual([stampOf(0), stampOf(1)]);
    expect(await state(complete)).toMatchObject({ state: 'incoming', durableChunks: 1 });
    // The camera still has the one that was not complete, and the place is free for it.
    await hold(complete);
    await hold(partial);
  });

  // Goal: a rebuild sees rot. Method: change a held chunk, then lose the index.
  it('finds rot while it is rebuilt', async () => {
    const held = signedSample(4, [300, 400]);
    await hold(held);
    await store.close();
    await rm(join(dir, 'index.db'));
    const chunks = await readFile(path(held, 'chunks'));
    chunks[301] = (chunks[301] ?? 0) ^ 1;
    await writeFile(path(held, 'chunks'), chunks);
    store = await openStore({ dir, remember: async () => ({ transport: 'mqtt', settlement: HELD }) });
    expect(store.recovered.damage).toEqual([
      { ...keyOf(held), state: 'held', file: 'chunks', problem: 'changed', chunk: 1 },
    ]);
    expect(await store.readChunk(held.recordingId, 0)).toEqual(held.chunks[0]);
    await expect(store.readChunk(held.recordingId, 1)).rejects.toMatchObject({ code: 'STORE_ROT' });
  });

  // Goal: what does not explain itself is kept and counted. Method: put strange things where recordings are.
  it('sets aside what it does not know', async () => {
    await reopen(async () => {
      await mkdir(join(dir, 'recordings', 'lost-and-found'));
      await writeFile(join(dir, 'recordings', 'lost-and-found', 'chunks'), 'whose?');
      await mkdir(join(dir, 'quarantine', 'from-another-dock'));
    });
    expect(store.recovered.setAside).toEqual([
      'quarantine/lost-and-found-unindexed',
      'quarantine/from-another-dock',
    ]);
    expect(await readFile(join(dir, 'quarantine', 'lost-and-found-unindexed', 'chunks'), 'utf8')).toBe(
      'whose?',
    );
    expect(await store.list()).toEqual([]);
  });

  // Goal: one store at a time. Method: open the folder twice, and again once the first is closed.
  it('is open once', async () => {
    await expect(openStore({ dir })).rejects.toMatchObject({ code: 'STORE_IO', retry: 'later' });
    await reopen();
  });

  // Goal: closing waits for what is under way, and ends it all. Method: close with chunks in hand, then call.
  it('closes once its writes are done', async () => {
    const recording = sample(12, [100, 100, 100]);
    await upload(store, recording, 0);
    const puts = [0, 1, 2].map((i) => putChunk(store, recording, i));
    await store.close();
    await Promise.all(puts);
    await expect(store.lease(recording)).rejects.toMatchObject({ code: 'STORE_IO' });
    await expect(store.list()).rejects.toMatchObject({ code: 'STORE_IO' });
    await reopen();
    expect((await store.lease(recording)).durableChunks).toBe(3);
  });

  // Goal: a recording that is being settled takes nothing more, and what it took went with it. Method: both at once.
  it('takes no chunk while it settles', async () => {
    const recording = sample(13, [100, 100, 100]);
    await upload(store, recording, 1);
    const under = putChunk(store, recording, 1);
    const settled = store.settle(recording, QUARANTINED);
    await Promise.resolve();
    await expect(putChunk(store, recording, 2)).rejects.toMatchObject({ code: 'STORE_STALE' });
    await Promise.all([under, settled]);
    expect((await readFile(join(quarantineFolder(recording), 'chunks'))).length).toBe(200);
    expect(await state(recording)).toMatchObject({ state: 'quarantined', durableChunks: 2 });
  });

  // Goal: an unreadable disk is a field error, not a crash. Method: a file where a folder must be.
  it('says so when a disk does not do what it should', async () => {
    const recording = sample(14, [100]);
    await store.lease(recording);
    await writeFile(join(dir, 'recordings', recording.recordingId), 'in the way');
    await expect(store.putManifest(recording, recording.manifest)).rejects.toMatchObject({
      code: 'STORE_IO',
    });
    await rm(join(dir, 'recordings', recording.recordingId));
    await upload(store, recording, 0);
    await mkdir(path(recording, 'chunks'));
    await expect(putChunk(store, recording, 0)).rejects.toMatchObject({ code: 'STORE_IO', retry: 'later' });
    await rm(path(recording, 'chunks'), { recursive: true });
    await hold(recording);
    expect(toHex(sha256(await store.readChunk(recording.recordingId, 0)))).toBe(
      toHex(sha256(content(100, '14 0 0'))),
    );
  });
});
