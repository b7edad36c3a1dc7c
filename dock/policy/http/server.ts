import type { FastifyInstance } from 'fastify';
import { asksToDestroy, judgeDestruction } from '../destruction.ts';
import type { Source } from '../facts/fact.ts';
import { judge } from '../hearing.ts';
import { documentRoutes, noteRoutes } from './api/routes.ts';
import { authzenRoutes, type DecisionPoint } from './authzen.ts';
import { DEMO_SOURCE, demoRecordsRoutes } from './demo-records.ts';
import { decisionRoutes } from './decisions.ts';
import { openEdge, type EdgeOptions } from './edge.ts';
import { eventRoutes } from './events.ts';
import { factRoutes } from './facts.ts';
import { keyRoutes } from './keys.ts';
import { ledgerRoutes } from './ledger.ts';
import { oversightRoutes } from './oversight.ts';
import { pageRoutes, type PageOptions } from './page.ts';
import { authenticate, rulesOfNobody, type Service } from './service.ts';
import { signInRoutes } from './sign-in.ts';

export interface ServerOptions extends Pick<EdgeOptions, 'tls' | 'limits'> {
  readonly demoRecords: boolean;
  /** The viewer's page; not served unless given. */
  readonly page?: PageOptions | undefined;
}

/** The whole HTTP edge of the service, not yet listening. */
export function buildServer(
  service: Service,
  { demoRecords, page, ...options }: ServerOptions,
): FastifyInstance {
  const app = openEdge({ ...options, report: service.report });
  const routes = noteRoutes(app);
  factRoutes(app, service);
  eventRoutes(app, service);
  authzenRoutes(app, decisionPoint(service));
  signInRoutes(app, service);
  keyRoutes(app, service);
  ledgerRoutes(app, service);
  decisionRoutes(app, service);
  oversightRoutes(app, service);
  if (page !== undefined) pageRoutes(app, service, page);
  app.get('/.well-known/jwks.json', async () => ({
    keys: service.issuer.key.known.map(({ jwk }) => jwk),
  }));
  app.get('/healthz', async () => {
    const { regime, hash } = rulesOfNobody(service);
    return { ok: true, regime, policySet: hash };
  });
  const records = service.sources.find(({ name }) => name === DEMO_SOURCE);
  if (demoRecords && records !== undefined) demoRecordsRoutes(app, service, withoutToken(records));
  documentRoutes(app, routes);
  return app;
}

/** The service as AuthZEN sees it: sources ask, the rules and the facts decide. */
function decisionPoint(service: Service): DecisionPoint {
  return {
    url: () => service.url(),
    authenticate: (request) => authenticate(service, request),
    judge: async (request) =>
      asksToDestroy(request) ? judgeDestruction(service, request) : judge(service, request),
    write: () => service.journal.flushSoon(),
  };
}

function withoutToken({ name, may }: Source): Source {
  return { name, may };
}
