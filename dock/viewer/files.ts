import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { toBase64 } from '../../proto/bytes.ts';
import { sendNotFound, sendProblem } from './reply.ts';
import type { ViewerOptions, ViewerPorts } from './server.ts';

// C2SP tlog-tiles: tile/<L>/<N>[.p/<W>] and tile/entries/<N>[.p/<W>], N in groups of three digits.
const TILE = /^tile\/(?:entries|[0-9]{1,2})\/(?:x[0-9]{3}\/){0,5}[0-9]{3}(?:\.p\/[0-9]{1,3})?$/;
const ASSET = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/;
const YEAR_MS = 31_536_000_000;
const count = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,14})$/)
  .transform(Number);
const sizes = z.object({ from: count, to: count });

/** The page, its config, and the ledger's read path. Everything here is for anyone who can reach the dock. */
export function addFileRoutes(
  app: FastifyInstance,
  ports: ViewerPorts,
  { policyUrl, pageDir, ledgerDir }: ViewerOptions,
): void {
  app.get('/', async (_request, reply) => {
    if (!existsSync(join(pageDir, 'index.html'))) {
      return sendProblem(reply, 503, {
        code: 'page-not-built',
        message: 'The page is not built: run `npm run build`.',
      });
    }
    return reply.sendFile('index.html', pageDir, { cacheControl: false });
  });
  app.get<{ Params: { '*': string } }>('/assets/*', async (request, reply) => {
    const asset = request.params['*'];
    if (!ASSET.test(asset)) return sendNotFound(reply);
    // The name of an asset changes with its content.
    return reply.sendFile(`assets/${asset}`, pageDir, { maxAge: YEAR_MS, immutable: true });
  });
  app.get('/v1/config', async () => ({
    dock: ports.keys.dockId,
    policyUrl,
    origin: ports.ledger.origin,
    vkey: ports.ledger.vkey,
  }));
  app.get('/healthz', async () => ({ ok: true }));
  addLedgerRoutes(app, ledgerDir);
  addConsistencyRoute(app, ports);
}

/** A proof between two sizes of the published log, for whoever remembers an older one: anybody could make it from the tiles. */
function addConsistencyRoute(app: FastifyInstance, { ledger }: ViewerPorts): void {
  app.get('/v1/ledger/consistency', async (request, reply) => {
    const query = sizes.safeParse(request.query);
    const { size } = await ledger.checkpoint();
    if (!query.success || query.data.from > query.data.to || query.data.to > size) {
      return sendProblem(reply, 400, {
        code: 'bad-request',
        message: `The request needs from and to, two sizes of this ledger; it has ${size} entries.`,
      });
    }
    const { from, to } = query.data;
    const hashes = (await ledger.proveConsistency(from, to)).map(toBase64);
    return reply.header('cache-control', 'no-store').send({ from, to, hashes });
  });
}

/** Only the files that the tlog-tiles read path names; the folder also holds the dock's own working files. */
function addLedgerRoutes(app: FastifyInstance, ledgerDir: string): void {
  app.get('/ledger/checkpoint', async (_request, reply) => {
    reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8');
    return reply.sendFile('checkpoint', ledgerDir, { cacheControl: false, contentType: false });
  });
  app.get<{ Params: { '*': string } }>('/ledger/tile/*', async (request, reply) => {
    const path = `tile/${request.params['*']}`;
    if (!TILE.test(path)) return sendNotFound(reply);
    reply.type('application/octet-stream');
    return reply.sendFile(path, ledgerDir, { maxAge: YEAR_MS, immutable: true, contentType: false });
  });
}
