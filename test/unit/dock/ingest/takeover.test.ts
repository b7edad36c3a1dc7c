import { beforeEach, describe, expect, it } from 'vitest';
import { converse } from '../../../../dock/ingest/converse.ts';
import type { ChunkStore } from '../../../../dock/ports.ts';
import { concat, equal } from '../../../../proto/bytes.ts';
import type { CameraId, RecordingId } from '../../../../proto/ids.ts';
import { PARKED_MS } from '../../../../proto/limits.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { alteredStore } from '../../../../sim/fault/memory-store.ts';
import type { KeptRecording } from '../../../../sim/fault/memory-vault.ts';
import { makeRecording } from '../../../../sim/world/town.ts';
import { signer } from './kit.ts';
import { makeDock, PuppetCamera, turns } from './puppet.ts';

let clock: ManualClock;
let dock: ReturnType<typeof makeDock>;
beforeEach(() => {
  clock = new ManualClock();
  dock = makeDock(clock);
});

type Put = Parameters<ChunkStore['putChunk']>;

/** The dock's store, but for how it writes chunks. */
function storeWith(putChunk: (put: Put) => Promise<void>): ReturnType<typeof alteredStore> {
  return alteredStore(dock.store, { putChunk: (...put) => putChunk(put) });
}

async function contentOf({ recording }: KeptRecording): Promise<Uint8Array> {
  const chunks = recording.chunks.map((_, index) => dock.store.readChunk(recording.recordingId, index));
  return concat(...(await Promise.all(chunks)));
}

// Goal: one session at a time writes a recording, the newest; what the one before it brought is not lost. Method: two
// cameras with the same keys, the first of them cut off in the middle of a chunk without the dock knowing.
describe('a session that comes while an older one is half-open', () => {
  const kept = makeRecording(1, [60_000, 5_000], { signer });
  const from = { fragmentBytes: 1_000 };

  it('takes over inside the chunk, and a stale session never writes', async () => {
    const old = new PuppetCamera(kept, { ...from, nonce: 1 });
    old.allowance = kept.recording.signedManifest.length + 30_000;
    void converse(old.link, dock);
    await turns(20);
    const young = new PuppetCamera(kept, { ...from, nonce: 2 });
    young.allowance = 10_000;
    void converse(young.link, dock);
    await turns(20);
    expect(old.aborts).toMatchObject([{ code: 'stale-lease', class: 'restart-stream' }]);
    const [accept] = young.accepts;
    expect(accept).toMatchObject({ leaseEpoch: 2 });
    expect((accept?.receivedTo ?? 0) - (accept?.durableTo ?? 0)).toBe(30_000);
    // The old one wakes up and goes on where it was, with other bytes.
    const stream = old.accepts[0]?.stream ?? 0;
    const offset = accept?.receivedTo ?? 0;
    const payload = new Uint8Array(30_000);
    old.say({ type: 'data', stream, txSeq: 1_000, flags: 0, offset, payload });
    await turns(20);
    expect(old.aborts.at(-1)).toMatchObject({ code: 'unknown-stream', stream });
    young.allowance = Number.MAX_SAFE_INTEGER;
    clock.advance(600);
    await turns(50);
    expect(young.settled).toBe(true);
    expect(equal(await contentOf(kept), kept.content)).toBe(true);
  });

  it('fences what the older one had in hand for the store', async () => {
    const waiting: (() => void)[] = [];
    const slow = storeWith(async (put) => {
      if (waiting.length === 0) await new Promise<void>((resolve) => waiting.push(resolve));
      return dock.store.putChunk(...put);
    });
    const old = new PuppetCamera(kept, { ...from, nonce: 1 });
    const talk = converse(old.link, { ...dock, store: slow });
    await turns(50);
    expect(waiting.length).toBe(1);
    const young = new PuppetCamera(kept, { ...from, nonce: 2 });
    young.allowance = 1_000;
    void converse(young.link, { ...dock, store: slow });
    await turns(20);
    waiting[0]?.();
    await turns(20);
    expect(young.accepts.length).toBe(1);
    // The write was refused: it was made under the older lease.
    const { recordingId, signedManifest } = kept.recording;
    const manifestSha256 = dock.checker.sha256(signedManifest);
    expect(dock.store.content({ recordingId, manifestSha256 })).toEqual([]);
    await old.link.close();
    await talk;
  });
});

// Goal: a chunk arrives even when no session lasts as long as it takes. Method: a line that hangs up after every 20 kB,
// a chunk of 200 kB, and a camera that sends no byte twice.
it('a chunk arrives over sessions that are all too short for it', async () => {
  const kept = makeRecording(1, [200_000, 90_000], { signer });
  let camera = new PuppetCamera(kept, { fragmentBytes: 1_500, nonce: 1 });
  for (let session = 1; session < 40 && !camera.settled; session += 1) {
    camera = new PuppetCamera(kept, { fragmentBytes: 1_500, nonce: session });
    camera.allowance = 20_000;
    const talk = converse(camera.link, dock);
    await turns(60);
    await camera.link.close();
    await talk;
    clock.advance(500);
  }
  expect(camera.settled).toBe(true);
  expect(equal(await contentOf(kept), kept.content)).toBe(true);
  expect(dock.staging.bytesUsed).toBe(0);
});

// Goal: a camera that offers faster than a disk can lease costs no more than one lease at a time. Method: two hundred Offers
// of two recordings in turn, at a store that is slow.
it('only the newest Offer waits for a lease', async () => {
  const kept = makeRecording(1, [5_000], { signer });
  let leases = 0;
  const store = alteredStore(dock.store, {
    lease: async (offer) => {
      leases += 1;
      await new Promise<void>((resolve) => clock.after(10, resolve));
      return dock.store.lease(offer);
    },
  });
  const camera = new PuppetCamera(kept, { fragmentBytes: 1_000, nonce: 1 });
  void converse(camera.link, { ...dock, store });
  await turns(20);
  for (let round = 0; round < 100; round += 1) {
    camera.offer('ef'.repeat(16) as RecordingId);
    camera.offer();
  }
  for (let turn = 0; turn < 100 && !camera.settled; turn += 1) {
    await turns(3);
    clock.advance(10);
  }
  expect(camera.settled).toBe(true);
  expect(leases).toBeLessThan(5);
});

// Goal: what nobody comes back for is not kept for ever. Method: a cut, and the time after which it is given up.
it('memory comes back when a camera does not', async () => {
  const kept = makeRecording(1, [60_000], { signer });
  const camera = new PuppetCamera(kept, { fragmentBytes: 1_000, nonce: 1 });
  camera.allowance = kept.recording.signedManifest.length + 30_000;
  const talk = converse(camera.link, dock);
  await turns(20);
  await camera.link.close();
  await talk;
  expect(dock.staging.bytesUsed).toBe(60_000 + 4_096);
  expect(dock.parking.bytes).toBe(dock.staging.bytesUsed);
  clock.advance(PARKED_MS);
  expect(dock.staging.bytesUsed).toBe(0);
  expect(clock.pending).toBe(0);
});

// Goal: more cameras than there is memory for all get through, and the memory never grows. Method: forty cameras with
// chunks of a quarter megabyte in eight megabytes.
it('many cameras share what there is', async () => {
  const cameras = Array.from({ length: 40 }, (_, index) => {
    const cameraId = `cam-${index + 10}` as CameraId;
    const change = { signer, change: (manifest: KeptManifest) => ({ ...manifest, cameraId }) };
    const kept = makeRecording(index + 1, [262_144, 1_000], change);
    return { kept, camera: new PuppetCamera(kept, { cameraId, fragmentBytes: 65_536, nonce: index }) };
  });
  let [most, crowded] = [0, 0];
  const store = storeWith(async (put) => {
    await new Promise<void>((resolve) => clock.after(20, resolve));
    return dock.store.putChunk(...put);
  });
  const talks = cameras.map(({ camera }) => converse(camera.link, { ...dock, store }));
  for (let turn = 0; turn < 1_000 && !cameras.every(({ camera }) => camera.settled); turn += 1) {
    await turns(1);
    clock.advance(5);
    most = Math.max(most, dock.staging.bytesUsed);
    crowded = Math.max(crowded, dock.staging.waiting);
  }
  expect(cameras.filter(({ camera }) => !camera.settled).length).toBe(0);
  expect(crowded).toBeGreaterThan(5);
  expect(most).toBeLessThanOrEqual(dock.staging.bytesMax);
  expect(most).toBeGreaterThan(dock.staging.bytesMax - 300_000);
  for (const { camera } of cameras) await camera.link.close();
  await Promise.all(talks);
  expect(dock.staging).toMatchObject({ bytesUsed: 0, waiting: 0 });
});

type KeptManifest = Parameters<NonNullable<Parameters<typeof makeRecording>[2]['change']>>[0];
