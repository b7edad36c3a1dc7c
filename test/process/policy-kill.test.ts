import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { calculateJwkThumbprint, type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashPassword } from '../../dock/policy/custodian/password.ts';
import { thumbprintOf } from '../../dock/policy/custodian/custodian-key.ts';
import { toBase64 } from '../../proto/bytes.ts';
import { encodeEntry } from '../../proto/custody-entry.ts';
import { formatIdentity, parseIdentity } from '../../proto/identity.ts';
import { MemoryLedger } from '../../sim/fault/memory-ledger.ts';
import { COMMAND, Program } from '../../sim/rig/program.ts';
import { registered, sealedRecording } from '../unit/dock/policy/http/sealed.ts';
import {
  CAMERA_KEY,
  cameraId,
  DOCK_KEY,
  dockId,
  LEDGER_KEY,
  LEDGER_VKEY,
  ORIGIN,
  recordingId,
  sha256,
} from '../unit/proto/fixture.ts';

// Goal: whenever the policy service is killed, no fact that it acknowledged is lost, no grant gives keys to two requests, and what it wrote
// down is what it did. Method: the real program on a real folder; writers post facts while pages open a recording and ask for its keys,
// each grant by two requests at once; kill -9 at a random moment; after each restart every acknowledged fact and every grant is tried again.

const ROUNDS = Number(process.env['HOLDFAST_POLICY_ROUNDS'] ?? 3);
const ROUND_MS_MAX = 20_000;
const PURPOSE = 'supplement_report';
const AT = '2026-11-21T08:00:00Z';
const TOKENS = { records: 'records-token', 'dock-1': 'dock-token' } as const;
const folder = mkdtempSync(join(tmpdir(), 'holdfast-policy-kill-'));
const path = (name: string): string => join(folder, name);
const dockLedger = new MemoryLedger({
  ...{ origin: ORIGIN, publicKey: LEDGER_KEY.publicKey, sign: LEDGER_KEY.sign, sha256 },
});

let running: Program | undefined;
let url = '';
let port = 0;

async function start(): Promise<void> {
  const files = ['sources', 'people'].flatMap((name) => [`--${name}`, path(`${name}.json`)]);
  const data = ['--data', path('data'), '--registry', path('registry')];
  // One address for all of its lives: it names itself by it in what it signs.
  running = Program.start(['policy', ...data, ...files, '--http', String(port)], { name: 'policy' });
  url = String((await running.until('listening'))['url']);
  port = Number(new URL(url).port);
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(route: string, body?: unknown, token: string = TOKENS.records): Promise<Answer> {
  const response = await fetch(`${url}${route}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const fact = (id: string, type: string, members: object): object => ({ id, type, at: AT, ...members });

/** The dock's word about a recording that is sealed to the custodian of this folder. */
async function registration(): Promise<object> {
  const identity = parseIdentity(readFileSync(path('data/custodian.json'), 'utf8'));
  if (identity.kind !== 'custodian') throw new Error('no custodian');
  return registered(await sealedRecording({ identity, thumbprint: thumbprintOf(identity.publicKey) }));
}

/** A page with its keys; it signs in anew after each restart. */
class Page {
  readonly #key: CryptoKey;
  readonly jwk: JWK;
  readonly ecdh: JWK;
  token = '';

  constructor(key: CryptoKey, jwk: JWK, ecdh: JWK) {
    [this.#key, this.jwk, this.ecdh] = [key, jwk, ecdh];
  }

  static async make(): Promise<Page> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    const receiver = await generateKeyPair('ECDH-ES', { crv: 'P-256' });
    const { kty, crv, x, y } = await exportJWK(receiver.publicKey);
    return new Page(privateKey, await exportJWK(publicKey), { kty, crv, x, y } as JWK);
  }

  async signIn(): Promise<void> {
    const { body } = await ask('/v1/sign-in', { person: '4411', password: 'correct horse', jwk: this.jwk });
    this.token = String(body['token']);
  }

  sign(typ: string, claims: object): Promise<string> {
    return new SignJWT({ nonce: randomBytes(16).toString('hex'), ...claims })
      .setProtectedHeader({ alg: 'ES256', typ, jwk: this.jwk })
      .setIssuedAt()
      .sign(this.#key);
  }
}

/** A grant that the service gave, and what became of the requests under it. */
interface Grant {
  readonly id: string;
  /** A request under it, for a custodian that has seen so much of the dock's ledger. */
  sign(this: void, seen: number): Promise<string>;
  readonly requests: [string, string];
  /** The requests that were answered with keys, in whatever life of the service. */
  readonly given: Set<number>;
}

const acknowledged = new Map<string, number>();
const grants: Grant[] = [];

async function open(page: Page): Promise<Grant> {
  const opened = await page.sign('holdfast-open+jwt', {
    recording: recordingId,
    purpose: PURPOSE,
    aud: dockId,
  });
  const asked = {
    subject: { type: 'person', id: '4411' },
    action: { name: 'view' },
    resource: { type: 'recording', id: recordingId },
    context: {
      ...{ purpose: PURPOSE, dock: dockId, nonce: randomBytes(16).toString('hex') },
      opening: { token: page.token, proof: opened },
    },
  };
  const { body } = await ask('/access/v1/evaluation', asked, TOKENS['dock-1']);
  const { grant } = body['context'] as { readonly grant?: string };
  if (grant === undefined) throw new Error(`no grant: ${JSON.stringify(body)}`);
  const { jti } = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as {
    jti: string;
  };
  const entry = encodeEntry({
    ...{ type: 'granted', at: '2026-11-21T08:00:00.000000Z', recording: recordingId, purpose: PURPOSE },
    ...{ person: '0f'.repeat(32), session: 'ee'.repeat(32) },
    keyThumbprint: await calculateJwkThumbprint(page.jwk),
    ...{ grant: createHash('sha256').update(grant).digest('hex'), grantId: jti },
  });
  const index = await dockLedger.appendOnce(`granted/${jti}`, entry);
  const proof = await dockLedger.prove(index);
  const { size } = await dockLedger.checkpoint();
  const claims = { grant, entry: toBase64(entry), proof, ecdh: page.ecdh, aud: url };
  const sign = async (seen: number): Promise<string> => {
    const [from, to] = [Math.min(seen, size), Math.max(seen, size)];
    const hashes = await dockLedger.proveConsistency(from, to);
    const consistency = { from, hashes: hashes.map((hash) => toBase64(hash)) };
    return page.sign('holdfast-keys+jwt', { ...claims, consistency });
  };
  return { id: jti, sign, requests: [await sign(size), await sign(size)], given: new Set() };
}

/** Asks with one of the grant's two requests; where the service wants to see how the dock's ledger grew, with a new one in its place. */
async function askKeys(grant: Grant, which: 0 | 1): Promise<void> {
  for (;;) {
    const { status, body } = await ask('/v1/keys', { request: grant.requests[which] }, 'none');
    if (status === 200) grant.given.add(which);
    if (status !== 409 || typeof body['size'] !== 'number' || grant.given.has(which)) return;
    grant.requests[which] = await grant.sign(body['size']);
  }
}

/** `holdfast policy WORD … --json` on the service's folder. */
function holdfast<Said>(word: string, ...more: readonly string[]): Said {
  const argv = [COMMAND, 'policy', word, ...more, '--data', path('data'), '--json'];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Said;
}

async function writer(name: string): Promise<void> {
  for (let n = 0; ; n += 1) {
    const id = `${name}-${n}`;
    const { status, body } = await ask(
      '/v1/facts',
      fact(id, 'report.supplemented', { incident: '24-1', person: '4411', reportHash: id }),
    );
    expect(status).toBe(201);
    acknowledged.set(id, Number(body['index']));
  }
}

async function viewer(page: Page): Promise<void> {
  // A token outlives the service, which is the same one after each restart.
  if (page.token === '') await page.signIn();
  for (;;) {
    const grant = await open(page);
    grants.push(grant);
    await Promise.all([askKeys(grant, 0), askKeys(grant, 1)]);
  }
}

/** One time in three any moment; else one soon after keys were given, since that is where most can go wrong. */
async function someMoment(round: number): Promise<void> {
  const keys = (): number => grants.reduce((sum, { given }) => sum + given.size, 0);
  const wanted = round % 3 === 2 ? 0 : keys() + randomInt(1, 4);
  const deadlineMs = Date.now() + ROUND_MS_MAX;
  while (keys() < wanted && Date.now() < deadlineMs) await pause(1);
  await pause(randomInt(0, 200));
}

async function onFile(): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  for (let after = 0; ; ) {
    const { body } = await ask(`/v1/facts?after=${after}`);
    const facts = body['facts'] as { readonly index: number; readonly fact: { readonly id: string } }[];
    for (const {
      index,
      fact: { id },
    } of facts) {
      expect(index).toBe(after + 1);
      after = index;
      found.set(id, index);
    }
    if (facts.length === 0) return found;
  }
}

beforeAll(async () => {
  mkdirSync(path('registry'));
  const camera = { kind: 'camera', id: cameraId, publicKey: CAMERA_KEY.publicKey } as const;
  const dock = { kind: 'dock', id: dockId, publicKey: DOCK_KEY.publicKey, ledger: LEDGER_VKEY } as const;
  for (const one of [camera, dock]) writeFileSync(path(`registry/${one.id}.json`), formatIdentity(one));
  const sources = Object.entries(TOKENS).map(([name, token]) => ({
    ...{ name, token, may: name === 'records' ? ['*'] : ['recording.registered'] },
  }));
  writeFileSync(path('sources.json'), JSON.stringify(sources));
  const person = {
    person: '4411',
    name: 'A. Ruiz',
    roles: ['officer'],
    password: await hashPassword('correct horse'),
  };
  writeFileSync(path('people.json'), JSON.stringify({ format: 'holdfast/people@1', people: [person] }));
  await start();
  assert.equal((await ask('/v1/facts', await registration(), TOKENS['dock-1'])).status, 201);
  for (const [id, type, members] of [
    ['linked', 'recording.linked', { recording: recordingId, incident: '24-1' }],
    ['filed', 'report.filed', { incident: '24-1', person: '4411', reportHash: 'hash' }],
  ] as const) {
    const { status, body } = await ask('/v1/facts', fact(id, type, members));
    assert.equal(status, 201);
    acknowledged.set(id, Number(body['index']));
  }
});
afterAll(async () => {
  await running?.kill();
  rmSync(folder, { recursive: true, force: true });
});

test(
  'kill -9 of the policy service loses no fact and lets no grant work twice',
  async () => {
    const pages = [await Page.make(), await Page.make()];
    for (let round = 0; round < ROUNDS; round += 1) {
      const work = [writer(`w${round}a`), writer(`w${round}b`), ...pages.map((page) => viewer(page))];
      const ends = Promise.allSettled(work);
      await someMoment(round);
      await running?.kill();
      // Each ends because the service is gone, never because of what it said.
      for (const end of await ends)
        expect(String(end.status === 'rejected' && end.reason)).toMatch(
          /fetch failed|terminated|closed|ECONN|socket|Unexpected end/i,
        );
      await start();
      const found = await onFile();
      for (const [id, index] of acknowledged) expect(found.get(id), id).toBe(index);
      // Whichever of the two had got keys, the other one still gets none; of a grant that gave none, one of them may.
      for (const grant of grants.slice(-4)) {
        for (const which of [1, 0] as const) await askKeys(grant, which);
        expect(grant.given.size, grant.id).toBeLessThanOrEqual(1);
      }
      expect(running?.stderr).not.toMatch(/damaged|UNEXPECTED/i);
    }
    await running?.stop();
    // What it says of itself: every answer on file is the one the rules give again, and its ledger names whoever got keys.
    const { differing, keys } = holdfast<{ differing: unknown[]; keys: number }>('replay');
    expect(differing).toEqual([]);
    const opened = holdfast<{ ok: boolean; given: { grantId: string }[] }>('who-opened', recordingId);
    expect(opened.ok).toBe(true);
    const named = new Set(opened.given.map(({ grantId }) => grantId));
    expect(named.size).toBe(opened.given.length);
    for (const { id, given } of grants) if (given.size > 0) expect(named.has(id), id).toBe(true);
    expect(keys).toBeGreaterThanOrEqual(named.size);
    const given = grants.filter(({ given: { size } }) => size === 1).length;
    process.stdout.write(
      `rounds ${ROUNDS}, facts ${acknowledged.size}, grants ${grants.length}, with keys ${given}\n`,
    );
    expect(acknowledged.size).toBeGreaterThan(ROUNDS * 5);
    expect(given).toBeGreaterThanOrEqual(ROUNDS / 2);
  },
  120_000 + ROUNDS * 60_000,
);
