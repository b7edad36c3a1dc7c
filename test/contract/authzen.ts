import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Json = Readonly<Record<string, unknown>>;

/** A decision point somewhere, and four words of it that are known: one subject, one resource, an action it permits there, one it does not. */
export interface Pdp {
  readonly url: string;
  /** What its metadata must call it; its URL unless said otherwise. */
  readonly identity?: string;
  /** Bearer token; undefined where anybody may ask. */
  readonly token?: string | undefined;
  readonly subject: Json;
  readonly resource: Json;
  readonly permitted: string;
  readonly denied: string;
  /** What every question needs besides. */
  readonly context?: Json;
  close?(): Promise<void>;
}

/** Words of the certification scenario's own fixture (section 1). */
export const CERTIFICATION = {
  subject: { type: 'user', id: 'bob' },
  resource: { type: 'record', id: 'record-1' },
  permitted: 'read',
  denied: 'write',
} as const;

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** One request. A body that is text goes out as it is. */
async function ask(
  { url, token }: Pdp,
  { path = '/access/v1/evaluation', ...asked }: Asked,
): Promise<Answered> {
  const { method = 'POST', body } = asked;
  const headers = new Headers({ 'content-type': 'application/json' });
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  for (const [name, value] of Object.entries(asked.headers ?? {})) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  // A body as bytes: for text fetch would fill in a content type of its own.
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const bytes = text === undefined ? {} : { body: new TextEncoder().encode(text) };
  const response = await fetch(url + path, { method, headers, ...bytes });
  const received = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: received === '' ? {} : (JSON.parse(received) as Json),
  };
}

const EVALUATIONS = '/access/v1/evaluations';
const ENDPOINTS = ['/access/v1/evaluation', EVALUATIONS];

type Make = (pdp: Pdp) => unknown;
type Row = readonly [name: string, body: Make, expected: boolean | number];

const whole = (pdp: Pdp, action: string, change: Json = {}): Json => ({
  subject: pdp.subject,
  action: { name: action },
  resource: pdp.resource,
  ...(pdp.context === undefined ? {} : { context: pdp.context }),
  ...change,
});
const yes = (pdp: Pdp, change: Json = {}): Json => whole(pdp, pdp.permitted, change);
const without = (pdp: Pdp, ...members: readonly string[]): Json =>
  Object.fromEntries(Object.entries(yes(pdp)).filter(([name]) => !members.includes(name)));

/** Section 2 of the certification scenario and what the specification says besides: one request, its decision or its status. */
// biome-ignore format: one case a line, to be read beside the sections that it is named after
const SINGLE: readonly Row[] = [
  ['2.2.1 a permit', (pdp) => yes(pdp), true],
  ['2.2.2 a deny, which is 200 all the same', (pdp) => whole(pdp, pdp.denied), false],
  ['2.2.3 a context with members nobody knows', (pdp) => yes(pdp, { context: { ...pdp.context, time: '2025-06-27T18:03-07:00', ip: '192.168.1.1' } }), true],
  ['2.2.8 properties on every entity', (pdp) => yes(pdp, { subject: { ...pdp.subject, properties: { department: 'Sales', role: 'manager' } }, action: { name: pdp.permitted, properties: { method: 'GET' } }, resource: { ...pdp.resource, properties: { status: 'active', owner: 'bob' } } }), true],
  ['2.2.9 unknown members at the top', (pdp) => yes(pdp, { foo: 'bar', futureField: { nested: true } }), true],
  ['10.1.1 unknown members of the subject', (pdp) => yes(pdp, { subject: { ...pdp.subject, customAttr: 'x', other: { k: 'v' } } }), true],
  ['10.1.1 unknown members of the action', (pdp) => yes(pdp, { action: { name: pdp.permitted, verb: 1 } }), true],
  ['10.1.1 unknown members of the resource', (pdp) => yes(pdp, { resource: { ...pdp.resource, owner: ['a'] } }), true],
  ['5.1 a subject that nobody knows', (pdp) => yes(pdp, { subject: { ...pdp.subject, id: 'nobody-at-all' } }), false],
  ['5.1 a type of subject that nobody knows', (pdp) => yes(pdp, { subject: { ...pdp.subject, type: 'spaceship' } }), false],
  ['5.2 a resource that nobody knows', (pdp) => yes(pdp, { resource: { ...pdp.resource, id: 'nothing-at-all' } }), false],
  ['5.3 an action that nobody knows', (pdp) => whole(pdp, 'dance'), false],
  ['2.4.1 no subject', (pdp) => without(pdp, 'subject'), 400],
  ['2.4.1 no action', (pdp) => without(pdp, 'action'), 400],
  ['2.4.1 no resource', (pdp) => without(pdp, 'resource'), 400],
  ['2.4.1 nothing', () => ({}), 400],
  ['2.4.2 a subject without type', (pdp) => yes(pdp, { subject: { id: pdp.subject['id'] } }), 400],
  ['2.4.2 a subject without id', (pdp) => yes(pdp, { subject: { type: pdp.subject['type'] } }), 400],
  ['2.4.2 an action without name', (pdp) => yes(pdp, { action: {} }), 400],
  ['2.4.2 a resource without type', (pdp) => yes(pdp, { resource: { id: pdp.resource['id'] } }), 400],
  ['2.4.2 a resource without id', (pdp) => yes(pdp, { resource: { type: pdp.resource['type'] } }), 400],
  ['2.4.4 no JSON', () => '{"subject":', 400],
  ['2.4.4 two values', (pdp) => `${JSON.stringify(yes(pdp))}{}`, 400],
  ['2.4.5 an empty body', () => '', 400],
  ['2.4.5 white space', () => ' \n', 400],
  ['2.4.6 a list', (pdp) => [yes(pdp)], 400],
  ['2.4.6 null', () => 'null', 400],
  ['2.4.6 a text', () => '"permit"', 400],
  ['2.4.6 a subject that is text', (pdp) => yes(pdp, { subject: 'alice' }), 400],
  ['2.4.6 a subject that is null', (pdp) => yes(pdp, { subject: null }), 400],
  ['2.4.6 a subject that is a list', (pdp) => yes(pdp, { subject: [pdp.subject] }), 400],
  ['2.4.6 a subject with a number for an id', (pdp) => yes(pdp, { subject: { ...pdp.subject, id: 7 } }), 400],
  ['2.4.6 a subject with no character in its id', (pdp) => yes(pdp, { subject: { ...pdp.subject, id: '' } }), 400],
  ['2.4.6 an action that is text', (pdp) => yes(pdp, { action: pdp.permitted }), 400],
  ['2.4.6 an action name that is a number', (pdp) => yes(pdp, { action: { name: 123 } }), 400],
  ['2.4.6 an action name without a character', (pdp) => yes(pdp, { action: { name: '' } }), 400],
  ['2.4.6 a resource type that is true', (pdp) => yes(pdp, { resource: { ...pdp.resource, type: true } }), 400],
  ['2.4.6 properties that are a list', (pdp) => yes(pdp, { subject: { ...pdp.subject, properties: [] } }), 400],
  ['2.4.6 a context that is text', (pdp) => yes(pdp, { context: 'noon' }), 400],
];

type BatchRow = readonly [name: string, body: Make, expected: readonly boolean[] | number];

/** Section 3: the evaluations of a batch, and the decisions in the answer's order or its status. */
// biome-ignore format: one case a line, to be read beside the sections that it is named after
const BATCH: readonly BatchRow[] = [
  ['3.2.1 defaults for what the items leave out', (pdp) => ({ ...without(pdp, 'resource'), evaluations: [{ resource: pdp.resource }, { resource: { ...pdp.resource, id: 'nothing-at-all' } }] }), [true, false]],
  ['3.2.2 in the order of the request', (pdp) => ({ ...without(pdp, 'action'), evaluations: [{ action: { name: pdp.permitted } }, { action: { name: pdp.denied } }, { action: { name: pdp.permitted } }] }), [true, false, true]],
  ['3.2.5 whole items and no defaults', (pdp) => ({ evaluations: [yes(pdp), whole(pdp, pdp.denied)] }), [true, false]],
  ['3.2.6 the context is inherited, or an item has its own', (pdp) => ({ ...without(pdp, 'resource', 'context'), context: { ...pdp.context, time: 'now' }, evaluations: [{ resource: pdp.resource }, { resource: pdp.resource, context: { ...pdp.context, source: 'override' } }] }), [true, true]],
  ['3.2.7 of an entity of its own an item inherits what every entity needs', (pdp) => ({ ...yes(pdp), resource: { type: pdp.resource['type'] }, evaluations: [{ resource: { id: pdp.resource['id'], properties: { status: 'active' } } }] }), [true]],
  ['7.1.1 what an item has wins over the default', (pdp) => ({ ...whole(pdp, pdp.denied), evaluations: [{ action: { name: pdp.permitted } }, {}] }), [true, false]],
  ['10.1.1 unknown members anywhere', (pdp) => ({ ...yes(pdp), foo: 1, options: { other: 'x' }, evaluations: [{ future: {}, action: { name: pdp.permitted, x: 1 } }] }), [true]],
  ['3.4.1 an item that lacks a resource is denied in its place', (pdp) => ({ ...without(pdp, 'resource'), evaluations: [{ resource: pdp.resource }, {}] }), [true, false]],
  ['3.4.1 an item that nobody gives a subject', (pdp) => ({ ...without(pdp, 'subject'), evaluations: [{}] }), [false]],
  ['3.4.1 items of a wrong type', (pdp) => ({ ...yes(pdp), evaluations: [{ subject: null }, 7, { action: { name: 1 } }, [], { context: null }, {}] }), [false, false, false, false, false, true]],
  ['7.1.2.1 execute_all by name', (pdp) => semantic(pdp, 'execute_all'), [true, false, true]],
  ['7.1.2.1 deny_on_first_deny ends with the first deny', (pdp) => semantic(pdp, 'deny_on_first_deny'), [true, false]],
  ['7.1.2.1 deny_on_first_deny ends with an item that cannot be heard', (pdp) => ({ ...yes(pdp), options: { evaluations_semantic: 'deny_on_first_deny' }, evaluations: [{}, { resource: 7 }, {}] }), [true, false]],
  ['7.1.2.1 permit_on_first_permit ends with the first permit', (pdp) => semantic(pdp, 'permit_on_first_permit'), [true]],
  ['7.1.2.1 a semantic that nobody knows', (pdp) => semantic(pdp, 'bogus_value'), 400],
  ['7.1.2.1 a semantic that is a number', (pdp) => semantic(pdp, 1), 400],
  ['7.1.2 options that are text', (pdp) => ({ ...yes(pdp), options: 'all', evaluations: [{}] }), 400],
  ['7.1 evaluations that are no list', (pdp) => ({ ...yes(pdp), evaluations: { 0: {} } }), 400],
  ['7.1.1 a default of a wrong type', (pdp) => ({ subject: 'alice', evaluations: [yes(pdp)] }), 400],
  ['2.4.4 no JSON', () => '{"evaluations":[', 400],
  ['2.4.5 an empty body', () => '', 400],
  ['2.4.6 a list', (pdp) => [yes(pdp)], 400],
];

function semantic(pdp: Pdp, evaluations_semantic: unknown): Json {
  const actions = [pdp.permitted, pdp.denied, pdp.permitted].map((name) => ({ action: { name } }));
  return { ...without(pdp, 'action'), evaluations: actions, options: { evaluations_semantic } };
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function expectDecision(answer: Json, decision: boolean): void {
  expect(answer['decision']).toBe(decision);
  if (answer['context'] !== undefined) expect(isObject(answer['context'])).toBe(true);
}

/**
 * What the certification of OpenID AuthZEN Authorization API 1.0 asks of a decision point at the levels Basic Core,
 * Batch Core and Discovery, over HTTP alone. Cases are named after sections of the certification scenario (2 and 3, with
 * 6 for discovery) or, where that says nothing, of the specification.
 */
export function authzenContract(name: string, make: () => Promise<Pdp>): void {
  describe(`${name} is a decision point by AuthZEN 1.0`, () => {
    let pdp: Pdp;
    beforeAll(async () => {
      pdp = await make();
    });
    afterAll(async () => pdp.close?.());

    describe('evaluation', () => {
      it.each(SINGLE)('%s', async (_name, body, expected) => {
        const answer = await ask(pdp, { body: body(pdp) });
        expect(answer.status).toBe(typeof expected === 'number' ? expected : 200);
        expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
        if (typeof expected === 'boolean') expectDecision(answer.body, expected);
      });

      it('2.6 the same question has the same answer', async () => {
        for (const action of [pdp.permitted, pdp.denied, pdp.permitted, pdp.denied, pdp.permitted]) {
          const { body } = await ask(pdp, { body: whole(pdp, action) });
          expectDecision(body, action === pdp.permitted);
        }
      });
    });

    describe('evaluations', () => {
      it.each(BATCH)('%s', async (_name, body, expected) => {
        const answer = await ask(pdp, { path: EVALUATIONS, body: body(pdp) });
        expect(answer.status).toBe(typeof expected === 'number' ? expected : 200);
        expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/);
        if (typeof expected === 'number') return;
        expect(answer.body['decision']).toBeUndefined();
        const items = answer.body['evaluations'] as readonly Json[];
        expect(items.map(({ decision }) => decision)).toEqual(expected);
        for (const item of items) expectDecision(item, item['decision'] === true);
      });

      it.each([
        ['3.4.2 without evaluations it is a single evaluation', {}],
        ['3.4.3 with none of them too', { evaluations: [] }],
        [
          '3.4.3 and whatever the options',
          { evaluations: [], options: { evaluations_semantic: 'deny_on_first_deny' } },
        ],
      ])('%s', async (_name, change) => {
        const answer = await ask(pdp, { path: EVALUATIONS, body: yes(pdp, change) });
        expect(answer.status).toBe(200);
        expectDecision(answer.body, true);
        expect(answer.body['evaluations']).toBeUndefined();
        const wrong = await ask(pdp, { path: EVALUATIONS, body: { ...without(pdp, 'subject'), ...change } });
        expect(wrong.status).toBe(400);
      });
    });

    transport(() => pdp);
    discovery(() => pdp);
  });
}

function transport(pdp: () => Pdp): void {
  describe.each(ENDPOINTS)('transport of %s', (path) => {
    it.each([
      ['2.4.3 text/plain', 'text/plain', 400],
      ['2.4.3 a form', 'application/x-www-form-urlencoded', 400],
      ['2.4.3 JSON of another kind', 'application/jsonp', 400],
      ['2.4.3 nothing that says what it is', undefined, 400],
      ['2.4.3 no media type at all', 'json', 400],
      ['10.1 a charset', 'application/json; charset=utf-8', 200],
      ['10.1 another spelling', 'Application/JSON;charset="UTF-8"', 200],
    ])('%s', async (_name, type, status) => {
      const headers = { 'content-type': type };
      expect((await ask(pdp(), { path, headers, body: yes(pdp()) })).status).toBe(status);
    });

    it.each(['GET', 'PUT', 'DELETE', 'PATCH'])('10.1 %s is not its method', async (method) => {
      const body = method === 'GET' ? undefined : yes(pdp());
      const { status, headers } = await ask(pdp(), { path, method, body });
      expect(status).toBe(405);
      expect(headers.get('allow')).toContain('POST');
    });

    // Goal: an id comes back on answers of every kind.
    it('2.5.1 X-Request-ID comes back, whatever the answer', async () => {
      const id = 'conformance-5c1e0b7e-8f0a-4b8e-9a52-0c5d1f5f9f60';
      const asked: readonly [Asked, number][] = [
        [{ body: yes(pdp()) }, 200],
        [{ body: '{' }, 400],
        [{ body: {} }, 400],
        [{ body: yes(pdp()), headers: { 'content-type': 'text/plain' } }, 400],
        [{ method: 'PUT', body: {} }, 405],
      ];
      for (const [one, status] of asked) {
        const answer = await ask(pdp(), { path, ...one, headers: { ...one.headers, 'x-request-id': id } });
        expect([answer.status, answer.headers.get('x-request-id')]).toEqual([status, id]);
      }
    });

    it('2.5.2 no X-Request-ID is no fault', async () => {
      expect((await ask(pdp(), { path, body: yes(pdp()) })).status).toBe(200);
    });

    it('11.3 without a token, and with a wrong one, 401 and how to ask', async () => {
      if (pdp().token === undefined) return;
      for (const authorization of [undefined, 'Bearer wrong', 'Bearer', 'Basic YTpi']) {
        // Nothing is said about the question to somebody who may not ask.
        for (const body of [yes(pdp()), '{']) {
          const headers = { authorization, 'x-request-id': 'q-1' };
          const answer = await ask(pdp(), { path, headers, body });
          expect(answer.status).toBe(401);
          expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer\b/);
          expect(answer.headers.get('x-request-id')).toBe('q-1');
        }
      }
    });
  });
}

const METADATA = '/.well-known/authzen-configuration';
const SEARCHES = ['subject', 'resource', 'action'].map((what) => `/access/v1/search/${what}`);

function discovery(pdp: () => Pdp): void {
  describe('discovery', () => {
    const get = (path: string, token?: string): Promise<Answered> =>
      ask({ ...pdp(), token }, { path, method: 'GET', headers: { 'content-type': undefined } });

    it('6.2 the metadata is there for everybody, as JSON', async () => {
      const { status, headers } = await get(METADATA);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toMatch(/^application\/json\b/);
    });

    it('6.3 it names the decision point as it was asked for, and where it evaluates', async () => {
      const { body } = await get(METADATA);
      const identity = pdp().identity ?? pdp().url;
      expect(body['policy_decision_point']).toBe(identity);
      expect(body['policy_decision_point']).not.toMatch(/[?#]/);
      expect(body['access_evaluation_endpoint']).toBe(`${identity}/access/v1/evaluation`);
      expect(body['access_evaluations_endpoint']).toBe(`${identity}${EVALUATIONS}`);
    });

    it('6.5 every endpoint is an absolute URL and no member is empty', async () => {
      const { body } = await get(METADATA);
      for (const [member, value] of Object.entries(body)) {
        expect([null, ''], member).not.toContain(value);
        if (!member.endsWith('_endpoint')) continue;
        expect(new URL(String(value)).protocol, member).toMatch(/^https?:$/);
      }
    });

    it.each(SEARCHES)('6.4 what is not named is not there: %s', async (path) => {
      const { body } = await get(METADATA);
      expect(Object.keys(body).filter((member) => member.startsWith('search_'))).toEqual([]);
      expect((await ask(pdp(), { path, body: yes(pdp()) })).status).toBe(404);
    });
  });
}
