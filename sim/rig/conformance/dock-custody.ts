import { equal } from '../../../proto/bytes.ts';
import { CHUNKS_MAX, MANIFEST_BYTES_MAX, STORED_CHUNK_BYTES_MAX } from '../../../proto/limits.ts';
import type { Manifest } from '../../../proto/manifest.ts';
import type { CameraId } from '../../../proto/ids.ts';
import { ANSWER_MS, demand } from './case.ts';
import { describe } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { manifestSent } from './dock-flow.ts';
import { refused, SMALL, unmoved, WATCH_MS } from './dock-proofs.ts';
import type { PuppetRecording } from './recording.ts';

const WHOLE_CHUNK = 262_144;

/** Sections 7, 11 and 12: what is taken into custody, what is kept aside, what is refused. */
export const CUSTODY_CASES: readonly DockCase[] = [
  {
    name: 'good-path',
    rule: 'A recording goes from Hello to a Receipt that holds; ReceiptAck ends it and the next may come.',
    section: '7',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      for (const chunkBytes of [SMALL, [1]]) {
        const recording = camera.record(chunkBytes);
        await session.upload(recording);
        wire.send({ type: 'receipt-ack', recordingId: recording.recordingId, erased: true });
      }
      await unmoved(camera);
    },
  },
  {
    name: 'whole-chunks',
    rule: 'Over MQTT a whole stored chunk travels in one Data.',
    section: '2',
    transports: ['mqtt'],
    run: async ({ camera }) => {
      const session = await camera.dock();
      const { fragmentBytesMax } = session.greeting.body.limits;
      demand(
        fragmentBytesMax >= WHOLE_CHUNK,
        `fragments of ${WHOLE_CHUNK} B`,
        `a limit of ${fragmentBytesMax} B`,
      );
      const upload = await session.offer(camera.record([WHOLE_CHUNK, WHOLE_CHUNK, 100_000]));
      await upload.sendUpTo(upload.endOf(0));
      for (const unit of [1, 2, 3]) upload.data(upload.endOf(unit - 1), upload.endOf(unit), { ackNow: true });
      await upload.ack(({ durableTo }) => durableTo === upload.endOf(3));
      await upload.fin();
    },
  },
  {
    name: 'receipt-verifies',
    rule: 'A Receipt holds in signature, proof and entry, and comes again for every Fin and Offer of that recording.',
    section: '11',
    run: receiptVerifies,
  },
  {
    name: 'settled-offer-answered-with-receipt',
    rule: 'A recording that is settled is answered with its Receipt instead of an Accept, in any later session.',
    section: '7',
    run: async ({ camera, wire }) => {
      const recording = camera.record([...SMALL]);
      const first = await (await camera.dock()).upload(recording);
      const session = await camera.dock();
      wire.send(session.offerOf(recording));
      const receipt = await wire.expect('receipt', ANSWER_MS);
      first.check(receipt);
      await wire.expectNone('accept', WATCH_MS);
    },
  },
  {
    name: 'receipt-ack',
    rule: 'ReceiptAck is taken for a recording receipted in this session, and ignored for any other.',
    section: '11',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      const [mine, other] = [camera.record([500]), camera.record([500])];
      await session.upload(mine);
      wire.send({ type: 'receipt-ack', recordingId: other.recordingId, erased: true });
      wire.send({ type: 'receipt-ack', recordingId: mine.recordingId, erased: true });
      wire.send({ type: 'receipt-ack', recordingId: mine.recordingId, erased: true });
      await unmoved(camera);
      const upload = await session.upload(other);
      wire.send({ type: 'receipt-ack', recordingId: upload.recording.recordingId, erased: false });
      await unmoved(camera);
    },
  },
  {
    name: 'fin-too-early',
    rule: 'A Fin before all is durable, or with another length, is ignored.',
    section: '7',
    run: async (bench) => {
      const { wire } = bench;
      const upload = await manifestSent(bench, [...SMALL]);
      const { totalBytes } = upload.recording.layout;
      const { stream } = upload;
      wire.send({ type: 'fin', stream, totalBytes });
      wire.send({ type: 'fin', stream, totalBytes: upload.endOf(0) });
      await wire.expectNone('receipt', WATCH_MS);
      await upload.sendUpTo(totalBytes);
      wire.send({ type: 'fin', stream, totalBytes: totalBytes - 1 });
      await wire.expectNone('receipt', WATCH_MS);
      await upload.fin();
    },
  },
  {
    name: 'bad-chunk',
    rule: 'A chunk that does not match its manifest is asked for again; a second time the recording is quarantined, with a Receipt.',
    section: '11',
    run: badChunk,
  },
  {
    name: 'bad-chunk-mended',
    rule: 'A chunk that matches the second time is taken as if nothing had been.',
    section: '11',
    run: async ({ camera, wire }) => {
      const recording = camera.record([...SMALL]);
      const session = await camera.dock();
      const upload = await session.offer(spoiled(recording, recording.layout.start(2) + 7));
      await upload.sendUpTo(upload.endOf(1));
      upload.pour(upload.endOf(1), upload.endOf(2));
      await refused(wire, 'bad-chunk', 'restart-stream');
      wire.forget();
      await session.upload(recording);
    },
  },
  {
    name: 'manifest-not-as-offered',
    rule: 'A manifest whose hash is not the offered one is refused with bad-manifest (never).',
    section: '12',
    run: async ({ camera, wire }) => {
      const upload = await (await camera.dock()).offer(spoiled(camera.record([500]), 20));
      upload.pour(0, upload.endOf(0));
      await refused(wire, 'bad-manifest', 'never');
    },
  },
  {
    name: 'bad-manifest',
    rule: 'A manifest that the enrolled key did not sign puts all its bytes into quarantine, with a Receipt.',
    section: '11',
    run: async ({ camera }) => {
      const forged = camera.record([...SMALL], {
        spoil: (signed) => signed.map((byte, index) => (index === signed.length - 1 ? byte ^ 1 : byte)),
      });
      await quarantined(camera, forged);
    },
  },
  {
    name: 'manifest-contradicts-itself',
    rule: 'A signed manifest whose root is not that of its chunks puts all its bytes into quarantine.',
    section: '11',
    run: ({ camera }) =>
      quarantined(
        camera,
        camera.record([...SMALL], { change: (manifest) => ({ ...manifest, root: new Uint8Array(32) }) }),
      ),
  },
  {
    name: 'recording-of-another-camera',
    rule: 'A manifest that names another camera puts all its bytes into quarantine, though the key is right.',
    section: '11',
    run: ({ camera }) => {
      const change = (manifest: Manifest): Manifest => ({
        ...manifest,
        cameraId: 'somebody-else' as CameraId,
      });
      return quarantined(camera, camera.record([...SMALL], { change }));
    },
  },
  {
    name: 'recording-id-of-another-camera',
    rule: "A recording id that is another camera's is refused with bad-manifest (never), and no Receipt says otherwise.",
    section: '11',
    needs: 'second-camera',
    run: async (bench) => {
      const { camera } = bench;
      const { recording } = await (await camera.dock()).upload(camera.record([500]));
      const thief = await bench.second();
      const change = (manifest: Manifest): Manifest => ({ ...manifest, recordingId: recording.recordingId });
      const session = await thief.dock();
      for (const stolen of [recording, thief.record([700], { change })]) {
        thief.wire.send(session.offerOf(stolen));
        const abort = await refused(thief.wire, 'bad-manifest', 'never');
        demand(
          abort.recordingId === recording.recordingId,
          `an Abort about ${recording.recordingId}`,
          describe(abort),
        );
        await thief.wire.expectNone('receipt', WATCH_MS);
      }
    },
  },
  {
    name: 'second-manifest',
    rule: 'A second manifest for a recording id in custody is quarantined; the first stays as it is.',
    section: '11',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      const first = await session.upload(camera.record([500]));
      const { recordingId } = first.recording;
      const change = (manifest: Manifest): Manifest => ({ ...manifest, recordingId });
      const upload = await session.offer(camera.record([600], { change }));
      await upload.sendUpTo(upload.recording.layout.totalBytes);
      await upload.fin('quarantined');
      wire.send({ type: 'receipt-ack', recordingId, erased: true });
      const later = await camera.dock();
      wire.send(later.offerOf(first.recording));
      first.check(await wire.expect('receipt', ANSWER_MS));
    },
  },
  {
    name: 'offer-too-large',
    rule: 'An Offer beyond the limits of a recording is refused with oversize (never), and nothing is set aside for it.',
    section: '2',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      const recording = camera.record([500]);
      for (const change of [
        { manifestBytes: MANIFEST_BYTES_MAX + 1 },
        { contentBytes: CHUNKS_MAX * STORED_CHUNK_BYTES_MAX + 1 },
      ]) {
        wire.send(session.offerOf(recording, change));
        const abort = await refused(wire, 'oversize', 'never');
        demand(abort.recordingId === recording.recordingId, 'an Abort about this recording', describe(abort));
      }
      await wire.expectNone('accept', WATCH_MS);
    },
  },
];

/** The recording as a camera with a bad memory sends it: one byte is not what the manifest says. */
function spoiled(recording: PuppetRecording, at: number): PuppetRecording {
  return { ...recording, bytes: recording.bytes.map((byte, index) => (index === at ? byte ^ 0x40 : byte)) };
}

async function quarantined(camera: DockBench['camera'], recording: PuppetRecording): Promise<void> {
  const session = await camera.dock();
  const upload = await session.offer(recording);
  await upload.sendUpTo(recording.layout.totalBytes);
  const { body } = await upload.fin('quarantined');
  demand(body.reason !== '', 'a reason in the Receipt', 'none');
  camera.wire.send({ type: 'receipt-ack', recordingId: recording.recordingId, erased: true });
  // Quarantine ends nothing else: the next recording is as welcome as ever.
  await session.upload(camera.record([300]));
}

async function receiptVerifies({ camera, wire }: DockBench): Promise<void> {
  const session = await camera.dock();
  const upload = await session.offer(camera.record([...SMALL]));
  const { totalBytes } = upload.recording.layout;
  await upload.sendUpTo(totalBytes);
  const { receipt } = await upload.fin();
  for (const ask of [
    { type: 'fin', stream: upload.stream, totalBytes },
    session.offerOf(upload.recording),
  ] as const) {
    wire.drain('receipt');
    wire.send(ask);
    const again = await wire.expect('receipt', ANSWER_MS);
    upload.check(again);
    // A later checkpoint makes another proof of the same entry; the same bytes are as good.
    if (!equal(again.body, receipt.body)) continue;
    demand(equal(again.signature, receipt.signature), 'the same signature under the same body', 'another');
  }
  await wire.expectNone('accept', WATCH_MS);
}

async function badChunk({ camera, wire }: DockBench): Promise<void> {
  const session = await camera.dock();
  const honest = camera.record([...SMALL]);
  const recording = spoiled(honest, honest.layout.start(2) + 7);
  const first = await session.offer(recording);
  await first.sendUpTo(first.endOf(1));
  first.pour(first.endOf(1), first.endOf(2));
  const abort = await refused(wire, 'bad-chunk', 'restart-stream');
  demand(abort.recordingId === recording.recordingId, 'an Abort about this recording', describe(abort));
  const wrong = first.acks().find(({ durableTo }) => durableTo > first.endOf(1));
  demand(
    wrong === undefined,
    'durable_to to stay before that chunk',
    wrong === undefined ? '' : describe(wrong),
  );

  const second = await session.offer(recording);
  demand(second.accept.durableTo === first.endOf(1), `durable_to ${first.endOf(1)}`, describe(second.accept));
  await second.sendUpTo(recording.layout.totalBytes);
  const { body } = await second.fin('quarantined');
  demand(body.reason !== '', 'a reason in the Receipt', 'none');
}
