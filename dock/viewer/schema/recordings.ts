import { z } from 'zod';
import {
  bearer,
  count,
  instant,
  missingFact,
  problems,
  recordingAddress,
  recordingId,
  transport,
  word,
  type Answer,
} from './problem.ts';

/** One recording as the list shows it to one person. */
export const row = z
  .object({
    id: recordingId,
    camera: word('Camera that made it.', 'cam-1'),
    transport,
    officer: word('Who carried the camera, as the records system names them.', '4411'),
    incident: word("The camera's tag: a hint, never a link.", '24-118842'),
    startedAt: instant("Start, by the camera's clock."),
    endedAt: instant("End, by the camera's clock."),
    receivedAt: instant("When its last byte was verified, by the dock's clock.").optional(),
    uncertaintyUs: count('Half-width of the interval around `receivedAt`, microseconds.', 500).optional(),
    basis: z
      .enum(['local', 'utc'])
      .describe("What the interval holds against: `utc`, or the dock's own clock without a claim about UTC.")
      .optional(),
    bytes: count('Size of its content.', 1_843_200),
    chunks: count('Number of its chunks.', 29),
    durationMs: count('Length of its media, milliseconds.', 58_000),
    status: z.enum(['held', 'released']).describe('Whether this person may open it now.'),
    reason: word('Why, in the words of the rules.', 'waiting for an initial report'),
    missing: z.array(missingFact).describe('What a held one waits for; empty where waiting does not help.'),
    regime: word('The rules that decided.', 'doj'),
    policySet: word("Digest of these rules' texts: their version.", 'a3'.repeat(32)).optional(),
    viewed: z.boolean().describe('Whether bytes of it have left for this person, as the ledger says.'),
    purpose: word('The purpose that was allowed, or that `reason` is about.', 'write_report'),
  })
  .meta({ id: 'Recording' });
export type Row = Answer<typeof row>;

const quarantinedRow = z
  .object({
    id: recordingId,
    camera: word('Camera that offered it.', 'cam-2'),
    transport,
    reason: word('Why it was refused.', 'bad-manifest'),
    bytes: count('Size of its content.', 1_843_200),
    receivedAt: instant("When its last byte was verified, by the dock's clock.").optional(),
  })
  .meta({ id: 'Quarantined' });
export type QuarantinedRow = Answer<typeof quarantinedRow>;

const listing = z
  .object({
    recordings: z.array(row).describe('Newest first.'),
    quarantined: z
      .array(quarantinedRow)
      .describe('For those who must ask why it never came; empty for others.'),
    purposes: z
      .array(word('A purpose.', 'write_report'))
      .describe('What this person may claim to open a recording for, most usual first.'),
  })
  .meta({ id: 'Listing' });
export type Listing = Answer<typeof listing>;

export const event = z
  .object({
    index: count('Place in the ledger, where it can be checked.', 17),
    type: word('Kind of entry.', 'accepted'),
    at: instant("By the dock's clock."),
    text: word(
      'For people; who is not you or the recording officer is named by a pseudonym.',
      'Viewed by you.',
    ),
  })
  .meta({ id: 'CustodyEvent' });
export type Event = Answer<typeof event>;

export const listRecordings = {
  summary: 'Every recording that this person may know of',
  description:
    'Held and released, each with what it waits for. Nobody is told of the others, not even how many there are.',
  tags: ['recordings'],
  security: bearer,
  response: { 200: listing.describe('The list as it reads now.'), ...problems(401) },
};

export const showRecording = {
  summary: 'One recording and its custody',
  description: 'The row of the list, with the newest 500 custody events of the recording, oldest first.',
  tags: ['recordings'],
  security: bearer,
  params: recordingAddress,
  response: {
    200: row
      .extend({ timeline: z.array(event) })
      .meta({ id: 'RecordingWithTimeline' })
      .describe('The row and its timeline.'),
    ...problems(401, 404),
  },
};
