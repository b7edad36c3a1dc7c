import { SerialPort } from 'serialport';
import type { BytePort, BytePortEvents } from '../../proto/byte-port.ts';
import { LinkError } from '../../proto/errors.ts';
import { mendPoller } from './poller.ts';

/** How a port is opened; 8 data bits, no parity, 1 stop bit, and never flow control by characters. */
export interface PortSettings {
  readonly path: string;
  /** bit/s. */
  readonly baudRate: number;
  /** Flow control by the RTS and CTS wires. */
  readonly rtsCts: boolean;
}

/** Opens a port and locks it: a second program that opens it the same way is refused. Rejects with LinkError LINK_OPEN. */
export async function openPort({ path, baudRate, rtsCts }: PortSettings): Promise<BytePort> {
  const port = new SerialPort({ path, baudRate, rtscts: rtsCts, autoOpen: false, lock: true });
  const cause = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (cause === null) return new OpenPort(port);
  const facts = { path };
  throw new LinkError('LINK_OPEN', `cannot open ${path}: ${cause.message}`, { retry: 'later', facts, cause });
}

// Camera and dock have this file and `poller.ts` each: they share only `proto`, which does no I/O. A test keeps them the same.
class OpenPort implements BytePort {
  readonly #port: SerialPort;
  #events: BytePortEvents | undefined;
  #isClosed = false;
  #released: Promise<void> | undefined;
  /** Writes that have not come back. */
  #writing = 0;
  #idle: (() => void)[] = [];

  constructor(port: SerialPort) {
    this.#port = port;
    port.on('error', () => void this.close());
    port.on('close', () => void this.close());
    mendPoller(port, () => void this.close());
  }

  get baud(): number {
    return this.#port.baudRate;
  }

  listen(on: BytePortEvents): void {
    this.#events = on;
    this.#port.on('data', (bytes: Uint8Array) => on.bytes(bytes));
    if (this.#isClosed) queueMicrotask(() => on.closed());
  }

  write(bytes: Uint8Array, taken: () => void): void {
    this.#writing += 1;
    this.#port.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), (error) => {
      this.#writing -= 1;
      if (this.#writing === 0) for (const wake of this.#idle.splice(0)) wake();
      // The port reports the error itself as well, and that closes it.
      if (error === null || error === undefined) taken();
    });
  }

  /** Never while data flows: it holds a thread of the pool for as long as the other side stalls. Changing the rate frees it. */
  async drain(): Promise<void> {
    if (this.#writing > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    if (this.#port.isOpen) await new Promise<void>((resolve) => this.#port.drain(() => resolve()));
  }

  setBaud(baud: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#port.update({ baudRate: baud }, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(error);
      });
    });
  }

  close(): Promise<void> {
    this.#released ??= new Promise((resolve) => {
      if (this.#port.isOpen) this.#port.close(() => resolve());
      else resolve();
    });
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#events?.closed();
    }
    return this.#released;
  }
}
