import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Accounts } from '../../../../../dock/policy/custodian/accounts.ts';
import type { Role } from '../../../../../dock/policy/facts/fact.ts';
import { fact } from '../story.ts';
import { AnyProvider, BACK, OidcStand } from './oidc-stand.ts';
import { ISSUER, RECORDER } from './service.ts';

// Goal: whom the provider names is signed in as facts know them, in the browser that began; anything else ends on a page that says why.
// Method: the service's edge with a provider on loopback that answers what the test wants, and a browser made of requests.

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

/** Everything as it should be, but for these claims. */
async function signIn(claims: object = {}, at: OidcStand = stand) {
  const { asked, state, cookie } = await at.begin();
  const nonce = asked.get('nonce') ?? '';
  provider.tokens = async () => bearer(await provider.idToken({ nonce, ...claims }));
  return at.comeBack({ code: 'c', state, iss: provider.issuer }, cookie);
}

function bearer(idToken: string): object {
  return { access_token: 'a', token_type: 'Bearer', id_token: idToken };
}

function tokenIn(location: string): string {
  return new URLSearchParams(new URL(location).hash.slice(1)).get('token') ?? '';
}

describe('the way to the provider', () => {
  test('asks with PKCE, state, nonce and a session that leaves an hour', async () => {
    const { status, asked, setCookie } = await stand.begin();
    expect(status).toBe(303);
    expect(Object.fromEntries(asked)).toMatchObject({
      client_id: 'holdfast',
      response_type: 'code',
      scope: 'openid',
      redirect_uri: `${ISSUER}/v1/sign-in/oidc/callback`,
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/) as string,
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      max_age: '3600',
    });
    expect(setCookie).toMatch(/^holdfast-sign-in=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);
  });

  test('starts on the sign-in page alone', async () => {
    for (const site of ['cross-site', 'same-site', 'none', undefined]) {
      const headers = site === undefined ? {} : { 'sec-fetch-site': site };
      const { status, location, cookie } = await stand.get(stand.onErrand('/v1/sign-in/oidc'), headers);
      expect([status, cookie]).toEqual([303, '']);
      expect(location).toMatch(/^\/sign-in\?redirect_uri=/);
    }
    expect((await stand.get(stand.onErrand('/sign-in'))).body).toContain('the &#60;agency&#62; login');
  });

  test('is the only one where there are no accounts', async () => {
    const both = await stand.get(stand.onErrand('/sign-in'));
    const other = await OidcStand.start(provider.issuer, {}, new Accounts([]));
    try {
      const alone = await other.get(other.onErrand('/sign-in'));
      for (const { status, body } of [both, alone]) {
        expect(status).toBe(200);
        expect(body).toContain(`href="${ISSUER}/v1/sign-in/oidc?redirect_uri=`);
        expect(body).toContain(`You will return to <strong>${new URL(BACK).origin}</strong>`);
      }
      expect([both.body, alone.body].map((body) => body.includes('type="password"'))).toEqual([true, false]);
    } finally {
      await other.stop();
    }
  });

  test('leads nowhere that a token may not go, and takes no bad key', async () => {
    const headers = { 'sec-fetch-site': 'same-origin' };
    for (const wrong of [{ redirect_uri: 'https://evil.example/' }, { jwk: 'e30' }])
      expect((await stand.get(stand.onErrand('/v1/sign-in/oidc', wrong), headers)).status).toBe(400);
  });

  test('is given to one address 120 times a minute', async () => {
    for (let at = 0; at < 120; at += 1) expect((await stand.begin()).status).toBe(303);
    const { status, body } = await stand.begin();
    expect([status, body.includes('too many tries')]).toEqual([429, true]);
  });

  test('asks the provider who it is once in an hour', async () => {
    await Promise.all([stand.begin(), stand.begin()]);
    stand.town.time.nowMs += 59 * 60_000;
    await stand.begin();
    expect(provider.asked).toHaveLength(1);
    stand.town.time.nowMs += 60_000;
    await stand.begin();
    expect(provider.asked).toHaveLength(2);
  });
});

describe('who comes back', () => {
  test('has a token for their page, and for two hours since they signed in there', async () => {
    const signedInAtS = Math.floor(Date.now() / 1_000) - 600;
    const { status, location } = await signIn({ name: 'A. Ruiz', auth_time: signedInAtS });
    expect(status).toBe(303);
    expect(location.startsWith(`${BACK}#`)).toBe(true);
    expect(new URLSearchParams(new URL(location).hash.slice(1)).get('state')).toBe('page-state');
    expect(decodeJwt(tokenIn(location))).toMatchObject({
      iss: ISSUER,
      sub: RECORDER,
      name: 'A. Ruiz',
      roles: ['officer'],
      auth_time: signedInAtS,
      idp: provider.issuer,
      cnf: { jkt: await stand.page.thumbprint() },
    });
  });

  test.each([
    ['whom no fact names', { badge: 'nobody-1' }, 'nobody by that name is on file here'],
    ['without a name', { badge: undefined }, 'nobody by that name is on file here'],
    ['after two hours', { auth_time: 1_700_000_000 }, 'is not enough here'],
  ])('is not let in %s', async (_, claims, words) => {
    const { status, location, body } = await signIn(claims);
    expect([status, location]).toEqual([403, '']);
    expect(body).toContain(words);
    expect(body).toContain('href="/sign-in?redirect_uri=');
  });

  test('has no role that the groups do not give, and none that is not on file', async () => {
    const roles = {
      claim: ['groups'],
      map: new Map<string, readonly Role[]>([
        ['all', ['officer', 'chief']],
        ['command', ['chief']],
      ]),
    } as const;
    const other = await OidcStand.start(provider.issuer, { roles });
    try {
      const { location } = await signIn({ groups: ['all', 'unheard-of'] }, other);
      expect(decodeJwt(tokenIn(location))['roles']).toEqual(['officer']);
      for (const groups of [['command'], ['unheard-of'], undefined]) {
        const { status, body } = await signIn({ groups }, other);
        expect([status, body.includes('none of your groups')]).toEqual([403, true]);
      }
    } finally {
      await other.stop();
    }
  });

  test('is told when the provider said no, without its words', async () => {
    const { state, cookie } = await stand.begin();
    const answer = { error: 'access_denied', error_description: 'Call 555-0100', state };
    const { status, body } = await stand.comeBack(answer, cookie);
    expect([status, body.includes('did not sign you in'), body.includes('555')]).toEqual([403, true, false]);
  });
});

describe('staying signed in', () => {
  const renew = async (token: string) => {
    const request = await stand.page.sign('holdfast-renew+jwt', { token, aud: ISSUER });
    const headers = { 'content-type': 'application/json' };
    const payload = JSON.stringify({ request });
    const answer = await stand.app.inject({ method: 'POST', url: '/v1/renew', headers, payload });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };

  test('needs no account, and follows the facts', async () => {
    await stand.town.tell(fact('person.enrolled', { person: '7001', roles: ['officer'] }));
    const token = tokenIn((await signIn({ badge: '7001' })).location);
    await stand.town.tell(fact('person.enrolled', { person: '7001', roles: ['supervisor'] }));
    const { status, body } = await renew(token);
    expect([status, body['roles']]).toEqual([200, ['supervisor']]);
    expect(decodeJwt(String(body['token']))).toMatchObject({
      idp: provider.issuer,
      auth_time: decodeJwt(token).iat,
    });
    await stand.town.tell(fact('person.enrolled', { person: '7001', roles: [] }));
    expect((await renew(token)).status).toBe(401);
  });

  test('ends with the provider', async () => {
    const token = tokenIn((await signIn()).location);
    const request = await stand.page.sign('holdfast-renew+jwt', { token, aud: ISSUER });
    expect(await stand.town.post('/v1/renew', { request })).toMatchObject({
      status: 401,
      body: { error: { code: 'BAD_TOKEN', message: 'there is no such way to sign in any more' } },
    });
  });
});
