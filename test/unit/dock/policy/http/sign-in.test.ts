import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fact } from '../story.ts';
import { ISSUER, LINKED, PASSWORD, RECORDER, REGISTERED, TestPage, TestService } from './service.ts';

let town: TestService;
let page: TestPage;
beforeEach(async () => {
  town = await TestService.start({ demoRecords: true });
  page = await TestPage.open(town);
});
afterEach(() => town.stop());

describe('POST /v1/sign-in', () => {
  // Goal: the token says who, with which roles, and binds the page's key for a quarter of an hour.
  test('gives a token that binds person and key', async () => {
    const { status, body } = await page.signIn(RECORDER);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      person: RECORDER,
      name: 'Name of 4411',
      roles: ['officer'],
      expiresAt: '2026-11-21T08:15:00.000Z',
    });
    const token = String(body['token']);
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'holdfast-viewer+jwt' });
    expect(decodeJwt(token)).toMatchObject({
      iss: ISSUER,
      sub: RECORDER,
      aud: 'holdfast-viewer',
      roles: ['officer'],
      cnf: { jkt: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) as string },
    });
  });

  // Goal: a wrong password and an unknown person look the same.
  test('a wrong password and an unknown person are refused alike', async () => {
    const wrong = await page.signIn(RECORDER, 'wrong');
    const unknown = await page.signIn('nobody', 'wrong');
    expect(wrong).toMatchObject({ status: 401, body: { error: { code: 'BAD_ACCOUNT' } } });
    expect(unknown.body).toEqual(wrong.body);
    expect(unknown.status).toBe(wrong.status);
  });

  // Goal: guessing is slow. The limit ends with the minute and does not hold for others.
  test('after five failures in a minute even the right password waits', async () => {
    for (let guess = 0; guess < 5; guess += 1)
      expect((await page.signIn(RECORDER, `guess ${guess}`)).status).toBe(401);
    expect(await page.signIn(RECORDER)).toMatchObject({ status: 429, headers: { 'retry-after': '60' } });
    expect((await page.signIn('5522')).status).toBe(200);
    town.time.nowMs += 61_000;
    expect((await page.signIn(RECORDER)).status).toBe(200);
  });

  // Goal: a burst of guesses is no way round the limit.
  test('guesses sent at once are limited too', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, guess) => page.signIn(RECORDER, `guess ${guess}`)),
    );
    expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
    expect(answers.every(({ status }) => status === 401 || status === 429)).toBe(true);
  });

  // Goal: a flood does not wash away the count of one person's failures. Method: more names than are remembered.
  test('the limit is not forgotten in a flood', async () => {
    for (let guess = 0; guess < 5; guess += 1) await page.signIn(RECORDER, `guess ${guess}`);
    const from = { address: '127.0.0.1', nowMs: town.time.nowMs };
    const flood = Array.from({ length: 10_100 }, (_, n) =>
      town.service.accounts.signIn(`nobody-${n}`, 'x', from),
    );
    await Promise.allSettled(flood);
    expect((await page.signIn(RECORDER)).status).toBe(429);
  });

  // Goal: only a public P-256 key is bound.
  test('any other key is refused', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const rsa = await generateKeyPair('RS256');
    const bad = [
      await exportJWK(privateKey),
      await exportJWK(rsa.publicKey),
      { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' },
      { kty: 'oct', k: 'AAAA' },
      {},
    ];
    for (const jwk of bad) {
      expect((await town.post('/v1/sign-in', { person: RECORDER, password: PASSWORD, jwk })).status).toBe(
        400,
      );
    }
    expect((await town.post('/v1/sign-in', { person: RECORDER })).status).toBe(400);
  });

  // Goal: the facts have the last word on roles.
  test('roles are those on file', async () => {
    await town.tell(fact('person.enrolled', { person: RECORDER, roles: ['officer', 'supervisor'] }));
    expect((await page.signIn(RECORDER)).body['roles']).toEqual(['officer', 'supervisor']);
  });
});

describe('the sign-in page', () => {
  const encoded = (): string => Buffer.from(JSON.stringify(page.jwk)).toString('base64url');
  const query = (redirect: string, jwk: string = encoded()): string =>
    new URLSearchParams({ redirect_uri: redirect, state: 's<1>', jwk }).toString();
  const send = (fields: Record<string, string>) =>
    town.app.inject({
      method: 'POST',
      url: '/sign-in',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ state: 's<1>', jwk: encoded(), ...fields }).toString(),
    });

  // Goal: a page without any script, which cannot be framed and whose form leads only here and back.
  test('has no script and a strict policy, and escapes what it is given', async () => {
    const { status, text, headers } = await town.get(`/sign-in?${query('http://127.0.0.1:9000/cb')}`);
    expect(status).toBe(200);
    expect(text).not.toContain('<script');
    expect(text).toContain('value="s&#60;1&#62;"');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:9000");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
  });

  // Goal: the token goes back in the fragment, which no server sees.
  test('leads back with the token in the fragment', async () => {
    const redirect = 'http://127.0.0.1:9000/cb?x=1';
    const response = await send({ redirect_uri: redirect, person: RECORDER, password: PASSWORD });
    expect(response.statusCode).toBe(303);
    const back = new URL(String(response.headers.location));
    expect(`${back.origin}${back.pathname}${back.search}`).toBe(redirect);
    const fragment = new URLSearchParams(back.hash.slice(1));
    expect(fragment.get('state')).toBe('s<1>');
    expect(decodeJwt(fragment.get('token') ?? '').sub).toBe(RECORDER);
  });

  // Goal: a failure shows the form again and leads nowhere.
  test('a wrong password shows the form again', async () => {
    const response = await send({
      redirect_uri: 'http://127.0.0.1:9000/cb',
      person: RECORDER,
      password: 'wrong',
    });
    expect(response.statusCode).toBe(401);
    expect(response.headers.location).toBeUndefined();
    expect(response.body).toContain('do not belong together');
    const empty = await send({ redirect_uri: 'http://127.0.0.1:9000/cb' });
    expect(empty.statusCode).toBe(400);
  });

  // Goal: a token is carried nowhere but to this machine or a viewer the operator has named.
  test.each([
    'https://evil.example/cb',
    'http://evil.example/cb',
    'https://127.0.0.1/cb',
    'http://127.0.0.1.evil.example/cb',
    'http://user@127.0.0.1/cb',
    'http://127.0.0.1/cb#x',
    'https://viewer.example/other',
    'https://viewer.example.evil.example/app',
    'javascript:alert(1)',
    'data:text/html,x',
    '//127.0.0.1/cb',
    'not a url',
  ])('it does not lead to %s', async (redirect) => {
    expect((await town.get(`/sign-in?${query(redirect)}`)).status).toBe(400);
    const sent = await send({ redirect_uri: redirect, person: RECORDER, password: PASSWORD });
    expect(sent.statusCode).toBe(400);
    expect(sent.headers.location).toBeUndefined();
  });

  test.each(['http://localhost:1/cb', 'http://[::1]:9000/', 'https://viewer.example/app?x=1'])(
    'it leads to %s',
    async (redirect) => {
      expect((await town.get(`/sign-in?${query(redirect)}`)).status).toBe(200);
    },
  );

  // Goal: a key that cannot be bound is told before anybody types a password.
  test('a bad key is refused at once', async () => {
    expect((await town.get(`/sign-in?${query('http://127.0.0.1:9000/', 'AAAA')}`)).status).toBe(400);
  });
});

describe('the demo’s records system', () => {
  const send = (fields: Record<string, string>, headers: Record<string, string> = {}) =>
    town.app.inject({
      method: 'POST',
      url: '/demo/records',
      headers: { 'content-type': 'application/x-www-form-urlencoded', host: '127.0.0.1:80', ...headers },
      payload: new URLSearchParams(fields).toString(),
    });
  const key = async (): Promise<string> => {
    const { body } = await town.app.inject({
      method: 'GET',
      url: '/demo/records',
      headers: { host: '127.0.0.1:80' },
    });
    return /name="key" value="([^"]+)"/.exec(body)?.[1] ?? '';
  };
  const form = {
    person: RECORDER,
    incident: '24-118842',
    recording: String(REGISTERED.type === 'recording.registered' && REGISTERED.recording),
  };

  // Goal: one person can play records system, sergeant and chief; each deed is an ordinary fact of the source records.
  test('files, takes statements, authorises, revokes and withdraws', async () => {
    await town.tell(REGISTERED, LINKED);
    const { known } = town.service.book;
    for (const deed of ['file', 'candid', 'authorise']) {
      expect((await send({ ...form, deed, key: await key() })).statusCode).toBe(303);
    }
    expect(known.part('24-118842', RECORDER)).toMatchObject({ report: 'filed' });
    expect(known.part('24-118842', RECORDER).statements.has('candid')).toBe(true);
    expect(known.recording(form.recording).authorisations).toMatchObject([
      { by: 'chief-1', person: RECORDER },
    ]);
    await send({ ...form, deed: 'revoke', key: await key() });
    await send({ ...form, deed: 'withdraw', key: await key() });
    expect(known.recording(form.recording).authorisations).toEqual([]);
    expect(known.part('24-118842', RECORDER).report).toBe('withdrawn');
    expect(town.service.book.store.list({ limit: 100 }).at(-1)?.source).toBe('records');
    const { text } = await town.get('/demo/records');
    expect(text).toContain('Part of the demonstration');
    expect(text).not.toContain('<script');
  });

  // Goal: no other site's page files a report. Method: without the key, with a foreign host name.
  test('another site cannot send its form', async () => {
    await town.tell(REGISTERED, LINKED);
    expect((await send({ ...form, deed: 'file', key: 'guess' })).statusCode).toBe(403);
    expect(
      (await send({ ...form, deed: 'file', key: await key() }, { host: 'evil.example' })).statusCode,
    ).toBe(403);
    expect((await send({ ...form, deed: 'burn', key: await key() })).statusCode).toBe(403);
    expect(town.service.book.known.part('24-118842', RECORDER).report).toBe('none');
  });

  // Goal: a real service does not have the page.
  test('it is not there unless asked for', async () => {
    const plain = await TestService.start();
    expect((await plain.get('/demo/records')).status).toBe(404);
    await plain.stop();
  });
});
