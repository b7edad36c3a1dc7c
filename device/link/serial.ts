import { SerialPort } from 'serialport';
import { LinkError } from '../../proto/errors.ts';
import { FramedStream } from '../../proto/framed-stream.ts';
import {
  SERIAL_FRAGMENT_BYTES_MAX,
  SERIAL_FRAGMENT_BYTES_MIN,
  SERIAL_FRAGMENT_BYTES_START,
  SERIAL_PDU_BYTES_MAX,
} from '../../proto/limits.ts';
import { serialWireUs } from '../../proto/wire-time.ts';
import type { Lane } from '../../proto/outbox.ts';
import type { Link } from '../ports.ts';
import { mendPoller } from './poller.ts';

/**
 * Opens the serial port to a dock, eight bits, no parity, no flow control by characters. The port is locked: a second
 * program that opens it the same way is refused. Rejects with LinkError LINK_OPEN.
 */
export async function openSerialLink(options: {
  readonly path: string;
  readonly baudRate: number;
}): Promise<Link> {
  const port = new SerialPort({ ...options, autoOpen: false, lock: true });
  await opened(port);
  return new SerialLink(port);
}

function opened(port: SerialPort): Promise<void> {
  return new Promise((resolve, reject) => {
    port.open((cause) => {
      if (cause === null) return resolve();
      const facts = { path: port.path };
      reject(
        new LinkError('LINK_OPEN', `cannot open ${port.path}: ${cause.message}`, {
          retry: 'later',
          facts,
          cause,
        }),
      );
    });
  });
}

class SerialLink implements Link {
  readonly name: string;
  readonly transport = 'serial';
  readonly pduBytesMax = SERIAL_PDU_BYTES_MAX;
  readonly fragmentBytes = {
    start: SERIAL_FRAGMENT_BYTES_START,
    min: SERIAL_FRAGMENT_BYTES_MIN,
    max: SERIAL_FRAGMENT_BYTES_MAX,
  };
  readonly #port: SerialPort;
  readonly #framed: FramedStream;
  #released: Promise<void> | undefined;

  constructor(port: SerialPort) {
    this.name = `serial ${port.path}`;
    this.#port = port;
    this.#framed = new FramedStream((frame) => this.#write(frame));
    port.on('data', (bytes: Uint8Array) => this.#framed.receive(bytes));
    port.on('error', () => void this.close());
    port.on('close', () => void this.close());
    mendPoller(port, () => void this.close());
  }

  wireUs(pduBytes: number): number {
    return serialWireUs(pduBytes, this.#port.baudRate);
  }

  packets(): AsyncIterable<Uint8Array> {
    return this.#framed.packets();
  }

  send(pdu: Uint8Array, lane: Lane): Promise<void> {
    return this.#framed.send(pdu, lane);
  }

  close(): Promise<void> {
    this.#framed.end(LinkError.gone(this.name));
    this.#released ??= new Promise((resolve) => {
      if (this.#port.isOpen) this.#port.close(() => resolve());
      else resolve();
    });
    return this.#released;
  }

  // Without `drain`: it would hold a thread of the pool for as long as the other side stalls.
  #write(frame: Uint8Array): void {
    this.#port.write(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength), (error) => {
      // The port reports the error itself as well, and that ends the link.
      if (error === null || error === undefined) this.#framed.written();
    });
  }
}
