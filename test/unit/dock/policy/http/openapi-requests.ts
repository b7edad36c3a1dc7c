import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import {
  DOCK_TOKEN,
  evaluation,
  PASSWORD,
  RECORDER,
  RECORDS_TOKEN,
  TestPage,
  type TestService,
} from './service.ts';

/** A request, what the document calls it, and the status that is to come of it. */
interface Ask extends InjectOptions {
  readonly operation: string;
  readonly status: number;
}

const RECORDS = { authorization: `Bearer ${RECORDS_TOKEN}` };
const DOCK = { authorization: `Bearer ${DOCK_TOKEN}` };
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const ERRAND = { redirect_uri: 'http://127.0.0.1:9000/app', state: 's' };

/** Each operation at least once, and most of them in several ways. */
export async function* oneOfEach(
  town: TestService,
): AsyncGenerator<{ operation: string; status: number; answer: LightMyRequestResponse }> {
  const page = await TestPage.open(town);
  const asks = [...ofFacts(String(page.jwk.x)), ...ofDecisions(), ...ofEverybody(), ...(await ofPages(page))];
  for (const { operation, status, ...ask } of asks) {
    yield { operation, status, answer: await town.app.inject(ask) };
  }
  yield* ofDemonstration(town);
}

function ofFacts(id: string): readonly Ask[] {
  const post = { operation: 'POST /v1/facts', method: 'POST', url: '/v1/facts', headers: RECORDS } as const;
  const get = { operation: 'GET /v1/facts', url: '/v1/facts', headers: RECORDS };
  const fact = { id, at: '2026-11-21T10:00:00Z', type: 'incident.opened', incident: 'i-1' };
  const lift = { type: 'hold.lifted', recording: 'r-1', by: 'a-1', reason: 'over', incident: undefined };
  return [
    { ...post, payload: fact, status: 201 },
    { ...post, payload: fact, status: 200 },
    { ...post, payload: [fact, { ...fact, id: `${id}-b` }], status: 201 },
    { ...post, payload: { ...fact, incident: 'i-2' }, status: 409 },
    { ...post, payload: [{ ...fact, ...lift, id: `${id}-c` }], status: 409 },
    { ...post, payload: { ...fact, draft: true }, status: 400 },
    { ...post, payload: [], status: 400 },
    { ...post, payload: { ...fact, id: `${id}-d` }, headers: DOCK, status: 403 },
    { ...post, payload: fact, headers: {}, status: 401 },
    {
      ...post,
      payload: JSON.stringify(fact).padEnd(16 * 1024 * 1024 + 1),
      headers: { ...RECORDS, ...JSON_TYPE },
      status: 413,
    },
    { ...get, status: 200 },
    { ...get, url: '/v1/facts?type=recording.registered&type=recording.linked', status: 200 },
    { ...get, url: `/v1/facts?recording=00112233445566778899aabbccddeeff`, status: 200 },
    { ...get, url: '/v1/facts?after=x', status: 400 },
    { ...get, headers: {}, status: 401 },
    { operation: 'GET /v1/events', url: '/v1/events', headers: {}, status: 401 },
    { operation: 'GET /v1/events', url: '/v1/events?after=x', headers: RECORDS, status: 400 },
  ];
}

const JSON_TYPE = { 'content-type': 'application/json' };

function ofDecisions(): readonly Ask[] {
  const one = {
    operation: 'POST /access/v1/evaluation',
    method: 'POST',
    url: '/access/v1/evaluation',
    headers: RECORDS,
  } as const;
  const many = { ...one, operation: `${one.operation}s`, url: `${one.url}s` };
  const question = evaluation(RECORDER, { purpose: 'write_report' });
  const grant = {
    ...question,
    context: { purpose: 'write_report', dock: 'dock-1', nonce: 'a-nonce-of-the-dock' },
  };
  const destroy = {
    subject: { type: 'dock', id: 'dock-1' },
    action: { name: 'delete' },
    resource: question.resource,
    context: { purpose: 'retention', dock: 'dock-1', nonce: 'a-nonce-of-the-dock', days: 180 },
  };
  const metadata = '/.well-known/authzen-configuration';
  return [
    { ...one, payload: question, status: 200 },
    { ...one, payload: evaluation('5522'), status: 200 },
    { ...one, payload: grant, headers: DOCK, status: 200 },
    { ...one, payload: destroy, headers: DOCK, status: 200 },
    { ...one, payload: { ...question, subject: undefined }, status: 400 },
    { ...one, payload: question, headers: { ...RECORDS, 'x-request-id': ' \t' }, status: 400 },
    { ...one, payload: question, headers: {}, status: 401 },
    {
      ...many,
      payload: { ...question, evaluations: [{}, { subject: { type: 'person' } }, { action: {} }, 7] },
      status: 200,
    },
    { ...many, payload: question, status: 200 },
    { ...many, payload: { options: { evaluations_semantic: 'some' } }, status: 400 },
    { ...many, payload: question, headers: {}, status: 401 },
    { operation: `GET ${metadata}`, url: metadata, status: 200 },
    { operation: `GET ${metadata}/{path}`, url: `${metadata}/other`, status: 404 },
    { operation: `GET ${metadata}/{path}`, url: `${metadata}/`, status: 200 },
  ];
}

function ofEverybody(): readonly Ask[] {
  const tile = 'GET /v1/ledger/tile/{path}';
  const plain = [
    '/healthz',
    '/.well-known/jwks.json',
    '/v1/custodian',
    '/v1/ledger/checkpoint',
    '/v1/ledger/vkey',
  ];
  return [
    ...[...plain, '/openapi.json', '/docs'].map((url) => ({ operation: `GET ${url}`, url, status: 200 })),
    { operation: tile, url: '/v1/ledger/tile/0/x001/000', status: 404 },
    { operation: tile, url: '/v1/ledger/tile/entries/000.p/1', status: 200 },
    ...['/v1/keys', '/v1/renew', '/v1/oversight'].map((url) => ({
      operation: `OPTIONS ${url}`,
      method: 'OPTIONS' as const,
      url,
      status: 204,
    })),
  ];
}

async function ofPages(page: TestPage): Promise<readonly Ask[]> {
  const { jwk } = page;
  const post = (url: string) => ({ operation: `POST ${url}`, method: 'POST', url }) as const;
  const person = RECORDER;
  const token = await page.token(person);
  const renewal = await page.sign('holdfast-renew+jwt', { token, aud: 'http://policy.test' });
  const asking = (ask: object): Promise<string> =>
    page.sign('holdfast-oversight+jwt', { token, aud: 'http://policy.test', ask });
  const compare = { kind: 'compare', incident: 'none', regimes: ['doj', 'ppa'] };
  const keyInQuery = Buffer.from(JSON.stringify(jwk)).toString('base64url');
  const errand = new URLSearchParams({ ...ERRAND, jwk: keyInQuery }).toString();
  const form = (password: string) => ({
    ...post('/sign-in'),
    headers: FORM,
    payload: `${errand}&person=${person}&password=${encodeURIComponent(password)}`,
  });
  return [
    { ...post('/v1/keys'), payload: { request: 'no' }, status: 400 },
    { ...post('/v1/keys'), payload: {}, status: 400 },
    { ...post('/v1/decision'), payload: { request: 'no' }, status: 400 },
    { ...post('/v1/decision'), payload: {}, status: 400 },
    { ...post('/v1/oversight'), payload: { request: await asking({ kind: 'cases' }) }, status: 200 },
    { ...post('/v1/oversight'), payload: { request: await asking({ kind: 'changes' }) }, status: 200 },
    { ...post('/v1/oversight'), payload: { request: await asking(compare) }, status: 404 },
    { ...post('/v1/oversight'), payload: { request: await asking({}) }, status: 400 },
    { ...post('/v1/oversight'), payload: { request: renewal }, status: 401 },
    { ...post('/v1/sign-in'), payload: { person, password: PASSWORD, jwk }, status: 200 },
    { ...post('/v1/sign-in'), payload: { person: '5522', password: 'wrong', jwk }, status: 401 },
    { ...post('/v1/sign-in'), payload: { person, password: PASSWORD, jwk: {} }, status: 400 },
    { ...post('/v1/sign-in'), payload: {}, status: 400 },
    { ...post('/v1/renew'), payload: { request: renewal }, status: 200 },
    { ...post('/v1/renew'), payload: { request: 'no' }, status: 401 },
    { ...post('/v1/renew'), payload: {}, status: 400 },
    { operation: 'GET /sign-in', url: `/sign-in?${errand}`, status: 200 },
    { operation: 'GET /sign-in', url: '/sign-in', status: 400 },
    { ...form(PASSWORD), status: 303 },
    { ...form(''), status: 400 },
    { ...post('/sign-in'), headers: FORM, payload: '', status: 400 },
  ];
}

async function* ofDemonstration(
  town: TestService,
): AsyncGenerator<{ operation: string; status: number; answer: LightMyRequestResponse }> {
  const shown = await town.app.inject('/demo/records');
  yield { operation: 'GET /demo/records', status: 200, answer: shown };
  const other = await town.app.inject({ url: '/demo/records', headers: { host: 'elsewhere.example' } });
  yield { operation: 'GET /demo/records', status: 403, answer: other };
  const key = /name="key" value="([^"]+)"/.exec(shown.body)?.[1] ?? '';
  const press = (payload: string) =>
    town.app.inject({ method: 'POST', url: '/demo/records', headers: FORM, payload });
  const operation = 'POST /demo/records';
  const deed = 'deed=candid&person=4411&incident=i-1';
  yield { operation, status: 403, answer: await press(deed) };
  yield { operation, status: 303, answer: await press(`${deed}&key=${key}`) };
}
