import { equal } from '../../../proto/bytes.ts';
import type { RecordingId } from '../../../proto/ids.ts';
import type { Offer, Receipt } from '../../../proto/messages.ts';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { MemoryLedger } from '../../fault/memory-ledger.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { demand } from './case.ts';
import { BACK_MS, SOON_MS, spoilt } from './puppet-dock.ts';
import { acceptedReceipt, quarantinedReceipt, type Subject } from './puppet-receipt.ts';
import { createStranger } from './stranger.ts';
import { anew, demandPause } from './timing.ts';

const QUIET_MS = 200;
const HELD_BACK_MS = 700;
const UPLOAD_MS = 60_000;
// Section 2: Fin again after 1 s.
const FIN_AGAIN_MS = { min: 800, max: 1_500 };
const FIN_REPEATS = 2;
const OTHER = '0123456789abcdef0123456789abcdef' as RecordingId;

/** What stands before everything else: an upload from its Hello to its end. */
export const WHOLE_CASES: readonly CameraCase[] = [
  {
    name: 'good-path',
    rule: 'Hello, proof, Offer, Data within the credit, Fin when all is durable, and after a Receipt that holds the recording is erased.',
    section: '7',
    withinMs: 90_000,
    erases: 1,
    run: goodPath,
  },
];

/** None of these erases anything. */
export const CUSTODY_CASES: readonly CameraCase[] = [
  {
    name: 'fin-waits-for-durable',
    rule: 'Fin is said when everything is durable, and not when everything has been received.',
    section: '7',
    withinMs: 90_000,
    run: finWaits,
  },
  {
    name: 'lost-receipt',
    rule: 'Fin is said again, unchanged, every second until it is answered; nothing is erased meanwhile.',
    section: '7',
    run: async (bench) => stillThere(bench, await anew(() => finRepeated(bench))),
  },
  {
    name: 'fin-not-accepted',
    rule: 'An Abort instead of a Receipt erases nothing: the recording is offered again.',
    section: '7',
    run: async ({ dock, wire }) => {
      const { session, offer } = await dock.introduced();
      const { upload } = await dock.finished(session, offer);
      dock.abort({ stream: upload.stream, code: 'unknown-stream', class: 'restart-stream' });
      const again = await dock.offered(session, SOON_MS);
      demand(again.recordingId === offer.recordingId, 'the same recording again', again.recordingId);
      demand(wire.history('receipt-ack').length === 0, 'no ReceiptAck', 'one');
    },
  },
  refuses('bad-signature-receipt', 'whose signature does not hold', async ({ dock }, subject) => {
    const receipt = await acceptedReceipt(dock.rig, subject);
    return { ...receipt, signature: spoilt(receipt.signature) };
  }),
  refuses(
    'receipt-of-a-stranger',
    'signed by another key than that of this session’s dock',
    ({ dock }, subject) => acceptedReceipt(dock.rig, subject, { sign: createStranger().sign }),
  ),
  refuses(
    'receipt-signed-by-the-ledger',
    'signed by the ledger’s key instead of the dock’s',
    ({ dock }, subject) => acceptedReceipt(dock.rig, subject, { sign: dock.rig.ledgerSigner.sign }),
  ),
  refuses('changed-receipt', 'that was changed after it was signed', async ({ dock }, subject) => {
    const receipt = await acceptedReceipt(dock.rig, subject);
    return { ...receipt, body: spoilt(receipt.body, receipt.body.length >> 1) };
  }),
  refuses(
    'bad-inclusion-proof',
    'whose inclusion path does not lead to the checkpoint’s root',
    ({ dock }, subject) =>
      acceptedReceipt(dock.rig, subject, {
        body: (body) => ({ ...body, proof: body.proof.replace(/^index \d+$/m, 'index 0') }),
      }),
  ),
  refuses(
    'proof-of-another-entry',
    'whose proof is of another entry of the same ledger',
    ({ dock }, subject) =>
      acceptedReceipt(dock.rig, subject, {
        ledger: {
          appendOnce: (key, entry) => dock.rig.ledger.appendOnce(key, entry),
          prove: () => dock.rig.ledger.prove(1),
        },
      }),
  ),
  refuses(
    'wrong-ledger-key',
    'whose checkpoint is not signed by the ledger key the camera was given',
    ({ dock }, subject) => {
      const { origin } = dock.rig.ledger;
      const ledger = new MemoryLedger({ origin, ...createStranger(), sha256: nodeChecker.sha256 });
      return acceptedReceipt(dock.rig, subject, { ledger });
    },
  ),
  refuses('wrong-ledger-origin', 'whose checkpoint is of a log with another name', ({ dock }, subject) => {
    const ledger = new MemoryLedger({
      ...dock.rig.ledgerSigner,
      origin: 'elsewhere.example/log',
      sha256: nodeChecker.sha256,
    });
    return acceptedReceipt(dock.rig, subject, { ledger });
  }),
  refuses('entry-of-another-recording', 'whose entry is about another recording', ({ dock }, subject) =>
    acceptedReceipt(dock.rig, subject, {
      entry: (entry) => ({ ...entry, recording: OTHER }) as typeof entry,
    }),
  ),
  refuses('entry-of-another-manifest', 'whose entry names another manifest', ({ dock }, subject) =>
    acceptedReceipt(dock.rig, subject, {
      entry: (entry) => ({ ...entry, manifest: 'ab'.repeat(32) }) as typeof entry,
    }),
  ),
  refuses(
    'receipt-of-another-manifest',
    'that names another manifest than was offered',
    ({ dock }, subject) =>
      acceptedReceipt(dock.rig, {
        ...subject,
        offer: { ...subject.offer, manifestSha256: new Uint8Array(32).fill(7) },
      }),
  ),
  refuses(
    'entry-of-another-outcome',
    'that says accepted over an entry that says refused',
    ({ dock }, subject) =>
      quarantinedReceipt(dock.rig, subject, {
        body: (body) => ({ ...body, outcome: 'accepted', reason: '' }),
      }),
  ),
  refuses('entry-that-gives-no-custody', 'whose entry is neither accepted nor refused', ({ dock }, subject) =>
    acceptedReceipt(dock.rig, subject, {
      entry: ({ at }) => ({
        type: 'erased',
        at,
        recording: subject.offer.recordingId,
        camera: subject.manifest.cameraId,
      }),
    }),
  ),
  {
    name: 'receipt-of-another-recording',
    rule: 'A Receipt that holds but is of another recording frees neither this one nor any other.',
    section: '11',
    run: async ({ dock, wire }) => {
      const { session, offer, manifest } = await dock.introduced();
      await dock.finished(session, offer);
      const other: Offer = { ...offer, recordingId: OTHER };
      wire.send(await acceptedReceipt(dock.rig, { offer: other, manifest, transport: wire.transport }));
      await wire.expectNone('receipt-ack', QUIET_MS);
      await stillThere({ dock, wire }, offer);
    },
  },
];

/** Each of these erases one recording. */
export const ERASING_CASES: readonly CameraCase[] = [
  {
    name: 'quarantined-receipt',
    rule: 'A Receipt that says quarantined, checked like any other, is answered: freed, or kept since the copy is sound; the camera goes on with the next recording.',
    section: '11',
    erases: 1,
    run: async ({ dock, wire }) => {
      const { session, offer, manifest } = await dock.introduced();
      await dock.finished(session, offer);
      const receipt = await quarantinedReceipt(dock.rig, { offer, manifest, transport: wire.transport });
      wire.send(receipt);
      await wire.hear('receipt-ack', SOON_MS, ({ recordingId }) => recordingId === offer.recordingId);
      const next = await dock.offered(session);
      demand(next.recordingId !== offer.recordingId, 'the next recording offered', 'the same again');
      // A Receipt that comes twice, since Fin was said twice, must not harm the recording that is offered by now.
      wire.send(receipt);
      await wire.expectNone('receipt-ack', QUIET_MS, ({ recordingId }) => recordingId === next.recordingId);
      demand(wire.drain('abort').length === 0, 'a late Receipt to be dropped', 'an Abort');
      await dock.accept(session, next).demandNext(SOON_MS);
    },
  },
  {
    name: 'receipt-instead-of-accept',
    rule: 'A recording that is settled already is answered with its Receipt; checked, it frees the flash.',
    section: '7',
    erases: 1,
    run: async ({ dock, wire }) => {
      const { offer, manifest } = await dock.introduced();
      wire.send(await acceptedReceipt(dock.rig, { offer, manifest, transport: wire.transport }));
      await freed({ dock, wire }, offer);
    },
  },
  {
    name: 'receipt-after-fin-again',
    rule: 'When the Receipt was lost, the answer to a later Fin is as good.',
    section: '7',
    erases: 1,
    run: async ({ dock, wire }) => {
      const { session, offer, manifest } = await dock.introduced();
      await dock.finished(session, offer);
      await wire.hear('fin', FIN_AGAIN_MS.max + SOON_MS);
      wire.send(await acceptedReceipt(dock.rig, { offer, manifest, transport: wire.transport }));
      await freed({ dock, wire }, offer);
    },
  },
];

async function goodPath({ dock, wire }: CameraBench): Promise<void> {
  const session = await dock.docked();
  const offer = await dock.offered(session);
  const upload = dock.accept(session, offer);
  wire.drain('fin');
  await upload.receiveAll({ withinMs: UPLOAD_MS });
  demand(
    upload.manifest.recordingId === offer.recordingId,
    'a manifest about the offered recording',
    'another',
  );
  demand(
    upload.manifest.contentBytes === offer.contentBytes,
    `the ${offer.contentBytes} B that were offered`,
    `${upload.manifest.contentBytes} B in the manifest`,
  );
  upload.demandKept('header', 'fragment', 'credit', 'unit', 'tx-seq', 'offset', 'same-bytes');
  const fin = await wire.expect('fin', SOON_MS, ({ stream }) => stream === upload.stream);
  demand(fin.totalBytes === upload.totalBytes, `total_bytes ${upload.totalBytes}`, String(fin.totalBytes));
  const { manifest } = upload;
  wire.send(await acceptedReceipt(dock.rig, { offer, manifest, transport: wire.transport }));
  await freed({ dock, wire }, offer);
  const next = await dock.offered(await dock.docked());
  demand(
    next.recordingId !== offer.recordingId,
    'the next recording, after this one was erased',
    'it offered again',
  );
}

/** The Offer of a recording whose Fin was said again as it should. */
async function finRepeated({ dock, wire }: CameraBench): Promise<Offer> {
  const { session, offer } = await dock.introduced();
  wire.forget();
  await dock.finished(session, offer);
  const [first] = wire.history('fin');
  let last = first?.atMs ?? 0;
  for (let count = 0; count < FIN_REPEATS; count += 1) {
    const again = await wire.hear('fin', FIN_AGAIN_MS.max + SOON_MS);
    demand(first !== undefined && equal(again.pdu, first.pdu), 'the same Fin again', 'another');
    demandPause(again.atMs - last, FIN_AGAIN_MS, 'Fin again');
    last = again.atMs;
  }
  return offer;
}

async function finWaits({ dock, wire }: CameraBench): Promise<void> {
  const session = await dock.docked();
  const offer = await dock.offered(session);
  const upload = dock.accept(session, offer);
  await upload.receive((self) => self.hasManifest, { withinMs: UPLOAD_MS });
  // Everything arrives, and the dock's disk is slow with the last chunk.
  upload.holdDurable(upload.layout.start(upload.layout.unitCount - 1));
  await upload.receive((self) => self.receivedTo === self.totalBytes, { withinMs: UPLOAD_MS });
  upload.ack();
  await wire.expectNone('fin', HELD_BACK_MS);
  upload.holdDurable();
  upload.ack();
  await wire.expect('fin', SOON_MS, ({ stream }) => stream === upload.stream);
}

/** A receipt that holds in every part but one: it is refused, and nothing is erased. */
function refuses(
  name: string,
  which: string,
  make: (bench: Pick<CameraBench, 'dock' | 'wire'>, subject: Subject) => Promise<Receipt>,
): CameraCase {
  return {
    name,
    rule: `A Receipt ${which} is answered with Abort bad-receipt (never), and nothing is erased.`,
    section: '11',
    run: async ({ dock, wire }) => {
      const { session, offer, manifest } = await dock.introduced();
      await dock.finished(session, offer);
      wire.forget();
      wire.send(await make({ dock, wire }, { offer, manifest, transport: wire.transport }));
      const abort = await wire.expect('abort', SOON_MS);
      demand(
        abort.code === 'bad-receipt' && abort.class === 'never',
        'Abort bad-receipt (never)',
        `Abort ${abort.code} (${abort.class})`,
      );
      demand(abort.recordingId === offer.recordingId, 'it about this recording', abort.recordingId ?? 'none');
      await wire.expectNone('receipt-ack', QUIET_MS);
      await stillThere({ dock, wire }, offer);
    },
  };
}

/** The flash still has it: it is offered in the next session. */
export async function stillThere(
  { dock, wire }: Pick<CameraBench, 'dock' | 'wire'>,
  offer: Offer,
): Promise<void> {
  demand(wire.history('receipt-ack').length === 0, 'no ReceiptAck', 'one');
  const again = await dock.offered(await dock.docked());
  demand(
    again.recordingId === offer.recordingId,
    'the recording offered again, as nothing was erased',
    again.recordingId,
  );
}

async function freed({ wire }: Pick<CameraBench, 'dock' | 'wire'>, offer: Offer): Promise<void> {
  const ack = await wire.expect('receipt-ack', BACK_MS);
  demand(ack.recordingId === offer.recordingId, 'ReceiptAck of this recording', ack.recordingId);
  demand(ack.erased, 'ReceiptAck with erased', 'one without');
}
