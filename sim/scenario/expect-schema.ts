import { z } from 'zod';
import { lengthOfTime } from './moment.ts';
import { dockName, personName } from './site-schema.ts';
import { eventSchema, recordingName } from './step-schema.ts';

const recordingSchema = z.strictObject({
  is: z
    .enum(['accepted', 'quarantined', 'on-camera'])
    .default('accepted')
    .describe('Where it must be in the end; `accepted` by a dock and erased from its camera when absent.'),
  by: dockName.optional().describe('The dock that has accepted it.'),
  officer: personName.optional().describe('Whose it must be; when absent, who had the camera when it began.'),
  marks: z.int().min(0).optional().describe('How many marks it must have.'),
  seconds: z
    .tuple([z.number().min(0), z.number().min(0)])
    .optional()
    .describe('Least and most seconds of footage.'),
});

/** What must be true; the promises that hold for every scenario are looked at in any case. */
export const expectSchema = z
  .strictObject({
    settle: lengthOfTime
      .default(25_000)
      .describe('So long after the timeline everything must have come to rest. `25s` when absent.'),
    recordings: z
      .record(recordingName, recordingSchema)
      .default({})
      .describe('Recordings of which something else or more is expected than to be accepted and erased.'),
    events: z
      .array(
        z.strictObject({
          event: eventSchema,
          times: z
            .union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0)])])
            .optional()
            .describe('How often: a number, or least and most. At least once when absent; 0: never.'),
        }),
      )
      .default([])
      .describe('Events that must or must not occur.'),
    access: z
      .array(
        z.strictObject({
          person: personName,
          recording: recordingName,
          purpose: z.string().min(1).default('write_report').describe('`write_report` when absent.'),
          is: z.enum(['open', 'refused']).describe('`open`: every byte comes out as the camera recorded it.'),
        }),
      )
      .default([])
      .describe('Who can open what in the end, and who cannot.'),
    ledger: z
      .strictObject({
        has: z.array(z.string()).default([]).describe('Types of entries that some dock must have written.'),
        never: z.array(z.string()).default([]).describe('Types of entries that none may have written.'),
      })
      .default({ has: [], never: [] })
      .describe('Entries of the ledgers.'),
    stamps: lengthOfTime
      .default(10_000)
      .describe(
        "A dock's stamp may be so far from the moment at which the runner saw the receipt. `10s` when absent.",
      ),
    lengths: z
      .array(
        z.strictObject({
          from: eventSchema.describe('First occurrence.'),
          to: eventSchema.describe('First occurrence after that.'),
          most: lengthOfTime.optional().describe('No longer than this.'),
          least: lengthOfTime.optional().describe('No shorter than this.'),
        }),
      )
      .default([])
      .describe('How long from one event to another.'),
  })
  .prefault({})
  .describe('What must be true in the end.');
