import { z } from 'zod';
import { errand } from '../errand.ts';
import type { Operations } from './operation.ts';
import { refusals } from './refusals.ts';
import { page } from './service.ts';

/** Only with `--oidc`. */
export const OIDC_OPERATIONS: Operations = {
  'GET /v1/sign-in/oidc': {
    id: 'leaveForProvider',
    tag: 'people',
    summary: 'To the OpenID provider of the agency',
    description:
      'Only with `--oidc`, and only from the button of the sign-in page (`Sec-Fetch-Site: same-origin`); from elsewhere it leads to that page.',
    query: errand,
    answers: {
      303: {
        description: 'To the provider, or to the sign-in page.',
        headers: { Location: 'The authorization endpoint of the provider, or `/sign-in?…`.' },
      },
      ...refusals('BAD_REQUEST', 'BAD_KEY'),
      429: page('Too many sign-ins were begun from this address.'),
      502: page('The provider says what does not hold.'),
      503: page('The provider cannot be reached.'),
    },
  },
  'GET /v1/sign-in/oidc/callback': {
    id: 'comeBackFromProvider',
    tag: 'people',
    summary: 'Back from the OpenID provider',
    description: 'The redirect URI to register there. For the browser that left, once, within ten minutes.',
    query: z.object({
      state: z.string().optional(),
      code: z.string().optional(),
      error: z.string().optional(),
      iss: z.string().optional(),
    }),
    answers: {
      303: { description: 'Back to the page.', headers: { Location: '`redirect_uri#token=…&state=…`.' } },
      400: page('Not begun in this browser, used already, or too old.'),
      403: page('The provider said no, or nobody with a role on file here is meant.'),
      502: page('The answer of the provider does not hold.'),
      503: page('The provider cannot be reached.'),
    },
  },
};
