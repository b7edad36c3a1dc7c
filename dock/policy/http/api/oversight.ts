import { z } from 'zod';
import { FORCES, INJURIES, PURPOSES, STATEMENTS } from '../../facts/fact.ts';
import { signedRequest } from '../keys.ts';
import { missingFact } from './decisions.ts';
import { preflight } from './keys.ts';
import type { Operations } from './operation.ts';
import { refusals } from './refusals.ts';

const moment = z.iso.datetime();
const digest = z.string().describe('SHA-256 of the policies, in hex.');

const openCase = z.strictObject({
  case: z.string(),
  incident: z.string(),
  since: moment.describe('When this service was told of the assignment.'),
  force: z.enum(FORCES).describe('`unclassified` counts as the strictest.'),
  deathInCustody: z.boolean(),
  injury: z.enum(INJURIES),
  vulnerable: z.boolean().describe('Somebody was handcuffed or in a mental-health crisis.'),
  misconduct: z.boolean(),
  barred: z.boolean().describe('They took part themselves: no more of it is told.'),
  participants: z.array(
    z.strictObject({
      person: z.string(),
      report: z.enum(['none', 'filed', 'withdrawn']),
      statements: z.array(z.strictObject({ kind: z.enum(STATEMENTS), recorded: z.boolean() })),
    }),
  ),
  recordings: z.array(
    z.strictObject({
      recording: z.string(),
      officer: z.string().describe('Who made it.'),
      purpose: z.enum(PURPOSES),
      allowed: z
        .boolean()
        .describe('What the rules would say now. Nothing is opened by it, so nothing is written down.'),
      reason: z.string(),
      missing: z.array(missingFact),
    }),
  ),
  more: z.int().min(0).describe('Recordings beyond those listed.'),
});

const change = z.strictObject({
  index: z.int().min(1).describe('Of the fact.'),
  filedAt: moment,
  agency: z.string().describe('Empty: everybody whose agency has no line of its own.'),
  from: moment.optional().describe('Absent: it always has held.'),
  adopted: z.strictObject({ regime: z.string(), policySet: digest }).optional(),
  state: z.enum(['in-force', 'waiting', 'over', 'replaced', 'taken-back', 'takes-back']),
});

const turn = z.strictObject({ at: moment, cause: z.string().describe('The fact that did it.') });
const span = z.strictObject({ from: turn, until: turn.optional() });
const names = z.strictObject({
  recording: z.string(),
  person: z.string(),
  part: z.enum(['made it', 'took part', 'no part']),
});

const comparison = z.strictObject({
  incident: z.string(),
  regimes: z.array(z.strictObject({ regime: z.string(), policySet: digest })),
  facts: z.int().min(0),
  from: moment,
  until: moment,
  recordings: z.array(z.strictObject({ recording: z.string(), officer: z.string(), elsewhere: z.boolean() })),
  rows: z.array(
    names.extend({
      purposes: z.array(z.enum(PURPOSES)),
      allowed: z.array(z.array(span)).describe('Under the first regime, and under the second.'),
    }),
  ),
  windows: z.array(names.extend({ ...span.shape, under: z.string().describe('The regime.') })),
});

const answer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cases'),
    cases: z.array(openCase).describe('Newest first.'),
    more: z.int().min(0),
  }),
  z.strictObject({
    kind: z.literal('changes'),
    regimes: z.array(z.string()).describe('Every regime that can be compared.'),
    changes: z.array(change).describe('Newest first.'),
    earlier: z.int().optional().describe('Give it as `before` for those in front of these.'),
  }),
  z.strictObject({ kind: z.literal('compare'), comparison }),
]);

export const OVERSIGHT_OPERATIONS: Operations = {
  'POST /v1/oversight': {
    id: 'oversee',
    tag: 'people',
    summary: 'What somebody who oversees may know besides footage',
    description: [
      'The request is a JWS by the page (ES256, `typ` `holdfast-oversight+jwt`) over `token`, `aud`, `ask`, `nonce` and `iat`; a token alone asks nothing.',
      '`ask` is an `OversightQuestion`: `cases`, those assigned to the person now; `changes`, which rules were adopted when, for everybody who is signed in; `compare`, who could have viewed what when under two regimes, over the facts of one incident, for whoever has a case on it and took no part.',
      'Sixty questions a minute for each person, and one comparison at a time.',
    ].join('\n\n'),
    body: signedRequest,
    answers: {
      200: { description: 'Of the kind that was asked for.', body: answer },
      ...refusals(
        ...(['BAD_REQUEST', 'BAD_TOKEN', 'BAD_PROOF', 'BAD_KEY', 'NOT_FOUND', 'TOO_LARGE'] as const),
        ...(['TOO_MANY_TRIES', 'STORE_DAMAGED', 'STORE_BUSY'] as const),
      ),
    },
  },
  'OPTIONS /v1/oversight': preflight('mayOversee', { tag: 'people' }),
};
