import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { FieldError } from '../../proto/errors.ts';
import { Lines } from './lines.ts';

/** The socket for commands could not be opened; the message names its path. */
export class ControlError extends FieldError<'CONTROL_TAKEN' | 'CONTROL_IO'> {}

// A person and a rig or two; more than that is something gone wrong.
const CLIENTS_MAX = 16;

/** Answers one line with one line. Must not reject. */
export type AnswerLine = (line: string) => Promise<string>;

interface Answering {
  /** Resolves when every line so far has its answer. */
  readonly done: () => Promise<void>;
}

export interface Control {
  close(): Promise<void>;
}

/**
 * A local socket on which any number of clients send commands, one a line, and are answered in the order in which they asked;
 * for whoever may open the file, which is this user. A socket that a dead camera left is taken over; one that answers is
 * CONTROL_TAKEN. Rejects with CONTROL_IO when the path cannot be used.
 */
export async function openControl(path: string, answer: AnswerLine): Promise<Control> {
  if (await isAlive(path))
    throw new ControlError('CONTROL_TAKEN', `another camera listens on ${path}: give this one its own`, {
      retry: 'never',
    });
  const clients = new Map<Socket, Answering>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (clients.size === CLIENTS_MAX) return void socket.end('refused: too many clients\n');
    clients.set(socket, serve(socket, answer));
    socket.once('close', () => clients.delete(socket));
  });
  await listen(server, path);
  return {
    close: async () => {
      server.close();
      // Whoever said quit is told that it came to that.
      await Promise.all([...clients.values()].map(({ done }) => done()));
      // Nobody waits for one that does not read.
      for (const socket of clients.keys()) socket.unref().destroySoon();
    },
  };
}

/**
 * One answer after the other. Whoever says much and reads nothing is not read either until there is room again, so that it costs
 * this camera no more than a buffer. A line that was cut off with its connection is none: it may have been meant otherwise.
 */
function serve(socket: Socket, answer: AnswerLine): Answering {
  const lines = new Lines();
  let last: Promise<void> = Promise.resolve();
  let isOver = false;
  const say = (saying: Promise<string> | string): void => {
    last = last.then(async () => {
      const said = await saying;
      if (socket.writable && !socket.write(`${said}\n`)) socket.pause();
    });
  };
  const hangUp = (): void => {
    isOver = true;
    void last.then(() => socket.end());
  };
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('drain', () => socket.resume());
  socket.on('data', (text: string) => {
    const found = isOver ? [] : lines.push(text);
    for (const line of found ?? []) say(answer(line));
    if (found !== undefined) return;
    say('refused: a line is at most 4096 characters');
    hangUp();
  });
  socket.once('end', hangUp);
  return { done: () => last };
}

async function listen(server: Server, path: string): Promise<void> {
  try {
    // Only what a dead camera left goes: a path that was mistyped may be somebody's file.
    if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true) rmSync(path);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    chmodSync(path, 0o600);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ControlError('CONTROL_IO', `--control ${path}: ${why}`, { retry: 'never', cause: error });
  }
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
