import { z } from 'zod';
import { body, problems, word, type Answer } from './problem.ts';

const ASSET = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/;

const config = z
  .object({
    dock: word('Id of this dock.', 'dock-1'),
    policyUrl: word('Where to sign in: the policy service.', 'http://127.0.0.1:8700'),
    origin: word('Origin line of the ledger.', 'holdfast.local/dock-1'),
    vkey: word(
      'Key of the ledger, in the form of a C2SP signed note.',
      'holdfast.local/dock-1+1c2d3e4f+AXx…',
    ),
  })
  .meta({ id: 'Config' });
export type Config = Answer<typeof config>;

export const showConfig = {
  summary: 'What a page needs to begin',
  tags: ['dock'],
  response: { 200: config.describe('Nothing in it is secret.'), ...problems() },
};

export const showHealth = {
  summary: 'Whether the dock answers',
  tags: ['dock'],
  response: { 200: z.object({ ok: z.literal(true) }).describe('It does.'), ...problems() },
};

export const showDocument = {
  summary: 'This document',
  tags: ['dock'],
  response: {
    200: z.record(z.string(), z.unknown()).describe('OpenAPI 3.1.'),
    ...problems(),
  },
};

export const showPage = {
  summary: 'The page',
  tags: ['page'],
  response: {
    200: body('text/html', 'The page, which needs nothing but this dock and its policy service.'),
    ...problems(404, 503),
  },
};

export const readAsset = {
  summary: 'A script, a style or a picture of the page',
  description: 'The name of an asset changes with its content.',
  tags: ['page'],
  params: z.object({
    '*': z
      .string()
      .regex(ASSET)
      .meta({ description: 'Name of the file.', examples: ['index-B1x2c3d4.js'] }),
  }),
  response: {
    200: body('application/octet-stream', 'The file, with the media type of its name.'),
    ...problems(404),
  },
};
