import { describe, expect, test } from 'vitest';
import { concat } from '../../../../../proto/bytes.ts';
import { encodeMessage } from '../../../../../proto/codec.ts';
import { encodeFrame } from '../../../../../proto/frame.ts';
import { NOISE_BYTES_MAX } from '../../../../../sim/rig/capture/record.ts';
import { type Found, FrameSplitter } from '../../../../../sim/rig/capture/splitter.ts';

const pdu = encodeMessage({ type: 'ping', sentUs: 300 });
const other = encodeMessage({ type: 'pong', pingSentUs: 300, receivedUs: 0, sentUs: 5, wallUs: 0 });
const found = (one: Uint8Array): Found => ({ kind: 'pdu', pdu: one });
const noise = (bytes: Uint8Array): Found => ({ kind: 'noise', noise: bytes, bytes: bytes.length });

// Goal: frames and what is none come out in the order in which they passed, however the bytes are cut. Method: one
// stream with noise in front, a damaged frame in the middle and an end without a zero, in one piece and byte by byte.
describe('a splitter', () => {
  const damaged = encodeFrame(pdu);
  damaged[3] = (damaged[3] ?? 0) ^ 0x40;
  const stream = concat(
    Uint8Array.of(7, 8, 9),
    encodeFrame(pdu),
    damaged,
    encodeFrame(other),
    Uint8Array.of(1, 2),
  );
  const expected = [noise(Uint8Array.of(7, 8, 9)), found(pdu), noise(damaged.subarray(1, -1)), found(other)];

  test.each([1, 2, 5, 1000])('in pieces of %i', (pieceBytes) => {
    const splitter = new FrameSplitter();
    const all: Found[] = [];
    for (let at = 0; at < stream.length; at += pieceBytes)
      all.push(...splitter.push(stream.subarray(at, at + pieceBytes)));
    expect(all).toEqual(expected);
    expect(splitter.end()).toEqual([noise(Uint8Array.of(1, 2))]);
    expect(splitter.end()).toEqual([]);
  });

  // A line that hums for an hour must not fill the memory: the beginning is kept, the rest counted.
  test('keeps little of long noise', () => {
    const splitter = new FrameSplitter();
    for (let i = 0; i < 1000; i++) splitter.push(new Uint8Array(1000).fill(0x55));
    const [long] = splitter.push(Uint8Array.of(0));
    expect(long).toEqual({
      kind: 'noise',
      noise: new Uint8Array(NOISE_BYTES_MAX).fill(0x55),
      bytes: 1_000_000,
    });
    expect(splitter.push(encodeFrame(pdu))).toEqual([found(pdu)]);
  });
});
