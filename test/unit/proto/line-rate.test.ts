import { describe, expect, test } from 'vitest';
import type { BytePort } from '../../../proto/byte-port.ts';
import { FramedStream } from '../../../proto/framed-stream.ts';
import { GUARD_MS } from '../../../proto/limits.ts';
import { changeRate } from '../../../proto/line-rate.ts';
import { encodeMessage } from '../../../proto/codec.ts';
import { ManualClock } from '../../../sim/fault/manual-clock.ts';

const PING = encodeMessage({ type: 'ping', sentUs: 1 });

/** A port that takes everything at once; its drain and its change of rate are up to the test. */
function rig(port: Partial<Pick<BytePort, 'drain' | 'setBaud'>>): {
  readonly clock: ManualClock;
  readonly line: Parameters<typeof changeRate>[0];
  readonly written: Uint8Array[];
} {
  const clock = new ManualClock();
  const written: Uint8Array[] = [];
  const framed = new FramedStream((frame) => written.push(frame));
  const whole: BytePort = {
    baud: 115_200,
    write: () => undefined,
    drain: () => Promise.resolve(),
    setBaud: () => Promise.resolve(),
    listen: () => undefined,
    close: () => Promise.resolve(),
    ...port,
  };
  const after = (delayMs: number, wake: () => void): (() => void) => clock.after(delayMs, wake);
  return { clock, written, line: { port: whole, framed, after } };
}

async function turns(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}

describe('a change of rate', () => {
  // Goal: nothing is in the port while it changes. Method: it changes only after the drain and the guard, and a packet given
  // meanwhile waits for it.
  test('drains, waits the guard, and holds the lanes', async () => {
    let drained = (): void => undefined;
    const rates: number[] = [];
    const { clock, line, written } = rig({
      drain: () => new Promise((resolve) => (drained = resolve)),
      setBaud: (baud) => Promise.resolve(void rates.push(baud)),
    });
    const changing = changeRate(line, 921_600, Promise.resolve());
    void line.framed.send(PING, 'control');
    await turns();
    clock.advance(GUARD_MS);
    await turns();
    expect(rates).toEqual([]);
    drained();
    await turns();
    clock.advance(GUARD_MS - 1);
    await turns();
    expect([rates, written]).toEqual([[], []]);
    clock.advance(1);
    expect(await changing).toBe(true);
    expect(rates).toEqual([921_600]);
    expect(written).toHaveLength(1);
  });

  // Goal: a peer that stalls cannot keep the port for ever. Method: a drain and a packet that never end.
  test('waits for a stalled port for a bounded time', async () => {
    const never = new Promise<void>(() => undefined);
    const { clock, line } = rig({ drain: () => never });
    const changing = changeRate(line, 921_600, never);
    await turns();
    clock.advance(1_000);
    await turns();
    clock.advance(GUARD_MS);
    expect(await changing).toBe(true);
    expect(clock.pending).toBe(0);
  });

  // Goal: a port that refuses is told from one that did it, and goes on. Method: a change that fails.
  test('says when the port refuses', async () => {
    const { clock, line, written } = rig({ setBaud: () => Promise.reject(new Error('no such rate')) });
    const changing = changeRate(line, 921_600, Promise.resolve());
    await turns();
    clock.advance(GUARD_MS);
    expect(await changing).toBe(false);
    void line.framed.send(PING, 'control');
    expect(written).toHaveLength(1);
  });
});
