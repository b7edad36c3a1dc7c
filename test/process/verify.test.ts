import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Report } from '../../dock/ledger/verify/verify.ts';
import { flipByte, livedIn, recordingId } from '../unit/dock/ledger/verify/rig.ts';

const START = fileURLToPath(new URL('../../dist/bin/start.cjs', import.meta.url));

interface Said {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

function verify(...argv: readonly string[]): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [START, 'verify', ...argv], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, out: stdout, err: stderr };
}

describe('holdfast verify', () => {
  const lived = livedIn();
  const work = mkdtempSync(join(tmpdir(), 'holdfast-verify-'));
  const ledger = join(work, 'ledger');
  const path = (...names: readonly string[]): string => join(work, ...names);
  const content = path('recordings', recordingId(1), 'chunks');
  beforeAll(() => cpSync(lived.dir, work, { recursive: true }));
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  const report = (...more: readonly string[]): Report & { readonly status: number | null } => {
    const { status, out } = verify(ledger, '--vkey', lived.vkey, '--json', ...more);
    return { ...(JSON.parse(out) as Report), status };
  };

  // Goal: a folder that holds is said to hold. Method: the built command on a copy, for people and for scripts.
  it('exits 0 when everything holds', () => {
    const said = verify(ledger, '--vkey', lived.vkey);
    expect(said).toMatchObject({ status: 0, err: '' });
    expect(said.out).toMatch(/^ledger {4}holdfast\.test\/dock-1, 303 entries/);
    expect(said.out).toMatch(/^store {5}5 recordings, 18000 bytes hashed/m);
    expect(said.out).toMatch(/result {4}everything holds\n$/);
    expect(report()).toMatchObject({ status: 0, ok: true, ledger: { size: 303, pinned: true } });
    expect(verify(ledger).out).toMatch(/^note +vkey-unpinned/m);
  });

  // Goal: each kind of harm gives exit 1 and its code. Method: do it, run the command, undo it.
  it.each<readonly [string, string, () => void]>([
    ['a flipped byte in a tile', 'tile-mismatch', () => flipByte(path('ledger/tile/0/000'), 500)],
    ['a flipped byte in an entry', 'entry-mismatch', () => flipByte(path('ledger/tile/entries/000'), 500)],
    [
      'a flipped byte in the checkpoint',
      'checkpoint-signature',
      () => flipByte(path('ledger/checkpoint'), 30),
    ],
    [
      'a truncated log',
      'log-truncated',
      () => rmSync(path('ledger/tile/entries/001.p'), { recursive: true }),
    ],
    ['a swapped chunk', 'chunk-mismatch', () => swapChunks(content)],
    ['a missing chunk file', 'chunk-missing', () => rmSync(content)],
    ['a missing store', 'store-missing', () => rmSync(path('recordings'), { recursive: true })],
  ])('exits 1 for %s', (_what, code, harm) => {
    harm();
    const { status, ok, findings } = report();
    expect([status, ok]).toEqual([1, false]);
    expect(findings.map((finding) => finding.code)).toContain(code);
    const said = verify(ledger, '--vkey', lived.vkey);
    expect(said.status).toBe(1);
    expect(said.out).toContain(`FAILURE   ${code}: `);
    expect(said.out).toMatch(/result {4}DOES NOT HOLD/);
    cpSync(lived.dir, work, { recursive: true });
    expect(report().status).toBe(0);
  });

  // Goal: a rolled-back log is seen by whoever kept a checkpoint. Method: --since with the present and with a newer one.
  it('takes an older checkpoint', () => {
    expect(report('--since', path('ledger/checkpoint')).status).toBe(0);
    expect(report('--since', path('ledger/vkey')).findings.map(({ code }) => code)).toContain(
      'since-signature',
    );
  });

  // Goal: the log can be checked alone, and a wrong call says what is wrong. Method: flags.
  it('obeys its flags', () => {
    rmSync(path('recordings'), { recursive: true });
    expect(report('--ledger-only')).toMatchObject({ status: 0, store: null });
    expect(report('--store', join(lived.dir, 'recordings')).status).toBe(0);
    cpSync(lived.dir, work, { recursive: true });
    expect(verify().status).toBe(2);
    expect(verify(ledger, '--unknown').status).toBe(2);
    expect(verify(path('nowhere'))).toMatchObject({ status: 1, out: '' });
    expect(verify('--help').out).toContain('Examples:');
  });
});

function swapChunks(path: string): void {
  const bytes = readFileSync(path);
  const [first, second] = [bytes.subarray(700, 1900), bytes.subarray(1900, 3100)];
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 700), second, first, bytes.subarray(3100)]));
}
