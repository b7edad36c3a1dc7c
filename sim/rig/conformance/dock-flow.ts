import { CREDIT_UNITS_PER_STREAM } from '../../../proto/limits.ts';
import { ANSWER_MS, demand } from './case.ts';
import { describe, ranges } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { quickest, SMALL, WATCH_MS } from './dock-proofs.ts';
import type { PuppetUpload } from './puppet-upload.ts';

/** "At once" on a machine with other things to do; clearly less than the 200 ms that a mere delay would take. */
// More than there may be credit for.
const CHUNKS = 2 * CREDIT_UNITS_PER_STREAM + 1;
const AT_ONCE_MS = 100;
/** The 200 ms of section 9 and what a line and a timer add. */
const ACK_DELAY_MS_MAX = 400;
// So many of them must come in this time: one fewer than go by the clock.
const ACK_REPEATS = { serial: { ms: 2_300, least: 3 }, mqtt: { ms: 16_000, least: 2 } } as const;
// Short, so that what is timed is the dock and not a slow line: a few of these take 30 ms at 115,200 bit/s.
const PIECE = 100;

/** Sections 7 to 9: Data, Ack and credit. */
export const FLOW_CASES: readonly DockCase[] = [
  {
    name: 'out-of-order-data',
    rule: 'The dock takes bytes in any order within the credit, and needs none of them twice.',
    section: '7',
    run: async (bench) => {
      const upload = await manifestSent(bench, [2_000, 1_500]);
      const end = upload.endOf(2);
      const starts = cuts(upload.endOf(0), end);
      for (const start of starts.toReversed()) upload.data(start, pieceEnd(upload, start));
      await upload.ack(({ durableTo }) => durableTo === end);
      await upload.fin();
    },
  },
  {
    name: 'lost-data-reported',
    rule: 'A skipped tx_seq is answered at once with an Ack whose missing is exactly what is missing.',
    section: '9',
    run: lostDataReported,
  },
  {
    name: 'duplicate-data',
    rule: 'Bytes that were there already are acknowledged at once and change nothing.',
    section: '9',
    run: duplicateData,
  },
  {
    name: 'recut-overlapping-data',
    rule: 'A repeat may be cut anew: fragments that overlap make one content.',
    section: '7',
    run: async (bench) => {
      const upload = await manifestSent(bench, [3_000]);
      const from = upload.endOf(0);
      for (const [start, end] of [
        [0, 700],
        [2_100, 2_900],
        [300, 1_200],
        [650, 2_200],
        [2_500, 3_000],
      ] as const)
        upload.data(from + start, from + end);
      await upload.ack(({ durableTo }) => durableTo === upload.endOf(1));
      await upload.fin();
    },
  },
  {
    name: 'ack-now-flag',
    rule: 'Data with flag bit 0 is acknowledged at once.',
    section: '9',
    run: async (bench) => {
      const upload = await manifestSent(bench, [6 * PIECE]);
      const starts = cuts(upload.endOf(0), upload.endOf(1) - PIECE);
      const ms = await quickest(starts.length, () => answered(upload, starts.shift() ?? 0, true));
      demand(ms <= AT_ONCE_MS, `an Ack within ${AT_ONCE_MS} ms, at the best of five`, `${Math.round(ms)} ms`);
    },
  },
  {
    name: 'ack-delay',
    rule: 'New bytes are acknowledged 200 ms later at the latest, asked for or not.',
    section: '9',
    run: async (bench) => {
      const upload = await manifestSent(bench, [5 * PIECE]);
      const starts = cuts(upload.endOf(0), upload.endOf(1) - PIECE);
      const ms = await quickest(starts.length, () => answered(upload, starts.shift() ?? 0, false));
      demand(
        ms <= ACK_DELAY_MS_MAX,
        `an Ack within ${ACK_DELAY_MS_MAX} ms, at the best of four`,
        `${Math.round(ms)} ms`,
      );
    },
  },
  {
    name: 'ack-repeat',
    rule: 'While nothing new comes the Ack is said again every 500 ms, over MQTT every 5 s.',
    section: '9',
    run: async (bench) => {
      const upload = await manifestSent(bench, [PIECE, PIECE]);
      await bench.wire.pause(WATCH_MS);
      const before = upload.acks().length;
      const { ms, least } = ACK_REPEATS[bench.wire.transport];
      await bench.camera.stay(ms);
      const acks = upload.acks().slice(before);
      demand(acks.length >= least, `at least ${least} Acks in ${ms} ms`, String(acks.length));
      demand(new Set(acks.map(describe)).size === 1, 'the same each time', acks.map(describe).join(' | '));
    },
  },
  {
    name: 'acks-absolute-and-monotone',
    rule: 'received_to, durable_to, credit_to and max_tx_seq of the Acks of a stream never fall, and durable_to is never ahead of received_to.',
    section: '9',
    run: acksMonotone,
  },
  {
    name: 'durable-only-at-unit-ends',
    rule: 'durable_to moves from the end of a unit to the end of a unit.',
    section: '7',
    run: async (bench) => {
      const upload = await manifestSent(bench, [...SMALL]);
      upload.pour(upload.endOf(0), upload.endOf(1) + 1_000, PIECE);
      await upload.ack(({ durableTo }) => durableTo === upload.endOf(1));
      await bench.wire.pause(WATCH_MS);
      await upload.sendUpTo(upload.recording.layout.totalBytes);
      const { layout } = upload.recording;
      const between = upload
        .acks()
        .find(({ durableTo }) => layout.start(layout.unitAt(durableTo)) !== durableTo);
      demand(
        between === undefined,
        'durable_to at unit ends only',
        between === undefined ? '' : describe(between),
      );
    },
  },
  {
    name: 'manifest-first',
    rule: 'Before the manifest has been judged the credit is the end of the manifest.',
    section: '8',
    run: async ({ camera }) => {
      const session = await camera.dock();
      const { accept, endOf } = await session.offer(camera.record([...SMALL])).then((upload) => ({
        accept: upload.accept,
        endOf: upload.endOf(0),
      }));
      demand(accept.creditTo <= endOf, `credit_to of at most ${endOf}`, String(accept.creditTo));
    },
  },
  {
    name: 'credit-within-bounds',
    rule: `credit_to is the end of a unit, at most ${CREDIT_UNITS_PER_STREAM} units beyond durable_to.`,
    section: '8',
    run: async (bench) => {
      const upload = await manifestSent(
        bench,
        Array.from({ length: CHUNKS }, () => PIECE),
      );
      await upload.sendUpTo(upload.recording.layout.totalBytes);
      const { layout } = upload.recording;
      const excess = upload.acks().find(({ durableTo, creditTo }) => {
        const unit = Math.min(layout.unitAt(durableTo) + CREDIT_UNITS_PER_STREAM, layout.unitCount);
        return creditTo > layout.start(unit) || layout.start(layout.unitAt(creditTo)) !== creditTo;
      });
      demand(
        excess === undefined,
        `credit for ${CREDIT_UNITS_PER_STREAM} units at most`,
        excess === undefined ? '' : describe(excess),
      );
    },
  },
  {
    name: 'credit-not-exceeded',
    rule: 'Bytes beyond the credit are dropped: no Ack counts them, and they must come again.',
    section: '8',
    run: creditNotExceeded,
  },
  {
    name: 'unknown-stream',
    rule: 'Data and Fin of a stream that is not open are answered with unknown-stream (restart-stream).',
    section: '12',
    run: unknownStream,
  },
];

/** Docked, a new recording offered, its manifest durable. */
export async function manifestSent(
  { camera }: Pick<DockBench, 'camera'>,
  chunkBytes: readonly number[],
): Promise<PuppetUpload> {
  const session = await camera.dock();
  const upload = await session.offer(camera.record(chunkBytes));
  await upload.sendUpTo(upload.endOf(0));
  return upload;
}

/** Where pieces begin between two offsets. */
function cuts(start: number, end: number): number[] {
  return Array.from({ length: Math.ceil((end - start) / PIECE) }, (_, index) => start + index * PIECE);
}

function pieceEnd({ recording: { layout } }: PuppetUpload, start: number): number {
  return Math.min(start + PIECE, layout.start(layout.unitAt(start) + 1));
}

/** Milliseconds from one Data to the first Ack that knows of it. */
async function answered(upload: PuppetUpload, start: number, ackNow: boolean): Promise<number> {
  upload.data(start, start + PIECE, { ackNow });
  const { txSeq, stream } = upload;
  const sentMs = performance.now();
  const { atMs } = await upload.wire.hear(
    'ack',
    ANSWER_MS,
    (ack) => ack.stream === stream && ack.maxTxSeq >= txSeq,
  );
  return atMs - sentMs;
}

async function lostDataReported(bench: DockBench): Promise<void> {
  const upload = await manifestSent(bench, [15 * PIECE]);
  let at = upload.endOf(0);
  const ms = await quickest(5, async () => {
    const [gap, next] = [at + PIECE, at + 2 * PIECE];
    upload.data(at, gap);
    upload.data(gap, next, { lost: true });
    upload.data(next, next + PIECE);
    const sentMs = performance.now();
    const { stream, txSeq } = upload;
    const { message, atMs } = await bench.wire.hear(
      'ack',
      ANSWER_MS,
      (ack) => ack.stream === stream && ack.maxTxSeq === txSeq,
    );
    const lost = ranges([{ start: gap, end: next }]);
    demand(ranges(message.missing) === lost, `missing ${lost}`, ranges(message.missing));
    demand(message.receivedTo === gap, `received_to ${gap}`, String(message.receivedTo));
    // A dock may name fewer gaps than there are, so there is never more than one.
    upload.data(gap, next, { ackNow: true });
    at = next + PIECE;
    const end = at;
    await upload.ack(({ receivedTo }) => receivedTo === end);
    return atMs - sentMs;
  });
  demand(ms <= AT_ONCE_MS, `that Ack within ${AT_ONCE_MS} ms, at the best of five`, `${Math.round(ms)} ms`);
  await upload.ack(({ durableTo }) => durableTo === upload.endOf(1));
  await upload.fin();
}

async function duplicateData(bench: DockBench): Promise<void> {
  const upload = await manifestSent(bench, [4 * PIECE]);
  const from = upload.endOf(0);
  await answered(upload, from, true);
  const ms = await quickest(5, () => answered(upload, from, false));
  demand(ms <= AT_ONCE_MS, `an Ack within ${AT_ONCE_MS} ms, at the best of five`, `${Math.round(ms)} ms`);
  const { receivedTo } = upload.known;
  demand(receivedTo === from + PIECE, `received_to ${from + PIECE}`, String(receivedTo));
  upload.pour(from + PIECE, upload.endOf(1), PIECE);
  await upload.ack(({ durableTo }) => durableTo === upload.endOf(1));
  upload.pour(from, upload.endOf(1), PIECE);
  await upload.fin();
}

async function acksMonotone(bench: DockBench): Promise<void> {
  const upload = await manifestSent(bench, [...SMALL]);
  const { totalBytes } = upload.recording.layout;
  const starts = cuts(upload.endOf(0), totalBytes).filter((start) => pieceEnd(upload, start) > start);
  const late: { readonly txSeq: number; readonly start: number }[] = [];
  for (const [index, start] of starts.entries()) {
    const lost = index % 3 === 1;
    upload.data(start, pieceEnd(upload, start), { ackNow: true, lost });
    if (lost) late.push({ txSeq: upload.txSeq, start });
  }
  await bench.wire.pause(WATCH_MS);
  // Two of what was lost were only late, and have the numbers they always had.
  for (const { txSeq, start } of late.slice(0, 2)) {
    upload.dataAs(txSeq, start, pieceEnd(upload, start));
    await bench.wire.pause(WATCH_MS / 2);
  }
  await upload.sendUpTo(totalBytes);
  let before = upload.acks()[0];
  for (const ack of upload.acks()) {
    const fell =
      before !== undefined &&
      (['receivedTo', 'durableTo', 'creditTo', 'maxTxSeq'] as const).find(
        (field) => ack[field] < (before?.[field] ?? 0),
      );
    demand(fell === undefined || fell === false, 'nothing to fall', `${String(fell)} fell: ${describe(ack)}`);
    demand(ack.durableTo <= ack.receivedTo, 'durable_to not ahead of received_to', describe(ack));
    demand(ack.maxTxSeq <= upload.txSeq, `max_tx_seq of at most ${upload.txSeq}`, describe(ack));
    before = ack;
  }
}

async function creditNotExceeded({ camera, wire }: DockBench): Promise<void> {
  const session = await camera.dock();
  const upload = await session.offer(camera.record(Array.from({ length: CHUNKS }, () => PIECE)));
  const manifestEnd = upload.endOf(0);
  const { totalBytes } = upload.recording.layout;
  // The manifest is not judged yet: not a byte of content has a place.
  upload.data(manifestEnd, upload.endOf(1), { ackNow: true });
  upload.data(0, Math.min(manifestEnd, camera.fragmentBytes), { ackNow: true });
  await upload.sendUpTo(manifestEnd);
  demand(
    upload.known.receivedTo === manifestEnd,
    `received_to ${manifestEnd}`,
    String(upload.known.receivedTo),
  );
  const { creditTo } = upload.known;
  const most = `credit for ${CREDIT_UNITS_PER_STREAM} of ${CHUNKS} chunks`;
  demand(creditTo < totalBytes, most, `credit_to ${creditTo} of ${totalBytes}`);
  upload.data(totalBytes - PIECE, totalBytes, { ackNow: true });
  await upload.ack(({ maxTxSeq }) => maxTxSeq >= 0);
  await upload.sendUpTo(totalBytes - PIECE);
  await wire.pause(WATCH_MS);
  demand(
    upload.known.receivedTo === totalBytes - PIECE,
    `received_to ${totalBytes - PIECE}: the last chunk came when there was no credit for it`,
    String(upload.known.receivedTo),
  );
  await upload.sendUpTo(totalBytes);
  await upload.fin();
}

async function unknownStream({ camera, wire }: DockBench): Promise<void> {
  const session = await camera.dock();
  const upload = await session.offer(camera.record([PIECE]));
  const stream = upload.stream + 1_000_000;
  for (const message of [
    { type: 'data', stream, txSeq: 1, flags: 0, offset: 0, payload: new Uint8Array(100) },
    { type: 'fin', stream, totalBytes: 100 },
  ] as const) {
    wire.send(message);
    const abort = await wire.expect('abort', ANSWER_MS);
    demand(
      abort.code === 'unknown-stream' && abort.class === 'restart-stream' && abort.stream === stream,
      `Abort unknown-stream (restart-stream) of stream ${stream}`,
      describe(abort),
    );
  }
  await upload.sendUpTo(upload.recording.layout.totalBytes);
}
