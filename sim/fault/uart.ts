import type { Chance } from './chance.ts';
import { LineNoise, type UartNoise } from './uart-noise.ts';
import { misread } from './uart-rate.ts';

/** One start bit, eight data bits, no parity, one stop bit. */
const BITS_PER_BYTE = 10;
// What a kernel's serial driver holds for a port: a write blocks while it is full.
const TRANSMIT_BYTES = 4_096;
// Times are sums of fractions of microseconds, so a moment that was computed twice may differ in its last digits.
const SLACK_US = 1e-3;

/** One direction of a modelled serial line at 8N1. */
export interface UartOptions extends UartNoise {
  /** Line rate at the start, bit/s. */
  readonly baud: number;
  /** From the end of a byte at the sender to its arrival, one way. */
  readonly latencyMs?: number;
  /** The port's own queue; 4096 when absent. */
  readonly transmitBytes?: number;
}

interface Piece {
  /** What is left of it to come out. */
  bytes: Uint8Array;
  /** When the first of these bytes goes on the wire. */
  startUs: number;
  readonly byteUs: number;
}

/**
 * One direction of a UART: bytes go in at any time and come out one after another at the line's rate, spoiled by its noise.
 * It has no clock and no timers of its own: whoever drives it says what time it is, so that it paces virtual time and
 * pseudo-terminals alike. The same seed and the same bytes at the same times give the same bytes.
 */
export class UartLine {
  readonly #noise: LineNoise;
  readonly #latencyUs: number;
  readonly #transmitBytes: number;
  readonly #waiting: Piece[] = [];
  #byteUs: number;
  /** The receiver's idea of how long a byte takes. */
  #heardByteUs: number;
  /** When the last byte put in has left. */
  #busyUntilUs = 0;
  /** Up to here the noise on an idle line has come out. */
  #idleUntilUs = 0;
  #sentBytes = 0;

  constructor(options: UartOptions, chance: Chance) {
    this.#noise = new LineNoise(options, chance);
    this.#latencyUs = (options.latencyMs ?? 0) * 1_000;
    this.#transmitBytes = options.transmitBytes ?? TRANSMIT_BYTES;
    this.#byteUs = byteUsAt(options.baud);
    this.#heardByteUs = this.#byteUs;
  }

  /** Bytes that went on the wire, whatever became of them; those still queued are counted. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** When all that was put in has left the sender. */
  get busyUntilUs(): number {
    return this.#busyUntilUs;
  }

  /** Queues bytes, which the caller does not change any more. Answers when the transmit buffer has taken the last of them. */
  put(bytes: Uint8Array, nowUs: number): number {
    const startUs = Math.max(nowUs, this.#busyUntilUs);
    this.#waiting.push({ bytes, startUs, byteUs: this.#byteUs });
    this.#busyUntilUs = startUs + bytes.length * this.#byteUs;
    this.#sentBytes += bytes.length;
    return Math.max(nowUs, this.#busyUntilUs - this.#transmitBytes * this.#byteUs);
  }

  /** Free bytes in the transmit buffer; negative when more was put in than it holds. */
  room(nowUs: number): number {
    const queued = Math.max(0, this.#busyUntilUs - nowUs) / this.#byteUs;
    return this.#transmitBytes - Math.ceil(queued - SLACK_US);
  }

  /** When `take` should be called next: at the end of the first piece put in, or of noise. Infinity when nothing comes. */
  get nextUs(): number {
    const [first] = this.#waiting;
    const sentUs = first === undefined ? Infinity : first.startUs + first.bytes.length * first.byteUs;
    const noisyUs = this.#noise.burstEndUs(Math.max(this.#busyUntilUs, this.#idleUntilUs));
    return Math.min(sentUs, noisyUs) + this.#latencyUs;
  }

  /** All that has arrived by now, in order, each byte once. */
  take(nowUs: number): readonly Uint8Array[] {
    const leftUs = nowUs - this.#latencyUs + SLACK_US;
    const out: Uint8Array[] = [];
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      this.#takeIdle(Math.min(leftUs, first.startUs), out);
      const sent = Math.floor((leftUs - first.startUs) / first.byteUs);
      this.#takeSome(first, Math.min(first.bytes.length, sent), out);
      if (first.bytes.length > 0) return out.filter(isNotEmpty);
      this.#waiting.shift();
    }
    this.#takeIdle(leftUs, out);
    return out.filter(isNotEmpty);
  }

  /** A new rate at the sender: what has not left yet is lost, as a UART that is reprogrammed loses it. */
  setBaud(baud: number, nowUs: number): void {
    for (const one of this.#waiting) {
      const left = Math.floor((nowUs + SLACK_US - one.startUs) / one.byteUs);
      const kept = one.bytes.subarray(0, Math.max(0, Math.min(one.bytes.length, left)));
      this.#sentBytes -= one.bytes.length - kept.length;
      one.bytes = kept;
    }
    this.#busyUntilUs = Math.min(this.#busyUntilUs, nowUs);
    this.#byteUs = byteUsAt(baud);
  }

  /** A new rate at the receiver: while it is not the sender's, garbage comes out. */
  hearAt(baud: number): void {
    this.#heardByteUs = byteUsAt(baud);
  }

  #takeSome(piece: Piece, count: number, out: Uint8Array[]): void {
    if (count <= 0) return;
    const { bytes, startUs, byteUs } = piece;
    const passed = this.#noise.pass(bytes.subarray(0, count), startUs, byteUs);
    out.push(byteUs === this.#heardByteUs ? passed : misread(passed, byteUs / this.#heardByteUs));
    piece.bytes = bytes.subarray(count);
    piece.startUs = startUs + count * byteUs;
    this.#idleUntilUs = piece.startUs;
  }

  #takeIdle(untilUs: number, out: Uint8Array[]): void {
    if (untilUs <= this.#idleUntilUs) return;
    out.push(this.#noise.idle(this.#idleUntilUs, untilUs, this.#byteUs));
    this.#idleUntilUs = untilUs;
  }
}

function byteUsAt(baud: number): number {
  return (BITS_PER_BYTE * 1_000_000) / baud;
}

function isNotEmpty(bytes: Uint8Array): boolean {
  return bytes.length > 0;
}
