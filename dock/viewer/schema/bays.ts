import { z } from 'zod';
import { bearer, count, problems, recordingId, transport, word, type Answer } from './problem.ts';

const clock = z
  .object({
    offsetUs: z.number().describe("Camera's monotonic clock less the dock's UTC, microseconds."),
    boundUs: z.number().describe('Half-width of the interval around both offsets, microseconds.'),
    wallOffsetUs: z
      .number()
      .describe("Camera's idea of UTC less the dock's, microseconds; absent when the camera does not say.")
      .optional(),
    drift: z
      .object({ ppm: z.number(), boundPpm: z.number() })
      .describe(
        "How much faster the camera's clock runs, parts per million; absent while the time is too short.",
      )
      .optional(),
  })
  .meta({ id: 'CameraClock' });

const bay = z
  .object({
    name: word('For people.', 'bay 1'),
    transport,
    camera: word('Camera that is in it.', 'cam-1').optional(),
    recording: recordingId
      .describe('Recording that is on its way; told to those who tend the dock or answer for the cameras.')
      .optional(),
    durableBytes: count('How much of it is safe on disk.', 614_400).optional(),
    totalBytes: count('How much there will be.', 1_843_200).optional(),
    state: word('For people: `empty`, `connected`, `receiving`, `verifying`, `idle`.', 'receiving'),
    clock: clock.describe("Camera's clock against the dock's, once measured.").optional(),
  })
  .meta({ id: 'Bay' });
export type ShownBay = Answer<typeof bay>;

export const listBays = {
  summary: 'Every bay and every MQTT camera',
  description: 'What is docked and how far it has come, at this moment.',
  tags: ['bays'],
  security: bearer,
  response: { 200: z.object({ bays: z.array(bay) }).describe('As they are now.'), ...problems(401) },
};
