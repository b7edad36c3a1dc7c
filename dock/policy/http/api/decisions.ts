import { z } from 'zod';
import { FACT_TYPES } from '../../facts/fact.ts';
import { batch, evaluation } from '../authzen.ts';
import { REQUEST_ID } from '../edge.ts';
import type { Answers, Operation, Operations } from './operation.ts';
import { refusals } from './refusals.ts';

/** A fact that is not on file and would help. */
export const missingFact = z.strictObject({
  fact: z.enum(FACT_TYPES),
  incident: z.string().optional(),
  person: z.string().optional(),
  recording: z.string().optional(),
  text: z.string().describe('For people: `initial report of Officer 4411 on 24-118842, not yet filed`.'),
});

const decided = z.strictObject({
  reason: z.string().describe('For people: what the rule says, and what it waits for.'),
  missing: z
    .array(missingFact)
    .describe(
      'The smallest set of facts whose arrival would turn the deny into an allow; empty when none would.',
    ),
  alternatives: z.array(z.array(missingFact)).describe('Other sets of the same size.'),
  policies: z.array(z.string()).describe('Ids of the policies that decided.'),
  regime: z.string(),
  policySet: z.string().describe('SHA-256 of the policies, in hex.'),
  newestFact: z.int().min(0).describe('Index of the newest fact that was taken into account.'),
  standing: z
    .enum(['took-part', 'assigned', 'authorised', 'none'])
    .describe('Why this person may know of the recording. With `none` the answer is no for every purpose.'),
  requestId: z.string(),
  authorised: z
    .strictObject({ by: z.string(), until: z.iso.datetime() })
    .optional()
    .describe("The allow rests on somebody's authorisation."),
  grant: z.string().optional().describe('A JWS for the dock that asked (`typ` `holdfast-grant+jwt`, 60 s).'),
});
const unheard = z.strictObject({
  reason: z.string(),
  error: z.strictObject({ status: z.literal(400), message: z.string() }),
});

/** One answer, with all it takes to decide the same again. */
export const verdict = z.strictObject({ decision: z.boolean(), context: decided });
const item = z.union([
  verdict,
  z.strictObject({ decision: z.literal(false), context: unheard }).describe('This item could not be heard.'),
]);

const QUESTION = {
  subject: { type: 'person', id: '4411' },
  action: { name: 'view' },
  resource: { type: 'recording', id: '00112233445566778899aabbccddeeff' },
  context: { purpose: 'write_report' },
};

const headers = z.object({
  'X-Request-ID': z
    .string()
    .regex(REQUEST_ID)
    .optional()
    .describe('On the answer too, and kept with the decision. Without one the service chooses it.'),
});

const refused: Answers = refusals(
  ...(['BAD_REQUEST', 'UNAUTHENTICATED', 'TOO_LARGE'] as const),
  ...(['STORE_DAMAGED', 'STORE_BUSY', 'STORE_IO'] as const),
);

const metadata: Omit<Operation, 'id' | 'summary'> = {
  tag: 'decisions',
  answers: {
    200: {
      description: 'Where this decision point is asked.',
      body: z.strictObject({
        policy_decision_point: z.url(),
        access_evaluation_endpoint: z.url(),
        access_evaluations_endpoint: z.url(),
      }),
    },
  },
};

export const DECISION_OPERATIONS: Operations = {
  'POST /access/v1/evaluation': {
    id: 'evaluate',
    tag: 'decisions',
    summary: 'May this person do this?',
    description:
      'Members that are not described here are ignored, and nothing that a caller claims is a fact. Each decision is on disk before it is answered. With `dock` and `nonce` of the dock that asks, an allow carries a grant.',
    credential: 'source',
    headers,
    body: evaluation.meta({ examples: [QUESTION] }),
    answers: { 200: { description: 'Yes or no, and why.', body: verdict }, ...refused },
  },
  'POST /access/v1/evaluations': {
    id: 'evaluateMany',
    tag: 'decisions',
    summary: 'Up to 1,000 questions at once',
    description:
      'What an item leaves out it takes from the top. Without `evaluations` it is one question, and answered as one.',
    credential: 'source',
    headers,
    body: batch.meta({
      examples: [{ ...QUESTION, evaluations: [{}, { subject: { type: 'person', id: '5522' } }] }],
    }),
    answers: {
      200: {
        description: 'An answer for each item, in their order, up to the one that ended the list.',
        body: z.union([z.strictObject({ evaluations: z.array(item) }), verdict]),
      },
      ...refused,
    },
  },
  'GET /.well-known/authzen-configuration': {
    ...metadata,
    id: 'findDecisionPoint',
    summary: 'Where to ask (AuthZEN 1.0, section 9)',
  },
  'GET /.well-known/authzen-configuration/*': {
    ...metadata,
    id: 'findDecisionPointByPath',
    summary: 'The same, for an issuer that has a path',
    path: z.object({ path: z.string().describe('Path of the issuer, which may have slashes in it.') }),
    answers: { ...metadata.answers, ...refusals('NOT_FOUND') },
  },
};
