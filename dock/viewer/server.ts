import fastifyStatic from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import type { NamedAbsence } from '../keep/absences.ts';
import type { Bay, Clock, Holdings, Keys, Ledger, Policy, Released } from '../ports.ts';
import { addBayRoutes } from './bays.ts';
import { Catalogue } from './catalogue.ts';
import { addContentRoutes } from './content.ts';
import { addFileRoutes } from './files.ts';
import { addMissingRoutes } from './missing.ts';
import { addRecordingRoutes } from './recordings.ts';
import { securityHeaders, sendNotFound, sendProblem } from './reply.ts';
import { addUpdateRoutes } from './updates.ts';

export interface ViewerPorts {
  readonly released: Released;
  readonly policy: Pick<Policy, 'viewer'>;
  readonly holdings: Holdings;
  readonly ledger: Ledger;
  readonly keys: Pick<Keys, 'dockId' | 'pseudonym' | 'camera'>;
  readonly clock: Clock;
  /** Every bay and MQTT camera as it is at this moment. */
  readonly bays: () => readonly Bay[];
  /** Footage that should be here and is not, as the ledger names it. */
  readonly missing: () => Promise<readonly NamedAbsence[]>;
  /** Hears what failed inside the dock while answering; must not throw. */
  readonly onProblem: (problem: unknown) => void;
}

export interface ViewerOptions {
  /** Where the browser finds the policy service, for signing in. */
  readonly policyUrl: string;
  /** Folder of the built page. */
  readonly pageDir: string;
  /** Folder of the ledger's published files. */
  readonly ledgerDir: string;
}

// The largest thing a page sends is an opening proof.
const BODY_BYTES_MAX = 16 * 1024;
const REQUEST_MS_MAX = 30_000;

/** The dock's HTTP side, not yet listening: `listen({ host, port })` starts it, `close()` ends it and every stream. */
export async function buildViewer(ports: ViewerPorts, options: ViewerOptions): Promise<FastifyInstance> {
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    // A page that was left open must not keep the daemon from stopping.
    forceCloseConnections: true,
    // HEAD on a chunk would say its length, and count as a view.
    exposeHeadRoutes: false,
  });
  const headers = securityHeaders(options.policyUrl);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
  app.setNotFoundHandler((_request, reply) => sendNotFound(reply));
  app.setErrorHandler((error, _request, reply) => {
    const status = statusOf(error);
    if (status < 500)
      return sendProblem(reply, status, { code: 'bad-request', message: 'The request is not understood.' });
    ports.onProblem(error);
    return sendProblem(reply, 500, problemOf(error));
  });
  await app.register(fastifyStatic, { serve: false });
  addFileRoutes(app, ports, options);
  const catalogue = new Catalogue(ports.released, ports.holdings);
  addRecordingRoutes(app, ports, catalogue);
  addContentRoutes(app, ports, catalogue);
  addBayRoutes(app, ports);
  addMissingRoutes(app, ports);
  addUpdateRoutes(app, ports, { catalogue, headers });
  return app;
}

/** Fastify's own refusals (malformed JSON, a body too large) carry the status; everything else is the dock's fault. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}

function problemOf(error: unknown): { code: 'content-damaged' | 'dock-fault'; message: string } {
  const rotten = error instanceof Error && 'code' in error && error.code === 'STORE_ROT';
  return rotten
    ? {
        code: 'content-damaged',
        message: 'The stored bytes are not what was accepted. They are kept aside and will not be shown.',
      }
    : { code: 'dock-fault', message: 'The dock could not do this just now.' };
}
