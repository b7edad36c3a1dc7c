import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oneOfEach } from './openapi-requests.ts';
import { bodyMatches, operationsIn, problemWith, type Document, type Schema } from './openapi-document.ts';
import { memoryLog } from '../ledger/rig.ts';
import { NOW_MS } from '../story.ts';
import type { Database } from '../../../../../dock/policy/facts/database.ts';
import type { OwnLog } from '../../../../../dock/policy/ledger/open.ts';
import { LINKED, REGISTERED, TestService } from './service.ts';
import { buildServer } from '../../../../../dock/policy/http/server.ts';
import { parseFacts } from '../../../../../dock/policy/http/fact-schema.ts';
import { FACT_TYPES } from '../../../../../dock/policy/facts/fact.ts';
import type { OpenId } from '../../../../../dock/policy/http/oidc.ts';

// Goal: whoever writes a client from the document alone is right: all that the service answers is in it, and nothing else.
// Method: the whole edge, with a hook that hears of each route as it is made; real requests, held against the document.

/** Routes of the programs made while it listens, as Node's diagnostics channel tells of each new one. */
class Routes {
  readonly #seen = new Set<string>();
  readonly #hear = (made: unknown): void => {
    const { fastify } = made as { readonly fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) this.#seen.add(`${one} ${url.replace('*', '{path}')}`);
    });
  };

  constructor() {
    subscribe('fastify.initialization', this.#hear);
  }

  stop(): void {
    unsubscribe('fastify.initialization', this.#hear);
  }

  /** All but what one reads at /docs, and the HEAD that a GET brings with it. */
  listed(): readonly string[] {
    const isAsked = (one: string): boolean => !one.startsWith('HEAD ') && !one.startsWith('GET /docs/');
    return [...this.#seen].filter(isAsked).toSorted();
  }
}

let routes: Routes;
let town: TestService;
let document: Document;

beforeAll(async () => {
  routes = new Routes();
  // The log in memory has no tiles; what is in one does not matter here.
  const log = (database: Database): OwnLog => ({
    ...memoryLog(database, { nowMs: NOW_MS }),
    read: () => Promise.resolve(new Uint8Array([1])),
  });
  town = await TestService.start({ demoRecords: true, log });
  routes.stop();
  document = (await town.get('/openapi.json')).body as unknown as Document;
  await town.tell(REGISTERED, LINKED);
  await town.service.log.published(1);
});
afterAll(() => town.stop());

describe('the document', () => {
  test('is OpenAPI 3.1', async () => {
    expect(document['openapi']).toMatch(/^3\.1\./);
    const found = await new Validator().validate(structuredClone(document));
    expect(found).toEqual({ valid: true });
  });

  test('has every route of the service, and no other', () => {
    expect(operationsIn(document).toSorted()).toEqual(routes.listed());
  });

  test('has the routes of a sign-in at a provider where there are some, and of the demonstration', async () => {
    const others = new Routes();
    const openId = {} as OpenId;
    const app = buildServer({ ...town.service, openId }, { demoRecords: false });
    const { body } = await app.inject('/openapi.json');
    await app.close();
    others.stop();
    const listed = operationsIn(JSON.parse(body) as Document);
    expect(listed.toSorted()).toEqual(others.listed());
    expect(listed).toContain('GET /v1/sign-in/oidc');
    expect(listed).not.toContain('GET /demo/records');
  });

  test('says of each operation what it is for and who may ask', () => {
    for (const path of Object.values(document.paths)) {
      for (const { summary, operationId, tags, security } of Object.values(path)) {
        expect(summary, operationId).toMatch(/./);
        expect(tags, operationId).toHaveLength(1);
        expect(security, operationId).toBeInstanceOf(Array);
      }
    }
    expect(document.paths['/v1/facts']?.['post']?.security).toEqual([{ source: [] }]);
    expect(document.paths['/v1/keys']?.['post']?.security).toEqual([]);
  });
});

describe('facts', () => {
  const schemas = () => document.components.schemas;

  test('every type is one of the union, told apart by `type`', () => {
    for (const name of ['SentFact', 'StoredFact']) {
      const { discriminator, oneOf } = schemas()[name] ?? {};
      const mapping: Record<string, string> = discriminator?.mapping ?? {};
      expect(discriminator?.propertyName).toBe('type');
      expect(Object.keys(mapping).toSorted()).toEqual([...FACT_TYPES].toSorted());
      expect(oneOf?.map(({ $ref }) => $ref)).toEqual(Object.values(mapping));
    }
  });

  test.each(FACT_TYPES)('%s and every member of it is described', (type) => {
    const { description, properties = {} } = schemas()[type] ?? {};
    expect(description).toMatch(/\.$/);
    for (const [name, property] of Object.entries(properties)) {
      if (name !== 'type') expect(property.description, name).toMatch(/\w/);
    }
  });

  test('the examples are taken in their order, but for what no records system may say', async () => {
    const fresh = await TestService.start();
    for (const type of FACT_TYPES) await told(fresh, type);
    await fresh.stop();
  });

  async function told(fresh: TestService, type: string): Promise<void> {
    const example = schemas()[type]?.examples?.[0];
    const { status, body } = await fresh.post('/v1/facts', example);
    const code = (body['error'] as { readonly code: string } | undefined)?.code;
    const refused: Record<string, string> = {
      'recording.destroyed': 'NOT_DECIDED',
      'regime.adopted': 'MAY_NOT_ASSERT',
    };
    expect({ type, status, code }).toEqual({
      type,
      status: refused[type] === undefined ? 201 : 403,
      code: refused[type],
    });
  }

  const fact = { id: 'a', at: '2026-11-21T10:00:00Z', type: 'incident.opened', incident: '1' };
  test.each<[string, unknown]>([
    ['a fact', fact],
    ['a list', [fact, { ...fact, id: 'b' }]],
    ['as many as there may be', Array.from({ length: 1_000 }, () => fact)],
    ['one more', Array.from({ length: 1_001 }, () => fact)],
    ['an empty list', []],
    ['a member that nobody knows', { ...fact, draft: true }],
    ['a member of another type', { ...fact, incident: 1 }],
    ['without a member', { ...fact, incident: undefined }],
    ['a type that nobody knows', { ...fact, type: 'incident.closed' }],
    ['a time without an offset', { ...fact, at: '2026-11-21T10:00:00' }],
    ['no fact at all', 'incident.opened'],
    ['a list in a list', [[fact]]],
  ])('%s: the document says of it what the service says', (_name, given) => {
    const body: unknown = JSON.parse(JSON.stringify(given));
    let isTaken = true;
    try {
      parseFacts(body);
    } catch {
      isTaken = false;
    }
    expect(bodyMatches(document, 'POST /v1/facts', body)).toBe(isTaken);
  });
});

function need(schema: Schema | undefined, name: string): void {
  schema?.required?.push(name);
  Object.assign(schema?.properties ?? {}, { [name]: { type: 'string' } });
}

describe('answers', () => {
  test('of every operation, good and bad, are as the document says', async () => {
    const asked = new Set<string>();
    for await (const { operation, status, answer } of oneOfEach(town)) {
      asked.add(operation);
      expect({ operation, status: answer.statusCode }).toEqual({ operation, status });
      expect(problemWith(document, operation, answer)).toBeUndefined();
    }
    // A stream has no end to wait for; it is followed in facts.test.ts.
    expect(operationsIn(document).filter((one) => !asked.has(one))).toEqual([]);
  });

  test.each<[string, string, (document: Document) => void]>([
    [
      'a member that it does not have',
      'POST /v1/facts',
      (at) => delete at.components.schemas['Taken']?.properties?.['index'],
    ],
    [
      'another type',
      'POST /v1/facts',
      (at) => Object.assign(at.components.schemas['Taken']?.properties?.['index'] ?? {}, { type: 'string' }),
    ],
    [
      'a status that it does not have',
      'POST /v1/facts',
      (at) => delete at.paths['/v1/facts']?.['post']?.responses['201'],
    ],
    ['a member that is never there', 'GET /v1/facts', (at) => need(at.components.schemas['Entry'], 'when')],
    [
      'a code that it does not have',
      'POST /v1/facts',
      (at) => delete at.paths['/v1/facts']?.['post']?.responses['401'],
    ],
  ])('%s is noticed', async (_what, operation, spoil) => {
    const spoilt = structuredClone(document);
    spoil(spoilt);
    const problems: (string | undefined)[] = [];
    for await (const one of oneOfEach(town)) {
      if (one.operation === operation) problems.push(problemWith(spoilt, operation, one.answer));
    }
    expect(problems.filter((one) => one !== undefined)).not.toEqual([]);
  });
});

describe('the page', () => {
  test('comes whole from here, and is allowed nothing else', async () => {
    const page = await town.app.inject('/docs');
    const policy = String(page.headers['content-security-policy']).split('; ');
    expect(policy).toEqual(
      expect.arrayContaining(["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"]),
    );
    expect(policy.join(' ')).not.toMatch(/unsafe|https?:|\*/);
    const wanted = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address = '']) => address);
    expect(wanted.length).toBeGreaterThan(4);
    for (const address of wanted) {
      expect(address).toMatch(/^\/docs\/static\//);
      expect((await town.app.inject(address)).statusCode, address).toBe(200);
    }
    expect(page.body).not.toMatch(/<script>|<style>|style=/);
  });

  test('shows this document, and sends nothing', async () => {
    const start = await town.app.inject('/docs/static/swagger-initializer.js');
    expect(start.body).toContain('"supportedSubmitMethods":[]');
    expect((await town.get('/docs/json')).body).toEqual(document);
  });

  test.each(['/docs', '/openapi.json', '/docs/json'])('%s takes no other method', async (url) => {
    const { statusCode, headers } = await town.app.inject({ method: 'POST', url });
    expect([statusCode, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test.each([
    '/docs/nothing',
    '/docs/static/nothing.js',
    '/docs/static/../package.json',
    '/docs/static/%2e%2e/package.json',
    '/docs/static/..%2fpackage.json',
    '/docs/static/%2e%2e%2f%2e%2e%2fpackage.json',
  ])('%s is nothing', async (url) => {
    const { statusCode, body } = await town.app.inject(url);
    expect([statusCode, body]).toEqual([
      404,
      '{"error":{"code":"NOT_FOUND","message":"there is nothing here"}}',
    ]);
  });
});
