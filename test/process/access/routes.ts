import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import type { OpenId } from '../../../dock/policy/http/oidc.ts';
import { buildServer } from '../../../dock/policy/http/server.ts';
import { TestService } from '../../unit/dock/policy/http/service.ts';
import { Front } from '../../unit/dock/viewer/fixture.ts';

/** Every route of the dock's HTTP side, hidden ones among them: `GET /v1/recordings/:id`. */
export function dockRoutes(): Promise<readonly string[]> {
  return heard(async () => (await Front.open(async () => undefined)).close());
}

/** Every route that a policy service can have. The HEAD that a GET brings with it is left out. */
export async function policyRoutes(): Promise<readonly string[]> {
  const town = await TestService.start();
  try {
    return await heard(async () => {
      const page = { pageDir: town.folder, docks: ['http://127.0.0.1:2'] };
      const app = buildServer(
        { ...town.service, sources: DEMO, openId: {} as OpenId },
        { demoRecords: true, page },
      );
      await app.ready();
      await app.close();
    });
  } finally {
    await town.stop();
  }
}

const DEMO = [{ name: 'records', token: 'x', may: new Set(['*']) }];

/** Each route of the servers that are made meanwhile, as Node's diagnostics channel tells of them. */
async function heard(make: () => Promise<void>): Promise<readonly string[]> {
  const seen = new Set<string>();
  const hear = (made: unknown): void => {
    const { fastify } = made as { readonly fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) if (one !== 'HEAD') seen.add(`${one} ${url}`);
    });
  };
  subscribe('fastify.initialization', hear);
  try {
    await make();
  } finally {
    unsubscribe('fastify.initialization', hear);
  }
  return [...seen].toSorted();
}
