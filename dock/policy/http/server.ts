import fastify, { type FastifyInstance } from 'fastify';
import type { Source } from '../facts/fact.ts';
import { authzenRoutes } from './authzen.ts';
import { DEMO_SOURCE, demoRecordsRoutes } from './demo-records.ts';
import { decisionRoutes } from './decisions.ts';
import { eventRoutes } from './events.ts';
import { failureHandler, sendFailure } from './failure.ts';
import { factRoutes } from './facts.ts';
import { keyRoutes } from './keys.ts';
import { ledgerRoutes } from './ledger.ts';
import { rulesOfNobody, type Service } from './service.ts';
import { signInRoutes } from './sign-in.ts';

export interface ServerOptions {
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly demoRecords: boolean;
}

const REQUEST_MS_MAX = 30_000;
/** Docks hold one event stream each; more than this is no agency but an attack. */
const CONNECTIONS_MAX = 2_048;

/** The whole HTTP edge, not yet listening. */
export function buildServer(service: Service, { tls, demoRecords }: ServerOptions): FastifyInstance {
  const common = { logger: false, requestTimeout: REQUEST_MS_MAX, forceCloseConnections: true } as const;
  // The two forms differ in the type of their raw socket alone, which nothing here looks at.
  const app =
    tls === undefined ? fastify(common) : (fastify({ ...common, https: tls }) as unknown as FastifyInstance);
  app.server.maxConnections = CONNECTIONS_MAX;
  acceptBodies(app);
  app.addHook('onRequest', async (request, reply) => {
    const id = request.headers['x-request-id'];
    if (typeof id === 'string') reply.header('x-request-id', id);
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
  });
  app.setErrorHandler(failureHandler(service.report));
  app.setNotFoundHandler((_request, reply) =>
    sendFailure(reply, { status: 404, code: 'NOT_FOUND', message: 'there is nothing here' }),
  );
  factRoutes(app, service);
  eventRoutes(app, service);
  authzenRoutes(app, service);
  signInRoutes(app, service);
  keyRoutes(app, service);
  ledgerRoutes(app, service);
  decisionRoutes(app, service);
  app.get('/.well-known/jwks.json', async () => ({ keys: [service.issuer.key.jwk] }));
  app.get('/healthz', async () => {
    const { regime, hash } = rulesOfNobody(service);
    return { ok: true, regime, policySet: hash };
  });
  const records = service.sources.find(({ name }) => name === DEMO_SOURCE);
  if (demoRecords && records !== undefined) demoRecordsRoutes(app, service, withoutToken(records));
  return app;
}

/** JSON as fastify reads it, and what HTML forms send; nothing else. */
function acceptBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16 * 1024 },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
}

function withoutToken({ name, may }: Source): Source {
  return { name, may };
}
