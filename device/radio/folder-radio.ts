import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import type { Cancel, Clock, PeerCall, Radio, RadioCounts } from '../ports.ts';
import { CALL_BYTES_MAX, callLine, GREETING, readCall } from './call.ts';
import { RadioError } from './error.ts';

/** A call is made and heard within this time, or not at all: what a camera hears after a stop of its own is no news any more. */
export const CALL_MS_MAX = 2_000;

// A unit is a dozen cameras; what is more is left out rather than waited for.
const NEIGHBOURS_MAX = 64;
const CALLS_OUT_MAX = 256;
const CALLS_IN_MAX = 64;
const SUFFIX = '.sock';
// sun_path with the zero at its end; a longer one is cut off in silence.
const PATH_BYTES_MAX = 107;

export interface FolderRadioOptions {
  /** Cameras of one folder hear each other. */
  readonly folder: string;
  readonly camera: CameraId;
  readonly clock: Pick<Clock, 'monoUs' | 'after'>;
}

/**
 * The air as a folder: each camera listens on a local socket of its name there, and calls by a connection to each other's. A camera that
 * hangs greets nobody, so that nobody's call waits in its buffers for it to go on; whoever calls gives up by itself. A socket that a dead camera
 * left is passed by, and taken over by the next camera of that name. Rejects with RadioError.
 */
export async function openFolderRadio(options: FolderRadioOptions): Promise<Radio> {
  const { folder, camera } = options;
  const path = join(folder, `${camera}${SUFFIX}`);
  if (Buffer.byteLength(path) > PATH_BYTES_MAX)
    throw unusable(`--radio ${folder}: the path is too long for a local socket: choose a shorter one`);
  const radio = new FolderRadio(options);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (await isTaken(path))
      throw new RadioError(
        'RADIO_TAKEN',
        `another ${camera} is on the air in ${folder}: give this one its own id`,
        { retry: 'never' },
      );
    await radio.listen(path);
  } catch (error) {
    if (error instanceof RadioError) throw error;
    throw unusable(`--radio ${folder}: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  return radio;
}

class FolderRadio implements Radio {
  readonly #options: FolderRadioOptions;
  readonly #server: Server;
  readonly #hearers = new Set<(call: PeerCall) => void>();
  readonly #sockets = new Set<Socket>();
  #callsOut = 0;
  #isClosed = false;
  #counts: RadioCounts = { reached: 0, heard: 0, garbled: 0, late: 0 };

  constructor(options: FolderRadioOptions) {
    this.#options = options;
    this.#server = createServer((socket) => this.#answer(socket));
    this.#server.maxConnections = CALLS_IN_MAX;
  }

  async listen(path: string): Promise<void> {
    // Only what a dead camera left goes: anything else may be somebody's file, and then it cannot be listened on.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
  }

  call(call: PeerCall): void {
    const line = `${callLine(call)}\n`;
    // Whoever cannot be found or reached now is not near.
    this.#near().then(
      (paths) => {
        for (const path of paths) this.#tell(path, line);
      },
      () => undefined,
    );
  }

  onCall(hear: (call: PeerCall) => void): Cancel {
    this.#hearers.add(hear);
    return () => this.#hearers.delete(hear);
  }

  counts(): RadioCounts {
    return this.#counts;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#hearers.clear();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  async #near(): Promise<readonly string[]> {
    const { folder, camera } = this.#options;
    return (await readdir(folder))
      .filter((name) => name.endsWith(SUFFIX))
      .filter((name) => isCameraId(name.slice(0, -SUFFIX.length)) && name !== `${camera}${SUFFIX}`)
      .slice(0, NEIGHBOURS_MAX)
      .map((name) => join(folder, name));
  }

  /** Nothing is said before the other has greeted: it runs, and hears now. */
  #tell(path: string, line: string): void {
    if (this.#isClosed || this.#callsOut === CALLS_OUT_MAX) return;
    this.#callsOut += 1;
    const socket = connect(path);
    this.#keep(socket).once('close', () => {
      this.#callsOut -= 1;
    });
    onLine(socket, (greeting) => {
      if (greeting !== GREETING) return void socket.destroy();
      socket.end(line, () => this.#count('reached'));
    });
  }

  #answer(socket: Socket): void {
    const { clock } = this.#options;
    const sinceUs = clock.monoUs();
    this.#keep(socket);
    onLine(socket, (line) => {
      socket.destroy();
      // Its own timer rings late when it was this camera that stood still.
      const isLate = clock.monoUs() - sinceUs > CALL_MS_MAX * 1000;
      const call = line === undefined ? undefined : readCall(line);
      if (call === undefined || call.camera === this.#options.camera) return this.#count('garbled');
      if (isLate) return this.#count('late');
      this.#count('heard');
      for (const hear of this.#hearers) hear(call);
    });
    socket.write(`${GREETING}\n`);
  }

  /** However it goes on, it is over in time. */
  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    const cancel = this.#options.clock.after(CALL_MS_MAX, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    return socket.once('close', () => {
      cancel();
      this.#sockets.delete(socket);
    });
  }

  #count(what: keyof RadioCounts): void {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + 1 };
  }
}

/** The first line, once; undefined when there is none of a length that one may have. */
function onLine(socket: Socket, hear: (line: string | undefined) => void): void {
  let text = '';
  let isOver = false;
  socket.setEncoding('utf8');
  socket.on('data', (more: string) => {
    if (isOver) return;
    text += more;
    const end = text.indexOf('\n');
    if (end === -1 && text.length <= CALL_BYTES_MAX) return;
    isOver = true;
    hear(end === -1 || end > CALL_BYTES_MAX ? undefined : text.slice(0, end));
  });
}

/** One that hangs is there too: only a socket that refuses, or is none, is nobody's. */
function isTaken(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EAGAIN' || error.code === 'EACCES'),
    );
  });
}

function unusable(why: string, cause?: unknown): RadioError {
  return new RadioError('RADIO_PATH', why, { retry: 'never', cause });
}
