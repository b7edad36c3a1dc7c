import { z } from 'zod';
import { bearer, count, instant, problems, recordingId, word, type Answer } from './problem.ts';

const DENIALS_MAX = 200;
const PLACE = /^(?:0|[1-9][0-9]{0,14})$/;

const place = (description: string) =>
  z
    .string()
    .regex(PLACE)
    .transform(Number)
    .meta({ description, examples: ['12'] });

const denial = z
  .object({
    index: count('Place in the ledger, where it can be checked.', 17),
    recording: recordingId,
    incident: word("The camera's tag: a hint, never a link.", '24-118842'),
    officer: word('Who carried the camera, as the records system names them.', '4411'),
    at: instant("Of the last of these attempts, by the dock's clock."),
    who: word('You, the recording officer, or a pseudonym.', 'another person (3fa9c1d2)'),
    count: count('Attempts within a minute.', 3),
    purpose: word('What it was said to be for, in words.', 'to write a report'),
    reason: word('Why it was refused, in words.', 'the rules do not allow it'),
    text: word('The entry in one sentence.', 'An attempt by you to open it was refused.'),
  })
  .meta({ id: 'Denial' });
export type Denial = Answer<typeof denial>;

const denials = z
  .object({
    denials: z.array(denial).describe('Newest first.'),
    total: count('Entries about attempts on recordings that this person may know of.', 7),
    earlier: count('Give it as `before` to get the entries in front of these.', 12).optional(),
  })
  .meta({ id: 'Denials' });
export type Denials = Answer<typeof denials>;

export const listDenials = {
  summary: 'Attempts that were refused',
  description:
    'On the recordings that the list shows to this person, and on no others; for those who answer for officers or look into what was done. To others it does not exist.',
  tags: ['ledger'],
  security: bearer,
  querystring: z.object({
    before: place('Only entries in front of this place in the ledger.').optional(),
    limit: place('At most so many, the newest of them: 1 to 200; 50 unless given.')
      .refine((limit) => limit >= 1 && limit <= DENIALS_MAX)
      .optional(),
  }),
  response: { 200: denials.describe('The attempts.'), ...problems(400, 401, 404) },
};
