import { describe, expect, it } from 'vitest';
import { acked, contentRead, fragmentSent, pump, sendingTick } from '../../../../device/upload/sending.ts';
import type { Sending } from '../../../../device/upload/state.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import { layoutOf } from '../../../../proto/layout.ts';
import type { Ack } from '../../../../proto/messages.ts';

const recordingId = 'ab'.repeat(16) as RecordingId;
const start: Sending = {
  recording: {
    recordingId,
    counter: 1,
    signedManifest: new Uint8Array(100),
    chunks: [],
    root: new Uint8Array(32),
    contentBytes: 900,
  },
  layout: layoutOf(100, [500, 400]),
  stream: 7,
  nextTxSeq: 1,
  nextOffset: 0,
  sentTo: 1_000,
  receivedTo: 0,
  durableTo: 0,
  creditTo: 1_000,
  paused: false,
  inHand: 0,
  turn: 0,
  rewoundAtTxSeq: 0,
  progressAtUs: 0,
  retransmitMs: 400,
};
const ack = (change: Partial<Ack>): Ack => ({
  ...{
    type: 'ack',
    stream: 7,
    maxTxSeq: 0,
    receivedTo: 0,
    durableTo: 0,
    creditTo: 1_000,
    missing: [],
    pause: false,
  },
  ...change,
});

// Goal: the window's rules, each by itself. Method: one hand-made state, one event, look at what changed.
describe('sending a recording', () => {
  it('asks for at most two fragments at once and never across two units', () => {
    const [sending, effects] = pump(start, 80);
    expect(effects).toMatchObject([
      { start: 0, end: 80 },
      { start: 80, end: 100 },
    ]);
    expect(sending.inHand).toBe(2);
    expect(pump(sending, 80)[1]).toEqual([]);
  });

  it('stops at the credit and asks for an answer there', () => {
    const [sending, effects] = pump({ ...start, nextOffset: 100, creditTo: 150 }, 80);
    expect(effects).toMatchObject([{ start: 100, end: 150 }]);
    const read = {
      event: 'content',
      nowUs: 0,
      stream: 7,
      turn: 0,
      offset: 100,
      bytes: new Uint8Array(50),
    } as const;
    expect(contentRead(sending, read)[1]).toMatchObject([{ message: { flags: 1, offset: 100, txSeq: 1 } }]);
  });

  it('sends nothing while paused', () => {
    expect(pump({ ...start, paused: true }, 80)[1]).toEqual([]);
  });

  it('never uses a tx_seq twice, also after going back', () => {
    const read = (turn: number, offset: number) =>
      ({ event: 'content', nowUs: 0, stream: 7, turn, offset, bytes: new Uint8Array(10) }) as const;
    const [first] = contentRead({ ...start, inHand: 1 }, read(0, 0));
    const [back] = acked(
      { ...first, nextOffset: 10 },
      ack({ maxTxSeq: 1, missing: [{ start: 0, end: 10 }] }),
      5,
    );
    expect(back).toMatchObject({ nextOffset: 0, turn: 1, rewoundAtTxSeq: 2 });
    expect(contentRead(back, read(1, 0))[1]).toMatchObject([{ message: { txSeq: 2, offset: 0 } }]);
  });

  it('throws away what was read before it went back', () => {
    const stale = {
      event: 'content',
      nowUs: 0,
      stream: 7,
      turn: 0,
      offset: 0,
      bytes: new Uint8Array(10),
    } as const;
    const [sending, effects] = contentRead({ ...start, turn: 1, inHand: 1 }, stale);
    expect(effects).toEqual([]);
    expect(sending).toMatchObject({ inHand: 0, nextTxSeq: 1 });
  });

  it('goes back once a round trip: a report about earlier fragments is old news', () => {
    const gone: Sending = { ...start, nextOffset: 300, nextTxSeq: 9 };
    const gap = ack({ maxTxSeq: 8, receivedTo: 100, missing: [{ start: 100, end: 300 }] });
    const [once] = acked(gone, gap, 5);
    expect(once).toMatchObject({ nextOffset: 100, rewoundAtTxSeq: 9 });
    expect(acked({ ...once, nextOffset: 200 }, gap, 6)[0].nextOffset).toBe(200);
    expect(acked({ ...once, nextOffset: 200 }, { ...gap, maxTxSeq: 9 }, 7)[0].nextOffset).toBe(100);
  });

  it('takes only what rises from an ack: a late one takes nothing back', () => {
    const [now] = acked(start, ack({ receivedTo: 600, durableTo: 600, creditTo: 1_500 }), 5);
    const [late] = acked(now, ack({ receivedTo: 100, durableTo: 100, creditTo: 700 }), 6);
    expect(late).toMatchObject({ receivedTo: 600, durableTo: 600, creditTo: 1_500 });
  });

  it('does not believe an ack of what was never sent', () => {
    const early: Sending = { ...start, nextOffset: 100, sentTo: 100 };
    expect(acked(early, ack({ receivedTo: 101, durableTo: 101, creditTo: 9_000 }), 5)).toEqual([early, []]);
    expect(acked(early, ack({ receivedTo: 100, durableTo: 100 }), 5)[0].durableTo).toBe(100);
    expect(pump({ ...start, sentTo: 0 }, 80)[0].sentTo).toBe(100);
  });

  it('goes back by itself when nothing rises, less eagerly each time', () => {
    const waiting: Sending = { ...start, nextOffset: 300, receivedTo: 100 };
    expect(sendingTick(waiting, 399_000)[0]).toBe(waiting);
    const [again] = sendingTick(waiting, 400_000);
    expect(again).toMatchObject({ nextOffset: 100, retransmitMs: 800, progressAtUs: 400_000 });
  });

  it('a fragment the link took makes room for the next', () => {
    expect(fragmentSent({ ...start, inHand: 2 })[0].inHand).toBe(1);
  });
});
