import type { SerialPort } from 'serialport';

// Bits of serialport's poller, which are libuv's.
const READABLE = 1;
const WRITABLE = 2;
const HUNG_UP = 4;

/**
 * Mends two faults of serialport 13 on Unix; call it once, right after the port has opened.
 *
 * Its poller passes only the newest event to `uv_poll_start`, so beginning to wait for room forgets the wait for bytes. Two
 * ends that both fill the line then wait for room for ever and neither reads. Here every wait covers all that is awaited.
 *
 * When the other side of a pseudo-terminal goes away during a read, the read returns no bytes, is repeated at once and
 * for ever: no `close`, and a core spins. Here the hang-up itself is awaited all the time and `hungUp` is called,
 * after which the caller must close the port. It is called at an ordinary close too.
 */
export function mendPoller(port: SerialPort, hungUp: () => void): void {
  const binding = port.port;
  if (binding === undefined || !('poller' in binding)) return;
  const { poller } = binding;
  const poll = poller.poll.bind(poller);
  // Above the one listener of each kind that is added below.
  const awaited = (event: 'readable' | 'writable', bit: number): number =>
    poller.listenerCount(event) > 1 ? bit : 0;

  poller.poll = (events = 0): void => {
    poll(events | HUNG_UP | awaited('readable', READABLE) | awaited('writable', WRITABLE));
  };
  // The native part goes on polling for every event it was ever asked for. While a read waits for a free thread, that
  // would wake the event loop without end, so each event sets what is awaited anew. Not after an error: the handle may be gone.
  poller.on('readable', (error: Error | null) => {
    if (error === null) poll(HUNG_UP | awaited('writable', WRITABLE));
  });
  poller.on('writable', (error: Error | null) => {
    if (error === null) poll(HUNG_UP | awaited('readable', READABLE));
  });
  // Closing destroys the native handle, which must not happen inside its own callback.
  poller.once('disconnect', () => queueMicrotask(hungUp));
}
