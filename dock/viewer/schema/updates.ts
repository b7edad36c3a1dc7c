import { z } from 'zod';
import { bearer, body, problems, recordingId, type Answer } from './problem.ts';
import { row } from './recordings.ts';

/** Data of one `changed` event: a row as it reads now; without it the person may no longer know of the recording. */
export const update = z.object({
  recording: recordingId,
  row: row.describe('As it reads now; absent when the person may no longer know of it.').optional(),
});
export type Update = Answer<typeof update>;

export const followUpdates = {
  summary: 'Rows that change, as they change',
  description:
    'Server-sent events. `event: changed` has `{ recording, row }` as JSON, with the row as the list has it, or without it when this person may no longer know of the recording. After `: ready` nothing is missed; `: heartbeat` comes every 5 s. The stream ends with the token.',
  tags: ['recordings'],
  security: bearer,
  response: {
    200: body('text/event-stream', 'Events until the token ends.'),
    ...problems(401, 503),
  },
};
