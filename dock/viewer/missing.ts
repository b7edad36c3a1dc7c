import type { NamedAbsence } from '../keep/absences.ts';
import { absenceInWords } from '../keep/words.ts';
import type { Viewer } from '../ports.ts';
import { signedIn, viewerIn } from './bearer.ts';
import { sendNotFound } from './reply.ts';
import { listMissing, type MissingFootage } from './schema/missing.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';

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
export function addMissingRoutes(app: ViewerApp, ports: ViewerPorts): void {
  const guard = signedIn(ports.policy);
  app.get('/v1/missing', { schema: listMissing, preValidation: guard }, async (request, reply) => {
    if (!mayKnow(viewerIn(request).viewer)) return sendNotFound(reply);
    reply.header('cache-control', 'no-store');
    return { missing: (await ports.missing()).map(shown) };
  });
}

function mayKnow({ roles }: Viewer): boolean {
  return roles.some((role) => MISSING_ROLES.has(role));
}

function shown(absence: NamedAbsence): MissingFootage {
  return { ...absence, text: absenceInWords(absence) };
}
