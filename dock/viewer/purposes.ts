import { purposesOf } from '../release/purpose.ts';
import { askPurposes } from '../release/purposes.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendNotFound, sendProblem } from './reply.ts';
import { showPurposes } from './schema/purposes.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';
import { OpeningThrottle } from './throttle.ts';

/** `GET /v1/recordings/:id/purposes`: what a person could open a recording for now, and why not for the rest. */
export function addPurposeRoutes(app: ViewerApp, ports: ViewerPorts, catalogue: Catalogue): void {
  const throttle = new OpeningThrottle(ports.clock);
  const ask = { schema: showPurposes, preValidation: signedIn(ports.policy) };
  app.get('/v1/recordings/:id/purposes', ask, async (request, reply) => {
    const { viewer } = viewerIn(request);
    const { id } = request.params;
    const row = await catalogue.row(viewer, id);
    const holding = await ports.holdings.find(id);
    if (row === undefined || holding === undefined) return sendNotFound(reply);
    // What was asked for the list is answered there; here every question is a new row in the service's book.
    const waitS = throttle.take(viewer.person);
    if (waitS > 0)
      return sendProblem(reply.header('retry-after', String(waitS)), 429, {
        code: 'too-many-openings',
        message: `Those were more questions than anybody asks. Try again in ${waitS} s.`,
      });
    const about = { person: viewer.person, recordingId: id, manifestSha256: holding.manifestSha256 };
    const purposes = await askPurposes(ports.policy, about, purposesOf(viewer.roles));
    reply.header('cache-control', 'no-store');
    return { purposes: [...purposes] };
  });
}
