import { z } from 'zod';
import { CHUNKS_MAX } from '../../../proto/limits.ts';
import { PURPOSES } from '../../release/purpose.ts';
import {
  bearer,
  body,
  count,
  instant,
  missingFact,
  problem,
  problems,
  recordingAddress,
  word,
  type Answer,
} from './problem.ts';

const PROOF_BYTES_MAX = 8 * 1024;
// Five digits hold every index that a recording can have; see CHUNKS_MAX.
const INDEX = /^(?:0|[1-9][0-9]{0,4})$/;

const base64 = (description: string) => z.string().meta({ description, contentEncoding: 'base64' });
const chunkIndex = z.int().min(0).max(CHUNKS_MAX);
const span = z
  .tuple([chunkIndex, chunkIndex])
  .meta({ description: 'Chunks from the first index up to, not including, the second.', examples: [[0, 8]] });

const opening = z
  .strictObject({
    purpose: z.enum(PURPOSES).describe('What it is opened for: a claim, which goes on record.'),
    proof: z
      .string()
      .min(1)
      .max(PROOF_BYTES_MAX)
      .describe("JWS by the page's key over what is opened, which the policy service checks."),
    chunks: span
      .refine(([start, end]) => start < end)
      .describe('Part to open; all of it when absent.')
      .optional(),
  })
  .meta({ id: 'Opening' });

const opened = z
  .object({
    session: word('Names this opening in the header `holdfast-session`.', '6mVbq0mXo5Lr1n2c3d4e5f'),
    expiresAt: instant('When the session ends.'),
    grant: z.string().describe("The policy service's grant, a JWS bound to the page's key."),
    entry: base64('The `granted` entry of the ledger.'),
    proof: z.string().describe('That it is in the ledger: a C2SP tlog-proof.'),
    accepted: z
      .object({ entry: base64('The `accepted` entry.'), proof: z.string().describe('Its tlog-proof.') })
      .describe('When the dock took custody.'),
    manifest: base64("The camera's signed manifest, which every chunk must match."),
    camera: z.object({
      id: word('Camera that signed the manifest.', 'cam-1'),
      publicKey: base64('Its Ed25519 key as this dock knows it; absent when it does not.').optional(),
    }),
    chunks: count('Number of chunks of the whole recording.', 29),
    range: span.describe('Chunks that this session opens: what was asked for, in whole fragments.'),
    mediaType: word('Of the opened content.', 'video/mp4; codecs="avc1.42c01f"'),
  })
  .meta({ id: 'Opened' });
export type Opened = Answer<typeof opened>;

const refusal = problem
  .extend({
    reason: word('Why, in the words of the rules.', 'waiting for an initial report'),
    missing: z.array(missingFact).describe('What it waits for.'),
  })
  .meta({ id: 'Refusal' });

export const openRecording = {
  summary: 'Open a recording, or a part of it',
  description:
    'Asks the policy service afresh, puts the answer on record, and gives everything that is needed to check what is about to be shown. An attempt that is refused goes on record too.',
  tags: ['content'],
  security: bearer,
  params: recordingAddress,
  body: opening,
  response: {
    200: opened.describe('Open, for as long as the session lasts.'),
    403: refusal.describe('Withheld, or the policy service could not be asked; told to whom it concerns.'),
    ...problems(400, 401, 404, 413, 415, 429),
  },
};

export const readChunk = {
  summary: 'One sealed chunk of an opened recording',
  description:
    'The bytes exactly as the camera sealed them, whole: range requests are not heard. The only address of content. Without a token, without a session and past the end it answers 404 alike.',
  tags: ['content'],
  security: bearer,
  params: recordingAddress.extend({
    i: z
      .string()
      .regex(INDEX)
      .meta({ description: 'Index, from 0.', examples: ['0'] })
      .transform(Number),
  }),
  headers: z.looseObject({
    'holdfast-session': word('`session` of the opening.', '6mVbq0mXo5Lr1n2c3d4e5f').optional(),
  }),
  response: {
    200: body('application/octet-stream', 'The sealed bytes of the chunk.'),
    ...problems(404),
  },
};
