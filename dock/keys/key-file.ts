import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { utf8 } from '../../proto/bytes.ts';
import type { Sha256, Sign } from '../../proto/digest.ts';
import { codeOf, KeyError } from './key-error.ts';

/** An Ed25519 key pair whose private half stays inside. */
export interface Signer {
  /** Raw, 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly sign: Sign;
}

const KEY_MODE = 0o600;
const KEY_FOLDER_MODE = 0o700;
const IDENTITY_MODE = 0o644;
const OTHERS = 0o077;
// DER of SubjectPublicKeyInfo for Ed25519 up to the 32 key bytes (RFC 8410 section 4).
const SPKI_PREFIX_BYTES = 12;
const PSEUDONYM_KEY_BYTES = 32;
const PSEUDONYM_KEY = /^[0-9a-f]{64}\n?$/;

export const sha256: Sha256 = (bytes) => createHash('sha256').update(bytes).digest();

/**
 * Reads an Ed25519 private key in PKCS#8 PEM. Throws KeyError: KEY_MISSING; KEY_MODE when anyone but the owner
 * may read it; KEY_BAD when it is not an Ed25519 key.
 */
export function readSigner(path: string): Signer {
  return signerOf(parseKey(path, readSecret(path)));
}

/** Makes a key pair and writes its private half, mode 0600. Throws KeyError KEY_EXISTS rather than overwrite. */
export function createSigner(path: string): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  writeSecret(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return signerOf(privateKey);
}

/** Reads the pseudonym key: 32 bytes as 64 hexadecimal digits on one line. Throws as {@link readSigner}. */
export function readPseudonymKey(path: string): Uint8Array {
  const line = readSecret(path);
  if (!PSEUDONYM_KEY.test(line))
    throw new KeyError('KEY_BAD', path, { problem: 'must be 64 lower-case hexadecimal digits' });
  return Buffer.from(line.trim(), 'hex');
}

/** Makes a pseudonym key, mode 0600. Throws KeyError KEY_EXISTS rather than overwrite. */
export function createPseudonymKey(path: string): void {
  writeSecret(path, `${randomBytes(PSEUDONYM_KEY_BYTES).toString('hex')}\n`);
}

/** Writes a public file that must not be there yet, so that it outlives a pulled plug. Throws KeyError KEY_EXISTS. */
export function writePublic(path: string, text: string): void {
  writeNew(path, utf8(text), IDENTITY_MODE);
}

/** Writes a private file that must not be there yet, mode 0600. Throws KeyError KEY_EXISTS. */
export function writeSecret(path: string, text: string): void {
  writeNew(path, utf8(text), KEY_MODE);
}

/** Puts a public file in the place of another: after a pulled plug one of the two is there, whole. */
export function replacePublic(path: string, text: string): void {
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  writePublic(draft, text);
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** The file's text, or undefined when there is no such file. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined;
    throw new KeyError('KEY_IO', path, { problem: `cannot be read (${codeOf(cause)})`, cause });
  }
}

/** Makes a folder; one for keys only its owner may list. An existing folder is left as it is. */
export function makeFolder(path: string, holds: 'keys' | 'identities'): void {
  try {
    mkdirSync(path, { recursive: true, ...(holds === 'keys' ? { mode: KEY_FOLDER_MODE } : {}) });
  } catch (cause) {
    throw new KeyError('KEY_IO', path, { problem: `cannot be made (${codeOf(cause)})`, cause });
  }
}

/** The text of a private file. Throws KeyError KEY_MISSING, and KEY_MODE when anyone but the owner may read it. */
export function readSecret(path: string): string {
  const text = readIfThere(path);
  if (text === undefined)
    throw new KeyError('KEY_MISSING', path, { problem: 'no such file; "holdfast enrol" makes it' });
  const mode = statSync(path).mode & 0o777;
  if ((mode & OTHERS) !== 0) {
    const problem = `its mode is 0${mode.toString(8)}, so others may use this key; run: chmod 600 ${path}`;
    throw new KeyError('KEY_MODE', path, { problem });
  }
  return text;
}

function parseKey(path: string, pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new KeyError('KEY_BAD', path, {
      problem: 'is not a private key in PKCS#8 PEM without a passphrase',
      cause,
    });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new KeyError('KEY_BAD', path, {
    problem: `is a key of type ${key.asymmetricKeyType ?? 'unknown'}, not Ed25519`,
  });
}

function signerOf(key: KeyObject): Signer {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return { publicKey: spki.subarray(SPKI_PREFIX_BYTES), sign: (message) => sign(null, message, key) };
}

function writeNew(path: string, bytes: Uint8Array, mode: number): void {
  let file: number;
  try {
    file = openSync(path, 'wx', mode);
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST')
      throw new KeyError('KEY_EXISTS', path, { problem: 'is there already and is kept', cause });
    throw new KeyError('KEY_IO', path, { problem: `cannot be written (${codeOf(cause)})`, cause });
  }
  try {
    writeSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
