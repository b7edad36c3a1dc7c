import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { toBase64 } from '../../proto/bytes.ts';
import { sendProblem } from './reply.ts';
import { readAsset, showConfig, showHealth, showPage } from './schema/dock.ts';
import { proveGrowth, readCheckpoint, readTile } from './schema/ledger.ts';
import type { ViewerApp, ViewerOptions, ViewerPorts } from './server.ts';

const YEAR_MS = 31_536_000_000;

/** The page, its config, and the ledger's read path. Everything here is for anyone who can reach the dock. */
export function addFileRoutes(
  app: ViewerApp,
  ports: ViewerPorts,
  { policyUrl, pageDir, ledgerDir }: ViewerOptions,
): void {
  app.get('/', { schema: showPage }, async (_request, reply) => {
    if (!existsSync(join(pageDir, 'index.html'))) {
      return sendProblem(reply, 503, {
        code: 'page-not-built',
        message: 'The page is not built: run `npm run build`.',
      });
    }
    return reply.sendFile('index.html', pageDir, { cacheControl: false });
  });
  // The name of an asset changes with its content.
  app.get('/assets/*', { schema: readAsset }, async (request, reply) =>
    reply.sendFile(`assets/${request.params['*']}`, pageDir, { maxAge: YEAR_MS, immutable: true }),
  );
  app.get('/v1/config', { schema: showConfig }, async () => ({
    dock: ports.keys.dockId,
    policyUrl,
    origin: ports.ledger.origin,
    vkey: ports.ledger.vkey,
  }));
  app.get('/healthz', { schema: showHealth }, async () => ({ ok: true as const }));
  addLedgerRoutes(app, ledgerDir);
  addConsistencyRoute(app, ports);
}

/** A proof between two sizes of the published log, for whoever remembers an older one: anybody could make it from the tiles. */
function addConsistencyRoute(app: ViewerApp, { ledger }: ViewerPorts): void {
  const route = { schema: proveGrowth, attachValidation: true } as const;
  app.get('/v1/ledger/consistency', route, async (request, reply) => {
    const { size } = await ledger.checkpoint();
    const { from, to } = request.query;
    if (request.validationError !== undefined || from > to || to > size) {
      return sendProblem(reply, 400, {
        code: 'bad-request',
        message: `The request needs from and to, two sizes of this ledger; it has ${size} entries.`,
      });
    }
    const hashes = (await ledger.proveConsistency(from, to)).map(toBase64);
    return reply.header('cache-control', 'no-store').send({ from, to, hashes });
  });
}

/** Only the files that the tlog-tiles read path names; the folder also holds the dock's own working files. */
function addLedgerRoutes(app: ViewerApp, ledgerDir: string): void {
  app.get('/ledger/checkpoint', { schema: readCheckpoint }, async (_request, reply) => {
    reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8');
    return reply.sendFile('checkpoint', ledgerDir, { cacheControl: false, contentType: false });
  });
  app.get('/ledger/tile/*', { schema: readTile }, async (request, reply) => {
    reply.type('application/octet-stream');
    return reply.sendFile(`tile/${request.params['*']}`, ledgerDir, {
      maxAge: YEAR_MS,
      immutable: true,
      contentType: false,
    });
  });
}
