import { request } from 'node:http';
import { FieldError } from '../../proto/errors.ts';

/** A dock did not do what its operator asked. NOT_RUNNING: nobody listens at its socket; UNREACHABLE: somebody may, out of reach. */
export class AskError extends FieldError<'NOT_RUNNING' | 'UNREACHABLE' | 'REFUSED'> {}

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

/** Asks a running dock through its control socket; resolves to its answer, which is JSON. Throws AskError. */
export async function askDock(socketPath: string, name: string, body: unknown = {}): Promise<unknown> {
  const { status, text } = await post(socketPath, `/v1/${name}`, JSON.stringify(body));
  const answer: unknown = JSON.parse(text);
  if (status === 200) return answer;
  throw new AskError('REFUSED', `the dock did not do it (${status}): ${messageIn(answer)}`, {
    retry: 'later',
  });
}

function messageIn(answer: unknown): string {
  const { error } = answer as { readonly error?: { readonly message?: unknown } };
  return typeof error?.message === 'string' ? error.message : 'no reason given';
}

function post(socketPath: string, path: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(whyNot(socketPath, cause));
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request({ socketPath, method: 'POST', path, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      response.on('data', (part: Buffer) => {
        bytes += part.length;
        if (bytes > ANSWER_BYTES_MAX) response.destroy(new RangeError('the answer is too long'));
        else parts.push(part);
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString('utf8') }),
      );
      response.on('error', fail);
    });
    sent.on('error', fail);
    sent.end(body);
  });
}

/** Only where nobody listens is nobody there: a socket that this user may not open has a dock behind it. */
function whyNot(socketPath: string, cause: unknown): AskError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ECONNREFUSED') {
    const message = `no dock runs at ${socketPath}: start it, or name its --data folder`;
    return new AskError('NOT_RUNNING', message, { retry: 'later', cause });
  }
  const said = cause instanceof Error ? cause.message : String(cause);
  const message = `the dock at ${socketPath} cannot be asked (${said}): are you its user?`;
  return new AskError('UNREACHABLE', message, { retry: 'later', cause });
}
