import { expect, it } from 'vitest';
import { type CustodyPorts, takeCustody } from '../../../../dock/ingest/custody.ts';
import { Pace } from '../../../../dock/keep/pace.ts';
import { Scrub } from '../../../../dock/keep/scrub.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import type { DockId } from '../../../../proto/ids.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { CAMERA, makeRecording, makeSigner } from '../../../../sim/world/town.ts';
import { TwoDisks } from '../store/two-disks.ts';

const signer = makeSigner('camera');
const { recording, content } = makeRecording(1, [300, 200], { signer });
const chunks = [content.slice(0, 300), content.slice(300)];
const offer = {
  recordingId: recording.recordingId,
  manifestSha256: nodeChecker.sha256(recording.signedManifest),
  cameraId: CAMERA,
  transport: 'mqtt',
  manifestBytes: recording.signedManifest.length,
  contentBytes: 500,
} as const;
const ASKED = { ledgerSize: 0 };

// Goal: what a dock's disk lost after custody is in custody again once its camera has brought it, by the same entry, though the camera
// seals by now; the receipt is one that the camera believes. Method: accept, rot, ask again, which is refused for the moment, let the
// scrub look, offer again, on a real store without a mirror.
it('takes custody of a damaged recording once more', async () => {
  const world = await TwoDisks.open('healing');
  world.useMirror(false);
  await world.boot();
  const { store } = world;
  const ledger = new MemoryLedger({
    origin: 'test.example/dock-1',
    ...makeSigner('ledger'),
    sha256: nodeChecker.sha256,
  });
  const dock = makeSigner('dock');
  const ports: CustodyPorts = {
    ...{ store, mirror: store, ledger, clock: new ManualClock(), checker: nodeChecker },
    doubt: () => undefined,
    keys: {
      dockId: 'dock-1' as DockId,
      sign: (message) => dock.sign(message),
      camera: () => signer.publicKey,
      pseudonym: () => 'ab'.repeat(32),
      randomBytes: (count) => new Uint8Array(count),
    },
  };
  const send = async (second: number) => {
    const lease = await store.lease(offer);
    await store.putManifest(lease, recording.signedManifest);
    for (const [index, bytes] of chunks.entries()) {
      if (index < lease.durableChunks) continue;
      const stamp = { receivedAtUs: second * 1_000_000, uncertaintyUs: 1, basis: 'local' } as const;
      await store.putChunk(lease, index, nodeChecker.sha256(bytes), bytes, stamp);
    }
    return store.lease(offer);
  };
  Object.assign(store, { hasSealed: () => Promise.resolve(false) });
  const first = await takeCustody(await send(1_800_000_000), ASKED, ports);
  expect(first.outcome).toBe('accepted');
  const stamps = await store.stamps(offer.recordingId);
  Object.assign(store, { hasSealed: () => Promise.resolve(true) });
  world.disk.flip(`/dock/recordings/${offer.recordingId}/chunks`, 350);
  const refused = takeCustody(await store.lease(offer), ASKED, ports);
  await expect(refused).rejects.toMatchObject({ code: 'COPY_ROTTEN', retry: 'later' });
  await lookNow(ports, world);
  expect((await store.list()).map(({ state }) => state)).toEqual(['quarantined']);
  const again = await takeCustody(await send(1_800_000_999), ASKED, ports);
  expect(again).toMatchObject({ outcome: 'accepted', entryIndex: first.entryIndex });
  const told = (await ledger.read(0, (await ledger.checkpoint()).size)).map(decodeEntry);
  expect(told.map(({ type }) => type)).toEqual(['accepted', 'damaged']);
  const [entry = new Uint8Array(0)] = await ledger.read(0, 1);
  expect(decodeEntry(entry)).toMatchObject({ type: 'accepted', copies: 1 });
  expect(await store.find(offer.recordingId)).toMatchObject({ state: 'held', durableChunks: 2 });
  expect(await store.readChunk(offer.recordingId, 1)).toEqual(chunks[1]);
  expect(await store.stamps(offer.recordingId)).toEqual(stamps);
  world.index.close();
});

/** The scrub has reason to look at the recording, and nothing else to do. */
async function lookNow({ ledger, clock }: CustodyPorts, { store }: TwoDisks): Promise<void> {
  const pace = new Pace({ clock, bytesPerS: Number.POSITIVE_INFINITY, isBusy: () => false });
  const looked = new Promise<void>((resolve) => {
    const scrub = new Scrub({
      ...{ upkeep: store.keeper, ledger, clock, pace, passes: false },
      tell: ({ news }) => (news === 'withdrawn' ? resolve() : undefined),
    });
    scrub.start();
    scrub.soon(offer);
  });
  await looked;
  pace.stop();
}
