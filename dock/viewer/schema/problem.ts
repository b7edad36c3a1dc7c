import { z } from 'zod';
import { isRecordingId } from '../../../proto/ids.ts';

// A route in six lines. 1: its schemas are here, one file a group: what comes in, and every answer by its status.
// 2: `export const listBays = { summary, description, tags, security, response: { 200: bays, ...problems(401) } }`.
// 3: `app.get('/v1/bays', { schema: listBays, preValidation: signedIn(policy) }, handler)`: who asks is found out before the
//    request is checked, so that a stranger learns nothing from a complaint about it; the handler has `viewerIn(request)`.
// 4: params that fit no schema answer 404 as what does not exist; any other input 400, in the words of `config.badRequest`.
// 5: types of answers are `Answer<typeof schema>`, and the page takes them by `import type`: only zod, proto/ and
//    release/purpose.ts may be imported here. 6: a new tag is described in ../openapi.ts; the tests find what was forgotten.

const CODES = [
  'not-found',
  'unauthorised',
  'bad-request',
  'withheld',
  'policy-unreachable',
  'content-damaged',
  'too-many-streams',
  'too-many-openings',
  'too-many-packages',
  'not-sealed',
  'page-not-built',
  'dock-fault',
] as const;

/** What a schema promises, as nobody may change it. */
export type Answer<Schema extends z.ZodType> = Frozen<z.output<Schema>>;
type Frozen<Value> = Value extends string | number | boolean | null | undefined
  ? Value
  : { readonly [Key in keyof Value]: Frozen<Value[Key]> };

const code = z.enum(CODES).describe('For programs. The set is closed.');
const message = z.string().describe('For people; the words may change.');

/** Every answer that is not a success. */
export const problem = z.object({ error: z.object({ code, message }) }).meta({
  id: 'Problem',
  examples: [{ error: { code: 'not-found', message: 'There is nothing here that you may see.' } }],
});
export type Problem = Answer<typeof problem>['error'];

const MEANINGS = {
  400: 'The request is not understood.',
  401: 'No token came with the request, or it is not believed, or its time is over.',
  403: 'Withheld: the rules do not allow it now, or could not be asked.',
  404: 'Nothing is here that you may see: what does not exist and what is not yours answer alike, to the byte.',
  409: 'No camera sealed it, so that it leaves opened only.',
  413: 'The body is larger than anything that belongs here.',
  415: 'The body is not JSON.',
  429: 'More openings than anybody watches; `retry-after` says in how many seconds to try again.',
  500: 'The dock could not do this; what failed is in its log.',
  503: 'Not now.',
} as const;
type Status = keyof typeof MEANINGS;

/** Answers that are a problem, by their status. Every route can fail by the dock's fault, so 500 is always among them. */
export function problems<S extends Status>(...statuses: readonly S[]): Record<S | 500, typeof problem> {
  const answers = [...statuses, 500 as const].map(
    (status) => [status, problem.describe(MEANINGS[status])] as const,
  );
  return Object.fromEntries(answers) as Record<S | 500, typeof problem>;
}

/** An answer that is not JSON. */
export function body(
  type: string,
  description: string,
): { description: string; content: Readonly<Record<string, { schema: z.ZodType }>> } {
  return { description, content: { [type]: { schema: z.string() } } };
}

/** Of a route that answers nobody without a token. */
export const bearer = [{ bearer: [] }] as const;

const id = z.string().meta({
  description: 'Id of a recording: 16 random bytes that its camera chose, in lower-case hex.',
  examples: ['5d0c2b7e9f3a4816b2d7c40e81f6a935'],
  pattern: '^[0-9a-f]{32}$',
});

/** An id in an answer. */
export const recordingId = id;
/** In an address: what is no id is an address of nothing. */
export const recordingAddress = z.object({
  id: id.refine(isRecordingId),
});

export const instant = (description: string): z.ZodString =>
  z.string().meta({
    description: `${description} RFC 3339 in UTC, six decimals.`,
    format: 'date-time',
    examples: ['2026-11-21T08:14:03.250000Z'],
  });

export const count = (description: string, example: number): z.ZodInt =>
  z
    .int()
    .min(0)
    .meta({ description, examples: [example] });

export const word = (description: string, example: string): z.ZodString =>
  z.string().meta({ description, examples: [example] });

export const transport = z.enum(['serial', 'mqtt']).describe('How the camera speaks to the dock.');

/** A fact of the records system that a release waits for. */
export const missingFact = z
  .object({
    fact: word('Kind of fact.', 'report.filed'),
    incident: word('Incident that it must be about.', '24-118842').optional(),
    person: word('Person whose act it is.', '4411').optional(),
    text: word('For people.', 'initial report of Officer 4411 on 24-118842, not yet filed'),
  })
  .meta({ id: 'MissingFact' });
