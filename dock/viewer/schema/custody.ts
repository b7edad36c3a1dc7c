import { z } from 'zod';
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
  recordingId,
  word,
  type Answer,
} from './problem.ts';
import { event } from './recordings.ts';

const EVENTS_MAX = 500;
const PLACE = /^(?:0|[1-9][0-9]{0,14})$/;

const place = (description: string) =>
  z
    .string()
    .regex(PLACE)
    .transform(Number)
    .meta({ description, examples: ['12'] });

const custodyEvent = event
  .extend({
    who: word('Who did it, as far as the ledger tells.', 'the policy service'),
    reasons: z
      .array(
        z.object({
          name: word('What it is.', 'Rules'),
          text: word('For people, or a digest in hex.', 'doj'),
        }),
      )
      .describe('What a decision rests on, and what else the entry says.'),
    epoch: count('Of the clock that `at` is by: times are compared within one.', 3).optional(),
    received: z
      .object({
        at: instant('When the last byte was verified.'),
        uncertaintyUs: count('Half-width of the bound, microseconds.', 1400),
        basis: z
          .enum(['local', 'utc'])
          .describe("`utc`: against UTC; `local`: against the dock's own clock."),
      })
      .describe('Of the entry that took it into custody: the one time that was measured with a bound.')
      .optional(),
  })
  .meta({ id: 'CustodyEventInFull' });
export type CustodyEvent = Answer<typeof custodyEvent>;

const custody = z
  .object({
    events: z.array(custodyEvent).describe('Oldest first.'),
    total: count('Of all events of this recording.', 7),
    earlier: count('Give it as `before` to get the events in front of these.', 12).optional(),
  })
  .meta({ id: 'Custody' });
export type Custody = Answer<typeof custody>;

export const readCustody = {
  summary: 'What happened to a recording',
  description:
    'Every entry of the ledger about it, in words, in pages. `at` is by the clock of the dock, and nothing is claimed of how far that is from UTC.',
  tags: ['ledger'],
  security: bearer,
  params: recordingAddress,
  querystring: z.object({
    before: place('Only events in front of this place in the ledger.').optional(),
    limit: place('At most so many, the newest of them: 1 to 500; 100 unless given.')
      .refine((limit) => limit >= 1 && limit <= EVENTS_MAX)
      .optional(),
  }),
  response: { 200: custody.describe('The events.'), ...problems(400, 401, 404) },
};

const provenEntry = z
  .object({
    index: count('Place in the ledger.', 12),
    recording: recordingId,
    entry: z.string().meta({ description: 'Its bytes, the leaf of the tree.', contentEncoding: 'base64' }),
    decoded: z.record(z.string(), z.unknown()).describe('What these bytes say, for reading.'),
    proof: z.string().describe('C2SP tlog-proof against the newest checkpoint, which stands in it.'),
    checkpoint: z.string().describe('That checkpoint: a C2SP signed note with the cosignatures it has.'),
    size: count('Entries in the log of that checkpoint.', 15),
    witnesses: z
      .array(word('Verifier key.', 'witness.example+1a2b3c4d+BK1x…'))
      .describe('Of the witnesses that this dock asks.'),
  })
  .meta({ id: 'ProvenEntry' });
export type ProvenEntry = Answer<typeof provenEntry>;

export const readEntry = {
  summary: 'An entry of the ledger about a recording, with its proof',
  description:
    'For whoever may know of the recording. Anybody could make the same from the tiles of the log.',
  tags: ['ledger'],
  security: bearer,
  params: z.object({ index: place('Place in the ledger, from 0.') }),
  response: { 200: provenEntry.describe('The entry and its proof.'), ...problems(401, 404) },
};

export const takePackage = {
  summary: 'The evidence package of a recording, sealed',
  description:
    'A ZIP of what the dock stores and all that shows where it comes from, as docs/EVIDENCE-PACKAGE.md says; no footage that anybody could watch. The policy service is asked afresh, and `exported` is on record before the first byte. An attempt that is refused goes on record too.',
  tags: ['content'],
  security: bearer,
  params: recordingAddress,
  body: z
    .strictObject({ purpose: z.enum(PURPOSES).describe('What it is for: a claim, which goes on record.') })
    .meta({ id: 'Taking' }),
  response: {
    200: body('application/zip', 'The package, as long as `content-length` says; shorter, it is none.'),
    403: problem
      .extend({
        reason: word('Why, in the words of the rules.', 'waiting for an initial report'),
        missing: z.array(missingFact).describe('What it waits for.'),
      })
      .describe('Withheld, or the policy service could not be asked; told to whom it concerns.'),
    ...problems(400, 401, 404, 409, 413, 415, 429),
  },
};
