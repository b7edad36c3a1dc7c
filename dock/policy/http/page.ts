import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { RequestError } from './failure.ts';
import type { Service } from './service.ts';

/** The viewer's page, served from here so that nobody need trust a dock for what runs in their browser. */
export interface PageOptions {
  /** Folder of the built page. */
  readonly pageDir: string;
  /** Base URLs of the docks that it shows, without a slash at the end. */
  readonly docks: readonly string[];
}

const YEAR_MS = 31_536_000_000;

/** `GET /`, its assets, and `GET /v1/config`, which tells the page its docks. */
export function pageRoutes(app: FastifyInstance, service: Service, { pageDir, docks }: PageOptions): void {
  void app.register(fastifyStatic, { serve: false, preCompressed: true });
  const headers = pageHeaders(docks);
  app.get('/', async (_request, reply) => {
    if (!existsSync(join(pageDir, 'index.html')))
      throw new RequestError('NOT_FOUND', 'the page is not built: npm run build', { retry: 'never' });
    return reply.headers(headers).sendFile('index.html', pageDir, { cacheControl: false });
  });
  // The name of an asset changes with its content.
  app.get<{ Params: { '*': string } }>(
    '/assets/*',
    async (request, reply): Promise<FastifyReply> =>
      reply
        .headers(headers)
        .removeHeader('cache-control')
        .sendFile(`assets/${request.params['*']}`, pageDir, { maxAge: YEAR_MS, immutable: true }),
  );
  app.get('/v1/config', async () => ({ policyUrl: service.url(), docks }));
}

/** As a dock says it, with the docks in the place of the policy service. */
function pageHeaders(docks: readonly string[]): Readonly<Record<string, string>> {
  const csp = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    'media-src blob:',
    `connect-src 'self' ${docks.map((dock) => new URL(dock).origin).join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ];
  return {
    'content-security-policy': csp.join('; '),
    'referrer-policy': 'no-referrer',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  };
}
