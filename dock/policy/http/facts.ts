import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { instant } from '../clock.ts';
import type { Entry } from '../facts/fact.ts';
import { badRequest } from './failure.ts';
import { parseFacts } from './fact-schema.ts';
import { authenticate, type Service } from './service.ts';

// A registered recording brings its manifest, up to 4 MiB as base64, and a batch may hold a few.
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const LIST_MAX = 1_000;

/** Which facts `GET /v1/facts` lists. */
export const listQuery = z.object({
  incident: z.string().min(1).max(64).optional(),
  recording: z.string().min(1).max(64).optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  after: z.coerce.number().int().min(0).default(0),
});

/** `POST /v1/facts` and `GET /v1/facts`. */
export function factRoutes(app: FastifyInstance, service: Service): void {
  const onRequest = async (request: Parameters<typeof authenticate>[1]): Promise<void> => {
    authenticate(service, request);
  };
  app.post('/v1/facts', { bodyLimit: BODY_BYTES_MAX, onRequest }, async (request, reply) => {
    const source = authenticate(service, request);
    const { facts, isBatch } = parseFacts(request.body);
    const posted = service.book.post(source, facts, instant(service.clock.nowMs()));
    const [first] = posted;
    if (isBatch || first === undefined) {
      const results = posted.map(({ id, index, added }) => ({ id, index, status: added ? 201 : 200 }));
      return reply.code(201).send({ results });
    }
    return reply.code(first.added ? 201 : 200).send({ index: first.index });
  });
  app.get('/v1/facts', { onRequest }, async (request) => {
    const query = listQuery.safeParse(request.query);
    if (!query.success)
      throw badRequest('the query is not understood', query.error.issues[0]?.path.join('.'));
    const { incident, recording, type, after } = query.data;
    const filter = {
      after,
      limit: LIST_MAX,
      ...(incident === undefined ? {} : { incident }),
      ...(recording === undefined ? {} : { recording }),
      ...(type === undefined ? {} : { types: [type].flat() }),
    };
    // A manifest may be megabytes, so it is given only where one recording is asked about.
    const manifests = recording !== undefined;
    const entries = service.book.store.list(filter, { manifests });
    return { facts: manifests ? entries : entries.map(withoutManifest) };
  });
}

function withoutManifest({ fact, ...entry }: Entry): unknown {
  return {
    ...entry,
    fact: Object.fromEntries(Object.entries(fact).filter(([name]) => name !== 'manifest')),
  };
}
