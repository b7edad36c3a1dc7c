import { z } from 'zod';
import { FACT_TYPES } from '../../facts/fact.ts';
import { place } from '../events.ts';
import { sentFact, storedFact } from '../fact-kinds.ts';
import { factsBody } from '../fact-schema.ts';
import { listQuery } from '../facts.ts';
import type { Operation, Operations } from './operation.ts';
import { refusals } from './refusals.ts';

const index = z.int().min(1).describe('Its place in the one order that decisions follow: 1, 2, 3, …');

/** A fact as it was taken. */
export const entry = z.strictObject({
  index,
  source: z.string().describe('Who said it.'),
  receivedAt: z.iso.datetime().describe("When it arrived, by this service's clock."),
  fact: storedFact,
});
/** A fact that is on file now. */
export const taken = z.strictObject({ index });
const results = z.array(
  z.strictObject({
    id: z.string(),
    index,
    status: z.literal([200, 201]).describe('200: it was on file already.'),
  }),
);

const EXAMPLES = sentFact.options
  .filter(({ shape }) => shape.type.value === 'report.filed')
  .flatMap((kind) => kind.meta()?.['examples'] ?? []);

const POST_FACTS: Operation = {
  id: 'postFacts',
  tag: 'facts',
  summary: 'Tell a fact, or up to 1,000',
  description:
    'All of a list are taken or none. A fact is durable when it is answered, and never changed or removed: another fact ends it. Members that are not described here are refused, since they might mean something. Up to 16 MiB.',
  credential: 'source',
  body: factsBody.meta({ examples: EXAMPLES }),
  answers: {
    200: { description: 'That very fact was on file already.', body: taken },
    201: {
      description: 'Taken. A list is answered with a list.',
      body: z.union([taken, z.strictObject({ results })]),
    },
    ...refusals(
      ...(['BAD_REQUEST', 'BAD_MANIFEST', 'BAD_WRAPS', 'UNAUTHENTICATED'] as const),
      ...(['MAY_NOT_ASSERT', 'NOT_RECORDS_SOURCE', 'SELF_CLASSIFICATION', 'NOT_DECIDED'] as const),
      ...(['QUIET_DOWNGRADE', 'ALREADY_REGISTERED', 'NO_SUCH_HOLD', 'NO_SUCH_SEAL'] as const),
      ...(['NO_SUCH_CASE', 'NO_SUCH_STATEMENT', 'HELD', 'ID_TAKEN', 'TOO_LARGE'] as const),
      ...(['STORE_DAMAGED', 'STORE_BUSY', 'STORE_IO'] as const),
    ),
  },
};

const EVENTS = `Server-sent events (WHATWG HTML): every fact after the one that is named, then each new one as it is taken.

- \`event: fact\`, \`id: INDEX\`, \`data\`: \`{index, type, incident?, recording?, person?, recordings?}\`. \`recordings\` are all whose answers the fact can change; without it that may be any.
- \`event: rules\`, \`data: {}\`: from now on other rules hold for somebody, though no fact came. It has no id.
- A comment each second.`;

export const FACT_OPERATIONS: Operations = {
  'POST /v1/facts': POST_FACTS,
  'GET /v1/facts': {
    id: 'listFacts',
    tag: 'facts',
    summary: 'Up to 1,000 facts, oldest first',
    description: `For the next ones, \`after\` is the index of the last. \`type\` may be repeated, and is one of ${FACT_TYPES.map((type) => `\`${type}\``).join(', ')}. A manifest may be megabytes, so it is listed only with \`recording\`.`,
    credential: 'source',
    query: listQuery,
    answers: {
      200: { description: 'The facts.', body: z.strictObject({ facts: z.array(entry) }) },
      ...refusals('BAD_REQUEST', 'UNAUTHENTICATED', 'STORE_DAMAGED', 'STORE_BUSY', 'STORE_IO'),
    },
  },
  'GET /v1/events': {
    id: 'followFacts',
    tag: 'facts',
    summary: 'Hear of each fact as it is taken',
    description: EVENTS,
    credential: 'source',
    query: z.object({
      after: place.optional().describe('Index of a fact. Left out: only new ones.'),
    }),
    headers: z.object({
      'Last-Event-ID': place.optional().describe('Sent by a reader that comes back; wins over `after`.'),
    }),
    answers: {
      200: { description: 'Never ends by itself.', body: z.string(), mediaType: 'text/event-stream' },
      ...refusals('BAD_REQUEST', 'UNAUTHENTICATED'),
    },
  },
};
