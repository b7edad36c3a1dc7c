import { describe, expect, test } from 'vitest';
import { concat, equal } from '../../../../proto/bytes.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { UartLine, type UartOptions } from '../../../../sim/fault/uart.ts';

const BAUD = 921_600;
const BYTE_US = 10_000_000 / BAUD;
const MIB = 1024 * 1024;

/** All that comes out when these bytes go in, in pieces of `cut` bytes, taken whenever a piece of `slice` bytes has passed. */
function through(
  options: Partial<UartOptions>,
  bytes: Uint8Array,
  { seed = 'one', cut = bytes.length, slice = bytes.length } = {},
): Uint8Array {
  const line = new UartLine({ baud: BAUD, ...options }, new Chance(seed));
  for (let at = 0; at < bytes.length; at += cut) line.put(bytes.subarray(at, at + cut), 0);
  const out: Uint8Array[] = [];
  for (let sent = 0; sent < bytes.length + slice; sent += slice) out.push(...line.take(sent * BYTE_US));
  return concat(...out);
}

const payload = new Chance('payload').bytes(MIB);
const flippedBits = (one: Uint8Array, other: Uint8Array): number =>
  one.reduce((sum, byte, i) => sum + bitsOf(byte ^ (other[i] ?? 0)), 0);
const bitsOf = (byte: number): number => byte.toString(2).replaceAll('0', '').length;

describe('pacing', () => {
  // Goal: ten bits a byte, exactly. Method: take just before and just after the end of each of a thousand bytes.
  test('a byte takes ten bit times', () => {
    const line = new UartLine({ baud: BAUD, latencyMs: 10 }, new Chance('pace'));
    line.put(payload.subarray(0, 1_000), 5_000);
    let out = 0;
    for (let i = 1; i <= 1_000; i++) {
      const endUs = 5_000 + 10_000 + i * BYTE_US;
      expect(line.take(endUs - 0.01)).toEqual([]);
      out += line.take(endUs + 0.01)[0]?.length ?? 0;
      expect(out).toBe(i);
    }
    expect(line.nextUs).toBe(Number.POSITIVE_INFINITY);
  });

  // Goal: bytes queue behind each other and the line never idles while it has some. Method: two writes at once, one late.
  test('what is written goes out one after another', () => {
    const line = new UartLine({ baud: 1_000_000 }, new Chance('queue'));
    line.put(payload.subarray(0, 100), 0);
    line.put(payload.subarray(100, 200), 0);
    expect([line.nextUs, line.busyUntilUs]).toEqual([1_000, 2_000]);
    line.put(payload.subarray(200, 210), 5_000);
    expect(line.busyUntilUs).toBe(5_100);
    expect(line.sentBytes).toBe(210);
  });

  // Goal: a write is taken when the transmit buffer has room for its end, as in a kernel. Method: fill it and pass it.
  test('a full transmit buffer takes nothing more until bytes have left', () => {
    const line = new UartLine({ baud: 1_000_000, transmitBytes: 100 }, new Chance('room'));
    expect(line.put(payload.subarray(0, 100), 0)).toBe(0);
    expect(line.room(0)).toBe(0);
    expect(line.put(payload.subarray(100, 130), 0)).toBe(300);
    expect([line.room(0), line.room(300), line.room(1_300)]).toEqual([-30, 0, 100]);
  });
});

describe('noise', () => {
  // Goal: the rates are what they say. Method: a million bytes at each rate; within five standard deviations, by the binomial.
  test.each([1e-3, 1e-4, 1e-5])('turns over one data bit in 1/%f', (bitErrorRate) => {
    const bits = payload.length * 8;
    const flipped = flippedBits(payload, through({ bitErrorRate }, payload));
    const deviation = Math.sqrt(bits * bitErrorRate);
    expect(Math.abs(flipped - bits * bitErrorRate)).toBeLessThan(5 * deviation);
  });

  test('loses and inserts bytes at their rates', () => {
    const lost = payload.length - through({ byteLoss: 0.01 }, payload).length;
    const inserted = through({ byteInsertion: 0.01 }, payload).length - payload.length;
    for (const count of [lost, inserted]) {
      expect(Math.abs(count - 0.01 * MIB)).toBeLessThan(5 * Math.sqrt(0.01 * MIB));
    }
  });

  // Goal: errors do not come in groups. Method: the spaces between turned bits have the deviation of a geometric
  // distribution, which is its mean.
  test('has independent errors', () => {
    const out = through({ bitErrorRate: 1e-3 }, payload);
    const places = [...payload.keys()].filter((i) => payload[i] !== out[i]);
    const gaps = places.slice(1).map((place, i) => place - (places[i] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    expect(Math.sqrt(variance) / mean).toBeGreaterThan(0.93);
    expect(Math.sqrt(variance) / mean).toBeLessThan(1.07);
  });

  // Goal: a clean line changes nothing. Method: a million bytes.
  test('a line without faults is perfect', () => {
    expect(equal(through({}, payload), payload)).toBe(true);
  });

  // Goal: a failure can be replayed: the seed and the bytes decide, not how they were cut on the way in or out.
  test('is the same for the same seed, however the stream is cut', () => {
    const all = { bitErrorRate: 1e-3, byteLoss: 1e-3, byteInsertion: 1e-3 };
    const bytes = payload.subarray(0, 20_000);
    const whole = through(all, bytes);
    expect(equal(through(all, bytes, { cut: 37, slice: 11 }), whole)).toBe(true);
    expect(equal(through(all, bytes, { cut: 5_000, slice: 1 }), whole)).toBe(true);
    expect(equal(through(all, bytes, { seed: 'two' }), whole)).toBe(false);
  });

  // Goal: a burst is noise for its time and nothing outside it. Method: ten seconds of a full line; the bytes that
  // came out wrong are 1 % of all, in ten runs.
  test('bursts come once in a period and last their length', () => {
    const bytes = new Chance('long').bytes(BAUD);
    const out = through({ burst: { everyMs: 1_000, lengthMs: 10 } }, bytes);
    const wrong = [...bytes.keys()].filter((i) => bytes[i] !== out[i]);
    const perBurst = 0.01 / (BYTE_US / 1e6);
    expect(wrong.length).toBeGreaterThan(10 * perBurst * 0.98);
    expect(wrong.length).toBeLessThan(10 * (perBurst + 2));
    const runs = wrong.filter((place, i) => place - (wrong[i - 1] ?? -1e9) > 1_000);
    expect(runs).toHaveLength(10);
  });

  test('a burst on an idle line makes bytes that nobody sent', () => {
    const line = new UartLine({ baud: BAUD, burst: { everyMs: 100, lengthMs: 10 } }, new Chance('idle'));
    let count = 0;
    for (let i = 0; i < 10; i++) for (const bytes of line.take(line.nextUs)) count += bytes.length;
    expect(Math.abs(count - (10 * 10_000) / BYTE_US)).toBeLessThan(20);
    expect(line.sentBytes).toBe(0);
  });
});

describe('two rates on one line', () => {
  const text = new TextEncoder().encode('the quick brown fox jumps over the lazy dog');

  // Goal: a rate that only one side has garbles everything. Method: each side off by each usual factor.
  test.each([
    [115_200, 921_600],
    [921_600, 115_200],
    [115_200, 230_400],
    [460_800, 115_200],
  ])('sent at %d and heard at %d is garbage', (sent, heard) => {
    const line = new UartLine({ baud: sent }, new Chance('rates'));
    line.hearAt(heard);
    line.put(text, 0);
    expect(equal(concat(...line.take(1e6)), text)).toBe(false);
  });

  // Goal: garbage is what a UART would read. Method: 0x00 and 0xff at half the rate, worked out by hand: nine low
  // bits heard as eighteen make zeros without a stop bit, which are thrown away; one low bit heard as two is 0xfe.
  test('is sampled as a receiver samples it', () => {
    const line = new UartLine({ baud: 9_600 }, new Chance('rates'));
    line.hearAt(19_200);
    line.put(Uint8Array.of(0xff), 0);
    line.put(Uint8Array.of(0x00), 0);
    expect(concat(...line.take(1e6))).toEqual(Uint8Array.of(0xfe));
  });

  // Goal: changing the rate throws away what is queued, so that a driver which does not drain is found out.
  test('a new rate loses what has not left', () => {
    const line = new UartLine({ baud: 1_000_000, latencyMs: 1 }, new Chance('switch'));
    line.put(payload.subarray(0, 100), 0);
    line.setBaud(2_000_000, 505);
    line.hearAt(2_000_000);
    line.put(payload.subarray(200, 210), 600);
    const out = concat(...line.take(1e6));
    expect(equal(out.subarray(-10), payload.subarray(200, 210))).toBe(true);
    expect(line.sentBytes).toBe(60);
  });
});
