import { isPersonId } from '../../proto/ids.ts';
import { purposesOf } from '../release/purpose.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendNotFound } from './reply.ts';
import { listRecordings, showRecording } from './schema/recordings.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';
import type { Timelines } from './timeline.ts';

/** `GET /v1/recordings` and `GET /v1/recordings/:id`: what a person may know of, and why it is open or not. */
export function addRecordingRoutes(
  app: ViewerApp,
  ports: ViewerPorts,
  { catalogue, timelines }: { readonly catalogue: Catalogue; readonly timelines: Timelines },
): void {
  const preValidation = signedIn(ports.policy);

  app.get('/v1/recordings', { schema: listRecordings, preValidation }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    reply.header('cache-control', 'no-store');
    return {
      recordings: await catalogue.rows(viewer),
      quarantined: await catalogue.quarantined(viewer),
      purposes: purposesOf(viewer.roles),
    };
  });

  app.get('/v1/recordings/:id', { schema: showRecording, preValidation }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    const { id } = request.params;
    const row = await catalogue.row(viewer, id);
    if (row === undefined) return sendNotFound(reply);
    reply.header('cache-control', 'no-store');
    const cast = {
      you: ports.keys.pseudonym(viewer.person),
      officer: isPersonId(row.officer) ? ports.keys.pseudonym(row.officer) : '',
    };
    return { ...row, timeline: await timelines.of(id, cast) };
  });
}
