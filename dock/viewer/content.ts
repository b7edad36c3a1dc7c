import type { FastifyReply } from 'fastify';
import { toBase64 } from '../../proto/bytes.ts';
import { formatInstant } from '../../proto/instant.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type { ContentSession, Verdict } from '../ports.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendNotFound, sendProblem } from './reply.ts';
import { openRecording, readChunk, type Opened } from './schema/content.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';
import { OpeningThrottle } from './throttle.ts';

/**
 * `POST /v1/recordings/:id/open` and `GET /v1/recordings/:id/chunks/:i`, the only address of content. There is no
 * other: no file, no range, no listing. What is not allowed answers as what does not exist.
 */
export function addContentRoutes(app: ViewerApp, ports: ViewerPorts, catalogue: Catalogue): void {
  const throttle = new OpeningThrottle(ports.clock);
  const open = {
    schema: openRecording,
    preValidation: signedIn(ports.policy),
    config: {
      badRequest: 'The request needs a purpose and a proof, and chunks as [start, end] where it names any.',
    },
  };
  app.post('/v1/recordings/:id/open', open, async (request, reply) => {
    const { viewer, token } = viewerIn(request);
    const { id } = request.params;
    const waitS = throttle.take(viewer.person);
    if (waitS > 0) return sendTooMany(reply, waitS);
    const { chunks, ...body } = request.body;
    const part = chunks === undefined ? {} : { chunks };
    const opened = await ports.released.open({ recordingId: id, viewer, token, ...body, ...part });
    if (!('refused' in opened))
      return reply.header('cache-control', 'no-store').send(await openAnswer(ports, opened));
    // Release has put the attempt on record either way; only who may know of the recording is told why.
    const row = await catalogue.row(viewer, id);
    return row === undefined ? sendNotFound(reply) : sendRefused(reply, opened.refused);
  });

  // Who is not signed in is told nothing at the address of content, not even that.
  const read = { schema: readChunk, preValidation: signedIn(ports.policy, sendNotFound) };
  app.get('/v1/recordings/:id/chunks/:i', read, async (request, reply) => {
    const { id, i } = request.params;
    const session = request.headers['holdfast-session'];
    if (session === undefined) return sendNotFound(reply);
    const bytes = await ports.released.chunk(session, viewerIn(request).viewer.person, {
      recordingId: id,
      index: i,
    });
    if (bytes === undefined) return sendNotFound(reply);
    reply.header('cache-control', 'no-store').type('application/octet-stream');
    return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
}

/** Everything the page needs to check by itself what it is about to show. */
async function openAnswer({ holdings, ledger, keys }: ViewerPorts, opened: ContentSession): Promise<Opened> {
  const holding = await holdings.find(opened.recordingId);
  if (holding?.signedManifest === undefined || holding.entryIndex === undefined) {
    throw new TypeError(`recording ${opened.recordingId} was opened but is not held`);
  }
  const manifest = peekManifest(holding.signedManifest);
  const cameraKey = keys.camera(holding.cameraId);
  const [accepted] = await ledger.read(holding.entryIndex, holding.entryIndex + 1);
  if (accepted === undefined)
    throw new TypeError(`the accepted entry of ${opened.recordingId} is not in the ledger`);
  return {
    session: opened.sessionId,
    expiresAt: formatInstant(opened.expiresAtUs),
    grant: opened.grant.jws,
    entry: toBase64(opened.entry),
    proof: opened.proof,
    accepted: { entry: toBase64(accepted), proof: await ledger.prove(holding.entryIndex) },
    manifest: toBase64(holding.signedManifest),
    camera: { id: holding.cameraId, ...(cameraKey === undefined ? {} : { publicKey: toBase64(cameraKey) }) },
    chunks: manifest.chunks.length,
    range: [opened.grant.chunkStart, opened.grant.chunkEnd],
    mediaType: manifest.mediaType,
  };
}

function sendTooMany(reply: FastifyReply, waitS: number): FastifyReply {
  const message = `Those were more openings than anybody watches. Try again in ${waitS} s.`;
  return sendProblem(reply.header('retry-after', String(waitS)), 429, { code: 'too-many-openings', message });
}

/** The answer to whom it concerns, with the reason and what is missing. */
export function sendRefused(reply: FastifyReply, refused: Verdict): FastifyReply {
  const { reason } = refused;
  const missing = refused.verdict === 'deny' ? refused.missing : [];
  const code = refused.verdict === 'unreachable' ? 'policy-unreachable' : 'withheld';
  return reply
    .code(403)
    .header('cache-control', 'no-store')
    .send({ error: { code, message: reason }, reason, missing });
}
