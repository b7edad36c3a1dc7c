import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeDurably } from './file.ts';
import { OwnLogError, TrustError } from '../errors.ts';

/** The key that the service's own ledger is signed with. */
export interface LogKey {
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(this: void, message: Uint8Array): Uint8Array;
}

/**
 * Reads an Ed25519 key (PKCS#8, mode 0600, encrypted when a passphrase is given), or makes it where nothing was said in the log
 * yet. Throws OwnLogError LOG_KEY_LOST for a log whose key is gone, TrustError BAD_KEY for any other key.
 */
export function openLogKey(
  path: string,
  { passphrase, isNew }: { readonly passphrase: string | undefined; readonly isNew: boolean },
): LogKey {
  if (!existsSync(path)) {
    if (!isNew) throw lost(path);
    const { privateKey } = generateKeyPairSync('ed25519');
    const sealed = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
    writeDurably(path, privateKey.export({ type: 'pkcs8', format: 'pem', ...sealed }).toString(), 0o600);
  }
  const privateKey = readKey(path, passphrase);
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    publicKey: new Uint8Array(Buffer.from(x, 'base64url')),
    sign: (message) => sign(null, message, privateKey),
  };
}

/** A file that the service's own ledger cannot go on without. */
export function lost(path: string): OwnLogError {
  const message = `${path} is gone, and facts.db holds entries of the ledger: bring it back from a backup`;
  return new OwnLogError('LOG_KEY_LOST', message, { retry: 'never' });
}

function readKey(path: string, passphrase: string | undefined): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({
      key: readFileSync(path),
      ...(passphrase === undefined ? {} : { passphrase }),
    });
  } catch (cause) {
    throw new TrustError('BAD_KEY', `${path} cannot be read as a private key; is its passphrase right?`, {
      retry: 'never',
      cause,
    });
  }
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new TrustError('BAD_KEY', `${path} is not an Ed25519 key`, { retry: 'never' });
}
