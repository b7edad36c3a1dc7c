import { rm } from 'node:fs/promises';
import fastify from 'fastify';

/** What an operator at the dock may ask of the running daemon: a name, and what answers it. */
export type ControlHandlers = Readonly<Record<string, (body: unknown) => Promise<unknown>>>;

/** A request of an operator that makes no sense; the message says what would. */
export class ControlError extends Error {
  readonly status: 400 | 404 | 409 | 503;

  constructor(status: ControlError['status'], message: string) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
  }
}

const BODY_BYTES_MAX = 64 * 1024;
const OTHERS = 0o177;

/**
 * The daemon's door for whoever administers the machine: HTTP over a Unix socket that only the daemon's own user can open,
 * `POST /v1/NAME` with a JSON body. There is no content behind it and no key. Resolves once it listens.
 */
export async function openControl(
  path: string,
  handlers: ControlHandlers,
  report: (problem: unknown) => void,
): Promise<{ close(): Promise<void> }> {
  const app = fastify({ bodyLimit: BODY_BYTES_MAX, forceCloseConnections: true });
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof ControlError ? error.status : statusOf(error);
    if (status >= 500) report(error);
    const message = error instanceof Error ? error.message : String(error);
    return reply.code(status).send({ error: { message } });
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: { message: `there are ${Object.keys(handlers).join(', ')}` } }),
  );
  for (const [name, handle] of Object.entries(handlers))
    app.post(`/v1/${name}`, async (request) => handle(request.body));
  // Only one process has the ledger's lock, so a socket that lies here is left from one that was killed.
  await rm(path, { force: true });
  await app.ready();
  // From its first moment on: a socket that is closed to others only afterwards has let them in by then.
  const before = process.umask(OTHERS);
  try {
    await app.listen({ path });
  } finally {
    process.umask(before);
  }
  return { close: () => app.close() };
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
