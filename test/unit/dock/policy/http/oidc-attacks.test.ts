import { CompactSign, exportSPKI, generateKeyPair, importJWK } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AnyProvider, CLIENT, OidcStand, SECRET } from './oidc-stand.ts';

// Goal: nothing that somebody else than the provider could have made, or that was made for somebody else, signs anybody in.
// Method: the callback with everything right but for one thing at a time; the same walk with nothing wrong ends with a token.

let provider: AnyProvider;
let stand: OidcStand;
beforeEach(async () => {
  provider = await AnyProvider.start();
  stand = await OidcStand.start(provider.issuer);
});
afterEach(async () => {
  await stand.stop();
  await provider.stop();
});

type Claims = Readonly<Record<string, unknown>>;
/** Makes the ID token that goes with these claims. */
type Maker = (right: Claims) => Promise<string>;

async function walk(make: Maker, answer: Readonly<Record<string, string>> = {}) {
  const { asked, state, cookie } = await stand.begin();
  const right = { nonce: asked.get('nonce') ?? '' };
  provider.tokens = async () => ({ access_token: 'a', token_type: 'Bearer', id_token: await make(right) });
  return { ...(await stand.comeBack({ code: 'c', state, ...answer }, cookie)), state, cookie };
}

const nowS = (): number => Math.floor(Date.now() / 1_000);
const right: Maker = (claims) => provider.idToken(claims);
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const changed =
  (change: Claims): Maker =>
  (claims) =>
    provider.idToken({ ...claims, ...change });

/** The claims of a right token under another header, not signed. */
async function under(header: object, claims: Claims): Promise<string> {
  const [, payload = ''] = (await right(claims)).split('.');
  return `${encoded(header)}.${payload}`;
}

const FORGED: readonly (readonly [string, Maker])[] = [
  ['the nonce of another sign-in', changed({ nonce: 'n'.repeat(43) })],
  ['no nonce', changed({ nonce: undefined })],
  ['another client as its audience', changed({ aud: 'other-client' })],
  ['two audiences and another party', changed({ aud: [CLIENT, 'other'], azp: 'other' })],
  ['another issuer', changed({ iss: 'https://other.example' })],
  ['an end that is past', (claims) => provider.idToken({ ...claims, iat: nowS() - 600, exp: nowS() - 300 })],
  ['no end', changed({ exp: undefined })],
  ['no subject', changed({ sub: undefined })],
  ['no signature under alg none', async (claims) => `${await under({ alg: 'none' }, claims)}.`],
  [
    'the signature of another key',
    async (claims) => provider.idToken(claims, { key: (await generateKeyPair('ES256')).privateKey }),
  ],
  [
    'HS256 under the client secret',
    (claims) => provider.idToken(claims, { alg: 'HS256', key: utf8(SECRET) }),
  ],
  [
    "HS256 under the provider's public key",
    async (claims) => {
      const key = await importJWK(provider.key.jwk, 'ES256', { extractable: true });
      if (key instanceof Uint8Array) throw new TypeError('a public key was expected');
      return provider.idToken(claims, { alg: 'HS256', key: utf8(await exportSPKI(key)) });
    },
  ],
  [
    'a key of its own in its header',
    async (claims) => {
      const { privateKey } = await generateKeyPair('ES256');
      const [, payload = ''] = (await right(claims)).split('.');
      const header = { alg: 'ES256', jwk: provider.key.jwk };
      return new CompactSign(Buffer.from(payload, 'base64url')).setProtectedHeader(header).sign(privateKey);
    },
  ],
  ['nothing', async () => ''],
];

test('with nothing wrong there is a token', async () => {
  const { status, location } = await walk(right);
  expect([status, location.includes('#token=')]).toEqual([303, true]);
});

describe('an ID token is not believed', () => {
  test.each(FORGED)('with %s', async (_, make) => {
    const { status, location, body } = await walk(make);
    expect([status, location]).toEqual([502, '']);
    expect(body).toContain('nobody is signed in');
    expect(stand.town.reported).toHaveLength(1);
    expect(String(stand.town.reported[0])).toContain(provider.issuer);
  });
});

describe('an answer is not taken', () => {
  const refused = { status: 400, location: '' };

  test('with another state, or none', async () => {
    for (const state of ['s'.repeat(43), '']) expect(await walk(right, { state })).toMatchObject(refused);
    expect(provider.asked).not.toContain('/token');
  });

  test('twice', async () => {
    const { state, cookie } = await walk(right);
    expect(await stand.comeBack({ code: 'c', state }, cookie)).toMatchObject(refused);
    expect(provider.asked.filter((path) => path === '/token')).toHaveLength(1);
  });

  test('in another browser, nor does that spoil it', async () => {
    const [begun, other] = [await stand.begin(), await stand.begin()];
    const nonce = begun.asked.get('nonce') ?? '';
    provider.tokens = async () => ({
      access_token: 'a',
      token_type: 'Bearer',
      id_token: await right({ nonce }),
    });
    const answer = { code: 'c', state: begun.state };
    for (const cookie of ['', other.cookie, 'holdfast-sign-in=x'])
      expect(await stand.comeBack(answer, cookie)).toMatchObject(refused);
    expect((await stand.comeBack(answer, begun.cookie)).status).toBe(303);
  });

  test('after ten minutes', async () => {
    const { state, cookie } = await stand.begin();
    stand.town.time.nowMs += 10 * 60_000;
    expect(await stand.comeBack({ code: 'c', state }, cookie)).toMatchObject(refused);
  });

  test('from another issuer', async () => {
    expect((await walk(right, { iss: 'https://other.example' })).status).toBe(502);
    expect(provider.asked).not.toContain('/token');
  });

  test('by a HEAD, which would use it up', async () => {
    const { state, cookie } = await stand.begin();
    const url = `/v1/sign-in/oidc/callback?code=c&state=${state}`;
    const { statusCode } = await stand.app.inject({ method: 'HEAD', url, headers: { cookie } });
    expect(statusCode).toBe(405);
  });
});

describe('a provider is not asked', () => {
  test.each([
    ['that calls itself something else', { issuer: 'https://other.example' }, 502],
    ['whose page is in the clear elsewhere', { authorization_endpoint: 'http://192.0.2.1/auth' }, 502],
  ])('%s', async (_, metadata, status) => {
    provider.metadata = metadata;
    expect(await stand.begin()).toMatchObject({ status, location: '', setCookie: '' });
  });

  test('for tokens in the clear elsewhere', async () => {
    provider.metadata = { token_endpoint: 'http://192.0.2.1/token' };
    expect((await walk(right)).status).toBe(502);
  });

  test('again by everybody while it is down', async () => {
    await provider.stop();
    expect(await stand.begin()).toMatchObject({ status: 503, location: '' });
    expect((await stand.begin()).body).toContain('cannot be reached just now');
  });
});
