import { request } from 'node:http';
import type { EntryOf } from '../../proto/custody-fields.ts';
import { PackageError } from './errors.ts';

const ANSWER_BYTES_MAX = 16 * 1024;

/**
 * Has a running dock write the `exported` entry, through its control socket: only one process may append to a ledger. `grants` are
 * the grants that `grant` is the digest over, so that the dock can look each of them up. Resolves
 * when the entry is in a published checkpoint. Throws PackageError PACKAGE_BUSY when no dock answers there.
 */
export async function tellDock(
  socketPath: string,
  exported: Omit<EntryOf<'exported'>, 'type' | 'at'> & { readonly grants?: readonly string[] },
): Promise<void> {
  const answer = await post(socketPath, JSON.stringify(exported));
  if (answer.status === 200 || answer.status === 201) return;
  const message = `the running dock did not record the export: ${answer.status} ${answer.body.slice(0, 200)}`;
  throw new PackageError('PACKAGE_BUSY', message, { retry: 'later', facts: { status: answer.status } });
}

function post(socketPath: string, body: string): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      const message = `the running dock cannot be reached at ${socketPath}; stop it, or start it again`;
      reject(new PackageError('PACKAGE_BUSY', message, { retry: 'later', cause }));
    };
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const sent = request({ socketPath, method: 'POST', path: '/v1/exported', headers }, (response) => {
      let answer = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        answer = (answer + part).slice(0, ANSWER_BYTES_MAX);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: answer }));
      response.on('error', fail);
    });
    sent.on('error', fail);
    sent.end(body);
  });
}
