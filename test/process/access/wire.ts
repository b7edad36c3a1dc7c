import { request, type Agent, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

/** What goes out, exactly: no client between tidies up the path. */
export interface Ask {
  /** Base address of the server. */
  readonly base: string;
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A stream has said all it has to say at first when it is silent for so long. */
const QUIET_MS = 80;
const ANSWER_MS_MAX = 15_000;

/** Sends it and resolves with the answer; of a stream of events, with what comes at once. */
export function send(agent: Agent, { base, method, path, headers = {}, body }: Ask): Promise<Answer> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const sent = request(
      { agent, hostname, port, path, method, headers, timeout: ANSWER_MS_MAX },
      (response) => {
        const parts: Buffer[] = [];
        const done = (): void => {
          const { statusCode: status = 0, headers: said } = response;
          resolve({ status, headers: said, body: Buffer.concat(parts) });
        };
        const isStream = response.headers['content-type'] === 'text/event-stream';
        let quiet: NodeJS.Timeout | undefined;
        response.on('data', (part: Buffer) => {
          parts.push(part);
          if (!isStream) return;
          clearTimeout(quiet);
          quiet = setTimeout(() => {
            done();
            response.destroy();
          }, QUIET_MS);
        });
        response.on('end', done);
        response.on('error', reject);
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered`)));
    sent.on('error', (cause) => reject(new Error(`${method} ${path} is not answered`, { cause })));
    sent.end(body);
  });
}

/**
 * Writes these bytes to a fresh connection and resolves with all that comes back until the server closes it, or has been silent for
 * long enough to have said everything.
 */
export function sendRaw(
  base: string,
  bytes: string,
  quietMs = 1_000,
): Promise<{ readonly text: string; readonly closed: boolean }> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(bytes, 'latin1'));
    const done = (closed: boolean): void => {
      socket.destroy();
      resolve({ text: Buffer.concat(parts).toString('latin1'), closed });
    };
    socket.setTimeout(quietMs, () => done(false));
    socket.on('data', (part) => parts.push(part));
    socket.on('end', () => done(true));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? done(true) : reject(error),
    );
  });
}
