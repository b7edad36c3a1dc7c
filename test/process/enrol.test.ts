import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileKeys } from '../../dock/keys/file-keys.ts';
import { toHex, utf8 } from '../../proto/bytes.ts';
import { parseIdentity } from '../../proto/identity.ts';
import { peer } from '../peer.ts';

const START = fileURLToPath(new URL('../../dist/bin/start.cjs', import.meta.url));
const openssl = peer('openssl');

function enrol(...argv: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, [START, 'enrol', ...argv], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, out: stdout, err: stderr };
}

describe('holdfast enrol', () => {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-enrol-'));
  const path = (...names: readonly string[]): string => join(work, ...names);
  const text = (...names: readonly string[]): string => readFileSync(path(...names), 'utf8');
  const mode = (...names: readonly string[]): number => statSync(path(...names)).mode & 0o777;
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  // Goal: the documented files, private ones private, and the dock opens them. Method: enrol all three kinds as a user does.
  it('makes keys and identities', () => {
    const camera = enrol(
      'camera',
      'cam-1',
      '--out',
      path('cam'),
      '--registry',
      path('dock-reg'),
      path('policy-reg'),
      '--json',
    );
    expect(camera).toMatchObject({ status: 0, err: '' });
    expect(JSON.parse(camera.out)).toMatchObject({ kind: 'camera', id: 'cam-1', created: true });
    expect(enrol('dock', 'dock-1', '--out', path('dock'), '--registry', path('policy-reg')).status).toBe(0);
    expect(enrol('trust', '--camera-keys', path('cam'), '--dock', path('dock/dock.json')).status).toBe(0);
    expect(readdirSync(path('cam')).toSorted()).toEqual(['camera.json', 'camera.key.pem', 'docks']);
    expect(readdirSync(path('dock')).toSorted()).toEqual([
      'dock.json',
      'dock.key.pem',
      'ledger.key.pem',
      'pseudonym.key',
    ]);
    expect(readdirSync(path('policy-reg')).toSorted()).toEqual(['cam-1.json', 'dock-1.json']);
    expect(text('cam/docks/dock-1.json')).toBe(text('dock/dock.json'));
    expect(text('dock-reg/cam-1.json')).toBe(text('cam/camera.json'));
    for (const name of [
      'cam/camera.key.pem',
      'dock/dock.key.pem',
      'dock/ledger.key.pem',
      'dock/pseudonym.key',
    ]) {
      expect({ name, mode: mode(name) }).toEqual({ name, mode: 0o600 });
    }
    const keys = openFileKeys({ dir: path('dock'), registry: path('dock-reg') });
    expect(keys.dockId).toBe('dock-1');
    expect(keys.ledgerSigner.origin).toBe('holdfast.local/dock-1');
    expect(keys.pseudonym('4411')).toBe(
      createHmac('sha256', Buffer.from(text('dock/pseudonym.key').trim(), 'hex'))
        .update('4411')
        .digest('hex'),
    );
  });

  // Goal: the same command again is safe: nothing changes, a new registry is filled. Method: run it twice and compare.
  it('is safe to repeat', () => {
    const before = text('cam/camera.key.pem') + text('dock/dock.key.pem') + text('dock/ledger.key.pem');
    const again = enrol('camera', 'cam-1', '--out', path('cam'), '--registry', path('dock-reg'), '--json');
    expect(JSON.parse(again.out)).toMatchObject({ created: false, wrote: [] });
    const other = enrol('camera', 'cam-1', '--out', path('cam'), '--registry', path('new-reg'), '--json');
    expect(JSON.parse(other.out)).toMatchObject({ created: true, wrote: [path('new-reg/cam-1.json')] });
    expect(enrol('dock', 'dock-1', '--out', path('dock')).out).toContain('nothing to do');
    expect(enrol('trust', '--camera-keys', path('cam'), '--dock', path('dock/dock.json')).status).toBe(0);
    expect(text('cam/camera.key.pem') + text('dock/dock.key.pem') + text('dock/ledger.key.pem')).toBe(before);
  });

  // Goal: no key and no identity is ever replaced. Method: other ids, other origins, another camera of the same id.
  it('refuses to replace anything', () => {
    const before = text('dock-reg/cam-1.json');
    for (const argv of [
      ['camera', 'cam-2', '--out', path('cam')],
      ['dock', 'dock-2', '--out', path('dock')],
      ['dock', 'dock-1', '--out', path('dock'), '--origin', 'elsewhere.example/dock-1'],
      ['camera', 'cam-1', '--out', path('impostor'), '--registry', path('dock-reg')],
    ]) {
      const said = enrol(...argv);
      expect({ argv, status: said.status }).toEqual({ argv, status: 1 });
      expect(said.err).toMatch(/IDENTITY_EXISTS/);
    }
    expect(text('dock-reg/cam-1.json')).toBe(before);
    rmSync(path('impostor/camera.key.pem'));
    expect(enrol('camera', 'cam-1', '--out', path('impostor')).err).toMatch(/KEY_MISSING/);
    expect(existsSync(path('impostor/camera.key.pem'))).toBe(false);
  });

  // Goal: a bad command line is told from a bad file. Method: ids, origins and options out of range.
  it('says what is wrong with the command line', () => {
    expect(enrol('camera', '../cam', '--out', path('x')).status).toBe(2);
    expect(enrol('dock', 'dock-1', '--out', path('x'), '--origin', 'a b').status).toBe(2);
    expect(enrol('camera', 'cam-1').status).toBe(2);
    expect(enrol('trust', '--camera-keys', path('cam')).status).toBe(2);
    expect(enrol('trust', '--camera-keys', path('cam'), '--dock', path('cam/camera.json')).status).toBe(1);
    expect(existsSync(path('x'))).toBe(false);
    chmodSync(path('dock/dock.key.pem'), 0o644);
    expect(enrol('dock', 'dock-1', '--out', path('dock')).err).toMatch(/chmod 600 .*KEY_MODE/);
    chmodSync(path('dock/dock.key.pem'), 0o600);
  });

  // Goal: the commands in docs/IDENTITY.md read our files. Method: run them with the system's openssl.
  it.skipIf(openssl === undefined)('makes files that openssl reads', () => {
    const run = (argv: readonly string[], input?: Uint8Array): Buffer =>
      spawnSync(openssl ?? '', [...argv], { ...(input === undefined ? {} : { input }) }).stdout;
    const der = run(['pkey', '-in', path('cam/camera.key.pem'), '-pubout', '-outform', 'DER']);
    const identity = parseIdentity(text('cam/camera.json'));
    expect(toHex(der.subarray(-32))).toBe(toHex(identity.publicKey));
    const hmac = [
      'dgst',
      '-sha256',
      '-mac',
      'HMAC',
      '-macopt',
      `hexkey:${text('dock/pseudonym.key').trim()}`,
    ];
    const keys = openFileKeys({ dir: path('dock'), registry: path('dock-reg') });
    expect(run(hmac, utf8('4411')).toString()).toContain(keys.pseudonym('4411'));
  });
});
