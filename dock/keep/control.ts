import { rm } from 'node:fs/promises';
import fastify from 'fastify';
import { FieldError } from '../../proto/errors.ts';

/** What an operator at the dock may ask of the running daemon: a name, and what answers it. */
export type ControlHandlers = Readonly<Record<string, (body: unknown) => Promise<unknown>>>;

/**
 * A request of an operator that the dock does not do; the message says what would. BAD_REQUEST: it makes no sense. NOT_HELD: no such
 * recording is in custody. DESTROYED: it was, and its time is over. OTHER_MANIFEST: what is held is another recording under that id.
 * NOT_SEALED: anybody could watch it. NO_GRANT: the ledger names no such grant for it. BUSY: not now.
 */
export class ControlError extends FieldError<keyof typeof STATUS> {
  constructor(code: keyof typeof STATUS, message: string) {
    super(code, message, { retry: code === 'BUSY' ? 'later' : 'never' });
  }
}

const STATUS = {
  BAD_REQUEST: 400,
  NOT_HELD: 404,
  DESTROYED: 410,
  OTHER_MANIFEST: 409,
  NOT_SEALED: 409,
  NO_GRANT: 409,
  BUSY: 503,
} as const;

// An export brings its grants along, up to a thousand of about a kilobyte.
const BODY_BYTES_MAX = 2 * 1024 * 1024;
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
    const status = error instanceof ControlError ? STATUS[error.code] : statusOf(error);
    if (status === 500) report(error);
    const message = error instanceof Error ? error.message : String(error);
    const code = error instanceof ControlError ? { code: error.code } : {};
    return reply.code(status).send({ error: { ...code, message } });
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
