import fc from 'fast-check';
import { toHex, utf8 } from '../../../proto/bytes.ts';
import { isCameraId, isDockId, isRecordingId } from '../../../proto/ids.ts';
import { sealedBytesOf } from '../../../proto/cobblestone.ts';
import type { Course } from '../../../proto/course.ts';
import type { ChunkInfo, Manifest, Suite } from '../../../proto/manifest.ts';
import { recordingRoot } from '../../../proto/merkle.ts';
import type {
  Accept,
  Ack,
  ByteRange,
  Growth,
  HelloAckBody,
  Message,
  ReceiptBody,
} from '../../../proto/messages.ts';
import { checked, sha256 } from '../../unit/proto/fixture.ts';

const UINT32_MAX = 0xffff_ffff;

export const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
export const bytesUpTo = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength: length });
const uint32 = fc.integer({ min: 0, max: UINT32_MAX });
const positive = fc.integer({ min: 1, max: UINT32_MAX });
const uint53 = fc.maxSafeNat();
/** Text in any script, at most this many bytes of UTF-8. */
const text = (bytesMax: number): fc.Arbitrary<string> =>
  fc.string({ unit: 'binary', maxLength: bytesMax }).filter((value) => utf8(value).length <= bytesMax);

const deviceName = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/);
const cameraId = deviceName.map((name) => checked(name, isCameraId));
const dockId = deviceName.map((name) => checked(name, isDockId));
const officerId = fc.oneof(fc.constant(''), fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/));
export const recordingId = bytes(16).map((id) => checked(toHex(id), isRecordingId));
const sessionId = bytes(8);
const signature = bytes(64);
const limits = fc.record({ pduBytesMax: positive, fragmentBytesMax: positive, streamsMax: positive });

const versions = fc
  .tuple(positive, positive)
  .map(([a, b]) => ({ versionMin: Math.min(a, b), versionMax: Math.max(a, b) }));

const hello = fc
  .record({
    type: fc.constant('hello' as const),
    versions,
    features: uint53,
    cameraId,
    bootId: bytes(16),
    nonce: bytes(32),
    limits,
    cameraMonoUs: uint53,
    cameraWallUs: uint53,
  })
  .map(({ versions: agreed, ...rest }) => ({ ...rest, ...agreed }));

// Small steps, so that sixteen ranges stay below 2^53.
const step = fc.integer({ min: 1, max: 2 ** 40 });
const gaps = fc.array(fc.tuple(fc.nat(), step), { maxLength: 16 });
const received = fc.record({
  durableTo: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 50 })),
  ahead: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 50 })),
});

function rangesFrom(start: number, steps: readonly (readonly [number, number])[]): readonly ByteRange[] {
  let from = start;
  return steps.map(([skip, length]) => {
    const begin = from + skip;
    from = begin + length;
    return { start: begin, end: from };
  });
}

const accept: fc.Arbitrary<Accept> = fc
  .record({
    type: fc.constant('accept' as const),
    sessionId,
    recordingId,
    stream: positive,
    leaseEpoch: uint32,
    received,
    digest: bytes(32),
    creditTo: uint53,
    gaps,
  })
  .map(({ digest, received: { durableTo, ahead }, gaps: steps, ...rest }) => ({
    ...rest,
    durableTo,
    prefixDigest: durableTo > 0 ? digest : new Uint8Array(),
    receivedTo: durableTo + ahead,
    held: rangesFrom(durableTo + ahead, steps),
  }));

const ack: fc.Arbitrary<Ack> = fc
  .record(
    {
      type: fc.constant('ack' as const),
      stream: positive,
      maxTxSeq: uint32,
      received,
      creditTo: uint53,
      gaps,
      pause: fc.boolean(),
      code: fc.constantFrom('busy' as const, 'storage-full' as const),
    },
    { requiredKeys: ['type', 'stream', 'maxTxSeq', 'received', 'creditTo', 'gaps', 'pause'] },
  )
  .map(({ received: { durableTo, ahead }, gaps: steps, ...rest }) => ({
    ...rest,
    durableTo,
    receivedTo: durableTo + ahead,
    missing: rangesFrom(durableTo + ahead, steps),
  }));

const baud = fc.integer({ min: 300, max: 4_000_000 });
const link = fc.record({ id: positive, baud, rtsCts: fc.boolean(), fragmentBytesMax: positive });
const probe = fc
  .record({
    type: fc.constant('link-probe' as const),
    id: positive,
    count: fc.integer({ min: 1, max: 16 }),
    pick: fc.nat(),
    pattern: bytesUpTo(256),
  })
  .map(({ pick, ...rest }) => ({ ...rest, seq: pick % rest.count }));
const part = fc
  .record({
    type: fc.constant('part' as const),
    id: uint32,
    offset: fc.nat(10_000),
    after: fc.nat(5_000),
    piece: fc.uint8Array({ minLength: 1, maxLength: 500 }),
  })
  .map(({ after, ...rest }) => ({ ...rest, total: rest.offset + rest.piece.length + after }));

const abort = fc.record(
  {
    type: fc.constant('abort' as const),
    stream: uint32,
    code: fc.constantFrom('version', 'busy', 'bad-receipt', 'storage-full', 'stale-lease'),
    class: fc.constantFrom('retry', 'renegotiate', 'restart-stream', 'never'),
    message: text(256),
    recordingId,
    sessionId,
  },
  { requiredKeys: ['type', 'stream', 'code', 'class', 'message'] },
);

const growth: fc.Arbitrary<Growth> = fc.oneof(
  fc.constant({}),
  fc.record(
    {
      consistencyFrom: positive,
      consistency: fc.array(bytes(32), { minLength: 1, maxLength: 63 }),
    },
    { requiredKeys: ['consistencyFrom'] },
  ),
);

/** Every message, with every field anywhere in its range. */
export const MESSAGES: { readonly [T in Message['type']]: fc.Arbitrary<Extract<Message, { type: T }>> } = {
  hello,
  'hello-ack': fc.record({ type: fc.constant('hello-ack'), body: bytesUpTo(300), signature }),
  'hello-confirm': fc.record(
    { type: fc.constant('hello-confirm' as const), sessionId, signature, ledgerSize: positive },
    { requiredKeys: ['type', 'sessionId', 'signature'] },
  ),
  'link-propose': link.map((fields) => ({ type: 'link-propose', ...fields })),
  'link-commit': link.map((fields) => ({ type: 'link-commit', ...fields })),
  'link-probe': probe,
  'link-report': fc.record({
    type: fc.constant('link-report'),
    id: positive,
    received: fc.nat(16),
    keep: fc.boolean(),
  }),
  part,
  offer: fc.record(
    {
      type: fc.constant('offer' as const),
      sessionId,
      recordingId,
      manifestBytes: positive,
      manifestSha256: bytes(32),
      contentBytes: uint53,
      wraps: fc.uint8Array({ minLength: 1, maxLength: 400 }),
      ledgerSize: positive,
    },
    {
      requiredKeys: ['type', 'sessionId', 'recordingId', 'manifestBytes', 'manifestSha256', 'contentBytes'],
    },
  ),
  accept,
  data: fc.record({
    type: fc.constant('data'),
    stream: positive,
    txSeq: uint32,
    flags: uint32,
    offset: fc.integer({ min: 0, max: 2 ** 52 }),
    payload: bytesUpTo(2000),
  }),
  ack,
  fin: fc.record(
    { type: fc.constant('fin' as const), stream: positive, totalBytes: uint53, ledgerSize: positive },
    { requiredKeys: ['type', 'stream', 'totalBytes'] },
  ),
  receipt: fc.record({ type: fc.constant('receipt'), body: bytesUpTo(2000), signature }),
  'receipt-ack': fc.record({ type: fc.constant('receipt-ack'), recordingId, erased: fc.boolean() }),
  ticket: fc.tuple(sessionId, text(600), growth).map(([id, note, grown]) => ({
    type: 'ticket' as const,
    sessionId: id,
    note,
    ...grown,
  })),
  ping: fc.record({ type: fc.constant('ping'), sentUs: uint53 }),
  pong: fc.record({
    type: fc.constant('pong'),
    pingSentUs: uint53,
    receivedUs: uint53,
    sentUs: uint53,
    wallUs: uint53,
  }),
  telemetry: fc.record({
    type: fc.constant('telemetry'),
    state: fc.constantFrom('ready', 'recording', 'docked', 'transferring', 'storage-full'),
    batteryPercent: fc.integer({ min: 0, max: 100 }),
    flashFreeBytes: uint53,
    recordingsHeld: uint32,
    officerId,
    cameraWallUs: uint53,
  }),
  abort,
  bye: fc.record({
    type: fc.constant('bye'),
    sessionId: fc.oneof(sessionId, fc.constant(new Uint8Array())),
    message: text(256),
  }),
};

export const anyMessage: fc.Arbitrary<Message> = fc.oneof(...Object.values(MESSAGES));

export const helloAckBody: fc.Arbitrary<HelloAckBody> = fc.record({
  version: positive,
  features: uint53,
  dockId,
  sessionId,
  nonce: bytes(32),
  limits,
  cameraMonoUs: uint53,
  dockReceivedUs: uint53,
  dockSentUs: uint53,
  ledgerOrigin: text(255),
});

export const receiptBody: fc.Arbitrary<ReceiptBody> = fc
  .tuple(
    fc.record({
      outcome: fc.constantFrom('accepted' as const, 'quarantined' as const),
      recordingId,
      manifestSha256: bytes(32),
      entry: bytesUpTo(600),
      proof: text(600),
      reason: text(256),
    }),
    growth,
  )
  .map(([body, grown]) => ({ ...body, ...grown }));

const moment = fc.record({ wallUs: uint53, monoUs: uint53 });
const chunk = (suite: Suite): fc.Arbitrary<ChunkInfo> =>
  fc
    .record({
      sha256: bytes(32),
      plainBytes: fc.integer({ min: 1, max: 262_144 }),
      mediaStartMs: uint32,
      mediaMs: uint32,
      endOfFragment: fc.boolean(),
    })
    .map((info) => ({
      ...info,
      storedBytes: suite === 0 ? info.plainBytes : sealedBytesOf(info.plainBytes),
    }));

const inOrder = <Member>(members: readonly Member[], usOf: (member: Member) => number): readonly Member[] =>
  members.toSorted((a, b) => usOf(a) - usOf(b));

/** What a camera says beside the pictures: any of it, or nothing. */
const course: fc.Arbitrary<Course & Pick<Manifest, 'cause'>> = fc.record(
  {
    cause: fc.constantFrom('button', 'holster', 'light-bar', 'taser', 'fall', 'peer', 'limit', 'command'),
    critical: fc.constant(true as const),
    mutes: fc
      .array(moment, { minLength: 2, maxLength: 8 })
      .map((moments) => inOrder(moments, ({ monoUs }) => monoUs))
      .map((moments) =>
        moments.slice(1).flatMap((to, at) => (at % 2 === 0 ? [{ from: moments[at] ?? to, to }] : [])),
      ),
    categories: fc.uniqueArray(
      text(56).filter((name) => name !== ''),
      { minLength: 1, maxLength: 16 },
    ),
    battery: fc.record({ startPercent: fc.nat(100), endPercent: fc.nat(100) }),
    track: fc
      .array(
        fc.record({
          at: moment,
          latitudeE7: fc.integer({ min: -900_000_000, max: 900_000_000 }),
          longitudeE7: fc.integer({ min: -1_800_000_000, max: 1_800_000_000 }),
          accuracyDm: uint32,
        }),
        { minLength: 1, maxLength: 5 },
      )
      .map((points) => inOrder(points, ({ at }) => at.monoUs)),
  },
  { requiredKeys: [] },
);

const manifestOf = (suite: Suite): fc.Arbitrary<Manifest> =>
  fc
    .record({
      format: fc.constant(1),
      recordingId,
      cameraId,
      counter: uint53,
      previousRoot: fc.oneof(bytes(32), fc.constant(new Uint8Array())),
      bootId: bytes(16),
      officerId,
      incidentTag: text(128),
      mediaType: text(128),
      suite: fc.constant(suite),
      wrapsSha256: suite === 0 ? fc.constant(undefined) : bytes(32),
      lostChunks: fc.option(positive, { nil: undefined }),
      ticket: fc.option(
        text(300).filter((note) => note !== ''),
        { nil: undefined },
      ),
      chunkBytesMax: fc.constant(262_144),
      triggered: moment,
      started: moment,
      ended: moment,
      stopReason: fc.constantFrom(
        'button',
        'docked',
        'storage-full',
        'power-loss',
        'replay',
        'battery',
        'limit',
        'power-off',
      ),
      course,
      marks: fc.array(fc.record({ at: moment, kind: text(64) }), { maxLength: 5 }),
      chunks: fc.array(chunk(suite), { minLength: 1, maxLength: 40 }),
    })
    .map(({ wrapsSha256, lostChunks, ticket, course: said, ...fields }) => ({
      ...fields,
      ...said,
      ...(wrapsSha256 === undefined ? {} : { wrapsSha256 }),
      ...(lostChunks === undefined ? {} : { lostChunks }),
      ...(ticket === undefined ? {} : { ticket }),
      root: recordingRoot(
        sha256,
        fields.chunks.map((info) => info.sha256),
      ),
      contentBytes: fields.chunks.reduce((sum, info) => sum + info.storedBytes, 0),
    }));

/** A manifest that agrees with itself. */
export const manifest: fc.Arbitrary<Manifest> = fc
  .constantFrom<Suite>(0, 1)
  .chain((suite) => manifestOf(suite));
