import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../../../dock/store/errors.ts';
import { concat, equal } from '../../../proto/bytes.ts';
import { decodeEntry } from '../../../proto/custody-entry.ts';
import type { CameraId } from '../../../proto/ids.ts';
import { alteredStore } from '../../../sim/fault/memory-store.ts';
import type { KeptRecording } from '../../../sim/fault/memory-vault.ts';
import { makeRecording, makeSigner, Town, type TownOptions } from '../../../sim/world/town.ts';
import { runs } from '../../runs.ts';

const signer = makeSigner('camera');
const CALM = { delayMs: 2 };
const RUNS = runs(40);

const settledOf = (town: Town): readonly string[] =>
  town.news.flatMap((news) =>
    news.news === 'settled' ? [`${news.recordingId} ${news.settled.outcome}`] : [],
  );

async function contentOf(town: Town, { recording }: KeptRecording): Promise<Uint8Array> {
  const chunks = await Promise.all(
    recording.chunks.map((_, index) => town.store.readChunk(recording.recordingId, index)),
  );
  return concat(...chunks);
}

const isEmpty = (town: Town, count: number) => (): boolean => town.vault.receipts.size === count;

// Goal: whatever a wire does, calm brings every recording over once, whole, and only then is it erased.
// Method: both real drivers and their pure steps over a seeded wire under virtual time; storms with cuts, then calm.
describe('after calm every recording has arrived, byte for byte, and was erased only then', () => {
  const storms = fc.record({
    seed: fc.string({ minLength: 4, maxLength: 8 }),
    loss: fc.double({ min: 0, max: 0.35, noNaN: true }),
    repeat: fc.double({ min: 0, max: 0.3, noNaN: true }),
    reorder: fc.double({ min: 0, max: 0.3, noNaN: true }),
    delayMs: fc.integer({ min: 0, max: 40 }),
    cutsMs: fc.array(fc.integer({ min: 20, max: 2_000 }), { maxLength: 4 }),
    sizes: fc.array(fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 3,
    }),
    // Since this recording the camera has a custodian to seal for.
    sealedFrom: fc.nat(3),
  });

  it('holds for any loss, repetition, reordering and any cuts', async () => {
    await fc.assert(
      fc.asyncProperty(storms, async ({ seed, cutsMs, sizes, sealedFrom, ...faults }) => {
        const recordings = sizes.map((chunks, index) =>
          makeRecording(index + 1, chunks, { signer, isSealed: index >= sealedFrom }),
        );
        const town = new Town({ seed, faults, recordings, cameraSigner: signer });
        const done = isEmpty(town, recordings.length);
        for (const cutMs of cutsMs) {
          town.dock();
          await town.until(done, cutMs);
          town.cut();
        }
        town.dock(CALM);
        expect(await town.until(done, 60_000)).toBe(true);
        expect(town.problems).toEqual([]);
        for (const kept of recordings) {
          expect(equal(await contentOf(town, kept), kept.content)).toBe(true);
          const { recordingId, wraps } = kept.recording;
          expect((await town.store.find(recordingId))?.wraps).toEqual(wraps);
        }
        const accepted = await acceptedIn(town);
        expect(accepted.toSorted()).toEqual(
          recordings.map(({ recording }) => recording.recordingId).toSorted(),
        );
      }),
      { numRuns: RUNS },
    );
  });
});

// Goal: loss is recovered from without calm. Method: every wire is bad from its first packet to its last; the cradle
// opens another when a session dies of silence.
it('a line that stays bad delays an upload and does not stop it', async () => {
  const bad = fc.record({
    seed: fc.string({ minLength: 4, maxLength: 8 }),
    loss: fc.double({ min: 0.02, max: 0.15, noNaN: true }),
  });
  await fc.assert(
    fc.asyncProperty(bad, async ({ seed, loss }) => {
      const recordings = [makeRecording(1, [30_000, 50_000, 2_000], { signer })];
      const faults = { loss, repeat: loss, reorder: loss, delayMs: 5 };
      const town = new Town({ seed, faults, recordings, cameraSigner: signer });
      town.dock();
      expect(await town.until(isEmpty(town, 1), 60_000)).toBe(true);
      expect(town.problems).toEqual([]);
    }),
    { numRuns: runs(20) },
  );
});

async function acceptedIn(town: Town): Promise<string[]> {
  const { size } = await town.ledger.checkpoint();
  const entries = (await town.ledger.read(0, size)).map(decodeEntry);
  return entries.flatMap((entry) => (entry.type === 'accepted' ? [entry.recording] : []));
}

async function play(
  options: Partial<TownOptions> & { recordings: readonly KeptRecording[] },
  limitMs = 30_000,
): Promise<Town> {
  const town = new Town({ seed: 'one', faults: CALM, cameraSigner: signer, ...options });
  town.dock();
  await town.until(isEmpty(town, options.recordings.length), limitMs);
  return town;
}

// Goal: what cannot be accepted is kept aside under custody, the camera learns it, and goes on with the next.
// Method: spoil one thing at a time in the first of two recordings; the second is honest.
describe('a recording that cannot be accepted goes to quarantine and the next one arrives', () => {
  const honest = (): KeptRecording => makeRecording(2, [9_000, 100], { signer });
  const flip = (content: Uint8Array): Uint8Array =>
    content.map((byte, index) => (index === 5_000 ? byte ^ 1 : byte));
  const spoiled = {
    'signed by another key': (): KeptRecording =>
      makeRecording(1, [9_000, 5_000], { signer: makeSigner('another') }),
    'of another camera': (): KeptRecording =>
      makeRecording(1, [9_000], {
        signer,
        change: (manifest) => ({ ...manifest, cameraId: 'cam-9' as CameraId }),
      }),
    'with a root that is not its chunks': (): KeptRecording =>
      makeRecording(1, [9_000], {
        signer,
        change: (manifest) => ({ ...manifest, root: new Uint8Array(32) }),
      }),
    'with content that is not its manifest': (): KeptRecording =>
      makeRecording(1, [9_000, 5_000], { signer, content: flip }),
  };

  for (const [name, make] of Object.entries(spoiled)) {
    it(name, async () => {
      const [bad, good] = [make(), honest()];
      const town = await play({ recordings: [bad, good] });
      expect(settledOf(town)).toEqual([
        `${bad.recording.recordingId} quarantined`,
        `${good.recording.recordingId} accepted`,
      ]);
      expect(town.vault.receipts.size).toBe(2);
      expect(await town.store.find(bad.recording.recordingId)).toBeUndefined();
      expect(equal(await contentOf(town, good), good.content)).toBe(true);
      const { size } = await town.ledger.checkpoint();
      const types = (await town.ledger.read(0, size)).map((entry) => decodeEntry(entry).type);
      expect(types).toContain('refused');
    });
  }
});

// Goal: Data is not signed, so a stranger on an open line can make a dock quarantine good footage; the camera must
// not lose its copy over that. Method: one byte of the first chunk is spoiled on its way, every time, while the copy
// in the camera is sound; the next recording is honest.
it('a quarantine frees nothing whose copy in the camera is sound', async () => {
  const [spoilt, good] = [9_000, 700].map((bytes, index) => makeRecording(index + 1, [bytes], { signer }));
  if (spoilt === undefined || good === undefined) throw new Error('two recordings are made');
  const { recordingId } = spoilt.recording;
  const town = new Town({ seed: 'one', faults: CALM, cameraSigner: signer, recordings: [spoilt, good] });
  const read = town.vault.read.bind(town.vault);
  town.vault.read = async (id, start, end) => {
    const bytes = await read(id, start, end);
    const isOnItsWay = !settledOf(town).some((settled) => settled.startsWith(recordingId));
    return id === recordingId && start === 0 && isOnItsWay
      ? bytes.map((byte, index) => (index === 5 ? byte ^ 1 : byte))
      : bytes;
  };
  town.dock();
  expect(await town.until(() => town.vault.receipts.has(good.recording.recordingId), 30_000)).toBe(true);
  expect(settledOf(town)).toEqual([`${recordingId} quarantined`, `${good.recording.recordingId} accepted`]);
  expect(town.vault.receipts.has(recordingId)).toBe(false);
  expect(await read(recordingId, 0, 9_000)).toEqual(spoilt.content);
});

// Goal: nobody who is not enrolled gets anywhere, and a camera keeps everything then.
// Method: the dock has another key on file than the camera signs with.
it('a camera whose key is not the enrolled one is refused and erases nothing', async () => {
  const recordings = [makeRecording(1, [5_000], { signer })];
  const town = await play({ recordings, enrolledKey: makeSigner('another').publicKey }, 3_000);
  expect(town.vault.receipts.size).toBe(0);
  expect(town.news).toContainEqual(expect.objectContaining({ news: 'refused', code: 'bad-signature' }));
  // It is told so, and leaves the dock alone instead of greeting again at once.
  expect(town.news.filter(({ news }) => news === 'docked').length).toBe(1);
  expect((await town.ledger.checkpoint()).size).toBe(0);
});

// Goal: a full disk is a typed refusal that costs nothing; the upload ends well once there is room.
// Method: a store that is full for its first five chunk writes.
it('a full disk is said to the camera, which comes back until there is room', async () => {
  let left = 5;
  const full: TownOptions['store'] = (store) =>
    alteredStore(store, {
      putChunk: (...put) => {
        left -= 1;
        if (left >= 0)
          return Promise.reject(new StoreError('STORE_FULL', 'no space left', { retry: 'later' }));
        return store.putChunk(...put);
      },
    });
  const recordings = [makeRecording(1, [40_000, 30_000], { signer })];
  const town = await play({ recordings, store: full }, 60_000);
  expect(town.news).toContainEqual(expect.objectContaining({ news: 'refused', code: 'storage-full' }));
  expect(settledOf(town)).toEqual([`${recordings[0]?.recording.recordingId} accepted`]);
  expect(town.problems).toEqual([]);
});

// Goal: what a dock's disk spoils is the dock's trouble: the camera's copy is good, is kept, and is sent again.
// Method: one bit of the second chunk rots between its write and the first reading back.
it('a disk that rots before custody costs a repetition, not the recording', async () => {
  const recordings = [makeRecording(1, [40_000, 30_000], { signer }), makeRecording(2, [500], { signer })];
  let rots = true;
  const options = { seed: 'rot', faults: CALM, cameraSigner: signer, recordings };
  const town: Town = new Town({
    ...options,
    store: (store) =>
      alteredStore(store, {
        rehash: (key) => {
          if (rots) town.store.flip(key, 1);
          rots = false;
          return store.rehash(key);
        },
      }),
  });
  town.dock();
  expect(await town.until(isEmpty(town, 2), 30_000)).toBe(true);
  expect(settledOf(town)).toEqual(recordings.map(({ recording }) => `${recording.recordingId} accepted`));
  for (const kept of recordings) expect(equal(await contentOf(town, kept), kept.content)).toBe(true);
});

// Goal: a slow line is slow and not dead. Method: a round trip longer than the first pause between two Hellos.
it('a line with a long round trip still gets a session', async () => {
  const recordings = [makeRecording(1, [500], { signer })];
  const town = await play({ recordings, faults: { delayMs: 400 } }, 30_000);
  expect(settledOf(town)).toEqual([`${recordings[0]?.recording.recordingId} accepted`]);
});

// Goal: a recording that this dock can never take does not stand in the way of the others, and stays on the camera.
// Method: a store in which the first recording's id is another camera's.
it('goes on with the next recording when one can never be taken', async () => {
  const recordings = [makeRecording(1, [500], { signer }), makeRecording(2, [700], { signer })];
  const taken = recordings[0]?.recording.recordingId;
  const town = new Town({
    ...{ seed: 'one', faults: CALM, cameraSigner: signer, recordings },
    store: (store) =>
      alteredStore(store, {
        lease: (offer) =>
          offer.recordingId === taken
            ? Promise.reject(new StoreError('STORE_CONFLICT', "another camera's", { retry: 'never' }))
            : store.lease(offer),
      }),
  });
  town.dock();
  expect(await town.until(isEmpty(town, 1), 10_000)).toBe(true);
  expect(settledOf(town)).toEqual([`${recordings[1]?.recording.recordingId} accepted`]);
  expect(town.news).toContainEqual(expect.objectContaining({ news: 'refused', code: 'bad-manifest' }));
  expect((await town.vault.waiting()).map(({ recordingId }) => recordingId)).toEqual([taken]);
});
