import type { FastifyInstance } from 'fastify';
import type { Bay, Viewer } from '../ports.ts';
import { viewerOf } from './bearer.ts';
import { sendUnauthorised } from './reply.ts';
import type { ViewerPorts } from './server.ts';

// Those who tend the dock or answer for the cameras may see which recording moves; others see only that one does.
const RECORDING_ROLES: ReadonlySet<string> = new Set([
  'dock_operator',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
]);

/** `GET /v1/bays`: what is docked and how far it has come, at this moment. */
export function addBayRoutes(app: FastifyInstance, ports: ViewerPorts): void {
  app.get('/v1/bays', async (request, reply) => {
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who) return sendUnauthorised(reply, who.refused);
    reply.header('cache-control', 'no-store');
    return { bays: ports.bays().map((bay) => shown(bay, who.viewer)) };
  });
}

function shown({ recording, ...bay }: Bay, viewer: Viewer): Bay {
  const may = viewer.roles.some((role) => RECORDING_ROLES.has(role));
  return may && recording !== undefined ? { ...bay, recording } : bay;
}
