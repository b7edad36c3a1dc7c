import { BayBoard } from './bay-board.ts';
import { signedIn, viewerIn } from './bearer.ts';
import { followBays, listBays } from './schema/bays.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';
import type { Streams } from './stream.ts';

// A display says within seconds that it is no longer fed, so silence must not be usual.
const HEARTBEAT_MS = 2_000;

/**
 * `GET /v1/bays`: what is docked and how far it has come, at this moment. `GET /v1/bays/updates`: the same as server-sent
 * events, event `bays` with all of them and then event `changed` with those that read differently. It ends with the person's token.
 */
export function addBayRoutes(app: ViewerApp, ports: ViewerPorts, streams: Streams): void {
  const board = new BayBoard(ports.bays, ports.clock);
  const preValidation = signedIn(ports.policy);

  app.get('/v1/bays', { schema: listBays, preValidation }, async (request, reply) => {
    reply.header('cache-control', 'no-store');
    return board.now(viewerIn(request).viewer);
  });

  app.get('/v1/bays/updates', { schema: followBays, preValidation }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    return streams.serve(reply, viewer, {
      heartbeatMs: HEARTBEAT_MS,
      follow: (stream) => board.follow(stream, viewer),
    });
  });
}
