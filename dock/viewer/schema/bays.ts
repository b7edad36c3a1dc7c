import { z } from 'zod';
import {
  bearer,
  body,
  count,
  instant,
  problems,
  recordingId,
  transport,
  word,
  type Answer,
} from './problem.ts';

const TENDING = 'Told to those who tend the dock or answer for the cameras.';

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

const queue = z
  .object({
    recordings: count('Closed in the camera and without a receipt.', 3),
    bytes: count('Of these; absent when the camera does not say.', 5_529_600).optional(),
  })
  .meta({ id: 'BayQueue' });

const fault = z
  .object({
    code: word(
      'An error code of the protocol, `quarantined`, `ledger-behind`, `interrupted` or `line-noise`.',
      'interrupted',
    ),
    at: instant('When it was noticed.'),
    camera: word('Camera that it is about.', 'cam-1').optional(),
    text: word(`In words. ${TENDING}`, 'The camera left before everything was here.').optional(),
  })
  .meta({ id: 'BayFault' });

const receipt = z
  .object({
    camera: word('Camera that was given it.', 'cam-1'),
    outcome: z.enum(['accepted', 'quarantined']),
    at: instant('When it was given.'),
    recording: recordingId.describe(TENDING).optional(),
  })
  .meta({ id: 'BayReceipt' });

const bay = z
  .object({
    name: word('For people.', 'bay 1'),
    transport,
    state: word(
      'For people: `closed` (its port is not there), `empty`, `away` (an MQTT camera that left), `connected`, `receiving`, `verifying`, `idle`, `quarantined`, or `refused:` and a code.',
      'receiving',
    ),
    since: instant("When it came into this state, by the dock's clock."),
    camera: word('Camera that is in it.', 'cam-1').optional(),
    officer: word(`Who carried the camera. ${TENDING}`, '4411').optional(),
    recording: recordingId.describe(`Recording that is on its way. ${TENDING}`).optional(),
    durableBytes: count('How much of it is safe on disk.', 614_400).optional(),
    totalBytes: count('How much there will be.', 1_843_200).optional(),
    batteryPercent: count('What the camera says is left in its battery.', 71).optional(),
    queue: queue.describe('What waits in the camera, the recording on its way among it.').optional(),
    bitsPerSecond: count(
      'Of durable bytes, over a sliding window of 10 s or the last chunks of a slow line; absent while nothing comes.',
      2_100_000,
    ).optional(),
    secondsLeft: count('Until this recording is safe, at that rate.', 5).optional(),
    queueSecondsLeft: count('Until all that waits in the camera is.', 16).optional(),
    fault: fault.describe('The last thing that went wrong, until the next success.').optional(),
    lastReceipt: receipt.describe('The last recording that was settled here.').optional(),
    clock: clock.describe("Camera's clock against the dock's, once measured.").optional(),
  })
  .meta({ id: 'Bay' });
export type ShownBay = Answer<typeof bay>;

const bays = z.object({ bays: z.array(bay) });
/** All bays at one moment. */
export type ShownBays = Answer<typeof bays>;

const baysChange = z.object({ bays: z.array(bay), gone: z.array(z.string()) });
/** Data of one `changed` event: the bays that read differently now, and the names of those that are no more. */
export type BaysChange = Answer<typeof baysChange>;

export const listBays = {
  summary: 'Every bay and every MQTT camera',
  description: 'What is docked and how far it has come, at this moment.',
  tags: ['bays'],
  security: bearer,
  response: { 200: bays.describe('As they are now.'), ...problems(401) },
};

export const followBays = {
  summary: 'The bays as they change',
  description:
    'Server-sent events. `event: bays` comes first and has all bays as `GET /v1/bays` has them; `event: changed` has `{ bays, gone }`, those that read differently now and the names of those that are no more, at most four times a second. `: heartbeat` comes every 2 s. The stream ends with the token.',
  tags: ['bays'],
  security: bearer,
  response: {
    200: body('text/event-stream', 'Events until the token ends.'),
    ...problems(401, 503),
  },
};
