import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { join } from 'node:path';
import { text, utf8 } from '../../proto/bytes.ts';
import { formatCosignerVkey } from '../../proto/cosignature.ts';
import type { Checker } from '../../proto/digest.ts';
import type { NoteSigner } from '../../proto/note.ts';
import { WitnessError } from './errors.ts';
import { readIfThere, writeDurably } from './folder.ts';

/** What this witness signs with. */
export interface WitnessKey extends NoteSigner {
  /** Verifier key, for whoever is to trust this witness. */
  readonly vkey: string;
}

// DER of SubjectPublicKeyInfo for Ed25519 up to the 32 key bytes (RFC 8410 section 4).
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY_BYTES = 32;
const KEY_FILE = 'witness.key.pem';
const VKEY_FILE = 'witness.vkey';

/** SHA-256 and Ed25519 by Node's own crypto. */
export const nodeChecker: Checker = {
  sha256: (bytes) => createHash('sha256').update(bytes).digest(),
  verify: (publicKey, message, signature) => {
    if (publicKey.length !== PUBLIC_KEY_BYTES) return false;
    try {
      const der = Buffer.concat([SPKI_PREFIX, publicKey]);
      return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
    } catch {
      // Some 32-byte strings are no point on the curve: nothing was signed with them.
      return false;
    }
  },
};

/** Is there a key in this folder? */
export async function hasKey(dir: string): Promise<boolean> {
  return (await readIfThere(join(dir, KEY_FILE))) !== undefined;
}

/**
 * Reads the key in `dir`, or makes it when there is none: `witness.key.pem` (PKCS#8, 0600) and `witness.vkey`, which is
 * public. Throws WitnessError WITNESS_DAMAGED for a key that cannot be read, and when the folder is another witness's.
 */
export async function openKey(dir: string, name: string): Promise<WitnessKey> {
  const path = join(dir, KEY_FILE);
  const pem = (await readIfThere(path)) ?? (await makeKey(path));
  const privateKey = readKey(path, pem);
  const publicKey = createPublicKey(privateKey)
    .export({ type: 'spki', format: 'der' })
    .subarray(SPKI_PREFIX.length);
  const vkey = formatCosignerVkey(name, publicKey, nodeChecker.sha256);
  await ensureVkey(join(dir, VKEY_FILE), vkey);
  return {
    name,
    publicKey,
    vkey,
    sha256: nodeChecker.sha256,
    sign: (message) => sign(null, message, privateKey),
  };
}

async function makeKey(path: string): Promise<Uint8Array> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = utf8(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  await writeDurably(path, pem, { mode: 0o600 });
  return pem;
}

function readKey(path: string, pem: Uint8Array): KeyObject {
  try {
    const key = createPrivateKey(text(pem));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw WitnessError.damaged(path, 'is not a private key', cause);
  }
  throw WitnessError.damaged(path, 'is not an Ed25519 key');
}

async function ensureVkey(path: string, vkey: string): Promise<void> {
  const there = await readIfThere(path);
  if (there === undefined) return writeDurably(path, utf8(`${vkey}\n`));
  const found = text(there).trim();
  if (found !== vkey) throw WitnessError.damaged(path, `says ${found}, but this name and key make ${vkey}`);
}
