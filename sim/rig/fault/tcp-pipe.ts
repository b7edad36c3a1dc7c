import type { Socket } from 'node:net';
import type { Chance } from '../../fault/chance.ts';
import type { TcpCounts } from './tcp-trouble.ts';

/** Seen from whoever connected. */
export type PipeWay = 'toTarget' | 'toClient';

/** How a line treats what it carries. */
interface Manner {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly bytesPerSecond: number;
  readonly dropAfterBytes: number;
  readonly stalled: ReadonlySet<PipeWay>;
}

const SOUND: Manner = {
  ...{ delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity, dropAfterBytes: Infinity },
  stalled: new Set(),
};

// A direction that holds more reads no more, so whoever sends feels it, as with a real slow line.
const HELD_BYTES_MAX = 256 * 1024;
// A limited line carries in steps this long.
const STEP_MS = 20;

/** The manner of all connections of one proxy, which changes while they carry. */
export class TcpManner {
  now: Manner = SOUND;
  #waiting: (() => void)[] = [];

  change(change: Partial<Manner>): void {
    this.now = { ...this.now, ...change };
    for (const wake of this.#waiting.splice(0)) wake();
  }

  mend(): void {
    this.change(SOUND);
  }

  /** Resolves at the next change. */
  changed(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

interface PipeParts {
  readonly manner: TcpManner;
  readonly chance: Chance;
  readonly counts: TcpCounts;
}

/** One connection through the proxy: two sockets and both directions. */
export interface Pipe {
  carriedBytes: number;
  readonly ended: Promise<void>;
  reset(): void;
}

/** Carries between the two until both have ended, or either is reset: then so is the other. */
export function joinSockets(client: Socket, target: Socket, parts: PipeParts): Pipe {
  return new JoinedPipe(client, target, parts);
}

class JoinedPipe implements Pipe {
  readonly ended: Promise<void>;
  carriedBytes = 0;
  readonly #sockets: readonly Socket[];
  readonly #parts: PipeParts;

  constructor(client: Socket, target: Socket, parts: PipeParts) {
    this.#sockets = [client, target];
    this.#parts = parts;
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      // A socket that fails is a connection that is over, for the other side as well.
      socket.on('error', () => this.reset());
    }
    this.ended = Promise.all(
      this.#sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    ).then(() => undefined);
    const carry = (from: Socket, to: Socket, way: PipeWay): void => {
      const stream = { from, to, way, carried: (bytes: number) => this.#carried(bytes) };
      const direction = new Direction(stream, parts);
      from.on('data', (bytes) => direction.take(bytes));
      from.once('end', () => direction.end());
    };
    carry(client, target, 'toTarget');
    carry(target, client, 'toClient');
  }

  reset(): void {
    if (this.#sockets.every((socket) => socket.destroyed)) return;
    this.#parts.counts.resets++;
    for (const socket of this.#sockets) if (!socket.destroyed) socket.resetAndDestroy();
  }

  /** Counts what is about to be carried; how much of it still is, before the connection is to be dropped. */
  #carried(bytes: number): number {
    const left = this.#parts.manner.now.dropAfterBytes - this.carriedBytes;
    const allowed = Math.min(bytes, Math.max(0, left));
    this.carriedBytes += allowed;
    // The last bytes are written first; a reset would overtake them otherwise.
    if (allowed < bytes || allowed === left) setImmediate(() => this.reset());
    return allowed;
  }
}

interface Stream {
  readonly from: Socket;
  readonly to: Socket;
  readonly way: PipeWay;
  readonly carried: (bytes: number) => number;
}

/** One direction of a connection: a queue of bytes, each with the time from which on they may go. */
class Direction {
  readonly #stream: Stream;
  readonly #parts: PipeParts;
  #queue: { readonly bytes: Uint8Array; readonly dueMs: number }[] = [];
  #heldBytes = 0;
  #isPumping = false;
  #isEnding = false;

  constructor(stream: Stream, parts: PipeParts) {
    this.#stream = stream;
    this.#parts = parts;
  }

  take(bytes: Uint8Array): void {
    const { manner, chance, counts } = this.#parts;
    const { delayMs, jitterMs } = manner.now;
    const dueMs = performance.now() + delayMs + (jitterMs > 0 ? jitterMs * chance.fraction() : 0);
    this.#queue.push({ bytes, dueMs });
    this.#heldBytes += bytes.length;
    counts.heldBytesMax = Math.max(counts.heldBytesMax, this.#heldBytes);
    if (this.#heldBytes >= HELD_BYTES_MAX) this.#stream.from.pause();
    this.#pump();
  }

  end(): void {
    this.#isEnding = true;
    this.#pump();
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    void this.#deliver();
  }

  async #deliver(): Promise<void> {
    const { from, to } = this.#stream;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await pause(next.dueMs - performance.now());
      await this.#write(next.bytes);
      this.#heldBytes -= next.bytes.length;
      if (to.destroyed) return;
      if (this.#heldBytes < HELD_BYTES_MAX && from.isPaused()) from.resume();
      if (this.#queue.length === 0 && this.#isEnding) await this.#unstalled();
    }
    this.#isPumping = false;
    if (this.#isEnding && !to.destroyed) to.end();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { to, way, carried } = this.#stream;
    const { manner, counts } = this.#parts;
    for (let at = 0; at < bytes.length; ) {
      await this.#unstalled();
      if (to.destroyed) return;
      const { bytesPerSecond } = manner.now;
      const step = Math.max(1, Math.floor((bytesPerSecond * STEP_MS) / 1_000));
      const part = bytes.subarray(at, at + Math.min(step, bytes.length - at));
      const allowed = carried(part.length);
      counts.bytes[way] += allowed;
      if (!to.write(part.subarray(0, allowed))) await drained(to);
      if (bytesPerSecond < Infinity) await pause((part.length * 1_000) / bytesPerSecond);
      at += part.length;
    }
  }

  async #unstalled(): Promise<void> {
    const { to, way } = this.#stream;
    const { manner } = this.#parts;
    while (manner.now.stalled.has(way) && !to.destroyed) await Promise.race([manner.changed(), closed(to)]);
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    };
    socket.on('drain', done);
    socket.on('close', done);
    if (socket.destroyed) done();
  });
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

function pause(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
