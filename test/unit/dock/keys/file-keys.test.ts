import { generateKeyPairSync, verify, createPublicKey } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { enrolCamera, enrolDock } from '../../../../dock/keys/enrolment.ts';
import { type FileKeys, openFileKeys } from '../../../../dock/keys/file-keys.ts';
import { KeyError } from '../../../../dock/keys/key-error.ts';
import { toHex, utf8 } from '../../../../proto/bytes.ts';
import { type CameraId, type DockId, isCameraId, isDockId } from '../../../../proto/ids.ts';
import { parseVkey } from '../../../../proto/note.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';

interface Folders {
  readonly dir: string;
  readonly registry: string;
  readonly out: string;
}

function cameraId(text: string): CameraId {
  if (!isCameraId(text)) throw new TypeError(text);
  return text;
}

function dockId(text: string): DockId {
  if (!isDockId(text)) throw new TypeError(text);
  return text;
}

function enrolled(): Folders {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-keys-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
  const folders = { dir: join(work, 'dock'), registry: join(work, 'registry'), out: join(work, 'cam') };
  enrolDock({ id: dockId('dock-1'), out: folders.dir, origin: 'holdfast.test/dock-1', registries: [] });
  enrolCamera({ id: cameraId('cam-1'), out: folders.out, registries: [folders.registry] });
  return folders;
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    if (error instanceof KeyError) return error.code;
    throw error;
  }
};

const ed25519 = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

describe("the dock's keys", () => {
  // Goal: what is signed can be checked with what is published. Method: sign with both keys, check with identity and vkey.
  it('sign as the identity says', () => {
    const keys = openFileKeys(enrolled());
    const message = utf8('hello');
    expect(nodeChecker.verify(keys.identity.publicKey, message, keys.sign(message))).toBe(true);
    const vkey = parseVkey(keys.identity.ledger, nodeChecker.sha256);
    expect(vkey.name).toBe(keys.ledgerSigner.origin);
    expect(toHex(vkey.publicKey)).toBe(toHex(keys.ledgerSigner.publicKey));
    expect(nodeChecker.verify(vkey.publicKey, message, keys.ledgerSigner.sign(message))).toBe(true);
    expect(toHex(keys.identity.publicKey)).not.toBe(toHex(vkey.publicKey));
  });

  // Goal: one person has one name per dock, and another dock's name for them is different. Method: compare.
  it('name people by a keyed pseudonym', () => {
    const [one, other] = [openFileKeys(enrolled()), openFileKeys(enrolled())];
    expect(one.pseudonym('4411')).toMatch(/^[0-9a-f]{64}$/);
    expect(one.pseudonym('4411')).toBe(one.pseudonym('4411'));
    expect(one.pseudonym('4411')).not.toBe(one.pseudonym('4412'));
    expect(one.pseudonym('4411')).not.toBe(other.pseudonym('4411'));
    expect(one.randomBytes(32)).toHaveLength(32);
    expect(toHex(one.randomBytes(32))).not.toBe(toHex(one.randomBytes(32)));
  });

  // Goal: enrolling needs no restart. Method: add and remove a camera while the keys are open.
  it('look cameras up afresh', () => {
    const folders = enrolled();
    const keys = openFileKeys(folders);
    const second = cameraId('cam-2');
    expect(keys.camera(second)).toBeUndefined();
    const { identity } = enrolCamera({ id: second, out: `${folders.out}-2`, registries: [folders.registry] });
    expect(toHex(keys.camera(second) ?? utf8(''))).toBe(toHex(identity.publicKey));
    rmSync(join(folders.registry, 'cam-2.json'));
    expect(keys.camera(second)).toBeUndefined();
  });

  // Goal: an id from the wire cannot leave the registry, and a file that says something else is reported, not believed.
  // Method: ids that are paths (past the type), and spoilt files.
  it('believe only well-made identities of that id', () => {
    const folders = enrolled();
    const problems: string[] = [];
    const keys: FileKeys = openFileKeys({ ...folders, onBadIdentity: ({ code }) => problems.push(code) });
    for (const id of ['../cam/camera', 'cam-1.json', '', 'CAM-1', '..']) {
      expect(keys.camera(id as CameraId)).toBeUndefined();
    }
    expect(problems).toEqual([]);
    writeFileSync(join(folders.registry, 'cam-3.json'), readFileSync(join(folders.registry, 'cam-1.json')));
    writeFileSync(join(folders.registry, 'cam-4.json'), '{"format":');
    writeFileSync(join(folders.registry, 'dock-1.json'), readFileSync(join(folders.dir, 'dock.json')));
    for (const id of ['cam-3', 'cam-4', 'dock-1']) expect(keys.camera(cameraId(id))).toBeUndefined();
    expect(problems).toEqual(['IDENTITY_BAD', 'IDENTITY_BAD', 'IDENTITY_BAD']);
  });

  // Goal: keys that cannot be right are refused before a camera sees them. Method: spoil one file at a time.
  it.each<readonly [string, string, (dir: string) => void]>([
    ['a missing identity', 'IDENTITY_MISSING', (dir) => rmSync(join(dir, 'dock.json'))],
    ['an identity that is none', 'IDENTITY_BAD', (dir) => writeFileSync(join(dir, 'dock.json'), '{}')],
    ['a missing key', 'KEY_MISSING', (dir) => rmSync(join(dir, 'ledger.key.pem'))],
    ['a key others may read', 'KEY_MODE', (dir) => chmodSync(join(dir, 'dock.key.pem'), 0o640)],
    ['a pseudonym key others may read', 'KEY_MODE', (dir) => chmodSync(join(dir, 'pseudonym.key'), 0o604)],
    ['a key that is none', 'KEY_BAD', (dir) => writeFileSync(join(dir, 'dock.key.pem'), 'hello')],
    ["another dock's key", 'KEY_BAD', (dir) => writeFileSync(join(dir, 'dock.key.pem'), ed25519())],
    ["another ledger's key", 'KEY_BAD', (dir) => writeFileSync(join(dir, 'ledger.key.pem'), ed25519())],
    ['a short pseudonym key', 'KEY_BAD', (dir) => writeFileSync(join(dir, 'pseudonym.key'), 'abcd\n')],
    ['a key of another kind', 'KEY_BAD', (dir) => writeFileSync(join(dir, 'dock.key.pem'), p256())],
  ])('refuse %s', (_what, code, spoil) => {
    const folders = enrolled();
    spoil(folders.dir);
    expect(codeOf(() => openFileKeys(folders))).toBe(code);
  });

  // Goal: keys are plain PKCS#8 that other tools read. Method: Node's own reader on the public half.
  it('are ordinary files', () => {
    const folders = enrolled();
    const keys = openFileKeys(folders);
    const key = createPublicKey(readFileSync(join(folders.dir, 'dock.key.pem')));
    expect(verify(null, utf8('x'), key, keys.sign(utf8('x')))).toBe(true);
  });
});

function p256(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
