import type { Viewer } from '../ports.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { followUpdates, type Update } from './schema/updates.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';
import type { Stream, Streams } from './stream.ts';

/**
 * `GET /v1/updates`: server-sent events with each row that reads differently now, or without it when the person may no
 * longer know of the recording. They hear of no other; the stream ends with their token.
 */
export function addUpdateRoutes(
  app: ViewerApp,
  ports: ViewerPorts,
  { catalogue, streams }: { readonly catalogue: Catalogue; readonly streams: Streams },
): void {
  const guard = signedIn(ports.policy);
  app.get('/v1/updates', { schema: followUpdates, preValidation: guard }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    return streams.serve(reply, viewer, {
      follow: (stream) => follow(stream, { ports, catalogue, viewer }),
    });
  });
}

async function follow(
  stream: Stream,
  { ports, catalogue, viewer }: { ports: ViewerPorts; catalogue: Catalogue; viewer: Viewer },
): Promise<void> {
  const changes = ports.released.changes(viewer.person)[Symbol.asyncIterator]();
  stream.onEnd(() => void changes.return?.());
  const known = new Set<string>((await catalogue.rows(viewer)).map(({ id }) => id));
  stream.send(': ready\n\n');
  for (let next = await changes.next(); next.done !== true; next = await changes.next()) {
    const { recordingId } = next.value;
    const row = await catalogue.known(viewer, recordingId);
    if (ports.clock.wallUs() >= viewer.expiresAtUs) return stream.end();
    if (row !== undefined || known.has(recordingId)) {
      const update: Update = { recording: recordingId, row };
      stream.send(`event: changed\ndata: ${JSON.stringify(update)}\n\n`);
    }
    if (row !== undefined) known.add(recordingId);
    else known.delete(recordingId);
  }
}
