import { describe, expect, it } from 'vitest';
import { acked } from '../../../../device/upload/acked.ts';
import { fragmentSizeFor } from '../../../../device/upload/fragment-size.ts';
import { pump } from '../../../../device/upload/sending.ts';
import type { Sending } from '../../../../device/upload/state.ts';
import type { Data } from '../../../../proto/messages.ts';
import { ackOf, carriedOut, sendingOf, spans } from './upload-kit.ts';

// Ten Data of 100 B: tx_seq n carries the bytes before n * 100.
const sentAll = (): Sending => carriedOut([sendingOf(100), []])[0];
const repeatsAfter = (
  sending: Sending,
  ack: Parameters<typeof ackOf>[0],
): readonly [Sending, readonly Data[]] => carriedOut(acked(sending, ackOf(ack), 0));

// Goal: a range that was lost goes out again at once, and again only when its repeat must have arrived.
// Method: ten Data of 100 B, then hand-made Acks.
describe('what is repeated', () => {
  it('is what the dock misses, ahead of new bytes', () => {
    const [sending] = carriedOut([sendingOf(100, { accept: { creditTo: 600 } }), []]);
    const lost = { maxTxSeq: 6, receivedTo: 200, creditTo: 1_000, missing: [{ start: 200, end: 300 }] };
    expect(spans(repeatsAfter(sending, lost)[1])).toEqual([
      '200-300',
      '600-700',
      '700-800',
      '800-900',
      '900-1000!',
    ]);
  });

  it('goes out once a round trip: not again before an Ack that could know of the repeat', () => {
    const gap = {
      receivedTo: 200,
      missing: [
        { start: 200, end: 300 },
        { start: 500, end: 600 },
      ],
    };
    const [once, first] = repeatsAfter(sentAll(), { ...gap, maxTxSeq: 10 });
    expect(spans(first)).toEqual(['200-300', '500-600!']);
    const [same, none] = repeatsAfter(once, { ...gap, maxTxSeq: 10 });
    expect(none).toEqual([]);
    // tx_seq 11 has been seen, so the gap that it should have filled is a second loss; 12 may still come.
    const [twice, second] = repeatsAfter(same, {
      ...gap,
      receivedTo: 300,
      missing: gap.missing.slice(1),
      maxTxSeq: 11,
    });
    expect(second).toEqual([]);
    const [, third] = repeatsAfter(twice, {
      receivedTo: 300,
      missing: [{ start: 300, end: 350 }],
      maxTxSeq: 12,
    });
    expect(spans(third)).toEqual(['300-350!']);
  });

  it('leaves out what has been asked of the flash already', () => {
    const [due] = acked(sentAll(), ackOf({ maxTxSeq: 10, missing: [{ start: 0, end: 300 }] }), 0);
    const [asked] = pump(due);
    const [again] = acked(asked, ackOf({ maxTxSeq: 10, missing: [{ start: 0, end: 300 }] }), 0);
    expect([asked.asked.length, asked.repairs]).toEqual([3, []]);
    expect(again.repairs).toEqual([]);
  });

  it('is cut by the present fragment size, and never across units', () => {
    const small = { ...sentAll(), pace: sendingOf(64).pace };
    const lost = { maxTxSeq: 10, receivedTo: 0, missing: [{ start: 0, end: 228 }] };
    expect(spans(repeatsAfter(small, lost)[1])).toEqual(['0-50', '50-100', '100-164', '164-228!']);
  });

  it('is all that is not on its way when the dock lists no gap', () => {
    expect(spans(repeatsAfter(sentAll(), { maxTxSeq: 9, receivedTo: 700 })[1])).toEqual([
      '700-800',
      '800-900!',
    ]);
  });

  it('is not taken from an Ack that is older than another', () => {
    const [now] = acked(sentAll(), ackOf({ maxTxSeq: 9, receivedTo: 900 }), 0);
    const late = ackOf({ maxTxSeq: 5, receivedTo: 300, missing: [{ start: 300, end: 400 }], pause: true });
    expect(acked(now, late, 0)).toEqual([now, []]);
  });

  it('stays due where a list that may be cut says nothing', () => {
    const missing = [
      { start: 0, end: 100 },
      { start: 600, end: 700 },
    ];
    const [due] = acked(sentAll(), ackOf({ maxTxSeq: 8, missing }), 0);
    const [still] = acked(due, ackOf({ maxTxSeq: 9, missing: missing.slice(0, 1) }), 0);
    expect(still.repairs).toEqual(missing);
  });

  it('is not what was never sent, whatever the dock holds there', () => {
    const accept = { receivedTo: 100, held: [{ start: 600, end: 700 }], creditTo: 300 };
    const [sending] = carriedOut([sendingOf(100, { accept }), []]);
    const [, data] = repeatsAfter(sending, {
      maxTxSeq: 2,
      receivedTo: 300,
      missing: [{ start: 300, end: 600 }],
      creditTo: 300,
    });
    expect(data).toEqual([]);
  });
});

// Goal: an Ack moves an upload forward and never back, and an impossible one moves nothing.
describe('what is believed of an Ack', () => {
  it('only what rises', () => {
    const [now] = acked(
      sentAll(),
      ackOf({ maxTxSeq: 7, receivedTo: 600, durableTo: 600, creditTo: 1_500 }),
      5,
    );
    const [late] = acked(now, ackOf({ maxTxSeq: 1, receivedTo: 100, durableTo: 100, creditTo: 700 }), 6);
    expect(late).toMatchObject({ receivedTo: 600, durableTo: 600, creditTo: 1_500, ackedTxSeq: 7 });
  });

  it('nothing, when it is about bytes or Data that were never sent', () => {
    const [sending] = carriedOut([sendingOf(100, { accept: { creditTo: 300 } }), []]);
    expect(acked(sending, ackOf({ receivedTo: 301, maxTxSeq: 3, creditTo: 9_000 }), 5)).toEqual([
      sending,
      [],
    ]);
    expect(acked(sending, ackOf({ receivedTo: 300, maxTxSeq: 4, creditTo: 9_000 }), 5)).toEqual([
      sending,
      [],
    ]);
    expect(acked(sending, ackOf({ receivedTo: 300, maxTxSeq: 3, durableTo: 300 }), 5)[0].durableTo).toBe(300);
  });

  it('what it holds since before, without any of it being sent', () => {
    const accept = { receivedTo: 200, held: [{ start: 200, end: 600 }] };
    const sending = sendingOf(100, { accept });
    expect(acked(sending, ackOf({ receivedTo: 600, durableTo: 600 }), 5)[0].durableTo).toBe(600);
    expect(acked(sending, ackOf({ receivedTo: 601, durableTo: 600 }), 5)).toEqual([sending, []]);
  });

  it('reports durable bytes as progress', () => {
    expect(acked(sentAll(), ackOf({ maxTxSeq: 6, receivedTo: 600, durableTo: 600 }), 5)[1]).toMatchObject([
      { news: { news: 'progress', durableBytes: 600, totalBytes: 1_000 } },
    ]);
  });
});

// Goal: the round trip is timed by Data that asked for an answer and got it, and by nothing else (Karn).
describe('the round trip', () => {
  const tripAfter = (ack: Parameters<typeof ackOf>[0]) => acked(sentAll(), ackOf(ack), 30_000)[0].pace.trip;

  it('is timed by the flagged Data that the Ack answers', () => {
    expect(tripAfter({ maxTxSeq: 10, receivedTo: 1_000 })).toEqual({ srttUs: 30_000, rttvarUs: 15_000 });
  });

  it('is not timed by other Data', () => {
    expect(tripAfter({ maxTxSeq: 9, receivedTo: 900 })).toBeUndefined();
  });

  it('is timed once by each', () => {
    const [once] = acked(sentAll(), ackOf({ maxTxSeq: 10, receivedTo: 1_000 }), 30_000);
    expect(acked(once, ackOf({ maxTxSeq: 10, receivedTo: 1_000 }), 900_000)[0].pace).toEqual(once.pace);
  });
});

// Goal: the line is judged by every Data once, and by none of which nothing is known. Method: an adaptive upload; its
// beliefs move exactly when a Data is judged.
it('learns of the line from what is known of each Data', () => {
  const bounds = { start: 100, min: 50, max: 8_000 };
  const sent = sentAll();
  const adaptive: Sending = { ...sent, pace: { ...sent.pace, fragment: fragmentSizeFor(bounds) } };
  const gap = { maxTxSeq: 9, receivedTo: 200, missing: [{ start: 200, end: 300 }] };
  const [judged] = acked(adaptive, ackOf(gap), 0);
  expect(judged.flight.map(({ txSeq }) => txSeq)).toEqual([4, 5, 6, 7, 8, 10]);
  expect(judged.pace.fragment.beliefs).not.toEqual(adaptive.pace.fragment.beliefs);
  const [again] = acked(judged, ackOf(gap), 0);
  expect(again.pace).toEqual(judged.pace);
});
