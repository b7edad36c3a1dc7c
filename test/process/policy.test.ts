import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { COMMAND, Program } from '../../sim/rig/program.ts';
import { peer } from '../peer.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-policy-'));
const path = (name: string): string => join(folder, name);
const FILES = [
  '--sources',
  path('sources.json'),
  '--people',
  path('people.json'),
  '--registry',
  path('registry'),
];
const AT = '2026-11-21T08:00:00Z';
const ACKS_BEFORE_KILL = 40;
const ROUNDS = 2;
const openssl = peer('openssl');

let running: Program | undefined;
let records = '';
let port = 0;

function holdfast(
  args: readonly string[],
  input = '',
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8', input });
}

/** The real program, ready; on the port it had before. */
async function start(): Promise<string> {
  running = Program.start(['policy', '--data', path('data'), '--http', String(port), ...FILES]);
  const { url } = await running.until('listening');
  port = Number(new URL(String(url)).port);
  return String(url);
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function ask(url: string, body?: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${records}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const filed = (id: string) => ({
  id,
  type: 'report.filed',
  at: AT,
  incident: '24-1',
  person: '4411',
  reportHash: `hash of ${id}`.replaceAll(' ', '-'),
});

/** Every fact on file, page by page. */
async function onFile(url: string): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (let after = 0; ; ) {
    const { body } = await ask(`${url}/v1/facts?after=${after}`);
    const facts = body['facts'] as { index: number; fact: { id: string } }[];
    for (const { index, fact } of facts) {
      expect(index).toBe(after + 1);
      after = index;
      found.set(fact.id, index);
    }
    if (facts.length === 0) return found;
  }
}

function healthOf(url: string, ca: Buffer): Promise<unknown> {
  return new Promise((resolve, reject) => {
    get(`${url}/healthz`, { ca }, (response) => {
      response.on('data', (part: Buffer) => resolve(JSON.parse(part.toString())));
    }).on('error', reject);
  });
}

beforeAll(() => {
  mkdirSync(path('registry'));
  const source = holdfast(['enrol', 'source', 'records', '--may', '*', '--sources', path('sources.json')]);
  records = source.stdout.trim();
  const person = ['enrol', 'person', '4411', '--name', 'A. Ruiz', '--role', 'officer'];
  const account = holdfast(
    [...person, '--people', path('people.json'), '--password-file', '-'],
    'correct horse\n',
  );
  if (source.status !== 0 || account.status !== 0) throw new Error(source.stderr + account.stderr);
});
afterEach(async () => {
  if (running?.isRunning === true) await running.kill();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('holdfast policy, the real program', () => {
  // Goal: a fact that was acknowledged is there after any crash, with its index, and nothing is there twice.
  // Method: kill -9 while several writers post, again and again on one folder; then compare acknowledgements and file.
  test('kill -9 while facts arrive loses nothing that was acknowledged', async () => {
    const acknowledged = new Map<string, number>();
    let keys: unknown;
    for (let round = 0; round < ROUNDS; round += 1) {
      const url = await start();
      const target = acknowledged.size + ACKS_BEFORE_KILL + 7 * round;
      const writer = async (name: number): Promise<void> => {
        for (let n = 0; ; n += 1) {
          const id = `r${round}-w${name}-${n}`;
          const { status, body } = await ask(`${url}/v1/facts`, filed(id));
          expect(status).toBe(201);
          acknowledged.set(id, Number(body['index']));
          if (acknowledged.size >= target) await running?.kill();
        }
      };
      const ends = await Promise.allSettled([1, 2, 3, 4].map(writer));
      // Each writer ends because the service is gone, never because of what it said.
      for (const end of ends)
        expect(String(end.status === 'rejected' && end.reason)).toMatch(
          /fetch failed|terminated|closed|ECONN|socket/i,
        );
      const after = await start();
      const found = await onFile(after);
      for (const [id, index] of acknowledged) expect(found.get(id), id).toBe(index);
      const [[id, index] = ['', 0]] = acknowledged;
      expect(await ask(`${after}/v1/facts`, filed(id))).toEqual({ status: 200, body: { index } });
      const { body } = await ask(`${after}/.well-known/jwks.json`);
      keys ??= body;
      expect(body).toEqual(keys);
      // Accounts are asserted once, however often it starts.
      expect([...found.keys()].filter((one) => one.startsWith('account/'))).toHaveLength(1);
      await running?.kill();
    }
  });

  // Goal: it stops when asked, says so with its exit code, and keeps its secrets to itself.
  test('SIGTERM ends it with 0; keys and accounts are for its user alone', async () => {
    const url = await start();
    const sse = await fetch(`${url}/v1/events?after=0`, { headers: { authorization: `Bearer ${records}` } });
    expect(sse.status).toBe(200);
    expect(running?.stderr).toContain('NO TLS');
    expect(running?.stderr).toContain('NO KEY PASSPHRASE');
    await running?.stop();
    expect(await running?.exited).toBe(0);
    const keys = ['data/policy.key.pem', 'data/custodian.key.pem'];
    for (const secret of [...keys, 'data/facts.db', 'data/wraps.db', 'people.json', 'sources.json']) {
      expect(statSync(path(secret)).mode & 0o077, secret).toBe(0);
    }
    expect(readFileSync(path('data/policy.jwk.json'), 'utf8')).not.toContain('"d"');
    const published = JSON.parse(readFileSync(path('data/custodian.json'), 'utf8')) as object;
    expect(published).toMatchObject({ kind: 'custodian', id: 'custodian' });
    expect(Object.keys(published)).toEqual(['format', 'kind', 'id', 'publicKey']);
  });

  // Goal: with a certificate and a passphrase it speaks TLS, keeps its key encrypted, and has nothing to warn of.
  // Method: a certificate made by openssl; a client that trusts that one only; a start without the passphrase.
  test.skipIf(openssl === undefined)('with TLS and a passphrase', async () => {
    const [cert, key, passphrase] = [path('cert.pem'), path('cert.key'), path('passphrase')];
    const subject = [
      '-subj',
      '/CN=localhost',
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-days',
      '2',
      '-nodes',
    ];
    spawnSync(openssl ?? '', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      ...subject,
      '-keyout',
      key,
      '-out',
      cert,
    ]);
    writeFileSync(passphrase, 'a long one\n');
    const tls = ['--data', path('sealed'), '--http', '0', ...FILES, '--tls-cert', cert, '--tls-key', key];
    running = Program.start(['policy', ...tls, '--key-passphrase-file', passphrase]);
    const { url } = await running.until('listening');
    expect(url).toMatch(/^https:/);
    expect(await healthOf(String(url), readFileSync(cert))).toMatchObject({ ok: true });
    expect(running.stderr).not.toContain('WARNING');
    await running.stop();
    for (const key of ['sealed/policy.key.pem', 'sealed/custodian.key.pem']) {
      expect(readFileSync(path(key), 'utf8'), key).toContain('ENCRYPTED PRIVATE KEY');
    }
    const locked = holdfast(['policy', ...tls]);
    expect(locked.status).toBe(1);
    expect(locked.stderr).toContain('is its passphrase right?');
  });

  // Goal: a passphrase that the keys are not under is not taken for one. Method: keys made without, then a start with; encrypted as
  // the refusal says, it starts.
  test('keys that are not encrypted are refused when a passphrase is given', async () => {
    const plain = ['policy', '--data', path('plain'), '--http', '0', ...FILES];
    running = Program.start(plain);
    await running.until('listening');
    await running.stop();
    writeFileSync(path('secret'), 'a long one\n');
    const secret = ['--key-passphrase-file', path('secret')];
    const all = [...plain, ...secret];
    const { status, stderr } = holdfast(all);
    expect(status).toBe(2);
    for (const key of ['policy', 'custodian', 'ledger'])
      expect(stderr).toContain(path(`plain/${key}.key.pem`));
    const change = ['--data', path('plain'), '--new-passphrase-file', path('secret')];
    expect(holdfast(['policy', 'keys', 'passphrase', ...change]).status).toBe(0);
    running = Program.start(all);
    await running.until('listening');
  });

  // Goal: two services never decide from one folder.
  test('a second one on the same folder is refused', async () => {
    await start();
    const second = holdfast(['policy', '--data', path('data'), '--http', '0', ...FILES]);
    expect(second.status).toBe(1);
    expect(second.stderr).toContain('another policy service is using');
  });

  // Goal: what an operator got wrong is one sentence and exit code 2, and nothing was started.
  test.each([
    ['--host', '0.0.0.0', 'not loopback'],
    ['--regime', 'nowhere', 'there are: city, doj'],
    ['--tls-cert', 'cert.pem', 'go together'],
    ['--viewer', 'viewer', 'not a URL'],
    ['--custodian-id', 'Key 1', 'an id is'],
    ['--people', path('missing.json'), 'cannot read'],
  ])('%s %s is refused', (flag, value, sentence) => {
    const { status, stderr, stdout } = holdfast([
      'policy',
      '--data',
      path('unused'),
      '--http',
      '0',
      ...FILES,
      flag,
      value,
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stdout).toBe('');
    expect(existsSync(path('unused'))).toBe(false);
  });

  // Goal: a page on which anybody files reports is not for a network, TLS or not.
  test('--demo-records is for this machine only', () => {
    const args = ['policy', '--data', path('unused'), '--http', '0', ...FILES, '--demo-records'];
    const { status, stderr } = holdfast([...args, '--host', '0.0.0.0']);
    expect(status).toBe(2);
    expect(stderr).toContain('--demo-records lets anybody file reports');
  });

  // Goal: a broken file is named with the place in it.
  test('a sources file that is wrong is refused with the place', () => {
    writeFileSync(
      path('bad.json'),
      JSON.stringify([{ name: 'records', token: 't', may: ['report.drafted'] }]),
    );
    const { status, stderr } = holdfast([
      'policy',
      '--data',
      path('unused'),
      '--http',
      '0',
      ...FILES,
      '--sources',
      path('bad.json'),
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain('0.may.0');
  });
});

describe('holdfast enrol person and source', () => {
  // Goal: enrolling again changes the account; an unknown role or type changes nothing.
  test('a person gets new roles; what is unknown is refused', () => {
    const people = path('more.json');
    const enrol = (...roles: string[]) =>
      holdfast(
        [
          'enrol',
          'person',
          'ia-1',
          '--name',
          'I. A.',
          ...roles.flatMap((role) => ['--role', role]),
          '--people',
          people,
          '--password-file',
          '-',
        ],
        'secret',
      );
    expect(enrol('officer').status).toBe(0);
    expect(enrol('internal_affairs', 'officer').status).toBe(0);
    const before = readFileSync(people, 'utf8');
    expect(JSON.parse(before)).toMatchObject({
      people: [{ person: 'ia-1', roles: ['officer', 'internal_affairs'] }],
    });
    expect(before).not.toContain('secret');
    expect(enrol('king')).toMatchObject({ status: 2 });
    expect(enrol()).toMatchObject({ status: 2 });
    expect(readFileSync(people, 'utf8')).toBe(before);
  });

  test('a source is not replaced by accident, and its token goes where it is told', () => {
    const sources = path('more-sources.json');
    const enrol = (...more: string[]) =>
      holdfast(['enrol', 'source', 'dock-1', '--sources', sources, ...more]);
    expect(enrol('--may', 'recording.registered', '--token-file', path('dock.token')).stdout).toContain(
      'dock.token',
    );
    const token = readFileSync(path('dock.token'), 'utf8').trim();
    expect(statSync(path('dock.token')).mode & 0o077).toBe(0);
    expect(JSON.parse(readFileSync(sources, 'utf8'))).toEqual([
      { name: 'dock-1', token, may: ['recording.registered'] },
    ]);
    expect(enrol('--may', '*')).toMatchObject({ status: 2 });
    expect(enrol('--may', 'everything')).toMatchObject({ status: 2 });
    const replaced = JSON.parse(enrol('--may', '*', '--replace', '--json').stdout) as Record<string, string>;
    expect(replaced['token']).not.toBe(token);
  });
});
