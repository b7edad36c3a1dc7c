import { describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '../../../proto/bytes.ts';
import { encodeMessage } from '../../../proto/codec.ts';
import { crc32c } from '../../../proto/crc32c.ts';
import { Deframer, encodeFrame } from '../../../proto/frame.ts';

/** Any bytes with their CRC behind them: all that a frame asks of its content. */
function sealed(content: Uint8Array): Uint8Array {
  const crc = new Uint8Array(4);
  new DataView(crc.buffer).setUint32(0, crc32c(content), true);
  return concat(content, crc);
}

const PING = encodeMessage({ type: 'ping', sentUs: 7 });

describe('encodeFrame', () => {
  // The worked examples of the COBS paper, with this protocol's delimiter on both sides.
  test.each([
    ['00', '000101' + '00'],
    ['0000', '00010101' + '00'],
    ['11220033', '000311220233' + '00'],
    ['11223344', '000511223344' + '00'],
    ['11000000', '000211010101' + '00'],
    ['', '000100'],
  ])('%s', (pdu, frame) => {
    expect(toHex(encodeFrame(fromHex(pdu)))).toBe(frame);
  });

  // Around a full block of 254 bytes the code byte is 255 and stands for no zero.
  test.each([253, 254, 255, 508, 509])('%i bytes without a zero', (length) => {
    const frame = encodeFrame(new Uint8Array(length).fill(1));
    expect(frame.length).toBe(length + Math.ceil(length / 254) + 2);
    expect(frame.subarray(1, -1).includes(0)).toBe(false);
  });
});

describe('Deframer', () => {
  // Every length around the block borders, all zeros and no zeros, through one deframer.
  test('gives back what was framed', () => {
    const deframer = new Deframer(1024);
    for (const fill of [0, 1, 255]) {
      for (const length of [
        1, 2, 249, 250, 251, 252, 253, 254, 255, 256, 504, 505, 506, 507, 508, 509, 1020,
      ]) {
        const pdu = sealed(new Uint8Array(length).fill(fill));
        expect(deframer.push(encodeFrame(pdu))).toEqual([pdu]);
      }
    }
    expect(deframer.dropped).toMatchObject({ oversize: 0, cobs: 0, crc: 0 });
  });

  // What is yielded must survive the next push: it is kept by others.
  test('yields copies', () => {
    const deframer = new Deframer(64);
    const [first] = deframer.push(encodeFrame(PING));
    deframer.push(encodeFrame(sealed(new Uint8Array(40).fill(0xee))));
    expect(first).toEqual(PING);
  });

  // One byte over the limit is dropped and counted; the next frame is unharmed, and exactly the limit passes.
  test('drops what is oversize', () => {
    const limit = sealed(new Uint8Array(60).fill(3));
    const deframer = new Deframer(limit.length);
    const over = sealed(new Uint8Array(61).fill(3));
    const overByZeros = sealed(new Uint8Array(61));
    const stream = [over, limit, overByZeros, PING].map(encodeFrame);
    expect(deframer.push(concat(...stream))).toEqual([limit, PING]);
    expect(deframer.dropped).toMatchObject({ oversize: 2, cobs: 0, crc: 0 });
  });

  // Each cause of loss is counted under its own name, and none harms the frame after it.
  test('counts what it drops', () => {
    const deframer = new Deframer(64);
    const torn = encodeFrame(PING).subarray(0, -3);
    const flipped = encodeFrame(sealed(utf8('flip me'))).map((byte) => (byte === 0x66 ? 0x67 : byte));
    expect(deframer.push(concat(torn, encodeFrame(PING)))).toEqual([PING]);
    expect(deframer.push(concat(flipped, encodeFrame(PING)))).toEqual([PING]);
    expect(deframer.push(Uint8Array.of(0, 2, 7, 0))).toEqual([]);
    expect(deframer.dropped).toMatchObject({ cobs: 1, crc: 2, oversize: 0 });
  });

  // The leading delimiter closes whatever noise was on the line, so the frame behind it arrives.
  test('noise before a frame costs nothing', () => {
    const deframer = new Deframer(64);
    expect(deframer.push(concat(utf8('boot: UART 115200 8N1'), encodeFrame(PING)))).toEqual([PING]);
  });
});
