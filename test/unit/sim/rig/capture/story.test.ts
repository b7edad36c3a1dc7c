import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../../../../proto/bytes.ts';
import { encodeMessage, encodeReceiptBody } from '../../../../../proto/codec.ts';
import { crc32c } from '../../../../../proto/crc32c.ts';
import { signManifest } from '../../../../../proto/manifest.ts';
import type { Accept, Ack, Message, Offer } from '../../../../../proto/messages.ts';
import { inParts } from '../../../../../proto/parts.ts';
import { Milestones } from '../../../../../sim/rig/capture/milestones.ts';
import { CAPTURE_FORMAT, withoutPayload, type CaptureRecord } from '../../../../../sim/rig/capture/record.ts';
import { showForPeople, showHeader } from '../../../../../sim/rig/capture/show.ts';
import { Story, type Told } from '../../../../../sim/rig/capture/story.ts';
import { Tally } from '../../../../../sim/rig/capture/summary.ts';
import { readVector, piecesOf } from '../../../../golden/vector.ts';
import { CAMERA_KEY, fill, manifestOf, recordingId, sha256 } from '../../../proto/fixture.ts';

const signed = signManifest(manifestOf(), CAMERA_KEY.sign);
const sessionId = fill(8, 5);
const OFFER: Offer = {
  type: 'offer',
  sessionId,
  recordingId,
  manifestBytes: signed.length,
  manifestSha256: sha256(signed),
  contentBytes: 600,
};
const ACCEPT: Accept = {
  type: 'accept',
  sessionId,
  recordingId,
  stream: 1,
  leaseEpoch: 1,
  durableTo: 0,
  prefixDigest: new Uint8Array(),
  creditTo: 1000,
  receivedTo: 0,
  held: [],
};
const ACK: Ack = {
  type: 'ack',
  stream: 1,
  maxTxSeq: 9,
  receivedTo: signed.length + 600,
  durableTo: signed.length + 600,
  creditTo: signed.length + 600,
  missing: [],
  pause: false,
};
const data = (txSeq: number, offset: number, payload: Uint8Array): Message => ({
  type: 'data',
  stream: 1,
  txSeq,
  flags: 0,
  offset,
  payload,
});

const recordOf = (message: Message, direction: 'up' | 'down' = 'up'): CaptureRecord => ({
  kind: 'pdu',
  us: 1,
  at: '2026-10-29T12:00:00.000Z',
  direction,
  pdu: encodeMessage(message),
});

function tell(story: Story, ...messages: readonly Message[]): readonly Told[] {
  return messages.map((message) => story.take(recordOf(message)));
}

describe('a told upload', () => {
  // Goal: a reader sees at a glance what was sent twice and what never got here. Method: one upload with both.
  test('marks repeats and gaps', () => {
    const story = new Story();
    tell(story, OFFER, ACCEPT);
    const [first, again, skipped, ack] = tell(
      story,
      data(1, 0, signed.subarray(0, 200)),
      data(2, 100, signed.subarray(100, 300)),
      data(5, 300, signed.subarray(300)),
      ACK,
    );
    expect(first?.notes).toEqual([]);
    expect(again?.notes).toEqual(['repeat of 100..200']);
    expect(skipped?.notes).toEqual(['tx_seq 3..5 did not get here']);
    expect(skipped?.manifest).toMatchObject({ recordingId, cameraId: 'cam-1' });
    expect(ack?.notes).toEqual(['everything is durable']);
  });

  // The same remarks without a byte of footage, from what is kept of each Data.
  test('needs no payload for that', () => {
    const story = new Story();
    tell(story, OFFER, ACCEPT);
    const told = [data(1, 0, fill(200, 1)), data(3, 150, fill(100, 1))].map((message) =>
      story.take(withoutPayload(recordOf(message))),
    );
    expect(told.map(({ notes }) => notes)).toEqual([
      [],
      ['repeat of 150..200', 'tx_seq 2..3 did not get here'],
    ]);
    expect(showForPeople(told[0] ?? told[1] ?? { record: recordOf(ACK), notes: [] })[0]).toMatch(
      /payload=200 B, left out/,
    );
  });

  test('of a stream that began before the capture says so', () => {
    const [told] = tell(new Story(), data(7, 0, fill(3, 1)));
    expect(told?.notes).toEqual(['of a stream whose Accept is not in this capture']);
  });

  // Parts become the message they carry; the body that is signed inside it is opened as well.
  test('puts parts together and opens what is signed', () => {
    const story = new Story();
    const receipt = piecesOf(readVector('receipt'), 'pdu');
    const told = inParts(receipt).map((pdu) => story.take({ ...recordOf(ACK, 'down'), kind: 'pdu', pdu }));
    expect(told.slice(0, -1).every(({ whole }) => whole === undefined)).toBe(true);
    expect(told.at(-1)?.whole?.body).toMatchObject({ outcome: 'accepted', recordingId });
    const shown = told.flatMap(showForPeople).join('\n');
    expect(shown).toMatch(/receipt .*\[from parts\]\n.*body outcome="accepted" .*entry=\{"at"/);
  });

  // A terminal obeys control characters, of one byte and of two, and a line feed would begin a line that nobody said.
  test('shows nothing that a terminal obeys', () => {
    const evil = '\u001b[2J\u009b31m\u202e\n      0.000001 up   bye';
    const abort: Message = { type: 'abort', stream: 0, code: 'busy', class: 'retry', message: evil };
    const body = encodeReceiptBody({
      outcome: 'accepted',
      recordingId,
      manifestSha256: sha256(signed),
      entry: utf8(evil),
      proof: evil,
      reason: evil,
    });
    const receipt: Message = { type: 'receipt', body, signature: fill(64, 1) };
    const shown = tell(new Story(), abort, receipt).flatMap(showForPeople);
    const header = showHeader({
      format: CAPTURE_FORMAT,
      transport: 'serial',
      link: evil,
      startedAt: evil,
      payload: true,
    });
    for (const line of [...shown, header]) expect(line).not.toMatch(/[\p{C}]/u);
    expect(shown).toHaveLength(3);
  });

  // What cannot be understood is told as that, and stops nothing.
  test('tells what it cannot read', () => {
    const content = Uint8Array.of(0x7f, 1, 2);
    const crc = new Uint8Array(4);
    new DataView(crc.buffer).setUint32(0, crc32c(content), true);
    const [told] = [new Story().take({ ...recordOf(ACK), kind: 'pdu', pdu: concat(content, crc) })];
    expect(told?.notes.join()).toMatch(/PDU_UNKNOWN_TYPE/);
    expect(showForPeople(told ?? { record: recordOf(ACK), notes: [] }).join()).toMatch(/undecodable/);
    const noise = new Story().take({ ...recordOf(ACK), kind: 'noise', noise: fill(3, 9), bytes: 40 });
    expect(showForPeople(noise).join()).toMatch(/noise +40 B 090909/);
  });
});

describe('a tally', () => {
  // Goal: the ratio is bytes on the wire for each byte of footage, repeats and noise counted. Method: sums by hand.
  test('counts each payload byte once and each wire byte', () => {
    const story = new Story();
    const tally = new Tally('serial');
    const records = [
      recordOf(OFFER),
      recordOf(ACCEPT, 'down'),
      recordOf(data(1, 0, fill(500, 1))),
      recordOf(data(2, 400, fill(500, 1))),
      { ...recordOf(ACK), kind: 'noise', noise: fill(3, 9), bytes: 40 } as const,
    ];
    for (const record of records) tally.add(story.take(record));
    const summary = tally.summary();
    expect(summary.messages).toEqual({ up: { offer: 1, data: 2, noise: 1 }, down: { accept: 1 } });
    expect(summary).toMatchObject({ payloadBytes: 900, repeatedBytes: 100, noiseBytes: { up: 40, down: 0 } });
    expect(summary.wireBytes.up).toBeGreaterThan(1_040 + OFFER.manifestSha256.length);
    expect(summary.wireRatio).toBeCloseTo(summary.wireBytes.up / 900, 4);
    expect(new Tally('mqtt').summary()).toMatchObject({ payloadBytes: 0, wireRatio: null });
  });
});

describe('milestones', () => {
  const receipt = (outcome: string): string => `receipt ${recordingId} ${outcome}`;

  // Goal: a replay got as far as the recording exactly when the other side was brought as far. Method: both sides' words.
  test('of a dock', () => {
    const [recorded, live] = [new Milestones('camera'), new Milestones('camera')];
    recorded.take(ACCEPT);
    expect(recorded.missing(live)).toEqual([`accept ${recordingId}`]);
    const golden = { type: 'receipt', body: piecesBody(), signature: fill(64, 0) } as const;
    live.take(golden);
    expect([...live.reached]).toEqual([receipt('accepted')]);
    // A dock that holds the recording already answers the Offer with the Receipt at once.
    expect(recorded.missing(live)).toEqual([]);
    expect(live.missing(recorded)).toEqual([receipt('accepted')]);
  });

  test('of a camera', () => {
    const milestones = new Milestones('dock');
    milestones.take(ACCEPT);
    milestones.take({ type: 'fin', stream: 1, totalBytes: 5 });
    milestones.take({ type: 'receipt-ack', recordingId, erased: true });
    expect([...milestones.reached]).toEqual([`fin ${recordingId}`, `receipt-ack ${recordingId}`]);
  });

  function piecesBody(): Uint8Array {
    const { message } = readVector('receipt');
    const body: unknown =
      typeof message === 'object' && message !== null ? Reflect.get(message, 'body') : undefined;
    return body instanceof Uint8Array ? body : new Uint8Array();
  }
});
