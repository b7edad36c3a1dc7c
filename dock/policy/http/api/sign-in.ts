import { z } from 'zod';
import { ROLES } from '../../facts/fact.ts';
import { errand } from '../errand.ts';
import { byForm, bySignIn, renewal } from '../sign-in.ts';
import { preflight } from './keys.ts';
import type { Answers, Operations } from './operation.ts';
import { refusals } from './refusals.ts';
import { FORM, page } from './service.ts';

/** What a sign-in gives. */
export const token = z.strictObject({
  token: z.string().describe('A viewer token (JWT, ES256, `typ` `holdfast-viewer+jwt`, 15 min).'),
  expiresAt: z.iso.datetime(),
  person: z.string(),
  name: z.string(),
  roles: z.array(z.enum(ROLES)),
});

export const SIGN_IN_OPERATIONS: Operations = {
  'POST /v1/sign-in': {
    id: 'signIn',
    tag: 'people',
    summary: 'A viewer token, for a program',
    description:
      'The token binds `jwk`, a public P-256 key. Five failures in a minute for one person from one address, and both wait.',
    body: bySignIn,
    answers: {
      200: { description: 'Signed in.', body: token },
      ...refusals('BAD_REQUEST', 'BAD_KEY', 'BAD_ACCOUNT', 'TOO_LARGE', 'TOO_MANY_TRIES'),
    },
  },
  'POST /v1/renew': {
    id: 'renew',
    tag: 'people',
    summary: 'The same token anew, for a page that stays open',
    description:
      'The request is a JWS by the page (ES256, `typ` `holdfast-renew+jwt`) over `token`, `aud`, `nonce` and `iat`. For two hours after the password and never beyond.',
    body: renewal,
    answers: {
      200: { description: 'Renewed.', body: token },
      ...refusals('BAD_REQUEST', 'BAD_TOKEN', 'BAD_PROOF', 'BAD_KEY', 'TOO_LARGE'),
    },
  },
  'OPTIONS /v1/renew': preflight('mayRenew', { tag: 'people' }),
  'GET /sign-in': {
    id: 'showSignIn',
    tag: 'people',
    summary: 'A page to sign in on',
    description: '`jwk` is the public P-256 JWK of the page that wants a token, in base64url.',
    query: errand,
    answers: { 200: page('A form.'), ...refusals('BAD_REQUEST', 'BAD_KEY') },
  },
  'POST /sign-in': {
    id: 'signInOnPage',
    tag: 'people',
    summary: 'What that form sends',
    body: byForm,
    sends: FORM,
    answers: {
      303: { description: 'Back to the page.', headers: { Location: '`redirect_uri#token=…&state=…`.' } },
      ...withPage(refusals('BAD_REQUEST', 'BAD_KEY', 'BAD_ACCOUNT', 'TOO_MANY_TRIES')),
      ...refusals('TOO_LARGE'),
    },
  },
};

/** Answered on the form again, except where the errand itself cannot be read. */
function withPage(answers: Answers): Answers {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [status, { ...answer, orPage: true }]),
  );
}
