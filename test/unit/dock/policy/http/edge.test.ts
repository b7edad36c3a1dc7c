import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openEdge, type EdgeLimits } from '../../../../../dock/policy/http/edge.ts';
import { dripAt, type Heard } from './drip.ts';

// Goal: whoever speaks slowly, too much or nonsense costs a bounded time and gets an answer of one shape without a stack.
// Method: the edge with short limits on a real port, and sockets that write byte by byte.

const LIMITS: Partial<EdgeLimits> = {
  headersMs: 150,
  requestMs: 300,
  keepAliveMs: 150,
  lookMs: 20,
  headerBytes: 4_096,
};
/** Far more than any limit here, far less than any default of Node. */
const PATIENCE_MS = 5_000;

let app: FastifyInstance;
let port: number;
const reported: unknown[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  reported.length = 0;
  app = openEdge({ limits: LIMITS, report: (error) => void reported.push(error) });
  app.post('/echo', async (request) => ({ got: request.body }));
  app.get('/broken', async () => {
    throw new Error('secret of the house at /srv/policy');
  });
  port = Number(new URL(await app.listen({ port: 0, host: '127.0.0.1' })).port);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

const drip = (first: string, drop?: string): Promise<Heard> => dripAt({ port, sockets }, first, drop);

const post = (body: string, more = ''): string =>
  `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

describe('time', () => {
  test.each([
    ['a connection that says nothing', '', ''],
    ['headers that never end', 'POST /echo HTTP/1.1\r\nHost: x\r\n', 'x-a: b\r\n'],
    ['a request line that never ends', 'POST /', 'e'],
    ['a body that never ends', post('{').replace('Content-Length: 1', 'Content-Length: 900000'), ' '],
    ['a body that stops', post('{').replace('Content-Length: 1', 'Content-Length: 2'), ''],
    [
      'chunks that never end',
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    ],
    ['an open connection without a further request', post('{}'), ''],
  ])('%s is cut off', async (_name, first, drop) => {
    const { ms } = await drip(first, drop);
    expect(ms).toBeLessThan(PATIENCE_MS);
  });

  test('a request that is too slow is told so', async () => {
    const { text } = await drip('POST /echo HTTP/1.1\r\nHost: x\r\n', 'x-a: b\r\n');
    expect(text).toContain('HTTP/1.1 408 ');
    expect(text).toContain('"code":"TOO_SLOW"');
  });

  test('a slow one does not hold up the others', async () => {
    const slow = drip('POST /echo HTTP/1.1\r\nHost: x\r\n', 'x-a: b\r\n');
    const quick = await drip(post('{"a":1}', 'Connection: close\r\n'));
    expect(quick.text).toContain('{"got":{"a":1}}');
    await slow;
  });
});

describe('size', () => {
  test('more connections than the limit are turned away', async () => {
    const few = openEdge({ limits: { connections: 2 }, report: () => undefined });
    port = Number(new URL(await few.listen({ port: 0, host: '127.0.0.1' })).port);
    const request = 'GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    const held = [drip('GET /'), drip('GET /')];
    expect((await drip(request)).text).toBe('');
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(held);
    await vi.waitFor(async () => expect((await drip(request)).text).toContain('404 Not Found'));
    await few.close();
  });

  test.each([
    ['headers', `GET /echo HTTP/1.1\r\nHost: x\r\nx-a: ${'b'.repeat(5_000)}\r\n\r\n`, '431'],
    ['an address', `GET /${'e'.repeat(5_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, '431'],
    ['a body', post(`"${'b'.repeat(1_100_000)}"`, 'Connection: close\r\n'), '413'],
  ])('%s too large', async (_name, request, status) => {
    const { text } = await drip(request);
    expect(text).toContain(`HTTP/1.1 ${status} `);
    expect(text).toContain('"code":"TOO_LARGE"');
  });
});

describe('shape', () => {
  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', '400'],
    ['two lengths', post('{}').replace('Content-Length', 'Content-Length: 9\r\nContent-Length'), '400'],
    [
      'a length and chunks',
      post('{}').replace('Content-Length', 'Transfer-Encoding: chunked\r\nContent-Length'),
      '400',
    ],
    ['an address that is no address', 'GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '400'],
    [
      'an address that looks like a pattern',
      'GET /:a(b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
      '404',
    ],
    ['no address', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '404'],
    ['another method', 'GET /echo?a=b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '405'],
    ['our own fault', 'GET /broken HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', '500'],
  ])('%s', async (_name, request, status) => {
    const { text } = await drip(request);
    expect(text).toContain(`HTTP/1.1 ${status} `);
    expect(text).toMatch(/\{"error":\{"code":"[A-Z_]+","message":"[^"]+"/);
    expect(text).not.toMatch(/secret|\/srv|node_modules|at .*\.[jt]s:/);
    expect(reported).toHaveLength(status === '500' ? 1 : 0);
  });

  test('405 names what the address takes', async () => {
    const { text } = await drip(
      'PUT /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    );
    expect(text.toLowerCase()).toContain('\r\nallow: post\r\n');
  });
});

describe('X-Request-ID', () => {
  const answered = async (id: string | undefined): Promise<string | undefined> => {
    const headers = id === undefined ? {} : { 'x-request-id': id };
    const { headers: out } = await app.inject({ method: 'POST', url: '/echo', headers, payload: {} });
    return typeof out['x-request-id'] === 'string' ? out['x-request-id'] : undefined;
  };

  test.each(['q', 'a b', '~'.repeat(256), '{"a":"b"}'])('%s comes back as it is', async (id) => {
    expect(await answered(id)).toBe(id);
  });

  test.each([undefined, 'é', '~'.repeat(257), ' ', 'a\tb'])('%s becomes one of ours', async (id) => {
    const made = await answered(id);
    expect(made).toMatch(/^[\w-]{16,}$/);
    expect(await answered(id)).not.toBe(made);
  });
});

describe('JSON', () => {
  const status = async (payload: string | Buffer): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    return (await app.inject({ method: 'POST', url: '/echo', headers, payload })).statusCode;
  };

  test.each([
    ['{"a":1,"a":2}', 400],
    ['{"a":1,"\\u0061":2}', 400],
    ['[{"a":{"b":[1,{"c":0,"d":{},"c":0}]}}]', 400],
    ['{"__proto__":{"admin":true}}', 400],
    ['{"a":{"__proto__":null}}', 400],
    ['{"constructor":{"prototype":{"admin":true}}}', 400],
    ['[{"a":1},{"a":1}]', 200],
    ['{"a":{"a":{"a":1}},"b":["a","a","a"]}', 200],
    ['{"a":"{\\"a\\":1,\\"a\\":2}","b":"a\\\\"}', 200],
    ['{"a":"a","b":"a"}', 200],
    ['{"b":1,"a":"x\\",\\"b\\":\\""}', 200],
    ['{"constructor":"Acme Building"}', 200],
    [`${'['.repeat(64)}${']'.repeat(64)}`, 200],
    [`${'['.repeat(65)}${']'.repeat(65)}`, 400],
    [`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, 400],
    ['[1,]', 400],
    ['', 400],
  ])('%.60s: %i', async (payload, expected) => {
    expect(await status(payload)).toBe(expected);
  });

  test('what is not said to be JSON is not read', async () => {
    const headers = { 'content-type': 'text/plain' };
    const response = await app.inject({ method: 'POST', url: '/echo', headers, payload: '{}' });
    expect(response.statusCode).toBe(400);
  });

  test('what is not UTF-8 is refused', async () => {
    expect(await status(Buffer.from([0x22, 0xff, 0x22]))).toBe(400);
    expect(await status(Buffer.from('"é"', 'utf8'))).toBe(200);
    expect(await status(Buffer.from('"é"', 'utf16le'))).toBe(400);
  });
});
