import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { vi } from 'vitest';
import { openSigningKey } from '../../../dock/policy/custodian/keys.ts';
import { signViewerToken, type Issuer } from '../../../dock/policy/custodian/token.ts';
import { Caller, type Opening } from './caller.ts';
import type { Columns } from './table.ts';
import { nameOf, PASSWORD, PEOPLE, RECORDER, type Scene } from './scene.ts';
import { purposesOf } from '../../../dock/release/purpose.ts';

const TWENTY_MINUTES_MS = 1_200_000;

const NOBODY = ['anonymous', 'expired', 'alien', 'elsewhere', 'dock', 'records'];
const ALL = [...NOBODY, 'stolen', ...Object.keys(PEOPLE)];

/** Everybody who asks, as the table calls them. */
export const COLUMNS: Columns = { all: ALL, groups: { nobody: NOBODY, everybody: ALL } };

/** Everybody, signed in at the real service; and those whose tokens are not what they should be. */
export async function callersOf(scene: Scene): Promise<ReadonlyMap<string, Caller>> {
  const key = await openSigningKey(join(scene.folder, 'policy'), undefined);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const own: Issuer = { key, url: scene.policyUrl };
  const nowMs = Date.now();
  const elsewhere = join(scene.folder, 'elsewhere');
  mkdirSync(elsewhere);
  const forged = (issuer: Issuer, atMs: number) => async (page: { readonly thumbprint: string }) => {
    const viewer = { person: RECORDER, name: nameOf(RECORDER), roles: ['officer'], ...page };
    return (await signViewerToken(issuer, viewer, atMs)).token;
  };
  const all: Caller[] = [];
  for (const [column, { id: person }] of Object.entries(PEOPLE))
    all.push(await Caller.make({ column, person }, ({ jwk }) => signIn(scene, person, jwk)));
  const stolen = all.find(({ column }) => column === 'after')?.token;
  const nobody = { column: 'anonymous', person: '' };
  const posing = (column: string) => ({ column, person: RECORDER });
  all.push(
    await Caller.make(nobody, async () => undefined),
    await Caller.make(posing('expired'), forged(own, nowMs - TWENTY_MINUTES_MS)),
    await Caller.make(posing('alien'), forged({ ...own, key: { ...key, privateKey } }, nowMs)),
    await Caller.make(
      posing('elsewhere'),
      forged({ key: await openSigningKey(elsewhere, undefined), url: 'http://127.0.0.1:1' }, nowMs),
    ),
    await Caller.make(posing('stolen'), async () => stolen),
    await Caller.make({ column: 'dock', person: '' }, async () => scene.site.token('dock-1')),
    await Caller.make({ column: 'records', person: '' }, async () => scene.site.token('records')),
  );
  await released(
    scene,
    all.find(({ column }) => column === 'after'),
  );
  for (const caller of all) caller.opening = await openOwn(scene, caller);
  return new Map(all.map((caller) => [caller.column, caller]));
}

async function signIn({ policyUrl }: Scene, person: string, jwk: unknown): Promise<string> {
  const answer = await fetch(`${policyUrl}/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ person, password: PASSWORD, jwk }),
  });
  const { token } = (await answer.json()) as { token?: string };
  if (token === undefined) throw new Error(`${person} cannot sign in: ${answer.status}`);
  return token;
}

/** Until the dock has an answer of the service about each recording, for whoever made them. */
async function released({ dockUrl, recordings }: Scene, after: Caller | undefined): Promise<void> {
  const isThere = async (): Promise<void> => {
    const text = await (await fetch(`${dockUrl}/v1/recordings`, { headers: after?.headers ?? {} })).text();
    for (const name of ['held', 'open', 'sealed'] as const)
      if (!text.includes(recordings[name].id)) throw new Error(`${name} is not listed: ${text}`);
    if (!text.includes('"released"')) throw new Error(`nothing is released: ${text}`);
  };
  await vi.waitFor(isThere, { timeout: 15_000, interval: 50 });
}

/** What this person may claim to open a recording for. */
export function purposeOf({ column }: Caller): string {
  return purposesOf(PEOPLE[column]?.roles ?? ['officer'])[0] ?? '';
}

/** An opening as an honest page asks for it. */
export async function openingBody(
  caller: Caller,
  recording: string,
  chunks?: readonly [number, number],
): Promise<string> {
  const wish = { purpose: purposeOf(caller), ...(chunks === undefined ? {} : { chunks }) };
  const proof = await caller.sign('holdfast-open+jwt', { recording, aud: 'dock-1', ...wish });
  return JSON.stringify({ ...wish, proof });
}

/** Opens the released recording, or a part of it; undefined for whoever may not. */
export async function openOwn(
  { dockUrl, recordings }: Scene,
  caller: Caller,
  chunks?: readonly [number, number],
): Promise<Opening | undefined> {
  const { id } = recordings.open;
  const answer = await fetch(`${dockUrl}/v1/recordings/${id}/open`, {
    method: 'POST',
    headers: { ...caller.headers, 'content-type': 'application/json' },
    body: await openingBody(caller, id, chunks),
  });
  return answer.status === 200 ? ((await answer.json()) as Opening) : undefined;
}
