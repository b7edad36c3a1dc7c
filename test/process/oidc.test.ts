import { spawnSync } from 'node:child_process';
import type { Server } from 'node:http';
import { createServer } from 'node:net';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openJws, pinKeys } from '../../dock/authzen/jws.ts';
import { openToken } from '../../dock/authzen/token.ts';
import { COMMAND, Program } from '../../sim/rig/program.ts';
import { Browser, type Screen } from './browser.ts';

// Goal: people sign in at a real OpenID provider and come back with a token that a dock believes; without the provider the service is
// there all the same. Method: `holdfast policy` and `oidc-provider` as they are, and a browser that walks from one to the other and
// fills in the forms it finds.

const BACK = 'http://127.0.0.1:9/';
const PASSWORD = 'correct horse';
const SECRET = 'the secret of the client holdfast';
const PATIENCE = { timeout: 30_000, interval: 500 };
const folder = mkdtempSync(join(tmpdir(), 'holdfast-oidc-'));
const path = (name: string): string => join(folder, name);

/** What the provider knows of each login. */
const LOGINS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  ruiz: { badge: '4411', name: 'A. Ruiz', groups: ['staff', 'bwc-officers'] },
  chen: { badge: '7001', name: 'L. Chen', groups: ['bwc-officers', 'bwc-command'] },
  clerk: { badge: '4411', name: 'A Clerk', groups: ['staff'] },
  visitor: { badge: 'visitor-1', name: 'A Visitor', groups: ['bwc-officers'] },
};

let service: Program;
let url = '';
let providerPort = 0;
let provider: Server | undefined;
let jwk = '';

function holdfast(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: 'utf8',
    input: PASSWORD,
  });
  expect([status, stderr]).toEqual([0, '']);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

/** The library says at length that it is set up for a test. */
async function startProvider(): Promise<void> {
  for (const level of ['warn', 'info'] as const) vi.spyOn(console, level).mockImplementation(() => undefined);
  const { Provider } = await import('oidc-provider');
  const issuer = new Provider(`http://127.0.0.1:${providerPort}`, {
    clients: [
      {
        client_id: 'holdfast',
        client_secret: SECRET,
        redirect_uris: [`${url}/v1/sign-in/oidc/callback`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'badge', 'groups'] },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...LOGINS[id] }) }),
    cookies: { keys: ['a key for cookies'] },
  });
  provider = issuer.listen(providerPort, '127.0.0.1');
  await new Promise((resolve) => provider?.once('listening', resolve));
}

const errand = (): string => new URLSearchParams({ redirect_uri: BACK, state: 'page', jwk }).toString();

/** Presses the button on the sign-in page. */
function press(browser: Browser): Promise<Screen> {
  const headers = { 'sec-fetch-site': 'same-origin' };
  return browser.open(`${url}/v1/sign-in/oidc?${errand()}`, BACK, { headers });
}

/** Through the provider's two forms, who one is and that one agrees, to the end. */
async function signIn(login: string, browser = new Browser()): Promise<Screen> {
  const form = await press(browser);
  const consent = await browser.send(form, BACK, { login, password: 'x' });
  return browser.send(consent, BACK, {});
}

function tokenIn({ address }: Screen): string {
  return new URLSearchParams(new URL(address).hash.slice(1)).get('token') ?? '';
}

async function believed(token: string) {
  const pinned = await pinKeys(JSON.parse(readFileSync(path('data/policy.jwk.json'), 'utf8')));
  return openToken(token, (jws, typ) => openJws(jws, typ, pinned), {
    issuer: url,
    nowUs: Date.now() * 1_000,
  });
}

function post(
  where: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}${where}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

beforeAll(async () => {
  const { publicKey } = await generateKeyPair('ES256', { extractable: true });
  jwk = Buffer.from(JSON.stringify(await exportJWK(publicKey))).toString('base64url');
  mkdirSync(path('registry'));
  providerPort = await freePort();
  const person = ['enrol', 'person', '4411', '--name', 'A. Ruiz', '--role', 'officer'];
  holdfast(...person, '--people', path('people.json'), '--password-file', '-');
  const source = ['enrol', 'source', 'records', '--may', '*', '--sources', path('sources.json')];
  holdfast(...source, '--token-file', path('records.token'));
  writeFileSync(path('secret'), `${SECRET}\n`);
  const oidc = {
    issuer: `http://127.0.0.1:${providerPort}`,
    clientId: 'holdfast',
    clientSecretFile: 'secret',
    label: 'the city login',
    userinfo: true,
    person: { claim: 'badge' },
    roles: { claim: 'groups', map: { 'bwc-officers': ['officer'], 'bwc-command': ['chief'] } },
    requireAuthTime: true,
  };
  writeFileSync(path('oidc.json'), JSON.stringify(oidc));
  service = Program.start([
    ...['policy', '--data', path('data'), '--http', '0', '--registry', path('registry')],
    ...['--sources', path('sources.json'), '--people', path('people.json'), '--oidc', path('oidc.json')],
  ]);
  url = String((await service.until('listening'))['url']);
  const fact = {
    id: 'p-1',
    type: 'person.enrolled',
    at: '2026-11-21T08:00:00Z',
    person: '7001',
    roles: ['officer'],
  };
  const bearer = { authorization: `Bearer ${readFileSync(path('records.token'), 'utf8').trim()}` };
  const { status } = await post('/v1/facts', fact, bearer);
  if (status !== 201) throw new Error(`the fact was answered ${status}`);
});
afterAll(async () => {
  vi.restoreAllMocks();
  provider?.closeAllConnections();
  provider?.close();
  if (service?.isRunning) await service.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the service starts without the provider, says so, and takes passwords', async () => {
  await vi.waitFor(() => expect(service.stderr).toContain('cannot be reached: ECONNREFUSED'), PATIENCE);
  const { status, body } = await press(new Browser());
  expect([status, body.includes('the city login cannot be reached just now')]).toEqual([503, true]);
  const page: unknown = JSON.parse(Buffer.from(jwk, 'base64url').toString());
  const answer = await post('/v1/sign-in', { person: '4411', password: PASSWORD, jwk: page });
  expect(answer.status).toBe(200);
});

describe('with the provider there', () => {
  beforeAll(async () => {
    await startProvider();
    await vi.waitFor(async () => {
      const { status } = await press(new Browser());
      if (status !== 200) throw new Error(`the button was answered ${status}`);
    }, PATIENCE);
  });

  test('a person comes back with a token that a dock believes', async () => {
    const browser = new Browser();
    const there = tokenIn(await signIn('ruiz', browser));
    expect(await believed(there)).toMatchObject({ person: '4411', name: 'A. Ruiz', roles: ['officer'] });
    // With a session at the provider there is nothing to fill in.
    expect(await believed(tokenIn(await press(browser)))).toMatchObject({ person: '4411' });
  });

  test('the facts have the last word on roles, and no account is needed', async () => {
    expect(await believed(tokenIn(await signIn('chen')))).toMatchObject({
      person: '7001',
      roles: ['officer'],
    });
  });

  test.each([
    ['clerk', 'none of your groups'],
    ['visitor', 'nobody by that name is on file here'],
  ])('%s is not let in, and told why', async (login, words) => {
    const { status, body } = await signIn(login);
    expect([status, body.includes(words)]).toEqual([403, true]);
  });

  test('whoever does not agree there is not signed in here', async () => {
    const browser = new Browser();
    const form = await press(browser);
    const [, abort = ''] = /href="([^"]+\/abort)"/.exec(form.body) ?? [];
    const { status, body } = await browser.open(new URL(abort, form.address).href, BACK);
    expect([status, body.includes('the city login did not sign you in')]).toEqual([403, true]);
  });

  test('an answer is taken once, and its code under no other sign-in', async () => {
    const browser = new Browser();
    await signIn('ruiz', browser);
    const used = browser.visited.find((address) => address.includes('/callback?')) ?? '';
    expect((await browser.open(used, BACK)).status).toBe(400);
    const other = new Browser();
    const begun = await press(other);
    const asked = other.visited.find((address) => address.includes('code_challenge=')) ?? '';
    expect(begun.status).toBe(200);
    const mixed = new URL(used);
    mixed.searchParams.set('state', new URL(asked).searchParams.get('state') ?? '');
    const { status, body } = await other.open(mixed.href, BACK);
    expect([status, body.includes('nobody is signed in')]).toEqual([502, true]);
    expect(service.stderr).toContain('invalid_grant');
  });

  test('an answer ends no sign-in of another browser', async () => {
    const victim = new Browser();
    const form = await press(victim);
    const asked = victim.visited.find((address) => address.includes('code_challenge=')) ?? '';
    const state = new URL(asked).searchParams.get('state') ?? '';
    const answer = `${url}/v1/sign-in/oidc/callback?code=c&state=${state}`;
    expect((await new Browser().open(answer, BACK)).status).toBe(400);
    const consent = await victim.send(form, BACK, { login: 'ruiz', password: 'x' });
    expect(await believed(tokenIn(await victim.send(consent, BACK, {})))).toMatchObject({ person: '4411' });
  });
});
