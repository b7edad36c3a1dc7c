import { z } from 'zod';
import { body, count, problems, type Answer } from './problem.ts';
// Of the path after `tile/`: <L>/<N>[.p/<W>] or entries/<N>[.p/<W>], N in groups of three digits. The folder also holds the dock's own
// working files, which no such path names.
const TILE = /^(?:entries|[0-9]{1,2})\/(?:x[0-9]{3}\/){0,5}[0-9]{3}(?:\.p\/[0-9]{1,3})?$/;

const size = (description: string) =>
  z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,14})$/)
    .meta({ description, examples: ['12'] })
    .transform(Number);

const growth = z
  .object({
    from: count('As asked.', 12),
    to: count('As asked.', 15),
    hashes: z.array(z.string().meta({ contentEncoding: 'base64' })).describe('The proof.'),
  })
  .meta({ id: 'Growth' });
export type Growth = Answer<typeof growth>;

export const readCheckpoint = {
  summary: 'The newest checkpoint of the ledger',
  description: 'A C2SP signed note: origin, size, root hash and signatures of the dock and its witnesses.',
  tags: ['ledger'],
  response: { 200: body('text/plain', 'The signed note.'), ...problems(404) },
};

export const readTile = {
  summary: 'A tile of the ledger',
  description:
    'C2SP tlog-tiles: `tile/<L>/<N>[.p/<W>]` for hashes and `tile/entries/<N>[.p/<W>]` for entries, N in groups of three digits. A tile never changes.',
  tags: ['ledger'],
  params: z.object({
    '*': z
      .string()
      .regex(TILE)
      .meta({ description: 'Path of the tile.', examples: ['0/000.p/12'] }),
  }),
  response: {
    200: body('application/octet-stream', 'Hashes of 32 bytes, or an entry bundle.'),
    ...problems(404),
  },
};

export const proveGrowth = {
  summary: 'Proof that the ledger only grew',
  description:
    'The RFC 6962 consistency proof between two sizes of the published ledger, for whoever remembers an older one.',
  tags: ['ledger'],
  querystring: z.object({ from: size('The older size, entries.'), to: size('The newer size, entries.') }),
  response: {
    200: growth.describe('The proof.'),
    ...problems(400),
  },
};
