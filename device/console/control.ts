import { chmodSync, rmSync } from 'node:fs';
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
  done(): Promise<void>;
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
  const server = createServer((socket) => {
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
      for (const socket of clients.keys()) socket.destroySoon();
    },
  };
}

/** One answer after the other: while one is being found nothing more is read than what has come already. */
function serve(socket: Socket, answer: AnswerLine): Answering {
  const lines = new Lines();
  let last: Promise<void> = Promise.resolve();
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (text: string) => {
    const found = lines.push(text);
    if (found === undefined) return void socket.end('refused: a line is at most 4096 characters\n');
    for (const line of found) {
      const answered = answer(line);
      last = last.then(async () => {
        const said = await answered;
        if (socket.writable) socket.write(`${said}\n`);
      });
    }
  });
  return { done: () => last };
}

function listen(server: Server, path: string): Promise<void> {
  rmSync(path, { force: true });
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      reject(
        new ControlError('CONTROL_IO', `--control ${path}: ${error.message}`, {
          retry: 'never',
          cause: error,
        }),
      );
    });
    server.listen(path, () => {
      chmodSync(path, 0o600);
      resolve();
    });
  });
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
