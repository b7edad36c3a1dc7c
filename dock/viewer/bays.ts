import type { Bay, Viewer } from '../ports.ts';
import { signedIn, viewerIn } from './bearer.ts';
import { listBays, type ShownBay } from './schema/bays.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';

// Those who tend the dock or answer for the cameras may see which recording moves; others see only that one does.
const RECORDING_ROLES: ReadonlySet<string> = new Set([
  'dock_operator',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
]);

/** `GET /v1/bays`: what is docked and how far it has come, at this moment. */
export function addBayRoutes(app: ViewerApp, ports: ViewerPorts): void {
  app.get('/v1/bays', { schema: listBays, preValidation: signedIn(ports.policy) }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    reply.header('cache-control', 'no-store');
    return { bays: ports.bays().map((bay) => shown(bay, viewer)) };
  });
}

function shown({ recording, ...bay }: Bay, viewer: Viewer): ShownBay {
  const may = viewer.roles.some((role) => RECORDING_ROLES.has(role));
  return may && recording !== undefined ? { ...bay, recording } : bay;
}
