import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Intake } from '../../../../dock/link/intake.ts';
import { concat, toHex, utf8 } from '../../../../proto/bytes.ts';
import { runs } from '../../../runs.ts';

const TOPIC = utf8('bwc/v1/yard/cam-1/up');
const BYTES_MAX = 2_000;

interface Piece {
  readonly bytes: Uint8Array;
  /** What the camera's dock is to hear of it. */
  readonly pdu: Uint8Array | undefined;
}

function length(bytes: number): readonly number[] {
  return bytes < 128 ? [bytes] : [(bytes % 128) | 128, ...length(Math.floor(bytes / 128))];
}

function publish(topic: Uint8Array, payload: Uint8Array, first: number): Uint8Array {
  const id = (first & 6) === 0 ? [] : [1, 2];
  const body = concat(Uint8Array.of(0, topic.length), topic, Uint8Array.from(id), payload);
  return concat(Uint8Array.of(first, ...length(body.length)), body);
}

const payloads = fc.uint8Array({ maxLength: 1_500 });
const pieces: fc.Arbitrary<Piece> = fc.oneof(
  // The camera's own, at both qualities of service, repeated or not.
  fc
    .record({ payload: payloads, first: fc.constantFrom(0x30, 0x32, 0x3a) })
    .map(({ payload, first }) => ({ bytes: publish(TOPIC, payload, first), pdu: payload })),
  // Retained, exactly once, or on topics that begin like its own.
  fc
    .record({
      payload: payloads,
      first: fc.constantFrom(0x31, 0x34, 0x32),
      topic: fc.constantFrom('bwc/v1/yard/cam-1/u', 'bwc/v1/yard/cam-1/upp', 'bwc/v1/yard/cam-2/up', 'b'),
    })
    .map(({ payload, first, topic }) => ({ bytes: publish(utf8(topic), payload, first), pdu: undefined })),
  fc
    .record({ body: payloads, first: fc.constantFrom(0x10, 0x82, 0xc0, 0xe0, 0x40) })
    .map(({ body, first }) => ({
      bytes: concat(Uint8Array.of(first, ...length(body.length)), body),
      pdu: undefined,
    })),
);

interface Heard {
  readonly pdus: string[];
  readonly others: Uint8Array[];
}

function listen(take: (bytes: number) => Uint8Array | undefined): {
  readonly intake: Intake;
  readonly heard: Heard;
} {
  const heard: Heard = { pdus: [], others: [] };
  const intake = new Intake(BYTES_MAX, {
    pdu: (pdu, packetId) => heard.pdus.push(`${toHex(pdu)} ${packetId ?? 'none'}`),
    other: (bytes) => heard.others.push(bytes),
    take,
  });
  intake.admit(TOPIC);
  return { intake, heard };
}

/** Feeds the stream as a socket would: into the place that is wanted, if there is one. Buffers are used again, as a socket's are. */
function feed(intake: Intake, stream: Uint8Array, cuts: readonly number[]): boolean {
  const scratch = Buffer.alloc(600);
  let turn = 0;
  for (let at = 0; at < stream.length; turn += 1) {
    const room = intake.room();
    const wanted = Math.min(
      cuts[turn % cuts.length] ?? 1,
      room?.length ?? scratch.length,
      stream.length - at,
    );
    const part = stream.subarray(at, at + wanted);
    at += wanted;
    if (room !== undefined) {
      room.set(part);
      intake.filled(wanted);
      continue;
    }
    scratch.set(part);
    const isFine = intake.add(scratch.subarray(0, wanted));
    scratch.fill(0xee);
    if (!isFine) return false;
  }
  return true;
}

const cutsOf = fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 20 });

describe('what comes on a camera connection', () => {
  // Goal: every PDU arrives whole and in order, and every other byte reaches the broker unchanged, however the stream is cut.
  test('is told apart in any pieces', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), cutsOf, (packets, cuts) => {
        const { intake, heard } = listen((bytes) => new Uint8Array(bytes));
        const stream = concat(...packets.map(({ bytes }) => bytes));
        expect(feed(intake, stream, cuts)).toBe(true);
        const own = packets.filter(({ pdu }) => pdu !== undefined);
        const id = ({ bytes }: Piece): string => ((bytes[0] ?? 0) === 0x30 ? 'none' : '258');
        expect(heard.pdus).toEqual(own.map((piece) => `${toHex(piece.pdu ?? TOPIC)} ${id(piece)}`));
        const others = packets.filter(({ pdu }) => pdu === undefined).map(({ bytes }) => bytes);
        expect(toHex(concat(...heard.others))).toBe(toHex(concat(...others)));
      }),
      { numRuns: runs(300) },
    );
  });

  // Goal: without memory nothing is lost and nothing overtakes. Method: memory that is there only every other time it is asked for.
  test('waits for memory and goes on', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), cutsOf, (packets, cuts) => {
        let asked = 0;
        const { intake, heard } = listen((bytes) => {
          asked += 1;
          return asked % 2 === 0 ? new Uint8Array(bytes) : undefined;
        });
        expect(feed(intake, concat(...packets.map(({ bytes }) => bytes)), cuts)).toBe(true);
        for (let tries = 0; intake.isHeld && tries < 100; tries += 1) expect(intake.resume()).toBe(true);
        expect(intake.isHeld).toBe(false);
        expect(heard.pdus).toHaveLength(packets.filter(({ pdu }) => pdu !== undefined).length);
      }),
      { numRuns: runs(300) },
    );
  });

  // Goal: a packet that announces too much is seen by its header, and so is a length without an end. Method: the first bytes alone.
  test('is cut off at the header of what is too long', () => {
    const { intake } = listen(() => expect.fail('no memory is set aside for it'));
    expect(intake.add(Uint8Array.of(0x32, ...length(BYTES_MAX + 1)))).toBe(false);
    const { intake: endless } = listen(() => undefined);
    expect(endless.add(Uint8Array.of(0x30, 0x80, 0x80))).toBe(true);
    expect(endless.add(Uint8Array.of(0x80, 0x80))).toBe(false);
  });

  // Goal: whoever was not let in yet says nothing to the dock, and nothing it says is lost. Method: all in one piece, before `admit`.
  test('waits after its first packet until the camera is let in', () => {
    const heard: Uint8Array[] = [];
    const others: Uint8Array[] = [];
    const intake = new Intake(BYTES_MAX, {
      pdu: (pdu) => heard.push(pdu),
      other: (bytes) => others.push(bytes),
      take: (bytes) => new Uint8Array(bytes),
    });
    const first = concat(Uint8Array.of(0x10, 3), utf8('abc'));
    expect(intake.add(concat(first, publish(TOPIC, utf8('early'), 0x32)))).toBe(true);
    expect(concat(...others)).toEqual(first);
    expect(heard).toEqual([]);
    expect(intake.isHeld).toBe(true);
    intake.admit(TOPIC);
    expect(intake.resume()).toBe(true);
    expect(heard).toEqual([utf8('early')]);
    expect(concat(...others)).toEqual(first);
  });
});
