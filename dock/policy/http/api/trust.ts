import { z } from 'zod';
import { IDENTITY_FORMAT } from '../../../../proto/identity.ts';
import { TILE } from '../ledger.ts';
import type { Answer, Headers, Operations } from './operation.ts';
import { refusals } from './refusals.ts';

const jwk = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.base64url(),
  y: z.base64url(),
  kid: z.string(),
  use: z.literal('sig'),
  alg: z.literal('ES256'),
});

const custodian = z.strictObject({
  format: z.literal(IDENTITY_FORMAT),
  kind: z.literal('custodian'),
  id: z.string(),
  publicKey: z.base64().describe('Uncompressed P-256 point, 65 bytes.'),
});

const PUBLIC: Headers = { 'Access-Control-Allow-Origin': '`*`.' };

function text(description: string): Answer {
  return { description, body: z.string(), mediaType: 'text/plain', headers: PUBLIC };
}

export const TRUST_OPERATIONS: Operations = {
  'GET /.well-known/jwks.json': {
    id: 'listSigningKeys',
    tag: 'trust',
    summary: 'The keys that grants and tokens are signed with',
    description:
      'A JWK Set (RFC 7517): the one in use first; beside it one that is announced, or that was in use before.',
    answers: { 200: { description: 'The keys.', body: z.strictObject({ keys: z.array(jwk).min(1) }) } },
  },
  'GET /v1/custodian': {
    id: 'showCustodian',
    tag: 'trust',
    summary: 'The key that cameras seal to',
    answers: { 200: { description: 'An identity file.', body: custodian } },
  },
  'GET /v1/ledger/checkpoint': {
    id: 'showCheckpoint',
    tag: 'trust',
    summary: "How far the service's own ledger goes",
    answers: { 200: text('A signed note (C2SP tlog-checkpoint).') },
  },
  'GET /v1/ledger/vkey': {
    id: 'showLedgerKey',
    tag: 'trust',
    summary: 'The key that its checkpoints are signed with',
    answers: { 200: text('A verifier key (C2SP signed-note).') },
  },
  'GET /v1/ledger/tile/*': {
    id: 'showTile',
    tag: 'trust',
    summary: 'A tile of that ledger',
    description: 'C2SP tlog-tiles. Only what the checkpoint covers, and that never changes.',
    path: z.object({
      path: z
        .string()
        .regex(TILE)
        .describe('Which tile; it has slashes in it: `0/000`, `entries/x001/234.p/56`.'),
    }),
    answers: {
      200: {
        description: 'Its bytes.',
        body: z.string(),
        mediaType: 'application/octet-stream',
        headers: PUBLIC,
      },
      ...refusals('NOT_FOUND'),
    },
  },
};
