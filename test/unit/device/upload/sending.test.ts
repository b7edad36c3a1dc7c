import { describe, expect, it } from 'vitest';
import { acked } from '../../../../device/upload/acked.ts';
import {
  contentRead,
  fragmentSent,
  probeDueUs,
  pump,
  sendingTick,
} from '../../../../device/upload/sending.ts';
import type { Sending } from '../../../../device/upload/state.ts';
import { ackOf, carriedOut, sendingOf, spans, STREAM } from './upload-kit.ts';

const NOW = { nowUs: 0, wireUs: () => 0 };
const contentAt = (offset: number, bytes: number) =>
  ({ event: 'content', nowUs: 0, stream: STREAM, offset, bytes: new Uint8Array(bytes) }) as const;
const allSent = (fragmentBytes: number, nowUs = 0): Sending =>
  carriedOut([sendingOf(fragmentBytes), []], nowUs)[0];

// Goal: what goes out next, each rule by itself. Method: a fresh upload of units of 100, 500 and 400 B, looked at after
// one event or after all that may be sent was sent.
describe('what a camera sends', () => {
  it('has two fragments in hand, so that the line need not wait for the flash', () => {
    const [asked, effects] = pump(sendingOf(1_000, { accept: { creditTo: 4_100 }, chunkBytes: [4_000] }));
    expect(effects).toMatchObject([
      { start: 0, end: 100 },
      { start: 100, end: 1_100 },
    ]);
    expect(pump(asked)[1]).toEqual([]);
    const [read] = contentRead(asked, contentAt(0, 100), NOW);
    expect(pump(read)[1]).toEqual([]);
    expect(pump(fragmentSent(read, 0)[0])[1]).toMatchObject([{ start: 1_100, end: 2_100 }]);
  });

  it('has more of the smallest fragments in hand, and not many', () => {
    expect(pump(sendingOf(10))[1]).toHaveLength(8);
    expect(pump(sendingOf(300))[1]).toHaveLength(4);
  });

  it('never spans two units, and cuts what is left of one evenly', () => {
    const [, data] = carriedOut([sendingOf(220), []]);
    expect(spans(data)).toEqual(['0-100', '100-267', '267-434', '434-600', '600-800', '800-1000!']);
  });

  it('stops at the credit, and the last Data there asks for an answer', () => {
    const [sending, data] = carriedOut([sendingOf(100, { accept: { creditTo: 250 } }), []]);
    expect(spans(data).at(-1)).toBe('175-250!');
    const [, more] = carriedOut(acked(sending, ackOf({ maxTxSeq: 3, receivedTo: 250, creditTo: 300 }), 0));
    expect(spans(more)).toEqual(['250-300!']);
  });

  it('waits without credit, also when the dock has less than it received', () => {
    for (const creditTo of [0, 50, 100])
      expect(pump(sendingOf(80, { accept: { creditTo, receivedTo: 100 } }))[1]).toEqual([]);
  });

  it('sends nothing while paused, and goes on after', () => {
    const [paused] = acked(sendingOf(80), ackOf({ pause: true }), 0);
    expect(pump(paused)[1]).toEqual([]);
    expect(pump(acked(paused, ackOf({}), 0)[0])[1]).not.toEqual([]);
  });

  it('starts where the dock is, and leaves out what it holds', () => {
    const accept = {
      receivedTo: 150,
      held: [
        { start: 300, end: 600 },
        { start: 700, end: 720 },
      ],
    };
    const [sending, data] = carriedOut([sendingOf(1_000, { accept }), []]);
    expect(spans(data)).toEqual(['150-300', '600-700', '720-1000!']);
    expect(sending.sentTo).toBe(1_000);
  });

  it('numbers Data from 1 and never twice, repeats included', () => {
    const [sent, first] = carriedOut([sendingOf(100), []]);
    const lost = ackOf({ maxTxSeq: 10, receivedTo: 200, missing: [{ start: 200, end: 400 }] });
    const [, again] = carriedOut(acked(sent, lost, 0));
    expect([...first, ...again].map(({ txSeq }) => txSeq)).toEqual(
      Array.from({ length: first.length + again.length }, (_, i) => i + 1),
    );
  });

  it('asks for an answer about every 100 ms', () => {
    const begun = sendingOf(10);
    const asked = { ...begun, asked: [{ start: 0, end: 10, isProbe: false }] };
    const at = (nowUs: number) => contentRead(asked, contentAt(0, 10), { ...NOW, nowUs })[1];
    expect(at(99_999)).toMatchObject([{ message: { flags: 0 } }]);
    expect(at(100_000)).toMatchObject([{ message: { flags: 1 } }]);
  });

  it('makes nothing of bytes that nobody asked for', () => {
    const sending = sendingOf(80);
    expect(contentRead(sending, contentAt(0, 80), NOW)).toEqual([sending, []]);
  });
});

// Goal: a tail that was lost, or whose answer was, is noticed without the dock, at the time that RFC 6298 gives and no
// earlier. Method: everything sent at 0, then ticks at chosen times.
describe('the tail probe', () => {
  const timed = (sending: Sending): Sending => ({
    ...sending,
    pace: { ...sending.pace, trip: { srttUs: 20_000, rttvarUs: 5_000 } },
  });

  it('is due srtt and four rttvar after the line fell silent', () => {
    const sending = timed(allSent(100));
    expect(probeDueUs(sending)).toBe(40_000);
    expect(sendingTick(sending, 39_999)).toEqual([sending, []]);
    expect(sendingTick(sending, 40_000)[1]).toMatchObject([{ effect: 'read', start: 900, end: 1_000 }]);
  });

  it('counts from when the line has carried what it was given', () => {
    const asked = { ...sendingOf(100), asked: [{ start: 0, end: 100, isProbe: false }] };
    const [read] = contentRead(asked, contentAt(0, 100), { nowUs: 0, wireUs: () => 7_000 });
    expect(probeDueUs(timed(fragmentSent(read, 2_000)[0]))).toBe(2_000 + 7_000 + 40_000);
  });

  it('asks for an answer, and comes less and less often, at least every 1.5 s', () => {
    let sending = timed(allSent(100));
    const pausesMs: number[] = [];
    for (let nowUs = 0; pausesMs.length < 8; ) {
      const dueUs = probeDueUs(sending) ?? Number.NaN;
      pausesMs.push((dueUs - nowUs) / 1_000);
      nowUs = dueUs;
      const [next, data] = carriedOut(sendingTick(sending, nowUs), nowUs);
      expect(spans(data)).toEqual(['900-1000!']);
      sending = next;
    }
    expect(pausesMs).toEqual([40, 80, 160, 320, 640, 1_280, 1_500, 1_500]);
    const [answered] = acked(sending, ackOf({ maxTxSeq: 12, receivedTo: 900 }), 9_000_000);
    expect(answered.probes).toBe(0);
  });

  it('carries the end of what is out, no more than a fragment', () => {
    const sending = { ...allSent(400), pace: sendingOf(64).pace };
    expect(sendingTick(sending, 10_000_000)[1]).toMatchObject([{ start: 936, end: 1_000 }]);
  });

  it('is not sent while Data waits for the link, while paused, or when all has arrived', () => {
    const sending = timed(allSent(100));
    expect(probeDueUs({ ...sending, inLane: 1 })).toBeUndefined();
    expect(probeDueUs({ ...sending, isPaused: true })).toBeUndefined();
    expect(probeDueUs(acked(sending, ackOf({ maxTxSeq: 10, receivedTo: 1_000 }), 0)[0])).toBeUndefined();
  });
});
