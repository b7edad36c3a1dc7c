import { equal } from '../../../proto/bytes.ts';
import type { ByteRange } from '../../../proto/messages.ts';
import { ANSWER_MS, demand } from './case.ts';
import { brief, describe, ranges } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { manifestSent } from './dock-flow.ts';
import { refused, SMALL, WATCH_MS } from './dock-proofs.ts';
import type { PuppetUpload } from './puppet-upload.ts';

const PIECE = 500;

/** Sections 7 and 8: an upload that was cut goes on where it was, and an older one can write no more. */
export const RESUME_CASES: readonly DockCase[] = [
  {
    name: 'resume-after-cut',
    rule: 'After a cut the Accept offers all that is durable, its right digest, and of the rest only what was sent.',
    section: '7',
    run: resumeAfterCut,
  },
  {
    name: 'prefix-digest',
    rule: 'prefix_digest is empty when nothing is durable, else that of the manifest and the durable chunks.',
    section: '7',
    run: prefixDigests,
  },
  {
    name: 'stale-lease',
    rule: 'A newer session takes over with a higher lease_epoch; the older stream can write no more.',
    section: '7',
    run: staleLease,
  },
  {
    name: 'offer-repeated',
    rule: 'An Offer that is repeated before any Data is accepted again.',
    section: '7',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      const recording = camera.record([PIECE]);
      const first = await session.offer(recording);
      const again = await session.offer(recording);
      const { leaseEpoch } = again.accept;
      demand(
        leaseEpoch >= first.accept.leaseEpoch,
        `a lease_epoch of at least ${first.accept.leaseEpoch}`,
        String(leaseEpoch),
      );
      await again.sendUpTo(recording.layout.totalBytes);
      await wire.expectNone('abort', 0);
      await again.fin();
    },
  },
  {
    name: 'offer-of-another-session',
    rule: 'An Offer with the id of another session opens nothing.',
    section: '7',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      wire.send(session.offerOf(camera.record([PIECE]), { sessionId: new Uint8Array(8).fill(9) }));
      await wire.expectNone('accept', WATCH_MS);
    },
  },
  {
    name: 'camera-aborts',
    rule: "After a camera's Abort of a stream its Acks end; the recording may be offered again and goes on.",
    section: '12',
    run: cameraAborts,
  },
];

async function resumeAfterCut(bench: DockBench): Promise<void> {
  const { camera } = bench;
  const upload = await manifestSent(bench, [...SMALL, 2_000]);
  const { recording } = upload;
  const from = await upload.sendUpTo(upload.endOf(1)).then(() => upload.endOf(1));
  // Half of the next chunk, then a gap, then more of it: nothing of this is durable.
  const sent: ByteRange[] = [
    { start: from, end: from + PIECE },
    { start: from + 2 * PIECE, end: from + 3 * PIECE },
  ];
  for (const { start, end } of sent) upload.data(start, end, { ackNow: true });
  await upload.ack(({ maxTxSeq }) => maxTxSeq === upload.txSeq);

  const again = await (await camera.dock()).offer(recording);
  const { accept } = again;
  demand(accept.durableTo === from, `durable_to ${from}, all of it acknowledged`, describe(accept));
  demand(
    accept.leaseEpoch > upload.accept.leaseEpoch,
    `a lease_epoch above ${upload.accept.leaseEpoch}`,
    describe(accept),
  );
  demand(accept.stream !== upload.stream, 'another stream', describe(accept));
  const claimed = [
    ...(accept.receivedTo > accept.durableTo ? [{ start: accept.durableTo, end: accept.receivedTo }] : []),
    ...accept.held,
  ];
  const invented = claimed.find(
    ({ start, end }) => !sent.some((one) => one.start <= start && end <= one.end),
  );
  demand(invented === undefined, `only what was sent, ${ranges(sent)}`, ranges(claimed));
  // What it claims to have is not sent again: a claim that is not true leaves the chunk incomplete.
  for (const { start, end } of without({ start: from, end: again.endOf(2) }, claimed))
    again.pour(start, end, PIECE);
  await again.ack(({ durableTo }) => durableTo >= again.endOf(2));
  await again.sendUpTo(recording.layout.totalBytes);
  await again.fin();
}

/** What of a range the others leave over. */
function without(range: ByteRange, taken: readonly ByteRange[]): readonly ByteRange[] {
  const left: ByteRange[] = [];
  let at = range.start;
  for (const { start, end } of taken) {
    if (start > at) left.push({ start: at, end: start });
    at = Math.max(at, end);
  }
  return at < range.end ? [...left, { start: at, end: range.end }] : left;
}

async function prefixDigests({ camera }: DockBench): Promise<void> {
  const recording = camera.record([PIECE, PIECE, PIECE]);
  for (const units of [0, 1, 2, 3]) {
    const upload = await (await camera.dock()).offer(recording);
    const { durableTo, prefixDigest } = upload.accept;
    const expectedTo = recording.layout.start(units);
    demand(durableTo === expectedTo, `durable_to ${expectedTo}`, String(durableTo));
    const expected = durableTo === 0 ? new Uint8Array() : recording.prefixDigest(durableTo);
    demand(equal(prefixDigest, expected), `the digest ${brief(expected)}`, brief(prefixDigest));
    await upload.sendUpTo(upload.endOf(units));
  }
}

async function staleLease(bench: DockBench): Promise<void> {
  const { camera, wire } = bench;
  const old = await manifestSent(bench, [...SMALL]);
  old.data(old.endOf(0), old.endOf(0) + PIECE, { ackNow: true });
  await old.ack(({ maxTxSeq }) => maxTxSeq === old.txSeq);

  const session = await camera.dock();
  old.data(old.endOf(0) + PIECE, old.endOf(0) + 2 * PIECE, { ackNow: true });
  await staleRefused(old);
  const upload = await session.offer(old.recording);
  demand(
    upload.accept.leaseEpoch > old.accept.leaseEpoch && upload.stream !== old.stream,
    `another stream and a lease_epoch above ${old.accept.leaseEpoch}`,
    describe(upload.accept),
  );
  // Wrong bytes under the old name: were they taken, the chunk would not match its hash.
  const from = Math.max(upload.accept.receivedTo, upload.endOf(0));
  old.data(from, from + PIECE, { ackNow: true, payload: new Uint8Array(PIECE).fill(0xee) });
  await staleRefused(old);
  wire.drain('abort');
  await upload.sendUpTo(upload.recording.layout.totalBytes);
  await upload.fin();
}

/** A Data of a stream that is over is refused or dropped, and nothing acknowledges it. */
async function staleRefused({ session, wire, stream }: PuppetUpload): Promise<void> {
  // What the dock says of it, it says before it answers this.
  await session.camera.ping();
  const heard = await wire.hearIfAny('abort', WATCH_MS);
  if (heard === undefined) return wire.expectNone('ack', 0, (ack) => ack.stream === stream);
  const { code, class: errorClass } = heard.message;
  const fits = (code === 'unknown-stream' || code === 'stale-lease') && errorClass === 'restart-stream';
  demand(fits, 'Abort unknown-stream or stale-lease (restart-stream)', describe(heard.message));
}

async function cameraAborts(bench: DockBench): Promise<void> {
  const { wire } = bench;
  const upload = await manifestSent(bench, [...SMALL]);
  const { session, recording, stream } = upload;
  wire.send({
    type: 'abort',
    stream,
    code: 'prefix-mismatch',
    class: 'restart-stream',
    message: 'conformance',
    recordingId: recording.recordingId,
    sessionId: session.id,
  });
  await bench.camera.ping();
  wire.drain('ack');
  await wire.expectNone('ack', (2 * ANSWER_MS) / 8, (ack) => ack.stream === stream);
  upload.data(upload.endOf(0), upload.endOf(0) + PIECE);
  await refused(wire, 'unknown-stream', 'restart-stream');
  const again = await session.offer(recording);
  await again.sendUpTo(recording.layout.totalBytes);
  await again.fin();
}
