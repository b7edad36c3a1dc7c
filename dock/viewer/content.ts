import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { toBase64 } from '../../proto/bytes.ts';
import { isRecordingId } from '../../proto/ids.ts';
import { formatInstant } from '../../proto/instant.ts';
import { CHUNKS_MAX } from '../../proto/limits.ts';
import { peekManifest } from '../../proto/manifest.ts';
import type { ContentSession, Verdict } from '../ports.ts';
import { PURPOSES } from '../release/purpose.ts';
import { viewerOf } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendNotFound, sendProblem, sendUnauthorised } from './reply.ts';
import type { ViewerPorts } from './server.ts';
import { OpeningThrottle } from './throttle.ts';

const openBody = z.strictObject({
  purpose: z.enum(PURPOSES),
  proof: z
    .string()
    .min(1)
    .max(8 * 1024),
  chunks: z
    .tuple([z.int().min(0).max(CHUNKS_MAX), z.int().min(0).max(CHUNKS_MAX)])
    .refine(([start, end]) => start < end)
    .optional(),
});
// Five digits hold every index that a recording can have; see CHUNKS_MAX.
const INDEX = /^(?:0|[1-9][0-9]{0,4})$/;

interface Address {
  readonly id: string;
}

/**
 * `POST /v1/recordings/:id/open` and `GET /v1/recordings/:id/chunks/:i`, the only address of content. There is no
 * other: no file, no range, no listing. What is not allowed answers as what does not exist.
 */
export function addContentRoutes(app: FastifyInstance, ports: ViewerPorts, catalogue: Catalogue): void {
  const throttle = new OpeningThrottle(ports.clock);
  app.post<{ Params: Address }>('/v1/recordings/:id/open', async (request, reply) => {
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who) return sendUnauthorised(reply, who.refused);
    const body = openBody.safeParse(request.body);
    if (!body.success)
      return sendProblem(reply, 400, {
        code: 'bad-request',
        message: 'The request needs a purpose and a proof, and chunks as [start, end] where it names any.',
      });
    const { id } = request.params;
    if (!isRecordingId(id)) return sendNotFound(reply);
    const waitS = throttle.take(who.viewer.person);
    if (waitS > 0) return sendTooMany(reply, waitS);
    const opened = await ports.released.open({
      recordingId: id,
      viewer: who.viewer,
      token: who.token,
      ...body.data,
    });
    if (!('refused' in opened))
      return reply.header('cache-control', 'no-store').send(await openAnswer(ports, opened));
    // Release has put the attempt on record either way; only who may know of the recording is told why.
    const row = await catalogue.row(who.viewer, id);
    return row === undefined ? sendNotFound(reply) : sendRefused(reply, opened.refused);
  });

  app.get<{ Params: Address & { i: string } }>('/v1/recordings/:id/chunks/:i', async (request, reply) => {
    const { id, i } = request.params;
    const session = request.headers['holdfast-session'];
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who || typeof session !== 'string' || !isRecordingId(id) || !INDEX.test(i))
      return sendNotFound(reply);
    const bytes = await ports.released.chunk(session, who.viewer.person, {
      recordingId: id,
      index: Number(i),
    });
    if (bytes === undefined) return sendNotFound(reply);
    reply.header('cache-control', 'no-store').type('application/octet-stream');
    return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  });
}

/** Everything the page needs to check by itself what it is about to show. */
async function openAnswer({ holdings, ledger, keys }: ViewerPorts, opened: ContentSession): Promise<unknown> {
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

function sendRefused(reply: FastifyReply, refused: Verdict): FastifyReply {
  const { reason } = refused;
  const missing = refused.verdict === 'deny' ? refused.missing : [];
  const code = refused.verdict === 'unreachable' ? 'policy-unreachable' : 'withheld';
  return reply
    .code(403)
    .header('cache-control', 'no-store')
    .send({ error: { code, message: reason }, reason, missing });
}
