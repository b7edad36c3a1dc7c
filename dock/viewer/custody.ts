import { toBase64, text } from '../../proto/bytes.ts';
import { decodeEntry } from '../../proto/custody-entry.ts';
import { isPersonId, isRecordingId, type RecordingId } from '../../proto/ids.ts';
import { parseTlogProof } from '../../proto/tlog-proof.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendNotFound } from './reply.ts';
import { readCustody, readEntry, type ProvenEntry } from './schema/custody.ts';
import type { ViewerApp, ViewerOptions, ViewerPorts } from './server.ts';
import { recordingOf, type Timelines } from './timeline.ts';

const EVENTS_USUAL = 100;

/**
 * `GET /v1/recordings/:id/custody`, all that happened to a recording, and `GET /v1/ledger/entries/:index`, one of these entries with its
 * proof. Both for whoever may know of the recording; to all others there is nothing here.
 */
export function addCustodyRoutes(
  app: ViewerApp,
  ports: ViewerPorts,
  { catalogue, timelines, witnesses = [] }: CustodyParts,
): void {
  const preValidation = signedIn(ports.policy);
  const config = { badRequest: 'before is a place in the ledger, and limit a number from 1 to 500.' };

  app.get(
    '/v1/recordings/:id/custody',
    { schema: readCustody, preValidation, config },
    async (request, reply) => {
      const { viewer } = viewerIn(request);
      const row = await catalogue.row(viewer, request.params.id);
      if (row === undefined) return sendNotFound(reply);
      const cast = {
        you: ports.keys.pseudonym(viewer.person),
        officer: isPersonId(row.officer) ? ports.keys.pseudonym(row.officer) : '',
      };
      const { before, limit = EVENTS_USUAL } = request.query;
      reply.header('cache-control', 'no-store');
      return timelines.page(request.params.id, cast, { before, limit });
    },
  );

  app.get('/v1/ledger/entries/:index', { schema: readEntry, preValidation }, async (request, reply) => {
    const answer = await provenEntry(ports, request.params.index);
    // The tiles of the log are for everybody; who asks here is told no more than they may know.
    if (
      answer === undefined ||
      (await catalogue.row(viewerIn(request).viewer, answer.recording)) === undefined
    )
      return sendNotFound(reply);
    reply.header('cache-control', 'no-store');
    return { ...answer, witnesses };
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
): Promise<(Omit<ProvenEntry, 'witnesses'> & { readonly recording: RecordingId }) | undefined> {
  const { size } = await ledger.checkpoint();
  if (index >= size) return undefined;
  const [bytes] = await ledger.read(index, index + 1);
  const recording = bytes && recordingOf(decodeEntry(bytes));
  if (bytes === undefined || recording === undefined || !isRecordingId(recording)) return undefined;
  const proof = await ledger.prove(index);
  const { checkpoint } = parseTlogProof(proof);
  return {
    index,
    recording,
    entry: toBase64(bytes),
    decoded: JSON.parse(text(bytes)) as ProvenEntry['decoded'],
    proof,
    checkpoint,
    // The second line of a checkpoint; the log itself wrote it.
    size: Number(checkpoint.split('\n')[1]),
  };
}
