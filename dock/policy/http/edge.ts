import type { Socket } from 'node:net';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { randomId } from '../custodian/keys.ts';
import { failureHandler, failureOf, sendFailure, type Failure } from './failure.ts';
import { acceptJson } from './json.ts';

/** How long and how many; milliseconds and bytes. */
export interface EdgeLimits {
  /** From the first moment of a connection, or of the next request on it, to the end of the headers. */
  readonly headersMs: number;
  /** From that moment to the end of the body. */
  readonly requestMs: number;
  /** An open connection without a request. */
  readonly keepAliveMs: number;
  /** How often the three above are looked at. */
  readonly lookMs: number;
  readonly connections: number;
  /** Request line and headers together. */
  readonly headerBytes: number;
}

const LIMITS: EdgeLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  keepAliveMs: 15_000,
  lookMs: 1_000,
  // Docks hold one event stream each; more than this is no agency but an attack.
  connections: 2_048,
  headerBytes: 16 * 1024,
};

export interface EdgeOptions {
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly limits?: Partial<EdgeLimits>;
  /** Told of errors that are our own fault. */
  report(this: void, error: unknown): void;
}

/** What `X-Request-ID` may be: 1 to 256 printable ASCII characters, no space at either end. */
export const REQUEST_ID = /^[\x21-\x7e](?:[\x20-\x7e]{0,254}[\x21-\x7e])?$/;
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** Nothing that a router would read as a pattern. */
const PLAIN_PATH = /^\/[\w./-]*$/;

/** The HTTP edge without a route: what every answer of this program has in common. */
export function openEdge({ tls, limits, report }: EdgeOptions): FastifyInstance {
  const { headersMs, requestMs, keepAliveMs, lookMs, connections, headerBytes } = { ...LIMITS, ...limits };
  const wire = {
    headersTimeout: headersMs,
    connectionsCheckingInterval: lookMs,
    maxHeaderSize: headerBytes,
  };
  const common = {
    logger: false,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: true,
    genReqId: (raw: { readonly headers: FastifyRequest['headers'] }) => requestIdIn(raw) ?? randomId(),
    frameworkErrors: (error: Error, _request: unknown, reply: FastifyReply) => {
      sendFailure(reply, failureOf(error));
    },
    clientErrorHandler: refuseUnread,
  } as const;
  // The two forms differ in the type of their raw socket alone, which nothing here looks at.
  const app = (tls === undefined
    ? fastify({ ...common, http: wire })
    : fastify({ ...common, https: { ...wire, ...tls } })) as unknown as FastifyInstance;
  app.server.maxConnections = connections;
  acceptBodies(app);
  app.addHook('onRequest', async (request, reply) => {
    reply
      .header('x-request-id', request.id)
      .header('cache-control', 'no-store')
      .header('x-content-type-options', 'nosniff');
  });
  app.setErrorHandler(failureHandler(report));
  app.setNotFoundHandler((request, reply) => notFound(app, request, reply));
  return app;
}

/** The caller's own id of its request, when it has given one that can be kept and echoed: 1 to 256 printable ASCII characters. */
export function requestIdIn({ headers }: Pick<FastifyRequest, 'headers'>): string | undefined {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : undefined;
}

/** JSON, and what HTML forms send; nothing else. */
function acceptBodies(app: FastifyInstance): void {
  acceptJson(app);
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16 * 1024 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
}

/** 405 (RFC 9110, section 15.5.6) where the path is one of ours and only the method is not, else 404. */
function notFound(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const [path = ''] = request.url.split('?', 1);
  const allowed = PLAIN_PATH.test(path)
    ? METHODS.filter((method) => app.hasRoute({ method, url: path }))
    : [];
  if (allowed.length === 0) {
    return sendFailure(reply, { status: 404, code: 'NOT_FOUND', message: 'there is nothing here' });
  }
  const allow = allowed.join(', ');
  return sendFailure(reply.header('allow', allow), {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: `this address takes ${allow}`,
  });
}

const UNREAD: Readonly<Record<string, Failure & { readonly phrase: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    phrase: 'Request Timeout',
    code: 'TOO_SLOW',
    message: 'the request took too long to arrive',
  },
  HPE_HEADER_OVERFLOW: {
    status: 431,
    phrase: 'Request Header Fields Too Large',
    code: 'TOO_LARGE',
    message: 'address and headers are too large',
  },
};
const UNREADABLE = { status: 400, phrase: 'Bad Request', code: 'BAD_REQUEST', message: 'this is not HTTP' };

/** A request that never got as far as a route: answered when it can be, and cut off. */
function refuseUnread(error: Error & { readonly code?: string }, socket: Socket): void {
  const { status, phrase, code, message } = UNREAD[error.code ?? ''] ?? UNREADABLE;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify({ error: { code, message } });
  const head = `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  socket.end(head + body, () => socket.destroy());
}
