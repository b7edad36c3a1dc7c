import type { BytePort } from './byte-port.ts';
import type { FramedStream } from './framed-stream.ts';
import { GUARD_MS } from './limits.ts';

// What a port and the kernel behind it may still hold when the last frame has been handed over.
const QUEUED_BYTES_MAX = 4_096;
const BITS_PER_BYTE = 10;
const SLACK_MS = 100;

/** Calls `wake` once after `delayMs`, unless what it answers is called before. */
export type After = (delayMs: number, wake: () => void) => () => void;

/** A port, the framing over it, and timers for both. */
export interface Line {
  readonly port: BytePort;
  readonly framed: FramedStream;
  readonly after: After;
}

/**
 * Moves a line to another rate: `sent` is awaited, the port drained, a guard waited for, then the rate changed, with the
 * lanes held all the time. Changing the rate throws away what is queued, so nothing may be. False when the port refused or is
 * gone; it has its old rate then.
 */
export async function changeRate(line: Line, baud: number, sent: Promise<unknown>): Promise<boolean> {
  const { port, framed, after } = line;
  framed.hold(true);
  try {
    // A stalled peer keeps a draining port waiting for ever. What it has not taken by then is thrown away.
    const drainMs = SLACK_MS + (QUEUED_BYTES_MAX * BITS_PER_BYTE * 1_000) / port.baud;
    await within(drainMs, after, drained(port, sent));
    await new Promise<void>((resolve) => after(GUARD_MS, resolve));
    await port.setBaud(baud);
    return true;
  } catch {
    return false;
  } finally {
    framed.hold(false);
  }
}

async function drained(port: BytePort, sent: Promise<unknown>): Promise<void> {
  await sent;
  await port.drain();
}

/** Resolves when `work` does, or after `delayMs` whatever becomes of it. */
function within(delayMs: number, after: After, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = after(delayMs, resolve);
    const finish = (): void => {
      cancel();
      resolve();
    };
    work.then(finish, finish);
  });
}
