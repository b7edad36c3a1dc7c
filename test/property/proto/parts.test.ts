import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePdu, encodeMessage } from '../../../proto/codec.ts';
import { writeCrc } from '../../../proto/crc32c.ts';
import { LinkError } from '../../../proto/errors.ts';
import { encodeFrame } from '../../../proto/frame.ts';
import { FramedStream } from '../../../proto/framed-stream.ts';
import { PART_ABOVE_BYTES, SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { MESSAGE_TYPE, type Part } from '../../../proto/messages.ts';
import { inParts, Reassembly } from '../../../proto/parts.ts';

const longPdu = fc
  .uint8Array({ minLength: PART_ABOVE_BYTES + 1, maxLength: 3_000 })
  .map((bytes) => writeCrc(Uint8Array.of(MESSAGE_TYPE.receipt, ...bytes.subarray(1))));

/** Parts as anybody could make them: any id, total and place within the range that the codec lets through. */
const hostilePart = fc
  .record({
    id: fc.constantFrom(1, 2, 3),
    total: fc.oneof(fc.integer({ min: 1, max: SERIAL_PDU_BYTES_MAX }), fc.constantFrom(1, 5, 300)),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 300 }),
  })
  .map(({ id, total, at, bytes }): Part => {
    const piece = bytes.subarray(0, total);
    return { type: 'part', id, total, offset: Math.floor(at * (total - piece.length)), piece };
  });

function asPart(pdu: Uint8Array): Part {
  const part = decodePdu(pdu, SERIAL_PDU_BYTES_MAX);
  if (!('type' in part) || part.type !== 'part') throw new TypeError('not a part');
  return part;
}

describe('parts', () => {
  // Any of the parts of one PDU, lost, repeated and in any order: what comes out is that PDU, and it does as soon as
  // each part has been there since the last time.
  test('give exactly the PDU or nothing', () => {
    fc.assert(
      fc.property(longPdu, fc.array(fc.nat(), { maxLength: 120 }), (pdu, draws) => {
        const parts = inParts(pdu).map(asPart);
        const reassembly = new Reassembly();
        let there = new Set<number>();
        for (const draw of draws) {
          const index = draw % parts.length;
          const part = parts[index];
          if (part === undefined) throw new RangeError('no such part');
          there.add(index);
          const isWhole = there.size === parts.length;
          if (isWhole) there = new Set();
          expect(reassembly.push(part)).toEqual(isWhole ? pdu : undefined);
        }
      }),
      { numRuns: 200 },
    );
  });

  // Parts of two PDUs mixed as they like: whatever comes out is one of the two.
  test('of two PDUs never mix', () => {
    fc.assert(
      fc.property(longPdu, longPdu, fc.array(fc.nat(), { maxLength: 200 }), (one, other, draws) => {
        const parts = [...inParts(one), ...inParts(other)].map(asPart);
        const reassembly = new Reassembly();
        for (const draw of draws) {
          const part = parts[draw % parts.length];
          const whole = part === undefined ? undefined : reassembly.push(part);
          if (whole !== undefined) expect([one, other]).toContainEqual(whole);
        }
      }),
      { numRuns: 200 },
    );
  });

  // Parts that nobody honest makes: none is longer than the limit says, nothing throws, and honest parts work right after them.
  test('from a hostile sender cost no more than the bound', () => {
    fc.assert(
      fc.property(fc.array(hostilePart, { maxLength: 200 }), longPdu, (parts, pdu) => {
        const reassembly = new Reassembly();
        for (const part of parts) {
          expect((reassembly.push(part)?.length ?? 0) <= SERIAL_PDU_BYTES_MAX).toBe(true);
        }
        const good = inParts(pdu).map((one) => reassembly.push(asPart(one)));
        expect(good.at(-1)).toEqual(pdu);
      }),
      { numRuns: 100 },
    );
  });

  // The same through the framing: frames of parts and of short packets in any order and any number; the reader sees
  // the short ones and the whole PDU and never a part.
  test('never reach the reader', async () => {
    const short = encodeMessage({ type: 'ping', sentUs: 5 });
    await fc.assert(
      fc.asyncProperty(longPdu, fc.array(fc.nat(), { maxLength: 80 }), async (pdu, draws) => {
        const frames = [short, ...inParts(pdu)].map(encodeFrame);
        const stream = new FramedStream(() => undefined);
        for (const draw of draws) stream.receive(frames[draw % frames.length] ?? new Uint8Array());
        stream.end(LinkError.gone('port'));
        for await (const packet of stream.packets()) expect([short, pdu]).toContainEqual(packet);
      }),
      { numRuns: 100 },
    );
  });
});
