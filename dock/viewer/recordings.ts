import type { FastifyInstance } from 'fastify';
import { isPersonId } from '../../proto/ids.ts';
import { purposesOf } from '../release/purpose.ts';
import { viewerOf } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendNotFound, sendUnauthorised } from './reply.ts';
import type { ViewerPorts } from './server.ts';
import { Timelines } from './timeline.ts';

/** `GET /v1/recordings` and `GET /v1/recordings/:id`: what a person may know of, and why it is open or not. */
export function addRecordingRoutes(app: FastifyInstance, ports: ViewerPorts, catalogue: Catalogue): void {
  const timelines = new Timelines(ports.ledger);

  app.get('/v1/recordings', async (request, reply) => {
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who) return sendUnauthorised(reply, who.refused);
    reply.header('cache-control', 'no-store');
    return {
      recordings: await catalogue.rows(who.viewer),
      quarantined: await catalogue.quarantined(who.viewer),
      purposes: purposesOf(who.viewer.roles),
    };
  });

  app.get<{ Params: { id: string } }>('/v1/recordings/:id', async (request, reply) => {
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who) return sendUnauthorised(reply, who.refused);
    const row = await catalogue.row(who.viewer, request.params.id);
    if (row === undefined) return sendNotFound(reply);
    reply.header('cache-control', 'no-store');
    const cast = {
      you: ports.keys.pseudonym(who.viewer.person),
      officer: isPersonId(row.officer) ? ports.keys.pseudonym(row.officer) : '',
    };
    return { ...row, timeline: await timelines.of(row.id, cast) };
  });
}
