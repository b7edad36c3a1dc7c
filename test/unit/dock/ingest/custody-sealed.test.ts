import { beforeEach, describe, expect, it } from 'vitest';
import { type CustodyPorts, takeCustody } from '../../../../dock/ingest/custody.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { Holding, OfferedRecording } from '../../../../dock/ports.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import { openReceipt } from '../../../../proto/receipt.ts';
import { openCheckpoint } from '../../../../proto/checkpoint.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { MemoryMirror } from '../../../../sim/fault/memory-mirror.ts';
import { alteredStore, MemoryStore } from '../../../../sim/fault/memory-store.ts';
import type { KeptRecording } from '../../../../sim/fault/memory-vault.ts';
import { CAMERA, makeRecording, makeSigner, makeWraps } from '../../../../sim/world/town.ts';
import { context, dockSigner, signer } from './kit.ts';

const ASKED = { ledgerSize: 0 };
const STAMP = {
  receivedAtUs: 1_800_000_000_000_000,
  uncertaintyUs: 1_000,
  basis: 'local',
  epoch: 3,
} as const;
const open = makeRecording(1, [300], { signer });
const sealed = makeRecording(2, [200], { signer, isSealed: true });

let store: MemoryStore;
let ledger: MemoryLedger;
let ports: CustodyPorts;

beforeEach(() => {
  store = new MemoryStore();
  ledger = new MemoryLedger({
    origin: 'test.example/dock-1',
    ...makeSigner('ledger'),
    sha256: nodeChecker.sha256,
  });
  ports = {
    store,
    mirror: new MemoryMirror(),
    ledger,
    keys: context.keys,
    clock: new ManualClock(),
    checker: nodeChecker,
    doubt: () => undefined,
  };
});

/** Puts a recording of one chunk into the store and takes the next lease on it. */
async function leased({ recording, content }: KeptRecording, wraps = recording.wraps): Promise<Holding> {
  const { recordingId, signedManifest, contentBytes } = recording;
  const offer: OfferedRecording = {
    recordingId,
    manifestSha256: nodeChecker.sha256(signedManifest),
    cameraId: CAMERA,
    transport: 'mqtt',
    manifestBytes: signedManifest.length,
    contentBytes,
  };
  const lease = await store.lease(offer);
  if (lease.state !== 'incoming') return lease;
  await store.putManifest(lease, signedManifest, wraps);
  await store.putChunk(lease, 0, nodeChecker.sha256(content), content, STAMP);
  return lease;
}

async function entryAt(index: number): Promise<ReturnType<typeof decodeEntry>> {
  const [entry] = await ledger.read(index, index + 1);
  if (entry === undefined) throw new Error('no such entry');
  return decodeEntry(entry);
}

// Goal: the ledger says how a recording was sealed, and nothing sealed is in custody without what opens it. Method: one
// with its wraps, and one whose store gives others back.
describe('custody of a sealed recording', () => {
  it('names its wraps and its clock in the ledger', async () => {
    const { entryIndex } = await takeCustody(await leased(sealed), ASKED, ports);
    const wraps = toHex(nodeChecker.sha256(sealed.recording.wraps ?? new Uint8Array()));
    expect(await entryAt(entryIndex)).toMatchObject({ type: 'accepted', suite: 1, wraps, epoch: 3 });
    const plain = await takeCustody(await leased(makeRecording(3, [9], { signer })), ASKED, ports);
    // It was not sealed, by a camera that seals.
    expect(plain).toMatchObject({ outcome: 'quarantined' });
  });

  it.each([
    ['other wraps', makeWraps(new Chance('others'))],
    ['no wraps', undefined],
  ])('is not taken with %s', async (_what, wraps) => {
    const holding = await leased(sealed);
    const spoilt = alteredStore(store, {
      rehash: async (key) => {
        const { signedManifest, digests, stampsSha256, received } = await store.rehash(key);
        const found = { signedManifest, digests, stampsSha256, received };
        return wraps === undefined ? found : { ...found, wraps };
      },
    });
    await expect(takeCustody(holding, ASKED, { ...ports, store: spoilt })).rejects.toMatchObject({
      code: 'WRAPS_LOST',
      retry: 'later',
    });
    expect((await ledger.checkpoint()).size).toBe(0);
  });

  it('is answered for after the end of its time', async () => {
    const { entryIndex } = await takeCustody(await leased(sealed), ASKED, ports);
    const held = await leased(sealed);
    const gone = alteredStore(store, { rehash: () => Promise.reject(new Error('nothing is there')) });
    const destroyed: Holding = { ...held, state: 'destroyed' };
    const again = await takeCustody(destroyed, ASKED, { ...ports, store: gone });
    expect(again).toMatchObject({ outcome: 'accepted', entryIndex });
  });
});

// Goal: nobody makes a camera stop sealing without being noticed. Method: an unsealed recording before the first sealed one
// and one after, and the first one offered again.
it('a camera that has sealed is not believed without a seal', async () => {
  expect(await takeCustody(await leased(open), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
  expect(await takeCustody(await leased(sealed), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
  const later = makeRecording(3, [100], { signer });
  const refused = await takeCustody(await leased(later), ASKED, ports);
  expect(refused.outcome).toBe('quarantined');
  expect(refused.reason).toMatch(/^seal-off: /);
  expect(await entryAt(refused.entryIndex)).toMatchObject({ type: 'refused', reason: 'seal-off' });
  expect(await takeCustody(await leased(later), ASKED, ports)).toMatchObject({ outcome: 'quarantined' });
  expect(await takeCustody(await leased(open), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
});

// Goal: what a camera recorded before it first sealed is honest, however late it comes. Method: the sealed second recording first.
it('a camera that has sealed may bring an older recording without a seal', async () => {
  expect(await takeCustody(await leased(sealed), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
  expect(await takeCustody(await leased(open), ASKED, ports)).toMatchObject({ outcome: 'accepted' });
});

// Goal: a receipt shows whoever kept a checkpoint that the log only grew from there. Method: receipts for cameras that keep
// nothing, the checkpoint before, and one that this log has never had.
describe('a receipt', () => {
  const issuer = () => ({ dockId: 'dock-1', publicKey: dockSigner.publicKey, ledgerVkey: ledger.vkey });
  const headAt = async () => openCheckpoint((await ledger.checkpoint()).note, ledger.vkey, nodeChecker);

  it('begins where the camera stands', async () => {
    await takeCustody(await leased(open), ASKED, ports);
    const kept = await headAt();
    const { receipt, logSize } = await takeCustody(await leased(sealed), { ledgerSize: kept.size }, ports);
    expect(openReceipt(receipt, { ...issuer(), kept }, nodeChecker)).toMatchObject({
      consistencyFrom: kept.size,
      size: logSize,
      grown: 'grown',
    });
    const again = await takeCustody(await leased(sealed), { ledgerSize: logSize }, ports);
    const same = { ...issuer(), kept: await headAt() };
    expect(openReceipt(again.receipt, same, nodeChecker)).toMatchObject({ grown: 'same', size: logSize });
  });

  it('is not given to a camera that has seen more than there is, and nothing is written', async () => {
    const holding = await leased(open);
    await expect(takeCustody(holding, { ledgerSize: 1 }, ports)).rejects.toMatchObject({
      code: 'LEDGER_BEHIND',
      retry: 'later',
      message: 'camera cam-1 has seen 1 entries of this log, which has 0',
    });
    expect((await ledger.checkpoint()).size).toBe(0);
    const { logSize } = await takeCustody(holding, ASKED, ports);
    for (const ledgerSize of [logSize, logSize + 1]) {
      const answer = takeCustody(await leased(open), { ledgerSize }, ports);
      if (ledgerSize === logSize) expect(await answer).toMatchObject({ outcome: 'accepted' });
      else await expect(answer).rejects.toMatchObject({ code: 'LEDGER_BEHIND' });
    }
  });
});
