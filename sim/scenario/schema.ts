import { z } from 'zod';
import { siteSchema } from './site-schema.ts';
import { stepSchema } from './step-schema.ts';
import { expectSchema } from './expect-schema.ts';
import { lengthOfTime } from './moment.ts';

const TIMELINE_MAX = 200;
const EDITS_MAX = 8;
const WITHIN_MS_MAX = 86_400_000;

const plantSchema = z
  .strictObject({
    what: z.string().min(1).describe('The mistake in a sentence, as a reader of the result needs it.'),
    edits: z
      .array(
        z.strictObject({
          file: z
            .string()
            .regex(
              /^(device|dock|proto)\/[a-z0-9/-]+\.js$/,
              'must be a built file below device, dock or proto',
            )
            .describe('Built file, relative to `dist/`.'),
          piece: z
            .string()
            .min(1)
            .refine(isPattern, 'must be a regular expression')
            .describe('Regular expression that fits exactly one place of that file.'),
          instead: z.string().describe('What stands there instead; `$1` is its first group.'),
        }),
      )
      .min(1)
      .max(EDITS_MAX)
      .describe('Edits of a copy of the built programs.'),
  })
  .describe(
    'A mistake that makes this scenario fail when it is planted (`--plant`): the proof that it looks.',
  );

/** A scenario file. What a file says and what a runner gets differ in lengths of time and shares alone: those are numbers once read. */
export const scenarioSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'must be lower-case words with hyphens between them')
      .max(64)
      .describe('Name in results.'),
    about: z.string().min(1).describe('What happens and what must be true in the end.'),
    seed: z
      .union([z.string(), z.int()])
      .transform(String)
      .describe('Everything that is drawn comes from it, noise included; `--seed` replaces it.'),
    within: lengthOfTime
      .refine((ms) => ms <= WITHIN_MS_MAX, 'must be 24h or less')
      .default(60_000)
      .describe(
        'The timeline, and what it takes to come to rest after it, may take so long. `60s` when absent.',
      ),
    site: siteSchema,
    timeline: z
      .array(stepSchema)
      .max(TIMELINE_MAX)
      .describe(
        'What happens. One step after the other: a step begins when the one before is done and its own moment has come.',
      ),
    expect: expectSchema,
    plant: plantSchema.optional(),
  })
  .meta({ id: 'scenario', title: 'Holdfast scenario', description: 'One named test of real programs.' });

/** A scenario as a runner gets it: times in milliseconds, shares from 0 to 1. */
export type Scenario = z.output<typeof scenarioSchema> & {
  /** File and line of each step, for messages; absent of what was read from no file. */
  readonly places?: readonly string[];
};

function isPattern(text: string): boolean {
  try {
    return new RegExp(text).source !== '';
  } catch {
    return false;
  }
}
