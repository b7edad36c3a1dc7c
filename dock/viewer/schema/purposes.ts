import { z } from 'zod';
import { bearer, missingFact, problems, recordingAddress, word, type Answer } from './problem.ts';

const purpose = word('What it would be opened for.', 'supplement_report');
const reason = word('Why, in the words of the rules.', 'waiting for an initial report');

const purposeAnswer = z
  .discriminatedUnion('answer', [
    z.object({ purpose, answer: z.literal('allowed'), reason }),
    z.object({
      purpose,
      answer: z.literal('refused'),
      reason,
      missing: z.array(missingFact).describe('What would help; empty where nothing does.'),
      regime: word('The rules that decided; empty where none did.', 'doj'),
    }),
    z.object({ purpose, answer: z.literal('unreachable'), reason }),
  ])
  .meta({ id: 'PurposeAnswer', description: 'What the policy service says of one purpose.' });
export type PurposeAnswer = Answer<typeof purposeAnswer>;

export const showPurposes = {
  summary: 'For which purposes a recording would open now',
  description:
    'Asks the policy service about each purpose that a person with these roles may claim. Every answer is a decision on its record. It opens nothing: an opening is asked about afresh.',
  tags: ['recordings'],
  security: bearer,
  params: recordingAddress,
  response: {
    200: z.object({ purposes: z.array(purposeAnswer) }).describe('Most usual first.'),
    ...problems(401, 404, 429),
  },
};
