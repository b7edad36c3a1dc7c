import { describe, expect, test } from 'vitest';
import type { Accept, Ack, Offer } from '../../../../../proto/messages.ts';
import { Sending } from '../../../../../sim/rig/capture/sending.ts';
import { fill, recordingId } from '../../../proto/fixture.ts';

const offer: Offer = {
  type: 'offer',
  sessionId: fill(8, 1),
  recordingId,
  manifestBytes: 100,
  manifestSha256: fill(32, 1),
  contentBytes: 900,
};
const accept: Accept = {
  type: 'accept',
  sessionId: fill(8, 1),
  recordingId,
  stream: 9,
  leaseEpoch: 1,
  durableTo: 0,
  prefixDigest: new Uint8Array(),
  creditTo: 400,
  receivedTo: 0,
  held: [],
};
const ack = (changes: Partial<Ack>): Ack => ({
  type: 'ack',
  stream: 9,
  maxTxSeq: 0,
  receivedTo: 0,
  durableTo: 0,
  creditTo: 400,
  missing: [],
  pause: false,
  ...changes,
});

/** An upload of which three recorded pieces were sent. */
function sent(): Sending {
  const sending = new Sending(offer);
  sending.open(accept);
  for (const offset of [0, 100, 200]) {
    sending.keep(offset, fill(100, offset / 100));
    sending.data(offset, fill(100, offset / 100), 0);
  }
  return sending;
}

describe('a recorded upload that is sent again', () => {
  test('takes the live stream and numbers of its own', () => {
    const sending = sent();
    expect(sending.data(300, fill(1, 0), 1)).toMatchObject({ stream: 9, txSeq: 4, offset: 300, flags: 1 });
  });

  // Goal: what the live line lost is said again, and what is still on its way is not. Method: Acks that move and Acks that stand.
  test('repairs what the dock misses, once nothing moves any more', () => {
    const sending = sent();
    sending.acknowledged(ack({ maxTxSeq: 3, receivedTo: 100, missing: [{ start: 100, end: 200 }] }));
    expect(sending.repairs(8192)).toEqual([]);
    const [again, more] = sending.repairs(8192);
    expect(again).toMatchObject({ offset: 100, txSeq: 4, flags: 1, payload: fill(100, 1) });
    expect(more).toBeUndefined();
  });

  test('asks with its tail when the dock has heard nothing of it', () => {
    const sending = sent();
    sending.acknowledged(ack({ maxTxSeq: 1, receivedTo: 100 }));
    sending.repairs(8192);
    const again = sending.repairs(40);
    expect(again.map(({ offset }) => offset)).toEqual([100, 140, 180, 200, 240, 280]);
    expect(again.map(({ flags }) => flags)).toEqual([0, 0, 0, 0, 0, 1]);
  });

  test('never goes beyond the credit, and takes none back', () => {
    const sending = sent();
    sending.acknowledged(ack({ creditTo: 200 }));
    expect(sending.creditTo).toBe(400);
    sending.acknowledged(ack({ stream: 8, creditTo: 999, durableTo: 50 }));
    expect([sending.creditTo, sending.durableTo]).toEqual([400, 0]);
  });

  // A capture that began late cannot give what it never had; waiting for it would be for ever.
  test('says when the capture lacks what the dock needs', () => {
    const sending = new Sending(offer);
    sending.open(accept);
    sending.keep(200, fill(100, 2));
    sending.data(200, fill(100, 2), 0);
    expect(() => sending.repairs(8192)).toThrow(expect.objectContaining({ code: 'REPLAY_DIFFERENT' }));
  });
});
