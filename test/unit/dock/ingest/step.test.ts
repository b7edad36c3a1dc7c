import { describe, expect, it } from 'vitest';
import type { Docked, IngestContext, Upload, Work } from '../../../../dock/ingest/state.ts';
import { step } from '../../../../dock/ingest/step.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { CameraId, DockId, RecordingId } from '../../../../proto/ids.ts';
import { layoutOf } from '../../../../proto/layout.ts';
import type { Accept, Message, Offer, Receipt } from '../../../../proto/messages.ts';

const CAMERA = 'cam-1' as CameraId;
const context: IngestContext = {
  keys: {
    dockId: 'dock-1' as DockId,
    sign: () => new Uint8Array(64),
    camera: () => undefined,
    pseudonym: () => '',
    randomBytes: (count) => new Uint8Array(count),
  },
  ...nodeChecker,
  limits: { pduBytesMax: 16_384, fragmentBytesMax: 8_192, streamsMax: 1 },
  ledgerOrigin: 'test.example/dock-1',
  transport: 'serial',
};
const session = { sessionId: new Uint8Array(8), cameraId: CAMERA, publicKey: new Uint8Array(32) };
const receipt: Receipt = { type: 'receipt', body: new Uint8Array(10), signature: new Uint8Array(64) };

const idNamed = (digit: string): RecordingId => digit.repeat(32) as RecordingId;
const keyNamed = (digit: string) => ({ recordingId: idNamed(digit), manifestSha256: new Uint8Array(32) });

function docked(work: Work, receipted: readonly RecordingId[] = []): Docked {
  return {
    at: 'docked',
    session,
    work,
    heardUs: 0,
    suspects: new Map(),
    receipted: new Set(receipted),
  };
}

function receiving(digit: string): Work {
  const key = keyNamed(digit);
  const offer: Offer = {
    type: 'offer',
    sessionId: session.sessionId,
    ...key,
    manifestBytes: 10,
    contentBytes: 8,
  };
  const upload: Upload = {
    key,
    offer,
    stream: 5,
    leaseEpoch: 1,
    layout: layoutOf(10, [4, 4]),
    manifest: undefined,
    condemned: undefined,
    assembly: undefined,
    receivedTo: 0,
    durableTo: 0,
    maxTxSeq: 1,
    seenTo: 0,
    writing: 0,
    suspectChunk: undefined,
    ackedTo: 0,
    ackedUs: 0,
  };
  const accept: Accept = {
    type: 'accept',
    sessionId: session.sessionId,
    recordingId: key.recordingId,
    stream: 5,
    leaseEpoch: 1,
    durableTo: 0,
    prefixDigest: new Uint8Array(),
    creditTo: 18,
    receivedTo: 0,
    held: [],
  };
  return { doing: 'receiving', upload, accept };
}

function hear(state: Docked, message: Message): ReturnType<typeof step> {
  const event = { event: 'message', nowUs: 0, wallUs: 0, message, pdu: new Uint8Array() } as const;
  return step(state, event, context);
}

// Goal: an `erased` entry is written once, and only on the word of the camera that got the receipt here, since the first
// entry under a recording keeps out every other. Method: ReceiptAcks of strange, late and repeated kinds.
describe('a ReceiptAck', () => {
  const erased = (digit: string): Message => ({
    type: 'receipt-ack',
    recordingId: idNamed(digit),
    erased: true,
  });

  it('for a recording that got no receipt in this session changes nothing', () => {
    for (const state of [docked({ doing: 'nothing' }), docked(receiving('b'), [idNamed('a')])])
      expect(hear(state, erased('c'))).toEqual([state, []]);
  });

  it('is recorded once', () => {
    const settled: Work = { doing: 'settled', key: keyNamed('a'), stream: 4, receipt };
    const [state, effects] = hear(docked(settled, [idNamed('a')]), erased('a'));
    expect(effects).toEqual([{ effect: 'erased', cameraId: CAMERA, recordingId: idNamed('a') }]);
    expect(state).toMatchObject({ work: { doing: 'nothing' } });
    expect(hear(state as Docked, erased('a'))[1]).toEqual([]);
  });

  it('that comes late leaves the next upload alone', () => {
    const [state, effects] = hear(docked(receiving('b'), [idNamed('a')]), erased('a'));
    expect(effects).toMatchObject([{ effect: 'erased', recordingId: idNamed('a') }]);
    expect(state).toMatchObject({ work: { doing: 'receiving' } });
  });
});

// Goal: a failure ends what failed and nothing else. Method: the same failure about what is under way, about what is
// over, and about an erasure's note.
describe('a failure of disk or ledger', () => {
  const failure = {
    event: 'failed',
    nowUs: 0,
    code: 'storage-full',
    message: 'no room',
    retry: 'later',
  } as const;

  it('aborts the recording that it is about', () => {
    const failed = { ...failure, about: keyNamed('a') };
    const [state, effects] = step(docked(receiving('a')), failed, context);
    expect(state).toMatchObject({ work: { doing: 'nothing' } });
    expect(effects[0]).toMatchObject({ message: { class: 'retry', recordingId: idNamed('a') } });
  });

  it('that no repetition can mend lets the camera go on with its next recording', () => {
    const failed = { ...failure, code: 'storage-fault', retry: 'never', about: keyNamed('a') } as const;
    const [, effects] = step(docked(receiving('a')), failed, context);
    expect(effects[0]).toMatchObject({ message: { class: 'never', recordingId: idNamed('a') } });
  });

  it('is only news when what it is about is over', () => {
    const overs = [
      [docked({ doing: 'nothing' }), keyNamed('a')],
      [docked(receiving('b')), keyNamed('a')],
      [docked(receiving('b')), 'erasure'],
    ] as const;
    for (const [state, about] of overs) {
      const [next, effects] = step(state, { ...failure, about }, context);
      expect(next).toEqual(state);
      expect(effects).toMatchObject([{ effect: 'news' }]);
    }
  });

  it('of the session aborts the session', () => {
    const [, effects] = step(docked(receiving('a')), { ...failure, about: 'session' }, context);
    expect(effects[0]).toMatchObject({ message: { type: 'abort', stream: 0 } });
    expect(effects[0]).not.toHaveProperty('message.recordingId');
  });
});
