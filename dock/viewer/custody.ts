import type { FastifyInstance } from 'fastify';
import { toBase64, text } from '../../proto/bytes.ts';
import { decodeEntry } from '../../proto/custody-entry.ts';
import { isPersonId } from '../../proto/ids.ts';
import { parseTlogProof } from '../../proto/tlog-proof.ts';
import { viewerOf } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendNotFound, sendProblem, sendUnauthorised } from './reply.ts';
import type { CustodyAnswer, EntryAnswer } from './schema/custody.ts';
import { custodyQuery } from './schema/custody.ts';
import type { ViewerOptions, ViewerPorts } from './server.ts';
import { recordingOf, type Timelines } from './timeline.ts';

const EVENTS_USUAL = 100;
const INDEX = /^(?:0|[1-9][0-9]{0,14})$/;

/**
 * `GET /v1/recordings/:id/custody`, all that happened to a recording, and `GET /v1/ledger/entries/:index`, one of these entries with its
 * proof. Both for whoever may know of the recording; to all others there is nothing here.
 */
export function addCustodyRoutes(
  app: FastifyInstance,
  ports: ViewerPorts,
  { catalogue, timelines, witnesses = [] }: CustodyParts,
): void {
  app.get<{ Params: { id: string } }>('/v1/recordings/:id/custody', async (request, reply) => {
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who) return sendUnauthorised(reply, who.refused);
    const row = await catalogue.row(who.viewer, request.params.id);
    if (row === undefined) return sendNotFound(reply);
    const query = custodyQuery.safeParse(request.query);
    if (!query.success)
      return sendProblem(reply, 400, {
        code: 'bad-request',
        message: 'before is a ledger index, and limit a number from 1 to 500.',
      });
    const cast = {
      you: ports.keys.pseudonym(who.viewer.person),
      officer: isPersonId(row.officer) ? ports.keys.pseudonym(row.officer) : '',
    };
    const { before, limit = EVENTS_USUAL } = query.data;
    const page: CustodyAnswer = await timelines.page(row.id, cast, { before, limit });
    return reply.header('cache-control', 'no-store').send(page);
  });

  app.get<{ Params: { index: string } }>('/v1/ledger/entries/:index', async (request, reply) => {
    const who = await viewerOf(request, ports.policy);
    if ('refused' in who) return sendUnauthorised(reply, who.refused);
    const { index } = request.params;
    const answer = INDEX.test(index) ? await provenEntry(ports, Number(index)) : undefined;
    // The tiles of the log are for everybody; who asks here is told no more than they may know.
    if (answer === undefined || (await catalogue.row(who.viewer, answer.recording)) === undefined)
      return sendNotFound(reply);
    return reply.header('cache-control', 'no-store').send({ ...answer, witnesses } satisfies EntryAnswer);
  });
}

/** What the routes share with others, and the verifier keys of the witnesses that the dock asks. */
export type CustodyParts = Pick<ViewerOptions, 'witnesses'> & {
  readonly catalogue: Catalogue;
  readonly timelines: Timelines;
};

/** An entry about a recording; undefined for any other and for what is not in the log. */
async function provenEntry(
  { ledger }: Pick<ViewerPorts, 'ledger'>,
  index: number,
): Promise<Omit<EntryAnswer, 'witnesses'> | undefined> {
  const { size } = await ledger.checkpoint();
  if (index >= size) return undefined;
  const [bytes] = await ledger.read(index, index + 1);
  const recording = bytes && recordingOf(decodeEntry(bytes));
  if (bytes === undefined || recording === undefined) return undefined;
  const proof = await ledger.prove(index);
  const { checkpoint } = parseTlogProof(proof);
  return {
    index,
    recording,
    entry: toBase64(bytes),
    decoded: JSON.parse(text(bytes)) as Record<string, unknown>,
    proof,
    checkpoint,
    // The second line of a checkpoint; the log itself wrote it.
    size: Number(checkpoint.split('\n')[1]),
  };
}
