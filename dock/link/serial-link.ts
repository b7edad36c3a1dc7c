import type { SerialPort } from 'serialport';
import { LinkError } from '../../proto/errors.ts';
import { FramedStream } from '../../proto/framed-stream.ts';
import { SERIAL_FRAGMENT_BYTES_MAX, SERIAL_PDU_BYTES_MAX } from '../../proto/limits.ts';
import type { Lane } from '../../proto/outbox.ts';
import { serialWireUs } from '../../proto/wire-time.ts';
import type { Link } from '../ports.ts';
import { mendPoller } from './poller.ts';

/** Packets over one open serial port, until the port vanishes or `close`. */
export class SerialLink implements Link {
  readonly name: string;
  readonly transport = 'serial';
  readonly pduBytesMax = SERIAL_PDU_BYTES_MAX;
  readonly fragmentBytesMax = SERIAL_FRAGMENT_BYTES_MAX;
  /** Resolves when the port is released, whoever closed it. */
  readonly ended: Promise<void>;
  readonly #release: () => void;
  readonly #port: SerialPort;
  readonly #framed: FramedStream;
  #closing = false;

  constructor(port: SerialPort) {
    let released = (): void => {};
    this.ended = new Promise((resolve) => {
      released = resolve;
    });
    this.#release = released;
    this.name = `bay ${port.path}`;
    this.#port = port;
    this.#framed = new FramedStream((frame) => this.#write(frame));
    port.on('data', (bytes: Uint8Array) => this.#framed.receive(bytes));
    port.on('error', () => void this.close());
    port.on('close', () => void this.close());
    mendPoller(port, () => void this.close());
  }

  /** Did a camera ever say anything? */
  get heard(): boolean {
    return this.#framed.received > 0;
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
    if (!this.#closing) {
      this.#closing = true;
      if (this.#port.isOpen) this.#port.close(this.#release);
      else this.#release();
    }
    return this.ended;
  }

  // Without `drain`: it would hold a thread of the pool for as long as the other side stalls.
  #write(frame: Uint8Array): void {
    this.#port.write(Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength), (error) => {
      // The port reports the error itself as well, and that ends the link.
      if (error === null || error === undefined) this.#framed.written();
    });
  }
}
