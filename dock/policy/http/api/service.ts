import { z } from 'zod';
import { form as demoForm } from '../demo-records.ts';
import type { Answer, Operations } from './operation.ts';
import { refusals } from './refusals.ts';

/** A page for people. */
export function page(description: string): Answer {
  return { description, body: z.string(), mediaType: 'text/html' };
}

/** What an HTML form sends. */
export const FORM = 'application/x-www-form-urlencoded';

export const SERVICE_OPERATIONS: Operations = {
  'GET /healthz': {
    id: 'showHealth',
    tag: 'service',
    summary: 'How it stands',
    answers: {
      200: {
        description: 'It decides, by these rules where no agency has its own.',
        body: z.strictObject({
          ok: z.literal(true),
          regime: z.string(),
          policySet: z.string().describe('SHA-256 of the policies, in hex.'),
        }),
      },
    },
  },
  'GET /openapi.json': {
    id: 'showDocument',
    tag: 'service',
    summary: 'This document',
    answers: {
      200: { description: 'OpenAPI 3.1.', body: z.looseObject({ openapi: z.string() }) },
    },
  },
  'GET /docs': {
    id: 'readDocument',
    tag: 'service',
    summary: 'This document, to read in a browser',
    description:
      'It asks this service alone, and sends no request but for what it shows. What it is made of lies below it.',
    answers: { 200: page('The page.') },
  },
  'GET /demo/records': {
    id: 'showDemoRecords',
    tag: 'demonstration',
    summary: 'A stand-in for a records system',
    answers: { 200: page('The page.'), ...refusals('FORBIDDEN') },
  },
  'POST /demo/records': {
    id: 'playDemoRecords',
    tag: 'demonstration',
    summary: 'A button of that page',
    description: 'Says one fact under the source `records`. `key` is in the page.',
    body: demoForm,
    sends: FORM,
    answers: {
      303: { description: 'Done; back to the page.', headers: { Location: 'The page.' } },
      ...refusals(
        ...(['BAD_REQUEST', 'FORBIDDEN', 'MAY_NOT_ASSERT', 'TOO_LARGE'] as const),
        ...(['STORE_DAMAGED', 'STORE_BUSY', 'STORE_IO'] as const),
      ),
    },
  },
};
