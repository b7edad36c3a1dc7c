import type { NamedAbsence } from '../keep/absences.ts';
import { absenceInWords } from '../keep/words.ts';
import type { BayStanding } from '../ingest/standing.ts';
import type { Viewer } from '../ports.ts';
import { mayKnowMoving } from './bay-board.ts';
import { signedIn, viewerIn } from './bearer.ts';
import { listMissing, type Arriving, type MissingFootage } from './schema/missing.ts';
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

/** `GET /v1/missing`: footage that should be here and is not, in words, the longest missing first; and what is on its way, one's own at least. */
export function addMissingRoutes(app: ViewerApp, ports: ViewerPorts): void {
  const guard = signedIn(ports.policy);
  app.get('/v1/missing', { schema: listMissing, preValidation: guard }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    reply.header('cache-control', 'no-store');
    const mayKnowAll = mayKnowMoving(viewer);
    const arriving = ports
      .bays()
      .flatMap(underWay)
      .filter(({ officer }) => mayKnowAll || officer === viewer.person);
    return mayKnow(viewer) ? { missing: (await ports.missing()).map(shown), arriving } : { arriving };
  });
}

function mayKnow({ roles }: Viewer): boolean {
  return roles.some((role) => MISSING_ROLES.has(role));
}

function shown(absence: NamedAbsence): MissingFootage {
  return { ...absence, text: absenceInWords(absence) };
}

function underWay(bay: BayStanding): readonly Arriving[] {
  const { camera, recording, officer, durableBytes, totalBytes } = bay;
  if (camera === undefined || recording === undefined) return [];
  const bytes = { durableBytes: durableBytes ?? 0, totalBytes: totalBytes ?? 0 };
  return [{ camera, recording, ...(officer === undefined ? {} : { officer }), ...bytes }];
}
