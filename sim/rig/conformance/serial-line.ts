import { SerialPort } from 'serialport';
import { mendPoller } from '../../../dock/link/poller.ts';
import { Deframer, encodeFrame } from '../../../proto/frame.ts';
import { SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { type Line, type LineEars, LineError } from './line.ts';

/** Opens a real port, 8N1 without flow control. Rejects with LineError LINE_OPEN. */
export async function openSerialLine(
  at: { readonly path: string; readonly baud: number },
  ears: LineEars,
): Promise<Line> {
  const port = new SerialPort({ path: at.path, baudRate: at.baud, autoOpen: false, lock: true });
  const error = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (error !== null) {
    throw new LineError('LINE_OPEN', `cannot open ${at.path}: ${error.message}`, {
      retry: 'later',
      cause: error,
    });
  }
  return new SerialLine(port, ears);
}

class SerialLine implements Line {
  readonly transport = 'serial';
  readonly name: string;
  readonly pduBytesMax = SERIAL_PDU_BYTES_MAX;
  readonly #port: SerialPort;
  readonly #ears: LineEars;
  // Room for more than the limit: whether the device keeps to it is for a case to say.
  readonly #deframer = new Deframer(2 * SERIAL_PDU_BYTES_MAX);
  #closing: Promise<void> | undefined;

  constructor(port: SerialPort, ears: LineEars) {
    this.name = `serial ${port.path}`;
    this.#port = port;
    this.#ears = ears;
    port.on('data', (bytes: Uint8Array) => this.#received(bytes));
    port.on('error', (error) => ears.closed(error.message));
    port.on('close', () => ears.closed('the port is gone'));
    mendPoller(port, () => void this.close());
  }

  sendPdu(pdu: Uint8Array): void {
    this.sendBytes(encodeFrame(pdu));
  }

  sendBytes(bytes: Uint8Array): void {
    // Failures reach us as the port's own `error`.
    this.#port.write(Buffer.from(bytes), () => undefined);
  }

  async setBaud(baud: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#port.drain((error) => (error === null ? resolve() : reject(gone(this.name, error))));
    });
    await new Promise<void>((resolve, reject) => {
      this.#port.update({ baudRate: baud }, (error) =>
        error === null ? resolve() : reject(gone(this.name, error)),
      );
    });
  }

  drop(): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      if (this.#port.isOpen) this.#port.close(() => resolve());
      else resolve();
    });
    return this.#closing;
  }

  #received(bytes: Uint8Array): void {
    this.#ears.bytes(bytes);
    for (const pdu of this.#deframer.push(bytes)) this.#ears.pdu(pdu);
  }
}

function gone(name: string, cause: Error): LineError {
  return new LineError('LINE_GONE', `${name}: ${cause.message}`, { retry: 'later', cause });
}
