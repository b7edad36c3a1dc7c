import type { FastifyInstance, FastifyReply } from 'fastify';
import { TILE_WIDTH } from '../../../proto/tile.ts';
import { sendFailure } from './failure.ts';
import type { Service } from './service.ts';

/** C2SP tlog-tiles, after `tile/`. What does not look like a tile of a log is never looked for. */
export const TILE = /^(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
const A_YEAR = 'public, max-age=31536000, immutable';
const TEXT = 'text/plain; charset=utf-8';

/** `GET /v1/ledger/…`: the service's own ledger, for everybody. Without a token, as what it is for is to be checked by strangers. */
export function ledgerRoutes(app: FastifyInstance, { log }: Service): void {
  const fresh = async (reply: FastifyReply, body: string): Promise<FastifyReply> =>
    reply
      .type(TEXT)
      .header('cache-control', 'no-cache')
      .header('access-control-allow-origin', '*')
      .send(body);
  app.get('/v1/ledger/checkpoint', async (_request, reply) => fresh(reply, (await log.checkpoint()).note));
  app.get('/v1/ledger/vkey', async (_request, reply) => fresh(reply, `${log.vkey}\n`));
  app.get<{ readonly Params: { readonly '*': string } }>('/v1/ledger/tile/*', async (request, reply) => {
    const { '*': path } = request.params;
    const { size } = await log.checkpoint();
    const bytes = isPublished(path, size) ? await log.read(`tile/${path}`) : undefined;
    if (bytes === undefined)
      return sendFailure(reply, { status: 404, code: 'NOT_FOUND', message: 'the log has no such tile' });
    return reply
      .type('application/octet-stream')
      .header('cache-control', A_YEAR)
      .header('access-control-allow-origin', '*')
      .send(bytes);
  });
}

/** What the checkpoint does not cover is nobody's yet: witnesses may not have seen it. */
function isPublished(path: string, size: number): boolean {
  const [, level = '', place = '', partial] = TILE.exec(path) ?? [];
  if (level === '') return false;
  const index = Number(place.replaceAll(/[x/]/g, ''));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const hashes = level === 'entries' ? size : Math.floor(size / TILE_WIDTH ** Number(level));
  return width <= TILE_WIDTH && index * TILE_WIDTH + width <= hashes;
}
