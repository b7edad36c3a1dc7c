import { z } from 'zod';
import { signedRequest } from '../keys.ts';
import { missingFact } from './decisions.ts';
import type { Headers, Operation, Operations } from './operation.ts';
import { anyOf, grantRefusals, recordRefusals, refusals } from './refusals.ts';

const base64 = z.base64();

const sealedKeys = z.strictObject({
  range: z
    .tuple([z.int().min(0), z.int().min(0)])
    .describe('Chunks, from the first up to and without the second.'),
  enc: base64.describe('HPKE encapsulated key.'),
  ciphertext: base64.describe(
    'The chunk keys, 32 bytes each, side by side, sealed to `ecdh` of the request.',
  ),
  custody: z.strictObject({
    entry: base64.describe("Entry of the service's own ledger that says so."),
    proof: z.string().describe('Its C2SP tlog-proof.'),
  }),
});

const withheld = z.strictObject({
  error: z.strictObject({ code: z.literal('withheld'), message: z.string().describe('For people.') }),
  reason: z.string(),
  missing: z.array(missingFact),
  policies: z.array(z.string()),
});

/** Pages of other origins ask first (WHATWG Fetch, CORS); so it is for each address that is open to them. */
export function preflight(id: string, of: Pick<Operation, 'tag'>): Operation {
  return {
    id,
    tag: of.tag,
    summary: "May a viewer's page ask from its own origin?",
    answers: { 204: { description: 'Its origin is named in the answer when it may.', headers: CORS } },
  };
}

const CORS: Headers = {
  'Access-Control-Allow-Methods': '`POST`.',
  'Access-Control-Allow-Headers': '`content-type`.',
  'Access-Control-Max-Age': 'Seconds that this holds.',
};

const store = refusals('STORE_DAMAGED', 'STORE_BUSY', 'STORE_IO');

export const KEY_OPERATIONS: Operations = {
  'POST /v1/keys': {
    id: 'askForKeys',
    tag: 'keys',
    summary: 'The keys of what a page has opened at a dock',
    description:
      'The request is a JWS by the page (ES256, `typ` `holdfast-keys+jwt`) over `grant`, `entry`, `proof`, `consistency`, `ecdh`, `aud`, `iat` and `nonce`. The rules are asked again, and it is written down in a ledger that everybody can check before a key leaves.',
    body: signedRequest,
    answers: {
      200: { description: 'The keys, sealed to this page.', body: sealedKeys },
      ...anyOf(
        refusals('BAD_REQUEST', 'TOO_LARGE'),
        grantRefusals(
          ...(['BAD_KEY_REQUEST', 'BAD_GRANT', 'GRANT_EXPIRED', 'OTHER_SIGNER', 'UNKNOWN_DOCK'] as const),
          ...(['BAD_ENTRY', 'BAD_LEDGER_PROOF', 'LEDGER_FORKED', 'CONSISTENCY_NEEDED'] as const),
          ...(['GRANT_USED', 'NOT_SEALED', 'NOT_KEYED', 'LEDGER_WAITING'] as const),
        ),
        { 403: { description: '- `withheld`: the rules say no.', body: withheld } },
        store,
      ),
    },
  },
  'OPTIONS /v1/keys': preflight('mayAskForKeys', { tag: 'keys' }),
  'POST /v1/decision': {
    id: 'askForDecisionRecord',
    tag: 'keys',
    summary: 'Why a recording was opened, signed',
    description:
      'The decision behind a grant that is open now, with the policies and facts that it rested on, for the page that the grant binds. The request is a JWS by that page.',
    body: signedRequest,
    answers: {
      200: { description: 'The record.', body: z.strictObject({ decision: z.string().describe('A JWS.') }) },
      ...anyOf(
        refusals('BAD_REQUEST', 'TOO_LARGE'),
        grantRefusals('BAD_GRANT', 'GRANT_EXPIRED', 'OTHER_SIGNER', 'LEDGER_WAITING'),
        recordRefusals('BAD_DECISION_REQUEST', 'RULES_CHANGED'),
        store,
      ),
    },
  },
};
