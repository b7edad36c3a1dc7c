import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import {
  enrolCamera,
  enrolDock,
  enrolRecovery,
  trustDock,
  type Witnessing,
} from '../../../../dock/keys/enrolment.ts';
import { sha256 } from '../../../../dock/keys/key-file.ts';
import { readPassphrase } from '../../../../dock/keys/recipient-key.ts';
import { readWitness } from '../../../../dock/keys/witness-key.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { formatCosignerVkey } from '../../../../proto/cosignature.ts';
import { formatIdentity, parseIdentity } from '../../../../proto/identity.ts';
import { isCameraId, isDockId } from '../../../../proto/ids.ts';
import { formatVkey } from '../../../../proto/note.ts';
import { checked } from '../../proto/fixture.ts';

const cam = checked('cam-1', isCameraId);
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const witness = (name: string, first: number): string =>
  formatCosignerVkey(name, new Uint8Array(32).fill(first), sha256);

function work(): (...names: readonly string[]) => string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-enrolment-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return (...names) => join(folder, ...names);
}

/** Writes a custodian's identity as its policy service does. */
function custodian(path: string, id = 'city'): string {
  const { x = '', y = '' } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
    format: 'jwk',
  });
  const publicKey = Buffer.concat([
    Uint8Array.of(4),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ]);
  writeFileSync(path, formatIdentity({ kind: 'custodian', id, publicKey }));
  return path;
}

// Goal: the recovery key is private, belongs to its identity, and is kept by a second run; with a passphrase nothing opens it
// without. Method: make one of each, open the file as OpenSSL does, and repeat with the right passphrase and with none.
it('makes a recovery key', () => {
  const path = work();
  for (const passphrase of [undefined, 'correct horse']) {
    const out = path(passphrase === undefined ? 'plain' : 'sealed');
    const made = enrolRecovery({ id: 'vault-1', out, passphrase });
    expect(made.created).toBe(true);
    expect(readdirSync(out).toSorted()).toEqual(['recovery.json', 'recovery.key.pem']);
    expect(statSync(join(out, 'recovery.key.pem')).mode & 0o777).toBe(0o600);
    const identity = parseIdentity(readFileSync(join(out, 'recovery.json'), 'utf8'));
    expect(identity).toMatchObject({ kind: 'recovery', id: 'vault-1' });
    const pem = readFileSync(join(out, 'recovery.key.pem'), 'utf8');
    const opened = createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
    const { crv, x = '', y = '' } = createPublicKey(opened).export({ format: 'jwk' });
    expect(crv).toBe('P-256');
    const xy = toHex(Buffer.concat([Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]));
    expect(toHex(identity.publicKey)).toBe(`04${xy}`);
    expect(enrolRecovery({ id: 'vault-1', out, passphrase }).created).toBe(false);
    expect(() => enrolRecovery({ id: 'vault-2', out, passphrase })).toThrow(code('IDENTITY_EXISTS'));
    if (passphrase === undefined) continue;
    expect(pem).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect(() => enrolRecovery({ id: 'vault-1', out, passphrase: 'wrong' })).toThrow(code('KEY_BAD'));
    expect(() => enrolRecovery({ id: 'vault-1', out, passphrase: undefined })).toThrow(/passphrase-file/);
    rmSync(join(out, 'recovery.key.pem'));
    expect(() => enrolRecovery({ id: 'vault-1', out, passphrase })).toThrow(code('KEY_MISSING'));
  }
});

// Goal: a passphrase is what stands on the first line. Method: files with and without one.
it('reads a passphrase', () => {
  const path = work();
  for (const text of ['secret', 'secret\n', 'secret\r\nnote\n']) {
    writeFileSync(path('file'), text);
    expect(readPassphrase(path('file'))).toBe('secret');
  }
  for (const text of ['', '\nsecret\n', 'x'.repeat(1025)]) {
    writeFileSync(path('file'), text);
    expect(() => readPassphrase(path('file'))).toThrow(code('KEY_BAD'));
  }
  expect(() => readPassphrase(path('none'))).toThrow(code('KEY_MISSING'));
});

// Goal: a camera is given whom it seals to, and never quietly another one. Method: custodian and recovery, the same again,
// another custodian, the wrong kind, a point off the curve, a recovery key alone; nothing is written when one is refused.
it('gives a camera its recipients', () => {
  const path = work();
  const city = custodian(path('city.json'));
  const { out: vault, file: recovery } = { out: path('vault'), file: path('vault', 'recovery.json') };
  enrolRecovery({ id: 'vault-1', out: vault, passphrase: undefined });
  const camera = { id: cam, out: path('cam'), registries: [] };
  for (const bad of [
    { custodian: recovery },
    { recovery: city },
    { recovery },
    { custodian: path('none.json') },
  ]) {
    expect(() => enrolCamera({ ...camera, ...bad })).toThrow(/IDENTITY|kind|no such file|custodian/);
  }
  const off = Uint8Array.from({ length: 65 }, (_, i) => (i === 0 ? 4 : i));
  writeFileSync(path('off.json'), formatIdentity({ kind: 'custodian', id: 'off', publicKey: off }));
  expect(() => enrolCamera({ ...camera, custodian: path('off.json') })).toThrow(/not a point of P-256/);
  expect(readdirSync(path())).not.toContain('cam');

  expect(enrolCamera(camera).created).toBe(true);
  const given = enrolCamera({ ...camera, custodian: city, recovery });
  expect(given.wrote).toEqual([path('cam', 'custodian.json'), path('cam', 'recovery.json')]);
  expect(readFileSync(path('cam', 'custodian.json'), 'utf8')).toBe(readFileSync(city, 'utf8'));
  expect(enrolCamera({ ...camera, custodian: city, recovery }).created).toBe(false);
  const other = custodian(path('other.json'));
  expect(() => enrolCamera({ ...camera, custodian: other })).toThrow(code('IDENTITY_EXISTS'));
  expect(readFileSync(path('cam', 'custodian.json'), 'utf8')).toBe(readFileSync(city, 'utf8'));
});

// Goal: a camera's trust names the witnesses it was told, adds them to a trust that had none, and never changes them by itself.
// Method: trust without, with, again, with others; a re-run without witnesses leaves them.
it('writes who must have cosigned into the trust', () => {
  const path = work();
  enrolDock({ id: checked('dock-1', isDockId), out: path('dock'), origin: 'log.test/1', registries: [] });
  enrolCamera({ id: cam, out: path('cam'), registries: [] });
  const trust = (witnessing?: Witnessing): readonly string[] =>
    trustDock({
      cameraKeys: path('cam'),
      dockFile: path('dock', 'dock.json'),
      ...(witnessing === undefined ? {} : { witnessing }),
    }).wrote;
  const file = path('cam', 'docks', 'dock-1.json');
  const [one, two] = [witness('witness-1', 1), witness('witness-2', 2)];
  expect(trust()).toEqual([file]);
  expect(trust({ witnesses: [one, two], quorum: 2 })).toEqual([file]);
  expect(readdirSync(path('cam', 'docks'))).toEqual(['dock-1.json']);
  expect(parseIdentity(readFileSync(file, 'utf8'))).toMatchObject({ witnesses: [one, two], quorum: 2 });
  expect(trust({ witnesses: [two, one], quorum: 2 })).toEqual([]);
  expect(trust()).toEqual([]);
  expect(() => trust({ witnesses: [one], quorum: 1 })).toThrow(code('IDENTITY_EXISTS'));
  expect(() => trust({ witnesses: [one, two], quorum: 1 })).toThrow(code('IDENTITY_EXISTS'));
  expect(parseIdentity(readFileSync(file, 'utf8'))).toMatchObject({ witnesses: [one, two], quorum: 2 });
});

// Goal: only a witness's own kind of key is taken. Method: as text, as a file, a ledger's key, a key with a wrong hash.
it('reads a witness', () => {
  const path = work();
  const vkey = witness('witness.example/1', 7);
  writeFileSync(path('vkey'), `${vkey}\n`);
  expect(readWitness(vkey)).toBe(vkey);
  expect(readWitness(path('vkey'))).toBe(vkey);
  expect(() => readWitness(formatVkey('log', new Uint8Array(32), sha256))).toThrow(/type 4/);
  expect(() => readWitness(vkey.replace('example', 'exampel'))).toThrow(code('KEY_BAD'));
  expect(() => readWitness(path('none'))).toThrow(code('KEY_MISSING'));
});
