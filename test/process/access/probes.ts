import type { Agent } from 'node:http';
import type { Caller } from './caller.ts';
import { openingBody, openOwn, purposeOf } from './callers.ts';
import { ABSENT } from './asks.ts';
import { ID_FORMS, indexForm, pick, rangeForm, smuggled } from './hostile.ts';
import { NAMES, PAGE_ORIGIN, RECORDINGS, type Scene } from './scene.ts';
import type { Row } from './table.ts';
import type { Tells } from './tells.ts';
import { type Answer, type Ask, send, sendRaw } from './wire.ts';
import { Chance } from '../../../sim/fault/chance.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const STRANGE_ORIGIN = 'https://evil.example';
/** Who has opened more than anybody watches is told so before anything is looked up. */
const TOO_MANY = 429;

/** All that a probe works with. */
export interface Bench {
  readonly agent: Agent;
  readonly scene: Scene;
  readonly callers: ReadonlyMap<string, Caller>;
  readonly tells: Tells;
  readonly rows: readonly Row[];
}

/** Who the table says must not learn of a recording on a route: pairs that a probe may draw. */
function strangers({ rows }: Bench): readonly { readonly row: Row; readonly column: string }[] {
  const asked = rows.filter(({ route, about }) => route.includes(':id') && isPlain(about));
  return asked.flatMap((row) =>
    [...row.cells]
      .filter(([, { status }]) => status === 404 || status === 401)
      .map(([column]) => ({ row, column })),
  );
}

function isPlain(about: string): boolean {
  return NAMES.some((name) => about.split(',')[0] === name) && !about.includes('no ');
}

/** Asks for a recording, written in some way, and for one that does not exist, written so too. Returns what differs. */
export async function twins(bench: Bench, seed: string): Promise<readonly string[]> {
  const chance = new Chance(seed);
  const { row, column } = pick(chance, strangers(bench));
  const name = NAMES.find((one) => row.about.split(',')[0] === one) ?? 'held';
  const [kind, form] = pick(chance, Object.entries(ID_FORMS));
  const caller = callerAt(bench, column);
  const ask = async (id: string): Promise<Answer> =>
    send(bench.agent, await written(bench, { row, caller, id, as: form(id, new Chance(`${seed}/form`)) }));
  const [real, absent] = [await ask(bench.scene.recordings[name].id), await ask(ABSENT)];
  if (real.status === TOO_MANY || absent.status === TOO_MANY) return [];
  const wrong = [
    ...(sameBytes(real) === sameBytes(absent) ? [] : [`${sameBytes(real)} instead of ${sameBytes(absent)}`]),
    ...(real.status < 400 ? [`${real.status}`] : []),
    ...problemsOf(bench, { answer: real, caller }),
  ];
  return wrong.map((text) => `${row.route}, id of ${name} ${kind}, by ${column}: ${text}`);
}

async function written(
  { scene, callers }: Bench,
  {
    row,
    caller,
    id,
    as,
  }: { readonly row: Row; readonly caller: Caller; readonly id: string; readonly as: string },
): Promise<Ask> {
  const [method = '', pattern = ''] = row.route.split(' ');
  const body = pattern.endsWith('/open')
    ? await openingBody(caller, id)
    : JSON.stringify({ purpose: purposeOf(caller) });
  const session = callers.get('after')?.opening?.session ?? '';
  const headers = { ...caller.headers, 'holdfast-session': session };
  const path = pattern.replace(':id', () => as).replace(':i', '1');
  const sent = method === 'POST' ? { headers: { ...headers, ...JSON_TYPE }, body } : { headers };
  return { base: scene.dockUrl, method, path, ...sent };
}

/** All of an answer that could differ, without the moment. */
function sameBytes({ status, headers, body }: Answer): string {
  return `${status} ${JSON.stringify({ ...headers, date: '' })} ${body.toString('latin1')}`;
}

/** What no answer to this person may hold at all. */
function problemsOf(
  { tells }: Bench,
  { answer, caller, may = '' }: { readonly answer: Answer; readonly caller: Caller; readonly may?: string },
): readonly string[] {
  const { tells: letters, leaks } = tells.of(answer, caller.person);
  const told = letters.split('').filter((letter) => !may.includes(letter));
  return [
    ...(told.length === 0 ? [] : [`tells of ${told.join('')}`]),
    ...leaks.map((leak) => `gives ${leak}`),
  ];
}

function callerAt({ callers }: Bench, column: string): Caller {
  const caller = callers.get(column);
  if (caller === undefined) throw new Error(`nobody is called ${column}`);
  return caller;
}

/** Asks for a chunk of what `after` has opened, by an index in some way; one of another recording or outside the part is nothing. */
export async function indices(bench: Bench, seed: string): Promise<readonly string[]> {
  const chance = new Chance(seed);
  const { scene, agent } = bench;
  const caller = callerAt(bench, 'after');
  // Afresh, as so many sessions of one person are open at once and no more.
  const whole = (await openOwn(scene, caller))?.session ?? '';
  const part = (await openOwn(scene, caller, [1, 2]))?.session ?? '';
  const { id, content, chunkBytes } = scene.recordings.open;
  const problems: string[] = [];
  for (let at = 0; at < INDICES_OF_ONE; at++) {
    const [index, isPart] = [indexForm(chance), chance.happens(0.3)];
    const headers = {
      ...caller.headers,
      'holdfast-session': isPart ? part : whole,
      range: rangeForm(chance),
    };
    const path = `/v1/recordings/${id}/chunks/${index}`;
    const answer = await send(agent, { base: scene.dockUrl, method: 'GET', path, headers });
    const meant = meantBy(index);
    const isThere = meant !== undefined && (isPart ? meant === 1 : meant < chunkBytes.length);
    const start = chunkBytes.slice(0, meant).reduce((sum, bytes) => sum + bytes, 0);
    const bytes = Buffer.from(content.subarray(start, start + (chunkBytes[meant ?? 0] ?? 0)));
    if (isThere && !(answer.status === 200 && answer.body.equals(bytes)))
      problems.push(`${path}: ${answer.status}`);
    if (!isThere && answer.status < 400) problems.push(`${path}: ${answer.status}`);
    problems.push(
      ...problemsOf(bench, { answer, caller, may: isThere ? 'oO' : '' }).map((text) => `${path} ${text}`),
    );
  }
  return problems;
}

const INDICES_OF_ONE = 30;

/** The one way to write an index, after what addresses may escape; what follows a question mark is no part of it. */
function meantBy(index: string): number | undefined {
  const [path = ''] = index.split(/[?;]/);
  // A semicolon begins no query here.
  if (index.includes(';')) return undefined;
  try {
    const text = decodeURIComponent(path);
    return /^(?:0|[1-9][0-9]{0,4})$/.test(text) ? Number(text) : undefined;
  } catch {
    return undefined;
  }
}

/** A method on the address of a row, by whoever may most: only those that are routes do anything. */
export async function methodOn(
  bench: Bench,
  { row, ask, method }: { readonly row: Row; readonly ask: Ask; readonly method: string },
): Promise<readonly string[]> {
  const [, pattern = ''] = row.route.split(' ');
  const isRoute = (one: string): boolean =>
    bench.rows.some(({ server, route }) => server === row.server && route === `${one} ${pattern}`);
  if (isRoute(method)) return [];
  const own = ask.method;
  const override = { 'x-http-method-override': own, 'x-method-override': own, 'x-http-method': own };
  const headers = { ...ask.headers, ...override };
  const answer = await send(bench.agent, { ...ask, method, headers, ...(method === 'HEAD' && { body: '' }) });
  // What a GET says of itself without its body; of nothing that is stored.
  const isHead =
    method === 'HEAD' && isRoute('GET') && (row.server === 'policy' || pattern.startsWith('/docs'));
  const may = isHead && answer.body.length === 0;
  const caller = callerAt(bench, 'after');
  const wrong = [
    ...(answer.status >= 400 || may ? [] : [`is answered ${answer.status}`]),
    ...problemsOf(bench, { answer, caller }),
  ];
  return wrong.map((text) => `${method} ${ask.path} ${text}`);
}

/** A path as no client writes it, with everything that a token may give. Nothing but what everybody may read is there. */
export async function path(
  bench: Bench,
  at: { readonly base: string; readonly target: string; readonly isPublic: (body: string) => boolean },
): Promise<readonly string[]> {
  const { token = '', person } = callerAt(bench, 'after');
  const head = `Host: dock\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;
  const { text } = await sendRaw(at.base, `GET ${at.target} HTTP/1.1\r\n${head}\r\n`);
  const [, status = ''] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const { tells, leaks } = bench.tells.of({ headers: {}, body: Buffer.from(text, 'latin1') }, person);
  const isGiven = status.startsWith('2') && !at.isPublic(body);
  const wrong = [
    ...(status === '' ? [`no answer: ${text.slice(0, 40)}`] : []),
    ...(status.startsWith('5') ? [`is answered ${status}`] : []),
    ...(isGiven ? [`is answered ${status} ${body.slice(0, 80)}`] : []),
    ...(tells === '' || !isGiven ? [] : [`tells of ${tells}`]),
    ...(text.includes('root:x:0') ? ['gives /etc/passwd'] : []),
    ...leaks.map((leak) => `gives ${leak}`),
  ];
  return wrong.map((problem) => `${JSON.stringify(at.target)} ${problem}`);
}

/** Nobody's page but that of this agency reads an answer, and no answer repeats the host that was asked for. */
export async function asPage(
  bench: Bench,
  { row, ask }: { readonly row: Row; readonly ask: Ask },
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const origin of [STRANGE_ORIGIN, 'null', `${PAGE_ORIGIN}.evil.example`]) {
    for (const preflight of [false, true]) {
      const asks = {
        origin,
        host: 'evil.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      };
      const answer = await send(bench.agent, {
        ...ask,
        method: preflight ? 'OPTIONS' : ask.method,
        headers: { ...ask.headers, ...asks },
      });
      const { 'access-control-allow-origin': allowed, 'access-control-allow-credentials': credentials } =
        answer.headers;
      const isForAll = row.server === 'policy' && row.route.startsWith('GET /v1/ledger/') && allowed === '*';
      if (allowed !== undefined && allowed !== PAGE_ORIGIN && !isForAll)
        problems.push(`${ask.path}: ${origin} is allowed by ${allowed}`);
      if (credentials !== undefined) problems.push(`${ask.path}: credentials are allowed`);
      if (`${JSON.stringify(answer.headers)}${answer.body.toString('latin1')}`.includes('evil.example'))
        problems.push(`${ask.path}: repeats the host`);
    }
  }
  return problems;
}

/** A second request, hidden in one that servers read in two ways, is not heard. */
export async function hidden(bench: Bench, base: string): Promise<readonly string[]> {
  const { token = '' } = callerAt(bench, 'after');
  const { id } = bench.scene.recordings.held;
  const second = `GET /v1/recordings/${id} HTTP/1.1\r\nHost: dock\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const problems: string[] = [];
  for (const [kind, bytes] of Object.entries(smuggled(second))) {
    const { text, closed } = await sendRaw(base, bytes);
    const answers = text.match(/HTTP\/1\.1 \d{3}/g) ?? [];
    if (answers.length !== 1 || answers[0] !== 'HTTP/1.1 400' || !closed)
      problems.push(`${kind}: ${answers.join(', ') || 'no answer'}${closed ? '' : ', left open'}`);
    if (text.includes(RECORDINGS.held.incident)) problems.push(`${kind}: tells of the recording`);
  }
  return problems;
}
