import { beforeEach, describe, expect, it } from 'vitest';
import { type CustodyPorts, takeCustody } from '../../../../dock/ingest/custody.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Holding, OfferedRecording } from '../../../../dock/ports.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import type { CameraId, DockId, RecordingId } from '../../../../proto/ids.ts';
import { peekManifest, signManifest } from '../../../../proto/manifest.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { MemoryMirror } from '../../../../sim/fault/memory-mirror.ts';
import { MemoryStore } from '../../../../sim/fault/memory-store.ts';
import { CAMERA, makeRecording, makeSigner } from '../../../../sim/world/town.ts';

const signer = makeSigner('camera');
const dockSigner = makeSigner('dock');
const kept = makeRecording(1, [300, 200], { signer });
const { recording } = kept;
const manifestSha256 = nodeChecker.sha256(recording.signedManifest);
const ASKED = { ledgerSize: 0 };
const STAMP = { receivedAtUs: 1_800_000_000_000_000, uncertaintyUs: 1_000, basis: 'local' } as const;
const offer = {
  recordingId: recording.recordingId,
  manifestSha256,
  cameraId: CAMERA,
  transport: 'mqtt',
  manifestBytes: recording.signedManifest.length,
  contentBytes: 500,
} as const;

// Goal: a receipt never goes out for what the dock's disk no longer has, as the camera that asks may hold the last good
// copy. Method: a store in memory, one bit of which rots at each moment at which custody may be asked for.
describe('a receipt', () => {
  let store: MemoryStore;
  let mirror: MemoryMirror;
  let ledger: MemoryLedger;
  let ports: CustodyPorts;

  beforeEach(async () => {
    store = new MemoryStore();
    mirror = new MemoryMirror();
    ledger = new MemoryLedger({
      origin: 'test.example/dock-1',
      ...makeSigner('ledger'),
      sha256: nodeChecker.sha256,
    });
    ports = {
      store,
      mirror,
      ledger,
      keys: {
        dockId: 'dock-1' as DockId,
        sign: (message) => dockSigner.sign(message),
        camera: () => signer.publicKey,
        pseudonym: () => 'ab'.repeat(32),
        randomBytes: (count) => new Uint8Array(count),
      },
      clock: new ManualClock(),
      checker: nodeChecker,
      doubt: () => undefined,
    };
    await fill(offer);
  });

  async function fill(offered: OfferedRecording, signedManifest = recording.signedManifest): Promise<void> {
    const lease = await store.lease(offered);
    await store.putManifest(lease, signedManifest);
    const chunks = [kept.content.slice(0, 300), kept.content.slice(300)];
    for (const [index, bytes] of chunks.entries())
      await store.putChunk(lease, index, nodeChecker.sha256(bytes), bytes, STAMP);
  }

  // Goal: nothing is accepted under a name that its manifest does not carry. Method: the same bytes under another id.
  it('is not given for a recording under another name', async () => {
    const renamed = { ...offer, recordingId: 'ee'.repeat(16) as RecordingId };
    await fill(renamed);
    const settled = await takeCustody(await store.lease(renamed), ASKED, ports);
    expect(settled).toMatchObject({ outcome: 'quarantined' });
  });

  const leased = (): Promise<Holding> => store.lease(offer);
  const rot: unknown = expect.objectContaining({ code: 'STORE_ROT' });

  it('is not given before custody: the chunk is asked for again, and nothing is refused', async () => {
    store.flip(offer, 1);
    await expect(takeCustody(await leased(), ASKED, ports)).rejects.toEqual(rot);
    expect((await ledger.checkpoint()).size).toBe(0);
    expect(await leased()).toMatchObject({ state: 'incoming', durableChunks: 1 });
  });

  it('is not repeated after custody', async () => {
    expect(await takeCustody(await leased(), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
    expect(await takeCustody(await leased(), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
    store.flip(offer, 0);
    await expect(takeCustody(await leased(), ASKED, ports)).rejects.toMatchObject({
      ...{ code: 'COPY_ROTTEN', retry: 'later' },
      cause: { code: 'STORE_ROT' },
    });
  });

  // Goal: the camera keeps its copy until there are two here. Method: a mirror that is away, before custody and after.
  it('is not given while there is no second copy', async () => {
    mirror.away(true);
    await expect(takeCustody(await leased(), ASKED, ports)).rejects.toMatchObject({ code: 'STORE_MIRROR' });
    expect((await ledger.checkpoint()).size).toBe(0);
    mirror.away(false);
    expect(await takeCustody(await leased(), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
    expect(mirror.kept).toEqual([recording.recordingId]);
    const [entry = new Uint8Array(0)] = await ledger.read(0, 1);
    expect(decodeEntry(entry)).toMatchObject({ type: 'accepted', copies: 2 });
    mirror.away(true);
    await expect(takeCustody(await leased(), ASKED, ports)).rejects.toMatchObject({ code: 'STORE_MIRROR' });
  });

  it('is not given or repeated for quarantine either', async () => {
    expect(await takeCustody(await leased(), { ...ASKED, condemned: 'bad-manifest' }, ports)).toMatchObject({
      outcome: 'quarantined',
    });
    store.flip(offer, 0);
    await expect(takeCustody(await leased(), { ...ASKED, condemned: 'bad-manifest' }, ports)).rejects.toEqual(
      rot,
    );
  });

  // Goal: a registry that cannot be read for a moment costs a delay and never the recording. Method: no key on file.
  it('is not given while the camera is not on file, and nothing is refused for ever', async () => {
    const blind = { ...ports, keys: { ...ports.keys, camera: () => undefined } };
    await expect(takeCustody(await leased(), ASKED, blind)).rejects.toMatchObject({
      code: 'CAMERA_UNKNOWN',
    });
    expect((await ledger.checkpoint()).size).toBe(0);
    expect(await takeCustody(await leased(), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
  });

  /** The `refused` entry of what can only be quarantined. */
  async function refusalOf(signedManifest: Uint8Array, change: Partial<OfferedRecording> = {}) {
    const manifest = nodeChecker.sha256(signedManifest);
    const manifestBytes = signedManifest.length;
    const offered = { ...offer, manifestSha256: manifest, manifestBytes, ...change };
    await fill(offered, signedManifest);
    const settled = await takeCustody(
      await store.lease(offered),
      { ...ASKED, condemned: 'chunk-mismatch: chunk 1 is not what the manifest promises' },
      ports,
    );
    expect(settled.outcome).toBe('quarantined');
    const [entry = new Uint8Array(0)] = await ledger.read(settled.entryIndex, settled.entryIndex + 1);
    return decodeEntry(entry);
  }

  // Goal: what is quarantined is not called missing as well, and nobody fills a gap but the camera itself. Method: a manifest
  // that the camera signed, and those that it did not sign, or signed about something else.
  describe('for what is refused leaves an entry', () => {
    const forger = makeSigner('forger');
    const manifest = peekManifest(recording.signedManifest);
    const forged = signManifest({ ...manifest, counter: 7 }, (message) => forger.sign(message));
    const others = signManifest({ ...manifest, cameraId: 'cam-9' as CameraId }, (message) =>
      signer.sign(message),
    );

    it('with its number, when the camera signed it', async () => {
      expect(await refusalOf(recording.signedManifest)).toMatchObject({ type: 'refused', counter: 1 });
    });

    it.each<readonly [string, Uint8Array, Partial<OfferedRecording>]>([
      ['somebody else signed it', forged, {}],
      ['nobody can read it', new Uint8Array(40).fill(7), { manifestBytes: 40 }],
      [
        'it is about another recording',
        recording.signedManifest,
        { recordingId: 'ee'.repeat(16) as RecordingId },
      ],
      ['it is about another camera', others, {}],
    ])('without one, when %s', async (_why, signed, change) => {
      const entry = await refusalOf(signed, change);
      expect(entry).toMatchObject({ type: 'refused' });
      expect(entry).not.toHaveProperty('counter');
    });

    it('without one, when the camera is not on file any more', async () => {
      ports = { ...ports, keys: { ...ports.keys, camera: () => undefined } };
      expect(await refusalOf(recording.signedManifest)).not.toHaveProperty('counter');
    });
  });
});
