import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { viewerOrigin } from './origin.ts';
import type { Service } from './service.ts';

const PREFLIGHT_S = 600;

/**
 * Lets viewers' pages POST to this path from their own origin (WHATWG Fetch, CORS). Returns the hook that their answers need: other
 * pages in that browser do not get to read them.
 */
export function openToPages(
  app: FastifyInstance,
  { viewers }: Service,
  path: string,
): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const onRequest = async ({ headers }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.header('vary', 'Origin');
    const origin = viewerOrigin(headers.origin, viewers);
    if (origin !== undefined) reply.header('access-control-allow-origin', origin);
  };
  app.options(path, { onRequest }, async (_request, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': String(PREFLIGHT_S),
      })
      .send(),
  );
  return onRequest;
}
