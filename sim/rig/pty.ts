import { close, write } from 'node:fs';
import { createRequire } from 'node:module';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';
import type { Line } from '../fault/noise.ts';
import { type CableUart, PacedConductor } from './paced-line.ts';

const RETRY_MS_MIN = 1;
const RETRY_MS_MAX = 20;
const PATIENCE_MS = 1_000;

/** A serial cable between two programs on this machine. */
export interface PtyPair {
  /** Opened by the camera, like `/dev/ttyUSB0`. */
  readonly cameraPath: string;
  /** Opened by the dock. */
  readonly dockPath: string;
  /** Bytes that made it through, each way. */
  readonly carriedBytes: { readonly toDock: number; readonly toCamera: number };
  /** Bytes that came while it was unplugged, or found no room for too long. */
  readonly lostBytes: { readonly toDock: number; readonly toCamera: number };
  /** Bytes that were put on the wire, each way, whatever became of them. */
  readonly sentBytes: { readonly toDock: number; readonly toCamera: number };
  /** Pulls the cable: both ports stay open and nothing passes. */
  unplug(): void;
  /** Puts it back. */
  plug(): void;
  /** Takes both ports away, as when a USB adapter is pulled out. */
  close(): Promise<void>;
}

/** What happens to bytes on their way; nothing when absent. */
export interface CableFaults {
  readonly toDock?: Line;
  readonly toCamera?: Line;
  /** After so long without room on the other side bytes are lost, as they are in a UART without flow control; 1 s when absent. */
  readonly patienceMs?: number;
  /** The cable is a UART: it has a line rate and a latency, and noise of its own instead of the above. */
  readonly uart?: CableUart;
}

/**
 * Makes two pseudo-terminals and carries bytes between them in this process, as fast as the slower side takes them.
 * Ports open at any baud rate, and none is kept but by `uart`. Works on Linux and macOS. Throws where there are no pseudo-terminals.
 *
 * Bytes are written with `fs.write`: the master of a pseudo-terminal as a Node stream writes blockingly, and then
 * the whole process stops when the other side does not read.
 */
export async function openPtyPair(faults: CableFaults = {}): Promise<PtyPair> {
  const [camera, dock] = await Promise.all([openTerminal(), openTerminal()]);
  const { uart, patienceMs } = faults;
  const join = (from: Terminal, to: Terminal, name: 'toDock' | 'toCamera'): Conductor | PacedConductor =>
    uart === undefined
      ? new Conductor(from.from, to.master, { line: faults[name], patienceMs })
      : new PacedConductor(from.from, to.master, { uart, name });
  const toDock = join(camera, dock, 'toDock');
  const toCamera = join(dock, camera, 'toCamera');
  const conductors = [toDock, toCamera];
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    // No write may be under way when its descriptor is closed: the number could belong to another file by then.
    await Promise.all(conductors.map((conductor) => conductor.stop()));
    await Promise.all([camera, dock].map(closeTerminal));
  };
  return {
    cameraPath: camera.path,
    dockPath: dock.path,
    get carriedBytes() {
      return { toDock: toDock.carriedBytes, toCamera: toCamera.carriedBytes };
    },
    get lostBytes() {
      return { toDock: toDock.lostBytes, toCamera: toCamera.lostBytes };
    },
    get sentBytes() {
      return { toDock: toDock.sentBytes, toCamera: toCamera.sentBytes };
    },
    unplug: () => conductors.forEach((conductor) => conductor.plug(false)),
    plug: () => conductors.forEach((conductor) => conductor.plug(true)),
    close: () => (closing ??= close()),
  };
}

interface Terminal {
  readonly path: string;
  readonly master: number;
  readonly slave: number;
  readonly from: ReadStream;
}

/** The part of the addon that this file uses: it makes a pair of open, non-blocking descriptors. */
interface PtyAddon {
  open(
    columns: number,
    rows: number,
  ): { readonly master: number; readonly slave: number; readonly pty: string };
}

async function openTerminal(): Promise<Terminal> {
  const { master, slave, pty } = addon().open(80, 24);
  // No echo and no line editing from the start, so that bytes sent before a program opens its port do not come back.
  const line = new ReadStream(slave);
  line.setRawMode(true);
  await destroyed(line);
  // The slave stays open here: without any, reading the master fails and the terminal forgets its mode.
  return { path: pty, master, slave, from: new ReadStream(master) };
}

async function closeTerminal({ from, slave }: Terminal): Promise<void> {
  await destroyed(from);
  await promisify(close)(slave);
}

function destroyed(stream: ReadStream): Promise<void> {
  return new Promise((resolve) => {
    stream.once('close', () => resolve());
    stream.destroy();
  });
}

/** The wrapper's own `open` starts to read the slave and steals its bytes; the addon below it does not. */
function addon(): PtyAddon {
  const require = createRequire(import.meta.url);
  const name = `@lydell/node-pty-${process.platform}-${process.arch}/pty.node`;
  const loaded: unknown = createRequire(require.resolve('@lydell/node-pty'))(name);
  if (!isPtyAddon(loaded)) throw new TypeError(`${name} makes no pseudo-terminals`);
  return loaded;
}

function isPtyAddon(loaded: unknown): loaded is PtyAddon {
  return (
    typeof loaded === 'object' && loaded !== null && 'open' in loaded && typeof loaded.open === 'function'
  );
}

/** One direction of the cable. Reads no more before the last bytes are written, so little is ever held. */
class Conductor {
  readonly #from: ReadStream;
  readonly #to: number;
  readonly #line: Line;
  readonly #patienceMs: number;
  #carrying: Promise<void> = Promise.resolve();
  #plugged = true;
  #stopped = false;
  sentBytes = 0;
  carriedBytes = 0;
  lostBytes = 0;

  constructor(
    from: ReadStream,
    to: number,
    wire: { line: Line | undefined; patienceMs: number | undefined },
  ) {
    this.#from = from;
    this.#to = to;
    this.#line = wire.line ?? ((bytes) => bytes);
    this.#patienceMs = wire.patienceMs ?? PATIENCE_MS;
    from.on('data', (bytes: Uint8Array) => this.#carry(bytes));
    // A master that cannot be read any more carries nothing more; `close` does the rest.
    from.on('error', () => undefined);
  }

  plug(plugged: boolean): void {
    this.#plugged = plugged;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#from.pause();
    await this.#carrying;
  }

  #carry(bytes: Uint8Array): void {
    if (!this.#plugged || this.#stopped) {
      this.lostBytes += bytes.length;
      return;
    }
    this.#from.pause();
    this.sentBytes += bytes.length;
    this.#carrying = this.#writeAll(this.#line(bytes)).then(() => {
      if (!this.#stopped) this.#from.resume();
    });
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let at = 0;
    let waitMs = RETRY_MS_MIN;
    for (let stalledMs = 0; at < bytes.length && stalledMs < this.#patienceMs && !this.#stopped; ) {
      const count = await this.#writeSome(bytes.subarray(at));
      at += count;
      this.carriedBytes += count;
      if (count > 0) {
        waitMs = RETRY_MS_MIN;
        stalledMs = 0;
      } else {
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        stalledMs += waitMs;
        waitMs = Math.min(2 * waitMs, RETRY_MS_MAX);
      }
    }
    this.lostBytes += bytes.length - at;
  }

  /** How many bytes the terminal took; none while it is full or gone. */
  #writeSome(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve) => {
      write(this.#to, bytes, (error, count) => resolve(error === null ? count : 0));
    });
  }
}
