import { SerialPort } from 'serialport';
import { mendPoller } from '../../../dock/link/poller.ts';
import { decodePdu } from '../../../proto/codec.ts';
import { LinkError, PduError } from '../../../proto/errors.ts';
import { SERIAL_PDU_BYTES_MAX } from '../../../proto/limits.ts';
import { LineRate } from './line-rate.ts';
import type { Direction } from './record.ts';
import { type Found, FrameSplitter } from './splitter.ts';

const TICK_MS = 50;

/** What a capture learns from the link it listens to. */
export interface Ears {
  heard(direction: Direction, found: Found, camera?: string): void;
  /** The link is gone; nothing more comes. */
  ended(why: string): void;
}

/** Something that listens until it is closed. */
export interface Listening {
  close(): Promise<void>;
}

/**
 * Stands between two serial ports and carries all bytes both ways as they come, noise included; what passes is told to
 * `ears`. Follows the rates that the two sides negotiate. Rejects with LinkError LINK_OPEN.
 */
export async function bridgeSerial(
  ports: { readonly cameraPath: string; readonly dockPath: string; readonly baud: number },
  ears: Ears,
): Promise<Listening> {
  const camera = await openPort(ports.cameraPath, ports.baud);
  try {
    return new Bridge(camera, await openPort(ports.dockPath, ports.baud), ears);
  } catch (error) {
    await closed(camera);
    throw error;
  }
}

class Bridge implements Listening {
  readonly #camera: SerialPort;
  readonly #dock: SerialPort;
  readonly #ears: Ears;
  readonly #splitters = { up: new FrameSplitter(), down: new FrameSplitter() };
  readonly #rate: LineRate;
  readonly #timer: NodeJS.Timeout;
  #changing: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(camera: SerialPort, dock: SerialPort, ears: Ears) {
    this.#camera = camera;
    this.#dock = dock;
    this.#ears = ears;
    this.#rate = new LineRate(camera.baudRate, performance.now());
    for (const port of [camera, dock]) {
      port.on('error', (error) => this.#gone(`${port.path}: ${error.message}`));
      port.on('close', () => this.#gone(`${port.path} is gone`));
      mendPoller(port, () => this.#gone(`${port.path} hung up`));
    }
    // Carried first and looked at afterwards: whoever listens must not hold up the line.
    camera.pipe(dock, { end: false }).pipe(camera, { end: false });
    camera.on('data', (bytes: Uint8Array) => this.#passed('up', bytes));
    dock.on('data', (bytes: Uint8Array) => this.#passed('down', bytes));
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  async #release(): Promise<void> {
    clearInterval(this.#timer);
    for (const direction of ['up', 'down'] as const) this.#tell(direction, this.#splitters[direction].end());
    await this.#changing;
    await Promise.all([closed(this.#camera), closed(this.#dock)]);
  }

  #gone(why: string): void {
    if (this.#closing !== undefined) return;
    void this.close();
    this.#ears.ended(why);
  }

  #passed(direction: Direction, bytes: Uint8Array): void {
    this.#tell(direction, this.#splitters[direction].push(bytes));
  }

  #tell(direction: Direction, all: readonly Found[]): void {
    for (const found of all) {
      this.#ears.heard(direction, found);
      const message = found.kind === 'pdu' ? decodePdu(found.pdu, SERIAL_PDU_BYTES_MAX) : undefined;
      if (message === undefined || message instanceof PduError) continue;
      this.#rate.heard(direction, message, performance.now());
      this.#follow();
    }
  }

  #tick(): void {
    this.#rate.tick(performance.now());
    this.#follow();
  }

  /** Changing the rate throws away what is queued, so what has passed must have left before. */
  #follow(): void {
    const baudRate = this.#rate.baud;
    this.#changing = this.#changing.then(async () => {
      if (baudRate === this.#camera.baudRate && baudRate === this.#dock.baudRate) return;
      await Promise.all([changeRate(this.#camera, baudRate), changeRate(this.#dock, baudRate)]);
    });
  }
}

async function openPort(path: string, baudRate: number): Promise<SerialPort> {
  const port = new SerialPort({ path, baudRate, autoOpen: false, lock: true });
  const cause = await new Promise<Error | null>((resolve) => port.open(resolve));
  if (cause === null) return port;
  const facts = { path };
  throw new LinkError('LINK_OPEN', `cannot open ${path}: ${cause.message}`, { retry: 'later', facts, cause });
}

/** A port that is gone reports that by itself, so the errors here say nothing new. */
async function changeRate(port: SerialPort, baudRate: number): Promise<void> {
  await new Promise<void>((resolve) => port.drain(() => resolve()));
  await new Promise<void>((resolve) => port.update({ baudRate }, () => resolve()));
}

function closed(port: SerialPort): Promise<void> {
  return new Promise((resolve) => {
    if (port.isOpen) port.close(() => resolve());
    else resolve();
  });
}
