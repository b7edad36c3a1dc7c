import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { COMMAND, Program } from '../../sim/rig/program.ts';
import { peer } from '../peer.ts';
import { authzenContract, CERTIFICATION } from '../contract/authzen.ts';

const PAGE = readFileSync(new URL('../../docs/POLICY-SERVICE.md', import.meta.url), 'utf8');
const bash = peer('bash');
const curl = peer('curl');
const SESSION_SECONDS_MAX = 60;
const RECORDING = '00112233445566778899aabbccddeeff';
const AT = '2026-11-21T08:00:00Z';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-authzen-'));
const path = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The fixture that the page prints, with everything the certification scenario asks of one. */
const [, fixture = ''] = /```json\n(\{"subjects".*?)```/s.exec(PAGE) ?? [];
writeFileSync(path('certification.json'), fixture);
writeFileSync(path('harness.token'), 'token-of-the-harness\n');

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(String(typeof address === 'object' && address !== null ? address.port : 0)));
    });
  });
}

const holdfast = (...args: readonly string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(process.execPath, [COMMAND, ...args], { encoding: 'utf8' });

authzenContract('holdfast policy --fixture', async () => {
  const program = Program.start(['policy', '--fixture', path('certification.json'), '--http', '0']);
  const { url } = await program.until('listening');
  return { ...CERTIFICATION, url: String(url), close: () => program.stop() };
});

authzenContract('holdfast policy --fixture --fixture-token', async () => {
  const flags = ['--fixture', path('certification.json'), '--fixture-token', path('harness.token')];
  const program = Program.start(['policy', ...flags, '--http', '0']);
  const { url } = await program.until('listening');
  return { ...CERTIFICATION, url: String(url), token: 'token-of-the-harness', close: () => program.stop() };
});

/** What has to be known of a recording before the officer who made it may see it. */
const FACTS: readonly object[] = [
  { type: 'incident.opened', incident: '24-1' },
  {
    type: 'force.classified',
    incident: '24-1',
    force: 'none',
    deathInCustody: false,
    injury: 'none',
    vulnerable: false,
    by: 'sgt-1',
  },
  {
    type: 'recording.registered',
    recording: RECORDING,
    camera: 'cam-1',
    officer: '4411',
    startedAt: AT,
    endedAt: AT,
    manifestHash: 'a'.repeat(64),
  },
  { type: 'recording.linked', incident: '24-1', recording: RECORDING },
  { type: 'report.filed', incident: '24-1', person: '4411', reportHash: 'b'.repeat(64) },
];

async function tell(url: string, token: string): Promise<void> {
  const response = await fetch(`${url}/v1/facts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(FACTS.map((fact, index) => ({ id: String(index), at: AT, ...fact }))),
  });
  if (response.status !== 201) throw new Error(await response.text());
}

authzenContract('holdfast policy', async () => {
  mkdirSync(path('registry'));
  writeFileSync(path('password'), 'correct horse\n');
  const [sources, people] = [
    ['--sources', path('sources.json')],
    ['--people', path('people.json')],
  ];
  const source = holdfast('enrol', 'source', 'records', '--may', '*', ...sources);
  const person = ['enrol', 'person', '4411', '--name', 'A. Ruiz', '--role', 'officer'];
  const account = holdfast(...person, ...people, '--password-file', path('password'));
  if (source.status !== 0 || account.status !== 0) throw new Error(source.stderr + account.stderr);
  const files = [...sources, ...people, '--registry', path('registry')];
  const program = Program.start(['policy', '--data', path('data'), '--http', '0', ...files]);
  const url = String((await program.until('listening')).url);
  const token = source.stdout.trim();
  await tell(url, token);
  return {
    url,
    token,
    subject: { type: 'person', id: '4411' },
    resource: { type: 'recording', id: RECORDING },
    permitted: 'view',
    denied: 'burn',
    context: { purpose: 'supplement_report' },
    close: () => program.stop(),
  };
});

describe('holdfast policy --fixture, the program', () => {
  // Goal: nobody takes it for the custodian, and it leaves nothing behind.
  test('says what it is, and ends with 0', async () => {
    const program = Program.start(['policy', '--fixture', path('certification.json'), '--http', '0']);
    await program.until('listening');
    expect(program.stderr).toContain('This is no custodian.');
    expect(program.stderr).toContain('NO TOKEN');
    await program.stop();
    expect(await program.exited).toBe(0);
  });

  // Goal: what an operator got wrong is one sentence and exit code 2.
  test.each([
    ['--data', 'data', 'does not go with --fixture'],
    ['--sources=sources.json', '', 'does not go with --fixture'],
    ['--host', '0.0.0.0', 'not loopback'],
    ['--tls-cert', 'cert.pem', 'go together'],
    ['--issuer', 'https://pdp.example?a=b', 'without query'],
    ['--fixture-token', path('missing.token'), 'cannot read'],
    ['--http', 'x', 'a port is'],
  ])('%s %s is refused', (flag, value, sentence) => {
    const more = value === '' ? [flag] : [flag, value];
    const { status, stdout, stderr } = holdfast(
      'policy',
      '--fixture',
      path('certification.json'),
      '--http',
      '0',
      ...more,
    );
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
  });

  test('a broken file is refused with the place in it', () => {
    writeFileSync(path('broken.json'), '{"subjects":[{"type":"user"}],"resources":[],"allow":[]}');
    const { status, stderr } = holdfast('policy', '--fixture', path('broken.json'));
    expect(status).toBe(2);
    expect(stderr).toContain('subjects.0.id');
  });

  test('--help has an example', () => {
    const { status, stdout } = holdfast('policy', '--fixture', 'x', '--help');
    expect(status).toBe(0);
    expect(stdout).toContain('--fixture certification.json');
  });
});

describe.skipIf(bash === undefined || curl === undefined)('the session that the page prints', () => {
  // Goal: what the page says is what happens. Method: its lines in a shell, on another port; each answer beside its own.
  test('gets the answers it prints', async () => {
    const port = await freePort();
    const [, text = ''] = /```sh\n(holdfast policy --fixture.*?)```/s.exec(PAGE) ?? [];
    const session = text.replaceAll('8095', port);
    const printed = session.split('\n').flatMap((line) => (line.startsWith('#> ') ? [line.slice(3)] : []));
    expect(printed.length).toBeGreaterThan(4);
    const wait =
      'for _ in $(seq 300); do grep -q listening fixture.log 2> /dev/null && break; sleep 0.1; done';
    const lines = session.replace(
      /^holdfast (policy .*) &$/m,
      (_line, args: string) =>
        `timeout ${SESSION_SECONDS_MAX} node ${COMMAND} ${args} > fixture.log 2> /dev/null &\n${wait}`,
    );
    const { status, stdout, stderr } = spawnSync(
      bash ?? '',
      ['--norc', '-euc', `${lines}\nkill $(jobs -p)\n`],
      {
        encoding: 'utf8',
        cwd: folder,
      },
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toEqual(printed);
  });
});
