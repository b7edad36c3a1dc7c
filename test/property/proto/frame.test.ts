import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, toHex } from '../../../proto/bytes.ts';
import { encodeMessage } from '../../../proto/codec.ts';
import { writeCrc } from '../../../proto/crc32c.ts';
import { Deframer, encodeFrame } from '../../../proto/frame.ts';
import { anyMessage } from './arbitrary.ts';

const PDU_BYTES_MAX = 16 * 1024;

/** A PDU of any content: many zeros, few zeros, or a real message. */
const pdu = fc.oneof(
  anyMessage.map(encodeMessage),
  fc.uint8Array({ minLength: 5, maxLength: 1200 }).map(writeCrc),
  fc
    .array(fc.constantFrom(0, 0, 0, 1), { minLength: 5, maxLength: 600 })
    .map((bits) => writeCrc(Uint8Array.from(bits))),
  fc
    .tuple(fc.integer({ min: 245, max: 520 }), fc.integer({ min: 1, max: 255 }))
    .map(([length, byte]) => writeCrc(new Uint8Array(length).fill(byte))),
);
const pdus = fc.array(pdu, { maxLength: 8 });
const noise = fc.uint8Array({ maxLength: 400 });

/** Pushes a stream cut at these places. */
function pushCut(deframer: Deframer, stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((cut) => cut % (stream.length + 1)), stream.length].toSorted((a, b) => a - b);
  const found: Uint8Array[] = [];
  let from = 0;
  for (const end of ends) {
    found.push(...deframer.push(stream.subarray(from, end)));
    from = end;
  }
  return found;
}

const hex = (found: readonly Uint8Array[]): readonly string[] => found.map(toHex);

describe('a serial byte stream', () => {
  // Reads from a port end anywhere: how the stream is cut must not matter.
  test('gives the same PDUs however it is cut', () => {
    fc.assert(
      fc.property(pdus, fc.array(fc.nat(), { maxLength: 20 }), (sent, cuts) => {
        const stream = concat(...sent.map(encodeFrame));
        expect(hex(pushCut(new Deframer(PDU_BYTES_MAX), stream, cuts))).toEqual(hex(sent));
      }),
    );
  });

  test('gives the same PDUs byte by byte', () => {
    fc.assert(
      fc.property(pdus, (sent) => {
        const stream = concat(...sent.map(encodeFrame));
        const cuts = Array.from({ length: stream.length }, (_, i) => i);
        expect(hex(pushCut(new Deframer(PDU_BYTES_MAX), stream, cuts))).toEqual(hex(sent));
      }),
      { numRuns: 30 },
    );
  });

  // No zero inside a frame, and no more than one byte in 254 of overhead beyond the fixed three.
  test('has zeros only as delimiters', () => {
    fc.assert(
      fc.property(pdu, (one) => {
        const frame = encodeFrame(one);
        expect([frame[0], frame.at(-1)]).toEqual([0, 0]);
        expect(frame.subarray(1, -1).includes(0)).toBe(false);
        expect(frame.length).toBeLessThanOrEqual(one.length + Math.floor(one.length / 254) + 3);
      }),
    );
  });
});

describe('noise', () => {
  // Anything at all between frames: every frame arrives, and nothing else does.
  test('between frames costs nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(noise, pdu), { maxLength: 8 }),
        noise,
        fc.array(fc.nat(), { maxLength: 9 }),
        (parts, tail, cuts) => {
          const stream = concat(...parts.flatMap(([before, one]) => [before, encodeFrame(one)]), tail);
          const found = pushCut(new Deframer(PDU_BYTES_MAX), stream, cuts);
          expect(hex(found)).toEqual(hex(parts.map(([, one]) => one)));
        },
      ),
    );
  });

  // Bytes changed, lost, or put in anywhere: what arrives was sent, in the order in which it was sent.
  const damage = fc.record({
    at: fc.nat(),
    how: fc.constantFrom('change', 'lose', 'insert'),
    byte: fc.integer({ min: 0, max: 255 }),
  });
  test('inside frames never makes a PDU that nobody sent', () => {
    fc.assert(
      fc.property(pdus, fc.array(damage, { minLength: 1, maxLength: 30 }), (sent, damages) => {
        const stream = [...concat(...sent.map(encodeFrame))];
        for (const { at, how, byte } of damages) {
          stream.splice(
            at % (stream.length + 1),
            how === 'insert' ? 0 : 1,
            ...(how === 'lose' ? [] : [byte]),
          );
        }
        const waiting = hex(sent).slice();
        for (const found of hex(new Deframer(PDU_BYTES_MAX).push(Uint8Array.from(stream)))) {
          const place = waiting.indexOf(found);
          expect(place).toBeGreaterThanOrEqual(0);
          waiting.splice(0, place + 1);
        }
      }),
      { numRuns: 500 },
    );
  });

  // After any noise the next good frame arrives, and the one limit holds for all of them.
  test('is forgotten at the next delimiter', () => {
    fc.assert(
      fc.property(noise, pdu, fc.integer({ min: 5, max: 1300 }), (before, one, limit) => {
        const deframer = new Deframer(limit);
        deframer.push(before);
        expect(hex(deframer.push(encodeFrame(one)))).toEqual(one.length <= limit ? [toHex(one)] : []);
      }),
    );
  });
});

describe('memory', () => {
  // A line stuck at one level, and one that never ends a frame: 64 MiB of each must leave nothing behind.
  test.each([1, 0, 0xff, 0x55])('stays bounded under endless bytes of %i', (byte) => {
    const deframer = new Deframer(PDU_BYTES_MAX);
    const chunk = new Uint8Array(64 * 1024).fill(byte);
    const before = process.memoryUsage().arrayBuffers;
    let yielded = 0;
    for (let i = 0; i < (byte === 0 ? 16 : 1024); i++) yielded += deframer.push(chunk).length;
    expect(yielded).toBe(0);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
  });
});
