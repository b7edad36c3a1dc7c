import type { FastifyInstance } from 'fastify';
import type { NamedAbsence } from '../keep/absences.ts';
import { absenceInWords } from '../keep/words.ts';
import type { Viewer } from '../ports.ts';
import { viewerOf } from './bearer.ts';
import { sendNotFound, sendUnauthorised } from './reply.ts';
import type { ViewerPorts } from './server.ts';

// Those who tend the dock, answer for the cameras or look into what was done with them. To those who carried the cameras
// it would say which recordings nobody misses yet.
const MISSING_ROLES: ReadonlySet<string> = new Set([
  'dock_operator',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
  'independent_review',
  'doj_monitor',
]);

/** `GET /v1/missing`: footage that should be here and is not, in words, the longest missing first. */
export function addMissingRoutes(app: FastifyInstance, ports: ViewerPorts): void {
  app.get('/v1/missing', async (request, reply) => {
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who) return sendUnauthorised(reply, who.refused);
    if (!mayKnow(who.viewer)) return sendNotFound(reply);
    reply.header('cache-control', 'no-store');
    return { missing: (await ports.missing()).map(shown) };
  });
}

function mayKnow({ roles }: Viewer): boolean {
  return roles.some((role) => MISSING_ROLES.has(role));
}

function shown(absence: NamedAbsence): NamedAbsence & { readonly text: string } {
  return { ...absence, text: absenceInWords(absence) };
}
