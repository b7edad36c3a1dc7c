import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../dock/policy/facts/database.ts';
import { openFactStore } from '../../dock/policy/facts/store.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function holdfastWith(env: NodeJS.ProcessEnv, ...argv: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'dist/bin/start.cjs'), ...argv],
    {
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: process.env['PATH'], ...env },
    },
  );
  return { status, out: stdout, err: stderr };
}

const holdfast = (...argv: readonly string[]): Said => holdfastWith({}, ...argv);

describe('the command', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'holdfast-command-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  // Goal: a stranger finds every command and the version. Method: the built command as a user runs it.
  it('shows help and version', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      readonly version: string;
    };
    expect(holdfast('--version')).toEqual({ status: 0, out: `${version}\n`, err: '' });
    const help = holdfast('--help');
    expect(help.status).toBe(0);
    for (const command of ['demo', 'device', 'dock', 'policy', 'witness', 'enrol', 'verify'])
      expect(help.out).toContain(`\n  ${command} `);
  });

  // Goal: what a program says arrives whole, however slowly it is read. Method: more than a pipe holds, to a reader that waits.
  it('ends only once all that it said was taken', () => {
    const data = join(folder, 'policy');
    mkdirSync(data);
    const database = openDatabase(join(data, 'facts.db'));
    const FACTS = 3_000;
    const told = Array.from({ length: FACTS }, (_, at) => ({
      ...{ index: at + 1, source: 'records', receivedAt: '2026-11-21T08:00:00Z' },
      fact: {
        id: `f${at}`,
        at: '2026-11-21T08:00:00Z',
        type: 'incident.opened',
        incident: `i${at}`,
      } as const,
    }));
    openFactStore(database).append(told);
    database.close();
    const script = '"$0" "$1" policy facts --data "$2" | (sleep 1; cat)';
    const argv = [
      '--norc',
      '-o',
      'pipefail',
      '-c',
      script,
      process.execPath,
      join(ROOT, 'dist/bin/start.cjs'),
      data,
    ];
    const { status, stdout: out } = spawnSync('bash', argv, { encoding: 'utf8', timeout: 60_000 });
    expect(status).toBe(0);
    expect(out.length).toBeGreaterThan(2 * 65_536);
    expect(out.trimEnd().split('\n')).toHaveLength(FACTS);
  });

  // Goal: a mistyped command is the user's to mend, and scripts can tell. Method: its exit code and where it speaks.
  it('refuses an unknown command with help on stderr', () => {
    const { status, out, err } = holdfast('dokc');
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^holdfast: unknown command "dokc"\n\nUsage: /);
  });

  // Goal: every command explains itself with examples, and refuses an unknown option as bad usage. Method: ask each.
  it.each([
    ['demo'],
    ['device'],
    ['dock'],
    ['policy'],
    ['verify'],
    ['witness'],
    ['enrol'],
    ['enrol', 'camera'],
    ['enrol', 'dock'],
    ['enrol', 'trust'],
    ['enrol', 'person'],
    ['enrol', 'source'],
  ])('%j has help and refuses an unknown option', (...words) => {
    const help = holdfast(...words, '--help');
    expect(help).toMatchObject({ status: 0, err: '' });
    expect(help.out).toMatch(/usage:/i);
    expect(help.out).toMatch(/example/i);
    expect(holdfast(...words, '--no-such-option')).toMatchObject({ status: 2, out: '' });
  });

  // Goal: disk syncs do not hold up serial ports. Method: threads alive at exit, as the launcher chose and with four.
  it.runIf(process.platform === 'linux')('starts with a larger thread pool unless told', () => {
    const probe = join(folder, 'probe.cjs');
    writeFileSync(
      probe,
      `const fs = require('node:fs'); process.on('exit', () => fs.writeSync(2, String(fs.readdirSync('/proc/self/task').length)));`,
    );
    const threads = (env: NodeJS.ProcessEnv): number =>
      Number(holdfastWith({ NODE_OPTIONS: `--require ${probe}`, ...env }, '--version').err);
    expect(threads({}) - threads({ UV_THREADPOOL_SIZE: '4' })).toBe(12);
  });
});
