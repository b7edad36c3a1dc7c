import { writeSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import { Chance } from '../fault/chance.ts';
import { UartLine, type UartOptions } from '../fault/uart.ts';

/** Both directions of a cable as a UART in real time. */
export interface CableUart extends UartOptions {
  readonly seed: string;
}

// Bytes come out in slices of about this much time; a timer is not much more exact.
const SLICE_MS = 1.5;
// What a side that does not read may leave standing before bytes are lost, as in a UART without flow control.
const UNREAD_BYTES_MAX = 16 * 1024;

/**
 * One direction of a cable that has a line rate: the model paces and spoils what passes from one terminal to the other.
 * It takes bytes in as its transmit buffer has room, and the terminal in front of it holds some 19 KB more.
 */
export class PacedConductor {
  readonly #from: ReadStream;
  readonly #to: number;
  readonly #line: UartLine;
  #unread: Uint8Array[] = [];
  #unreadBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #plugged = true;
  #stopped = false;
  carriedBytes = 0;
  lostBytes = 0;

  constructor(from: ReadStream, to: number, wire: { uart: CableUart; name: string }) {
    this.#from = from;
    this.#to = to;
    this.#line = new UartLine(wire.uart, new Chance(wire.uart.seed).split(wire.name));
    from.on('data', (bytes: Uint8Array) => this.#takeIn(bytes));
    // A master that cannot be read any more carries nothing more; the cable's `close` does the rest.
    from.on('error', () => undefined);
    this.#arrange();
  }

  /** Bytes that the sender put on the wire, whatever became of them. */
  get sentBytes(): number {
    return this.#line.sentBytes;
  }

  plug(plugged: boolean): void {
    this.#plugged = plugged;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#from.pause();
    return Promise.resolve();
  }

  #takeIn(bytes: Uint8Array): void {
    if (this.#stopped) return;
    if (!this.#plugged) {
      this.lostBytes += bytes.length;
      return;
    }
    this.#line.put(bytes, nowUs());
    if (this.#line.room(nowUs()) <= 0) this.#from.pause();
    this.#arrange();
  }

  /** Comes back when the next slice is due; on a quiet line, not before something is. */
  #arrange(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    const now = nowUs();
    const isBusy = this.#line.busyUntilUs > now || this.#unreadBytes > 0;
    const waitMs = isBusy ? SLICE_MS : (this.#line.nextUs - now) / 1_000;
    if (waitMs === Number.POSITIVE_INFINITY) return;
    this.#timer = setTimeout(() => this.#pump(), Math.max(waitMs, SLICE_MS));
  }

  #pump(): void {
    this.#timer = undefined;
    const now = nowUs();
    for (const bytes of this.#line.take(now)) this.#deliver(bytes);
    this.#flush();
    if (this.#from.isPaused() && this.#line.room(now) > 0) this.#from.resume();
    this.#arrange();
  }

  #deliver(bytes: Uint8Array): void {
    if (this.#plugged && this.#unreadBytes + bytes.length <= UNREAD_BYTES_MAX) {
      this.#unread.push(bytes);
      this.#unreadBytes += bytes.length;
    } else this.lostBytes += bytes.length;
  }

  /** The descriptor does not block: what the terminal has no room for stays for the next slice. */
  #flush(): void {
    while (this.#unread.length > 0) {
      const bytes =
        this.#unread.length === 1 ? (this.#unread[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#unread);
      const count = this.#write(bytes);
      this.carriedBytes += count;
      this.#unreadBytes -= count;
      this.#unread = count === bytes.length ? [] : [bytes.subarray(count)];
      if (count < bytes.length) return;
    }
  }

  #write(bytes: Uint8Array): number {
    try {
      return writeSync(this.#to, bytes);
    } catch {
      return 0;
    }
  }
}

function nowUs(): number {
  return performance.now() * 1_000;
}
