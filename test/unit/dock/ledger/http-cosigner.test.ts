import { createServer, type RequestListener } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { httpCosigner } from '../../../../dock/ledger/http-cosigner.ts';
import { HandClock } from './witnesses.ts';

// Goal: whatever is at a witness's address, asking it ends in time, in bounded memory, and in words. Method: a server on
// loopback that answers well, wrongly, without end or never; a clock that the test moves.
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

const never = new AbortController().signal;
const vkey = 'unread';

describe('a witness over HTTP', () => {
  it('is asked at its prefix, and answers with status and text', async () => {
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (part: Buffer) => (body += part.toString()));
      request.on('end', () => response.writeHead(409).end(`${request.method} ${request.url} ${body}`));
    });
    const answer = await httpCosigner({ vkey, url: `${url}/prefix/` }, new HandClock()).add('old 0\n', never);
    expect(answer).toEqual({ status: 409, body: 'POST /prefix/add-checkpoint old 0\n' });
  });

  it.each<readonly [string, RequestListener, RegExp]>([
    [
      'sends more than it should',
      (_request, response) => response.end('x'.repeat(17 * 1024)),
      /more than it should/,
    ],
    [
      'sends another elsewhere',
      (_request, response) => response.writeHead(302, { location: '/' }).end(),
      /cannot be reached/,
    ],
    [
      'hangs up',
      (request) => request.socket.destroy(),
      /cannot be reached at http:.*: (UND_ERR_SOCKET|ECONNRESET)/,
    ],
    ['sends what is no text', (_request, response) => response.end(Buffer.of(0xff)), /cannot be reached/],
  ])('that %s has not answered', async (_what, listener, words) => {
    const url = await serve(listener);
    await expect(httpCosigner({ vkey, url }, new HandClock()).add('', never)).rejects.toThrow(words);
  });

  it('has three seconds, and is let go at once when nobody waits any more', async () => {
    let heard = (): void => undefined;
    const arrived = (): Promise<void> => new Promise((resolve) => (heard = resolve));
    const url = await serve(() => heard());
    const clock = new HandClock();
    const first = arrived();
    const late = httpCosigner({ vkey, url }, clock).add('', never);
    await first;
    clock.pass(3_000);
    await expect(late).rejects.toThrow(`did not answer within 3 s at ${url}`);
    const stop = new AbortController();
    const second = arrived();
    const left = httpCosigner({ vkey, url }, clock).add('', stop.signal);
    await second;
    stop.abort();
    await expect(left).rejects.toThrow(/not asked to the end/);
  });
});
