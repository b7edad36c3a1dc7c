import { z } from 'zod';
import { bearer, count, instant, problems, recordingId, word, type Answer } from './problem.ts';

const absence = z
  .object({
    camera: word('Camera that it should have come from.', 'cam-1'),
    kind: z
      .enum(['gap', 'broken-link', 'overdue', 'partial'])
      .describe(
        'Numbers that never came, a chain that does not fit, a camera not back, or an upload that stopped.',
      ),
    counterFrom: count('First number of a gap.', 12).optional(),
    counterTo: count('Last number of a gap.', 13).optional(),
    recording: recordingId.describe('After a gap, with the broken link, or on its way in.').optional(),
    since: instant('When the ledger named it.'),
    text: word('For people.', 'Camera cam-1 has not been here since 2026-11-21 08:00 UTC.'),
  })
  .meta({ id: 'MissingFootage' });
/** Footage that should be at the dock and is not. */
export type MissingFootage = Answer<typeof absence>;

const arriving = z
  .object({
    camera: word('Camera that sends it.', 'cam-1'),
    recording: recordingId,
    officer: word('Who carried the camera, by its signed manifest.', '4411').optional(),
    durableBytes: count('What of it is here.', 921_600),
    totalBytes: count('Size of its content.', 1_843_200),
  })
  .meta({ id: 'Arriving' });
/** An upload that is under way. */
export type Arriving = Answer<typeof arriving>;

const missing = z.object({
  missing: z
    .array(absence)
    .optional()
    .describe('As the ledger names it, the longest missing first; absent for those who are not told.'),
  arriving: z.array(arriving).describe('Uploads under way that the person may know of.'),
});
export type ShownMissing = Answer<typeof missing>;

export const listMissing = {
  summary: 'Footage that should be here and is not',
  description:
    'What is missing is told to those who tend the dock, answer for the cameras, or look into what was done with them; what is on its way, to the first two, and to the officer who recorded it.',
  tags: ['missing'],
  security: bearer,
  response: {
    200: missing.describe('What is not here, or not all of it.'),
    ...problems(401),
  },
};
