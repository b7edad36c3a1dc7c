import { z } from 'zod';
import { PURPOSES } from '../../release/purpose.ts';

/** RFC 3339 UTC with microseconds, by the clock of the dock. */
const instant = z.string();

const custodyEvent = z
  .object({
    index: z.int().min(0).describe('Place in the ledger of the dock.'),
    type: z.string().describe('Type of the entry, as docs/LEDGER.md lists them.'),
    at: instant.describe(
      'When the dock wrote it, by its own clock; nothing is claimed about how far that is from UTC.',
    ),
    text: z.string().describe('What happened, in one sentence. People are named by their part in it.'),
    who: z.string().describe('Who did it, as far as the ledger tells.'),
    reasons: z
      .array(z.object({ name: z.string(), text: z.string() }))
      .readonly()
      .describe('What a decision rests on, and what else the entry says.'),
    epoch: z.int().min(0).optional().describe('Of the clock; times are compared within one.'),
    received: z
      .object({ at: instant, uncertaintyUs: z.int().min(0), basis: z.enum(['local', 'utc']) })
      .readonly()
      .optional()
      .describe('When the last byte was verified, with its bound and what that is against.'),
  })
  .readonly();

/** `GET /v1/recordings/:id/custody`. */
export const custodyAnswer = z
  .object({
    events: z.array(custodyEvent).readonly().describe('Oldest first.'),
    total: z.int().min(0).describe('Of all events of this recording.'),
    earlier: z.int().min(0).optional().describe('Give it as `before` to get the events in front of these.'),
  })
  .readonly();

const place = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,14})$/)
  .transform(Number);

export const custodyQuery = z.object({
  before: place.optional().describe('Only events in front of this ledger index.'),
  limit: place
    .pipe(z.number().min(1).max(500))
    .optional()
    .describe('At most so many, the newest of them; 100 unless given, 500 at most.'),
});

/** `GET /v1/ledger/entries/:index`. */
export const entryAnswer = z
  .object({
    index: z.int().min(0),
    recording: z.string().describe('The recording that the entry is about.'),
    entry: z.string().describe('The bytes of the entry, base64: the leaf that the proof is about.'),
    decoded: z.record(z.string(), z.unknown()).describe('What these bytes say, for reading.'),
    proof: z
      .string()
      .describe('C2SP tlog-proof of the entry, against the newest checkpoint, which stands in it.'),
    checkpoint: z.string().describe('That checkpoint: a signed note, with the cosignatures of witnesses.'),
    size: z.int().min(1).describe('Entries in the log of that checkpoint.'),
    witnesses: z.array(z.string()).readonly().describe('Verifier keys of the witnesses that this dock asks.'),
  })
  .readonly();

/** `POST /v1/recordings/:id/package`. */
export const packageBody = z.strictObject({
  purpose: z.enum(PURPOSES).describe('What the person says that they want it for.'),
});

export type CustodyAnswer = z.infer<typeof custodyAnswer>;
export type CustodyEventRow = z.infer<typeof custodyEvent>;
export type EntryAnswer = z.infer<typeof entryAnswer>;
