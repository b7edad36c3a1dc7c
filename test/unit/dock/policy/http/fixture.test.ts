import { describe, expect, test } from 'vitest';
import { buildFixtureServer, readFixture, type Fixture } from '../../../../../dock/policy/http/fixture.ts';

// Goal: a fixture decides by what its file says and by nothing else; a file that leaves room for doubt is refused, with the place.

const ALICE = { type: 'user', id: 'alice' };
const BOB = { type: 'user', id: 'bob' };
const ROBOT = { type: 'robot', id: 'bob' };
const RECORD = { type: 'record', id: 'record-1' };
const FILE = {
  subjects: [ALICE, BOB, ROBOT],
  resources: [RECORD, { type: 'record', id: 'record-2' }],
  allow: [
    { subject: 'alice', action: 'read', resource: 'record-1' },
    { subject: BOB, action: 'read', resource: RECORD },
  ],
};

const read = (file: unknown): Fixture =>
  readFixture('f.json', typeof file === 'string' ? file : JSON.stringify(file));

describe('the file', () => {
  test('a reference is an id or a type with an id', () => {
    const { judge } = read(FILE);
    const asked = { action: 'read', resource: RECORD };
    expect(judge({ ...asked, subject: ALICE })).toEqual({
      allowed: true,
      reason: 'The fixture allows user alice to read record record-1.',
    });
    expect(judge({ ...asked, subject: BOB }).allowed).toBe(true);
  });

  test.each([
    [
      'another action',
      { subject: ALICE, action: 'write', resource: RECORD },
      'does not allow user alice to write record record-1',
    ],
    [
      'another resource',
      { subject: ALICE, action: 'read', resource: { ...RECORD, id: 'record-2' } },
      'does not allow',
    ],
    [
      'the same id of another type',
      { subject: ROBOT, action: 'read', resource: RECORD },
      'does not allow robot bob',
    ],
    [
      'a subject it has not',
      { subject: { ...ALICE, id: 'eve' }, action: 'read', resource: RECORD },
      'no subject user eve',
    ],
    [
      'a resource it has not',
      { subject: ALICE, action: 'read', resource: { ...RECORD, type: 'file' } },
      'no resource file record-1',
    ],
  ])('%s is denied', (_name, asked, reason) => {
    const { allowed, reason: said } = read(FILE).judge(asked);
    expect(allowed).toBe(false);
    expect(said).toContain(reason);
  });

  // Goal: names that run into each other when they are put side by side are still two.
  test('a type and an id are not one text', () => {
    const file = {
      subjects: [
        { type: 'a', id: 'b c' },
        { type: 'a b', id: 'c' },
      ],
      resources: [RECORD],
      allow: [{ subject: 'c', action: 'x', resource: 'record-1' }],
    };
    const asked = { action: 'x', resource: RECORD };
    expect(read(file).judge({ ...asked, subject: { type: 'a b', id: 'c' } }).allowed).toBe(true);
    expect(read(file).judge({ ...asked, subject: { type: 'a', id: 'b c' } }).allowed).toBe(false);
  });

  test.each([
    ['{', 'f.json is not JSON'],
    [[], 'expected object'],
    [{ ...FILE, allow: undefined }, 'allow: '],
    [{ ...FILE, deny: [] }, 'deny'],
    [{ ...FILE, subjects: [{ type: 'user' }] }, 'subjects.0.id: '],
    [{ ...FILE, subjects: [{ ...ALICE, role: 'admin' }] }, 'role'],
    [{ ...FILE, subjects: [ALICE, ALICE] }, 'subjects.1: user alice is there twice'],
    [{ ...FILE, resources: [{ type: 'record', id: '' }] }, 'resources.0.id: '],
    [
      { ...FILE, allow: [{ subject: 'bob', action: 'read', resource: 'record-1' }] },
      'allow.0.subject: 2 have the id bob',
    ],
    [
      { ...FILE, allow: [{ subject: 'alice', action: 'read', resource: 'record-9' }] },
      'allow.0.resource: there is no record-9',
    ],
    [
      { ...FILE, allow: [{ subject: { ...ALICE, type: 'robot' }, action: 'read', resource: 'record-1' }] },
      'allow.0.subject: there is no robot alice',
    ],
    [{ ...FILE, allow: [{ subject: 'alice', action: 7, resource: 'record-1' }] }, 'allow.0.action: '],
  ])('%j is refused', (file, sentence) => {
    expect(() => read(file)).toThrow(sentence);
    expect(() => read(file)).toThrow('f.json');
  });
});

describe('the server', () => {
  const serve = (token?: string, url = 'https://pdp.example'): ReturnType<typeof buildFixtureServer> =>
    buildFixtureServer(read(FILE), {
      ...(token === undefined ? {} : { token }),
      url: () => url,
      report: () => undefined,
    });
  const question = { subject: ALICE, action: { name: 'read' }, resource: RECORD };

  // Goal: no road to facts or keys: this is no custodian.
  test.each([
    '/v1/facts',
    '/v1/keys',
    '/v1/custodian',
    '/v1/events',
    '/v1/sign-in',
    '/sign-in',
    '/.well-known/jwks.json',
    '/v1/ledger/checkpoint',
  ])('%s is not there', async (url) => {
    for (const method of ['GET', 'POST'] as const) {
      expect((await serve().inject({ method, url })).statusCode).toBe(404);
    }
  });

  test('the answer has the reason and the id of the request', async () => {
    const response = await serve().inject({
      method: 'POST',
      url: '/access/v1/evaluation',
      headers: { 'x-request-id': 'q-7' },
      payload: question,
    });
    expect(response.json()).toEqual({
      decision: true,
      context: { reason: 'The fixture allows user alice to read record record-1.', requestId: 'q-7' },
    });
  });

  test('with a token nobody asks without it', async () => {
    const ask = async (headers: Record<string, string>): Promise<number> =>
      (
        await serve('secret').inject({
          method: 'POST',
          url: '/access/v1/evaluation',
          headers,
          payload: question,
        })
      ).statusCode;
    expect(await ask({})).toBe(401);
    expect(await ask({ authorization: 'Bearer wrong' })).toBe(401);
    expect(await ask({ authorization: 'Bearer secret' })).toBe(200);
  });

  // Goal: an identity with a path is found where the specification puts it, and under no other name.
  test.each([
    ['https://pdp.example', '', 200],
    ['https://pdp.example', '/tenant1', 404],
    ['https://pdp.example/tenant1', '/tenant1', 200],
    ['https://pdp.example/tenant1', '/tenant2', 404],
    ['https://pdp.example/a/b', '/a/b', 200],
  ])('%s at …%s: %i', async (identity, path, status) => {
    const response = await serve(undefined, identity).inject({
      url: `/.well-known/authzen-configuration${path}`,
    });
    expect(response.statusCode).toBe(status);
    if (status === 200) expect(response.json()).toMatchObject({ policy_decision_point: identity });
  });
});
