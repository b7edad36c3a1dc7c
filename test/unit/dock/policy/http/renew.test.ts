import { decodeJwt } from 'jose';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signViewerToken } from '../../../../../dock/policy/custodian/token.ts';
import { fact } from '../story.ts';
import { ISSUER, RECORDER, TestPage, TestService } from './service.ts';

// Goal: a page that stays open keeps its person signed in, with the key of the sign-in and for two hours at most; whoever has the token
// alone, or another key, gets nothing. Method: renewals in the right and in every wrong way, with the clock moved.

const MINUTE_MS = 60_000;

let town: TestService;
let page: TestPage;
beforeEach(async () => {
  town = await TestService.start({ demoRecords: true });
  page = await TestPage.open(town);
});
afterEach(() => town.stop());

type Answer = Awaited<ReturnType<TestService['post']>>;

async function renew(token: string, claims: object = {}, by: TestPage = page): Promise<Answer> {
  const request = await by.sign('holdfast-renew+jwt', { token, aud: ISSUER, ...claims });
  return town.post('/v1/renew', { request });
}
const wait = (minutes: number): void => {
  town.time.nowMs += minutes * MINUTE_MS;
};

describe('POST /v1/renew', () => {
  test('gives a token with the same key and the time of the sign-in', async () => {
    const token = await page.token(RECORDER);
    wait(10);
    const { status, body } = await renew(token);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      person: RECORDER,
      roles: ['officer'],
      expiresAt: '2026-11-21T08:25:00.000Z',
    });
    const [first, next] = [decodeJwt(token), decodeJwt(String(body['token']))];
    expect(next['cnf']).toEqual(first['cnf']);
    expect(next['auth_time']).toBe(first.iat);
    expect(next.exp).toBe((first.exp ?? 0) + 600);
  });

  test('ends two hours after the password, however often it was renewed', async () => {
    let token = await page.token(RECORDER);
    for (let minutes = 10; minutes < 120; minutes += 10) {
      wait(10);
      token = String((await renew(token)).body['token']);
    }
    const { exp, auth_time: signedIn } = decodeJwt(token);
    expect(exp).toBe(Number(signedIn) + 7_200);
    wait(10);
    expect(await renew(token)).toMatchObject({ status: 401, body: { error: { code: 'BAD_TOKEN' } } });
  });

  test('says the roles that are on file by now', async () => {
    const token = await page.token(RECORDER);
    await town.tell(fact('person.enrolled', { person: RECORDER, roles: ['supervisor'] }));
    expect((await renew(token)).body['roles']).toEqual(['supervisor']);
  });

  const refused = (code: string): object => ({ status: 401, body: { error: { code } } });

  test('is not for a token that has expired', async () => {
    const token = await page.token(RECORDER);
    wait(15);
    expect(await renew(token)).toMatchObject(refused('BAD_TOKEN'));
  });

  test('is not for somebody who has no account any more', async () => {
    const viewer = { person: '9999', name: 'Gone', roles: [], thumbprint: await page.thumbprint() };
    const { token } = await signViewerToken(town.service.issuer, viewer, town.time.nowMs);
    expect(await renew(token)).toMatchObject(refused('BAD_TOKEN'));
  });

  test("is not for another page's key", async () => {
    const token = await page.token(RECORDER);
    expect(await renew(token, {}, await TestPage.open(town))).toMatchObject(refused('BAD_PROOF'));
  });

  test.each([
    ['for another service', { aud: 'https://other.example' }],
    ['made more than a minute ago', { iat: 1_700_000_000 }],
    ['without a token', { token: undefined }],
  ])('does not believe a request %s', async (_, claims) => {
    expect(await renew(await page.token(RECORDER), claims)).toMatchObject(refused('BAD_PROOF'));
  });

  test('does not take a signature for something else', async () => {
    const token = await page.token(RECORDER);
    const request = await page.sign('holdfast-open+jwt', { token, aud: ISSUER });
    expect(await town.post('/v1/renew', { request })).toMatchObject(refused('BAD_PROOF'));
  });

  test('wants a body that is a request', async () => {
    for (const body of [{}, { request: '' }, { request: 'x', more: 1 }])
      expect((await town.post('/v1/renew', body)).status).toBe(400);
  });

  test('is read by pages of this machine only', async () => {
    const preflight = await town.app.inject({
      ...{ method: 'OPTIONS', url: '/v1/renew' },
      headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
    const own = await town.app.inject({
      ...{ method: 'OPTIONS', url: '/v1/renew' },
      headers: { origin: 'http://127.0.0.1:9000', 'access-control-request-method': 'POST' },
    });
    expect(own.headers['access-control-allow-origin']).toBe('http://127.0.0.1:9000');
  });
});
