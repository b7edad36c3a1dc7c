import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { FastifyInstance, RouteOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Front } from './fixture.ts';

// Goal: the document is one, it names every route and none besides, and it can be read where nothing but the dock can be reached.
// Method: every route is noted as it is added to the real server; the document and the page that shows it are asked for.

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let front: Front;
let document: Document;
const routes: RouteOptions[] = [];

beforeAll(async () => {
  const noteRoutes = (message: unknown): void => {
    const { fastify } = message as { readonly fastify: FastifyInstance };
    fastify.addHook('onRoute', (route) => void routes.push(route));
  };
  subscribe('fastify.initialization', noteRoutes);
  front = await Front.open(async () => {});
  unsubscribe('fastify.initialization', noteRoutes);
  document = (await front.get('/openapi.json')).json() as Document;
});
afterAll(() => front.close());

const isOfDocs = (url: string): boolean => url === '/docs' || url.startsWith('/docs/');
const registered = (): readonly string[] =>
  routes
    .filter(({ url }) => !isOfDocs(url))
    .flatMap(({ method, url }) => [method].flat().map((one) => `${one} ${url}`));
const documented = (): readonly (readonly [string, Operation])[] =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(
      ([method, operation]) =>
        [
          `${method.toUpperCase()} ${path.replace('{*}', '*').replaceAll(/\{(\w+)\}/g, ':$1')}`,
          operation,
        ] as const,
    ),
  );

describe('the document', () => {
  it('is an OpenAPI 3.1 document of this version', async () => {
    const { valid, errors } = await new Validator().validate({ ...document });
    expect([valid, errors]).toEqual([true, undefined]);
    expect([document.openapi, document.info.version]).toEqual(['3.1.0', '1.2.3']);
  });

  it('names every route and none besides', () => {
    expect(registered().length).toBeGreaterThan(10);
    expect(
      documented()
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(registered().toSorted());
  });

  it('says of each what it is for, and of each answer what it means', () => {
    const tags = new Set(
      document.tags.filter(({ description = '' }) => description !== '').map(({ name }) => name),
    );
    for (const [name, { summary, tags: [tag = ''] = [], responses }] of documented()) {
      expect([name, summary ?? '', tags.has(tag)]).toEqual([name, expect.stringMatching(/./), true]);
      const statuses = Object.entries(responses);
      expect([name, statuses.map(([status]) => status)]).toEqual([
        name,
        expect.arrayContaining(['200', '500']),
      ]);
      for (const [status, { description, content }] of statuses) {
        expect([name, status, description, content]).toEqual([
          name,
          status,
          expect.not.stringMatching(/^Default/),
          expect.any(Object),
        ]);
      }
    }
  });

  // Goal: the document does not lie about who is answered. Method: every route without a token, at an address that could be one.
  it('says where a token is needed, and nobody is answered there without', async () => {
    for (const [name, { security = [] }] of documented()) {
      const [method = '', path = ''] = name.split(' ');
      const url = path
        .replace(':id', 'a'.repeat(32))
        .replace(/:\w+/, '0')
        .replace('tile/*', 'tile/0/000.p/3')
        .replace('*', 'main-abc123.js');
      const { statusCode } = await front.app.inject({ method: method as 'GET', url });
      expect([name, security.length > 0]).toEqual([name, statusCode === 401 || /chunks/.test(name)]);
      if (security.length > 0) expect([401, 404]).toContain(statusCode);
    }
  });
});

describe('/docs', () => {
  const addressesIn = (text: string): readonly string[] =>
    [...text.matchAll(/(?:src|href)="(?<address>[^"]*)"/g)].map(({ groups }) => groups?.['address'] ?? '');

  it('is made of files of this dock', async () => {
    const { status, body, headers } = await front.get('/docs');
    expect(status).toBe(200);
    const addresses = addressesIn(body);
    expect(addresses.length).toBeGreaterThan(5);
    const scripts = [...addresses, '/docs/json'];
    for (const address of scripts) {
      const file = await front.get(address);
      expect([address, file.status]).toEqual([address, 200]);
      expect([address, address.startsWith('/docs/'), file.headers['content-security-policy']]).toEqual([
        address,
        true,
        headers['content-security-policy'],
      ]);
    }
    const initializer = (await front.get('/docs/static/swagger-initializer.js')).body;
    const styles = (await front.get('/docs/static/swagger-ui.css')).body;
    expect(initializer).toContain('validatorUrl: null');
    expect(initializer).toContain('"layout":"BaseLayout"');
    expect(body).not.toMatch(/https?:/);
    expect(styles).not.toMatch(/@import|url\(["']?(?:https?:)?\/\//);
  });

  // Goal: whatever a script of it would ask for, the browser asks this dock alone; the pages beside it keep the stricter policy.
  it('may reach nothing else', async () => {
    const policyAt = async (url: string): Promise<string> =>
      String((await front.get(url)).headers['content-security-policy']);
    const docs = await policyAt('/docs');
    expect(docs).toContain("default-src 'none'");
    expect(docs).not.toMatch(/unsafe|https?:|\*/);
    for (const directive of docs.split('; ')) {
      expect(directive).toMatch(/^[a-z-]+ (?:'none'|'self'|'self' data:)$/);
    }
    expect(await policyAt('/')).toContain("require-trusted-types-for 'script'");
    expect(await policyAt('/openapi.json')).toContain("require-trusted-types-for 'script'");
  });
});
