import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { parseCheckpoint } from '../../../proto/checkpoint.ts';
import { splitNote } from '../../../proto/note.ts';
import { TILE_WIDTH } from '../../../proto/tile.ts';
import { growth, PROOFS_MAX } from '../../../sim/rig/key-client.ts';
import type { Caller, Opening } from './caller.ts';
import { openingBody, openOwn, purposeOf } from './callers.ts';
import { NAMES, PASSWORD, RECORDINGS, type RecordingName, type Scene } from './scene.ts';
import type { Row } from './table.ts';
import type { Ask } from './wire.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
/** Of a recording that does not exist. */
export const ABSENT = '0123456789abcdef0123456789abcdef';

/** All that an ask is made from. */
export interface Asking {
  readonly scene: Scene;
  readonly caller: Caller;
  /** The caller whose opening others try to use. */
  readonly after: Caller;
  readonly about: string;
}
type Given = Partial<Pick<Ask, 'headers' | 'body' | 'path'>>;
type Fill = (asking: Asking) => Given | Promise<Given>;

/**
 * What a route is asked with besides its address and a token. A route without an entry here is asked as it stands, with the recording
 * that the first word of `about` names in the place of `:id`.
 */
const FILLS: Readonly<Record<string, Fill>> = {
  'GET /v1/recordings/:id/custody': ({ about }) => (about.includes('limit 0') ? { path: '?limit=0' } : {}),
  'POST /v1/recordings/:id/open': async ({ scene, caller, about }) => ({
    headers: JSON_TYPE,
    body: about.includes('no proof') ? '{}' : await openingBody(caller, idIn(scene, about)),
  }),
  'POST /v1/recordings/:id/package': ({ caller, about }) => ({
    headers: JSON_TYPE,
    body: about.includes('no purpose') ? '{}' : JSON.stringify({ purpose: purposeOf(caller) }),
  }),
  'GET /v1/recordings/:id/chunks/:i': ({ caller, after, about }) => sessionOf({ caller, after, about }),
  'GET /v1/ledger/consistency': ({ about }) => ({
    path: about === 'too far' ? '?from=0&to=9999' : '?from=1&to=2',
  }),
  'POST /v1/facts': () => ({
    headers: JSON_TYPE,
    body: JSON.stringify({
      id: randomUUID(),
      at: new Date().toISOString(),
      type: 'incident.opened',
      incident: 'i-1',
    }),
  }),
  'GET /v1/facts': ({ scene, about }) => ({ path: about === '' ? '' : `?recording=${idIn(scene, about)}` }),
  'GET /v1/events': () => ({ path: '?after=0' }),
  'POST /access/v1/evaluation': ({ scene, about, after }) => ({
    headers: JSON_TYPE,
    body: JSON.stringify(question(after.person, idIn(scene, about))),
  }),
  'POST /access/v1/evaluations': ({ scene, after }) => ({
    headers: JSON_TYPE,
    body: JSON.stringify({
      evaluations: NAMES.map((name) => question(after.person, scene.recordings[name].id)),
    }),
  }),
  'POST /v1/sign-in': ({ caller, about }) => ({
    headers: JSON_TYPE,
    body: JSON.stringify({ ...passwordOf(caller, about), jwk: caller.jwk }),
  }),
  'GET /sign-in': ({ caller, about }) => ({
    path: about === 'no errand' ? '' : `?${errand(caller).toString()}`,
  }),
  'POST /sign-in': ({ caller, about }) => ({
    headers: FORM_TYPE,
    body: new URLSearchParams([...errand(caller), ...Object.entries(passwordOf(caller, about))]).toString(),
  }),
  'GET /v1/sign-in/oidc': ({ caller, about }) => ({
    path: about === 'no errand' ? '' : `?${errand(caller).toString()}`,
    headers: about.includes('page') ? { 'sec-fetch-site': 'same-origin' } : {},
  }),
  'GET /v1/sign-in/oidc/callback': () => ({ path: '?state=x&code=y' }),
  'POST /v1/renew': async ({ scene, caller }) => {
    const claims = { token: caller.token ?? '', aud: scene.policyUrl };
    return {
      headers: JSON_TYPE,
      body: JSON.stringify({ request: await caller.sign('holdfast-renew+jwt', claims) }),
    };
  },
  'POST /v1/keys': async (asking) => ({ headers: JSON_TYPE, body: await keysBody(asking) }),
  'POST /v1/decision': async ({ scene, caller, after }) => {
    const { grant } = await openingFor(scene, caller, after);
    const claims = { grant, aud: issuerOf(grant) };
    const request = await caller.sign('holdfast-decision-request+jwt', claims);
    return { headers: JSON_TYPE, body: JSON.stringify({ request }) };
  },
  'POST /v1/oversight': async ({ scene, caller, about }) => {
    const claims = { token: caller.token ?? '', aud: scene.policyUrl, ask: oversightOf(about) };
    return {
      headers: JSON_TYPE,
      body: JSON.stringify({ request: await caller.sign('holdfast-oversight+jwt', claims) }),
    };
  },
  'POST /demo/records': () => ({
    headers: FORM_TYPE,
    body: 'deed=file&key=guessed&person=ofc-kestrel&incident=inc-bittern',
  }),
};

/** The request of this row by this caller. */
export async function askOf({ server, route, about }: Row, asking: Omit<Asking, 'about'>): Promise<Ask> {
  const { scene, caller } = asking;
  const [method = '', pattern = ''] = route.split(' ');
  const { path = '', headers, body } = (await FILLS[route]?.({ ...asking, about })) ?? {};
  return {
    base: server === 'dock' ? scene.dockUrl : scene.policyUrl,
    method,
    path: (await addressOf(scene, pattern, about)) + path,
    headers: { ...caller.headers, ...headers },
    ...(body === undefined ? {} : { body }),
  };
}

async function addressOf(scene: Scene, pattern: string, about: string): Promise<string> {
  // What is given as an address is taken as it is.
  if (about.startsWith('/')) return about;
  const file = pattern.includes('*') ? await fileIn(scene, pattern, about) : '';
  return pattern
    .replace(':id', () => idIn(scene, about))
    .replace(':index', () => indexIn(scene, about))
    .replace(':i', about.includes('past the end') ? '4' : '1')
    .replace('*', () => file);
}

/** The recording that the first word names. */
function idIn({ recordings }: Scene, about: string): string {
  const [word = ''] = about.split(/[ ,]/);
  if (word === 'absent') return ABSENT;
  return isName(word) ? recordings[word].id : word;
}

function indexIn(scene: Scene, about: string): string {
  const [word = ''] = about.split(/[ ,]/);
  return isName(word) ? String(scene.accepted(word)) : '9999';
}

function isName(word: string): word is RecordingName {
  return NAMES.some((name) => name === word);
}

/** A file that is there, of those that the address is for; else one that is not. */
async function fileIn(scene: Scene, pattern: string, about: string): Promise<string> {
  if (about === 'none') return pattern.includes('tile') ? '0/999' : 'index-absent.js';
  if (pattern.startsWith('/assets'))
    return (
      readdirSync(new URL('../../../dist/page/assets', import.meta.url)).find((name) =>
        name.endsWith('.js'),
      ) ?? ''
    );
  // What no checkpoint covers yet is nobody's, even if it is in the folder.
  const checkpoint = pattern.startsWith('/v1')
    ? `${scene.policyUrl}/v1/ledger/checkpoint`
    : `${scene.dockUrl}/ledger/checkpoint`;
  const { size } = parseCheckpoint(splitNote(await (await fetch(checkpoint)).text()).text);
  return `${about === 'entries' ? 'entries' : '0'}/${size < TILE_WIDTH ? `000.p/${size}` : '000'}`;
}

function sessionOf({ caller, after, about }: Pick<Asking, 'caller' | 'after' | 'about'>): Given {
  if (about.includes('no session')) return {};
  const other = about.includes("after's session") ? after : caller;
  return { headers: { 'holdfast-session': other.opening?.session ?? '00'.repeat(32) } };
}

function question(person: string, recording: string): object {
  return {
    subject: { type: 'person', id: person },
    action: { name: 'view' },
    resource: { type: 'recording', id: recording },
    context: { purpose: 'supplement_report' },
  };
}

function oversightOf(about: string): object {
  const [word = ''] = about.split(',');
  if (!about.includes('regimes')) return { kind: word };
  const incident = isName(word) ? RECORDINGS[word].incident : 'inc-none';
  return { kind: 'compare', incident, regimes: ['doj', 'ppa'] };
}

/** Whoever only has somebody's token does not know a password; so they are nobody here, and lock nobody out. */
function passwordOf(
  { column, person }: Caller,
  about: string,
): { readonly person: string; readonly password: string } {
  const isThem = !['anonymous', 'expired', 'alien', 'elsewhere', 'stolen', 'dock', 'records'].includes(
    column,
  );
  return isThem && about === 'own password'
    ? { person, password: PASSWORD }
    : { person: `nobody-${column}`, password: 'x' };
}

function errand({ jwk }: Caller): URLSearchParams {
  const key = Buffer.from(JSON.stringify(jwk)).toString('base64url');
  return new URLSearchParams({ redirect_uri: 'http://127.0.0.1:9/', state: 's', jwk: key });
}

/** With a proof that the dock's ledger grew, as often as the service wants one: others show it newer ledgers meanwhile. Whoever asks the same again is answered the same. */
async function keysBody({ scene, caller, after }: Asking): Promise<string> {
  const { grant, entry, proof } = await openingFor(scene, caller, after);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const claims = { grant, entry, proof, ecdh: publicKey.export({ format: 'jwk' }), aud: scene.policyUrl };
  const bodyOf = async (more: object): Promise<string> =>
    JSON.stringify({ request: await caller.sign('holdfast-keys+jwt', { ...claims, ...more }) });
  let body = await bodyOf({});
  for (let proofs = 0; proofs < PROOFS_MAX; proofs += 1) {
    const answer = await fetch(`${scene.policyUrl}/v1/keys`, { method: 'POST', headers: JSON_TYPE, body });
    const { size: seen } = (await answer.json()) as { readonly size?: number };
    if (seen === undefined) break;
    body = await bodyOf({ consistency: await growth(scene, seen, proof) });
  }
  return body;
}

/** A new one, as a grant is good for a minute: the caller's own where there is one to be had, else that of `after`. */
async function openingFor(scene: Scene, caller: Caller, after: Caller): Promise<Opening> {
  const opening = await openOwn(scene, caller.opening === undefined ? after : caller);
  if (opening === undefined)
    throw new Error(`${caller.column} could open the recording before and cannot now`);
  return opening;
}

function issuerOf(grant: string): string {
  const payload: unknown = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString() || '{}');
  return typeof payload === 'object' && payload !== null && 'iss' in payload ? String(payload.iss) : '';
}
