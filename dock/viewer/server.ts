import fastifyStatic from '@fastify/static';
import fastify, {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyRequest,
  type FastifyTypeProvider,
  type RawServerDefault,
} from 'fastify';
import { validatorCompiler } from 'fastify-type-provider-zod';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';
import type { BayStanding } from '../ingest/standing.ts';
import type { NamedAbsence } from '../keep/absences.ts';
import type { Clock, Holdings, Keys, Ledger, Policy, Released } from '../ports.ts';
import type { Packages } from '../package/sealed.ts';
import type { Leaving } from '../release/leaving.ts';
import { addBayRoutes } from './bays.ts';
import { prepareGuards } from './bearer.ts';
import { Catalogue } from './catalogue.ts';
import { addContentRoutes } from './content.ts';
import { addCustodyRoutes } from './custody.ts';
import { addDenialRoutes } from './denials.ts';
import { addFileRoutes } from './files.ts';
import { addMissingRoutes } from './missing.ts';
import { addPackageRoute } from './package.ts';
import { addDocument } from './openapi.ts';
import { addPurposeRoutes } from './purposes.ts';
import { answerPreflights, originHeaders } from './page-origin.ts';
import { addRecordingRoutes } from './recordings.ts';
import { securityHeaders, sendNotFound, sendProblem } from './reply.ts';
import type { Answer } from './schema/problem.ts';
import { serializerCompiler } from './serializer.ts';
import { Streams } from './stream.ts';
import { Timelines } from './timeline.ts';
import { addUpdateRoutes } from './updates.ts';

export interface ViewerPorts {
  readonly released: Released;
  readonly leaving: Pick<Leaving, 'begin'>;
  readonly packages: Packages;
  readonly policy: Pick<Policy, 'viewer' | 'decide'>;
  readonly holdings: Holdings;
  readonly ledger: Ledger;
  readonly keys: Pick<Keys, 'dockId' | 'pseudonym' | 'camera'>;
  readonly clock: Clock;
  /** Every bay and MQTT camera as it is at this moment. */
  readonly bays: () => readonly BayStanding[];
  /** Footage that should be here and is not, as the ledger names it. */
  readonly missing: () => Promise<readonly NamedAbsence[]>;
  /** Hears what failed inside the dock while answering; must not throw. */
  readonly onProblem: (problem: unknown) => void;
}

export interface ViewerOptions {
  /** Of this program. */
  readonly version: string;
  /** Where the browser finds the policy service, for signing in. */
  readonly policyUrl: string;
  /** Folder of the built page. */
  readonly pageDir: string;
  /** Folder of the ledger's published files. */
  readonly ledgerDir: string;
  /** Verifier keys of the witnesses that cosign this dock's ledger; none unless given. */
  readonly witnesses?: readonly string[];
  /** Origin besides this dock's own that serves the page. */
  readonly pageOrigin?: string | undefined;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a person is told whose request does not fit the route's schemas. */
    readonly badRequest?: string;
  }
}

/** The type of what a route reads and answers, by its schema; what it answers may be read-only. */
interface ViewerTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  readonly serializer: this['schema'] extends z.ZodType ? Answer<this['schema']> : unknown;
}

/** The dock's HTTP side as its routes see it: what they read and answer has the types of their schemas. */
export type ViewerApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ViewerTypes
>;

// The largest thing a page sends is an opening proof.
const BODY_BYTES_MAX = 16 * 1024;
const REQUEST_MS_MAX = 30_000;

/** The dock's HTTP side, not yet listening: `listen({ host, port })` starts it, `close()` ends it and every stream. */
export async function buildViewer(ports: ViewerPorts, options: ViewerOptions): Promise<ViewerApp> {
  const headers = { ...securityHeaders(options.policyUrl), ...originHeaders(options.pageOrigin) };
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS_MAX,
    // A page that was left open must not keep the daemon from stopping.
    forceCloseConnections: true,
    // HEAD on a chunk would say its length, and count as a view.
    exposeHeadRoutes: false,
    // An address that cannot be decoded, or a part of one that is longer than any id: no hook has been there yet.
    frameworkErrors: (_error, _request, reply) => void sendNotFound(reply.headers(headers)),
  }).withTypeProvider<ViewerTypes>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  prepareGuards(app);
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(headers);
  });
  answerPreflights(app, options.pageOrigin);
  app.setNotFoundHandler((_request, reply) => sendNotFound(reply));
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const status = statusOf(error);
    // An address that fits no schema is one of nothing, and what exists is nobody's business.
    if (error.validationContext === 'params') return sendNotFound(reply);
    if (status < 500)
      return sendProblem(reply, status, { code: 'bad-request', message: complaint(error, request) });
    ports.onProblem(error);
    return sendProblem(reply, 500, problemOf(error));
  });
  // The page's files lie there compressed as well; the ledger's, which are hashes and ciphertext, do not.
  await app.register(fastifyStatic, { serve: false, preCompressed: true });
  await addDocument(app, options.version);
  addFileRoutes(app, ports, options);
  const catalogue = new Catalogue(ports.released, ports.holdings);
  const timelines = new Timelines(ports.ledger);
  addRecordingRoutes(app, ports, { catalogue, timelines });
  addContentRoutes(app, ports, catalogue);
  addPurposeRoutes(app, ports, catalogue);
  const { witnesses = [] } = options;
  addCustodyRoutes(app, ports, { catalogue, timelines, witnesses });
  addDenialRoutes(app, ports, { catalogue, timelines });
  addPackageRoute(app, ports, catalogue);
  const streams = new Streams(app, { headers, clock: ports.clock, onProblem: ports.onProblem });
  addBayRoutes(app, ports, streams);
  addMissingRoutes(app, ports);
  addUpdateRoutes(app, ports, { catalogue, streams });
  return app;
}

/** Fastify's own refusals (malformed JSON, a body too large) carry the status; everything else is the dock's fault. */
function statusOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return 500;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : 500;
}

function complaint({ validation }: FastifyError, request: FastifyRequest): string {
  const wanted = validation === undefined ? undefined : request.routeOptions.config.badRequest;
  return wanted ?? 'The request is not understood.';
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
