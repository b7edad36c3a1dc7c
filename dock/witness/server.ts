import fastify, { type FastifyInstance } from 'fastify';
import { addCheckpoint, type Answer, type WitnessPorts } from './add-checkpoint.ts';

// A note with a hundred signatures, and 63 lines of proof.
const BODY_BYTES_MAX = 32 * 1024;
// A log sends one small request at a time; whoever takes longer holds a socket for nothing.
const REQUEST_MS_MAX = 10_000;

/** What the program is told of each request. */
export interface WitnessNews {
  readonly answered: (answer: Answer) => void;
  readonly failed: (error: unknown) => void;
}

/** The HTTP face: `POST /add-checkpoint` of C2SP tlog-witness and nothing else. Not listening yet. */
export function buildServer(ports: WitnessPorts, news: WitnessNews): FastifyInstance {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    forceCloseConnections: 'idle',
  });
  // The specification names no content type for a request, so any will do.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.post('/add-checkpoint', async (request, reply) => {
    const body = request.body instanceof Uint8Array ? request.body : new Uint8Array();
    const answer = await addCheckpoint(body, ports);
    news.answered(answer);
    return reply.code(answer.status).type(answer.type).send(answer.body);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type('text/plain').send('a witness answers POST /add-checkpoint\n'),
  );
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status < 500) return reply.code(status).type('text/plain').send('request refused\n');
    news.failed(error);
    return reply.code(500).type('text/plain').send('nothing was cosigned; try again later\n');
  });
  return app;
}

function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  return typeof error.statusCode === 'number' ? error.statusCode : 500;
}
