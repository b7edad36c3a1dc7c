import { spawnSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { openFileKeys } from '../../dock/keys/file-keys.ts';
import { toHex, utf8 } from '../../proto/bytes.ts';
import { formatCosignerVkey } from '../../proto/cosignature.ts';
import { formatIdentity, parseIdentity } from '../../proto/identity.ts';
import { isCameraId } from '../../proto/ids.ts';
import { peer } from '../peer.ts';
import { checked } from '../unit/proto/fixture.ts';

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

  // Goal: a camera that made its own key is enrolled in one command, however its public key is handed over, and the dock then knows
  // it. Method: openssl makes the key, as a firmware team would; base64, PEM and raw bytes give one identity.
  it.skipIf(openssl === undefined)('takes an outside camera by its public key', () => {
    const key = path('outside.key.pem');
    const run = (...argv: readonly string[]): Buffer => spawnSync(openssl ?? '', [...argv]).stdout;
    run('genpkey', '-algorithm', 'ed25519', '-out', key);
    run('pkey', '-in', key, '-pubout', '-out', path('outside.pub.pem'));
    const raw = run('pkey', '-in', key, '-pubout', '-outform', 'DER').subarray(-32);
    writeFileSync(path('outside.raw'), raw);
    writeFileSync(path('outside.txt'), `${raw.toString('base64')}\n`);
    const forms = [raw.toString('base64'), path('outside.pub.pem'), path('outside.raw'), path('outside.txt')];
    for (const form of forms) {
      const said = enrol('camera', 'cam-7', '--public-key', form, '--registry', path('dock-reg'), '--json');
      expect({ form, ...said }).toMatchObject({ status: 0, err: '' });
      expect(JSON.parse(said.out)).toMatchObject({ id: 'cam-7', publicKey: raw.toString('base64') });
    }
    expect(parseIdentity(text('dock-reg/cam-7.json'))).toEqual({
      kind: 'camera',
      id: 'cam-7',
      publicKey: Uint8Array.from(raw),
    });
    const keys = openFileKeys({ dir: path('dock'), registry: path('dock-reg') });
    expect(keys.camera(checked('cam-7', isCameraId))).toEqual(Uint8Array.from(raw));
    expect(existsSync(path('dock-reg/camera.key.pem'))).toBe(false);

    const refused = (...argv: readonly string[]): string => {
      const { status, err } = enrol('camera', 'cam-8', '--registry', path('dock-reg'), ...argv);
      return `${status ?? ''} ${err}`;
    };
    expect(refused('--public-key', key)).toMatch(/^1 .*holds a PRIVATE KEY; give the public key alone/);
    expect(refused('--public-key', path('nowhere'))).toMatch(/^1 .*neither a key .* nor a file/);
    expect(refused('--public-key', path('cam/camera.json'))).toMatch(/^1 .*holds no public key/);
    expect(refused('--public-key', Buffer.alloc(32).toString('base64'))).toMatch(/^1 .*all zeros/);
    run('genpkey', '-algorithm', 'x25519', '-out', path('x.pem'));
    run('pkey', '-in', path('x.pem'), '-pubout', '-out', path('x.pub.pem'));
    expect(refused('--public-key', path('x.pub.pem'))).toMatch(/^1 .*type x25519, not Ed25519/);
    expect(refused('--public-key', forms[0] ?? '', '--out', path('y'))).toMatch(/^2 .*not both/);
    expect(enrol('camera', 'cam-8', '--public-key', forms[0] ?? '').err).toMatch(/give --registry/);
    const stranger = enrol('camera', 'cam-1', '--public-key', forms[0] ?? '', '--registry', path('dock-reg'));
    expect(stranger.err).toMatch(/IDENTITY_EXISTS/);
    expect(existsSync(path('dock-reg/cam-8.json'))).toBe(false);
  });

  // Goal: a camera is told whom to seal to and who must witness, on the command line; a key that openssl made, as the page on
  // identities says, does as well as ours. Method: each command, and what does not go together.
  it('names recipients and witnesses', () => {
    writeFileSync(path('pass'), 'correct horse\n');
    const made = enrol('recovery', 'vault-1', '--out', path('vault'), '--passphrase-file', path('pass'));
    expect(made).toMatchObject({ status: 0, err: '' });
    expect(text('vault/recovery.key.pem')).toContain('ENCRYPTED');
    const { publicKey } = parseIdentity(text('vault/recovery.json'));
    const custodian = formatIdentity({ kind: 'custodian', id: 'city', publicKey });
    writeFileSync(path('custodian.json'), custodian);
    const camera = ['camera', 'cam-9', '--out', path('cam-9')];
    expect(enrol(...camera, '--recovery', path('vault/recovery.json')).err).toMatch(/give --custodian too/);
    const recipients = ['--custodian', path('custodian.json'), '--recovery', path('vault/recovery.json')];
    expect(enrol(...camera, ...recipients).status).toBe(0);
    expect(text('cam-9/custodian.json')).toBe(custodian);
    expect(text('cam-9/recovery.json')).toBe(text('vault/recovery.json'));
    const outside = ['--public-key', Buffer.alloc(32, 7).toString('base64'), '--registry', path('new-reg')];
    expect(enrol('camera', 'cam-7', ...outside, ...recipients).status).toBe(2);

    const vkey = formatCosignerVkey('witness.example/1', new Uint8Array(32).fill(7), (bytes) =>
      createHash('sha256').update(bytes).digest(),
    );
    const trust = ['trust', '--camera-keys', path('cam-9'), '--dock', path('dock/dock.json')];
    expect(enrol(...trust, '--witness', vkey).status).toBe(2);
    expect(enrol(...trust, '--witness', vkey, '--quorum', '2').status).toBe(2);
    expect(enrol(...trust, '--witness', vkey, vkey, '--quorum', '2').status).toBe(2);
    expect(enrol(...trust, '--quorum', '1').status).toBe(2);
    expect(enrol(...trust, '--witness', vkey, '--quorum', '1').status).toBe(0);
    expect(parseIdentity(text('cam-9/docks/dock-1.json'))).toMatchObject({ witnesses: [vkey], quorum: 1 });
  });

  // Goal: the page's own commands make a key and an identity that we take. Method: run them, enrol a camera with the result.
  it.skipIf(openssl === undefined)('takes a recovery key that openssl made', () => {
    const run = (...argv: readonly string[]): Buffer => spawnSync(openssl ?? '', [...argv]).stdout;
    const key = path('made.key.pem');
    run('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', key);
    const publicKey = run('pkey', '-in', key, '-pubout', '-outform', 'DER').subarray(-65);
    const identity = {
      format: 'holdfast/identity@1',
      kind: 'recovery',
      id: 'made',
      publicKey: publicKey.toString('base64'),
    };
    writeFileSync(path('made.json'), JSON.stringify(identity));
    const recipients = ['--custodian', path('custodian.json'), '--recovery', path('made.json')];
    expect(enrol('camera', 'cam-10', '--out', path('cam-10'), ...recipients)).toMatchObject({
      status: 0,
      err: '',
    });
    expect(parseIdentity(text('cam-10/recovery.json'))).toMatchObject({ id: 'made' });
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
