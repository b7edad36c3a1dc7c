import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { utf8 } from '../../proto/bytes.ts';
import { codeOf, KeyError } from './key-error.ts';
import { readSecret, writeSecret } from './key-file.ts';

const POINT_MARK = Uint8Array.of(4);
const CURVE = 'prime256v1';
// Nobody types more; a file of footage named by mistake is not taken for a passphrase.
const PASSPHRASE_BYTES_MAX = 1024;

/**
 * Makes a P-256 key pair and writes its private half, PKCS#8 PEM of mode 0600, encrypted when there is a passphrase.
 * Returns the public half as an uncompressed point, 65 bytes. Throws KeyError KEY_EXISTS rather than overwrite.
 */
export function createRecipientKey(path: string, passphrase: string | undefined): Uint8Array {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const sealed = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  writeSecret(path, privateKey.export({ type: 'pkcs8', format: 'pem', ...sealed }).toString());
  return pointOf(privateKey);
}

/** The public half of the key in that file, 65 bytes. Throws KeyError KEY_MISSING, KEY_MODE, or KEY_BAD for no P-256 key. */
export function readRecipientKey(path: string, passphrase: string | undefined): Uint8Array {
  const key = parseKey(path, readSecret(path), passphrase);
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === CURVE) return pointOf(key);
  throw new KeyError('KEY_BAD', path, {
    problem: `is a key of type ${key.asymmetricKeyType ?? 'unknown'}, not P-256`,
  });
}

/** The first line of a passphrase file. Throws KeyError KEY_MISSING, or KEY_BAD when it is empty or no such line. */
export function readPassphrase(path: string): string {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new KeyError('KEY_MISSING', path, { problem: `cannot be read (${codeOf(cause)})`, cause });
  }
  const [line = ''] = content
    .subarray(0, PASSPHRASE_BYTES_MAX + 2)
    .toString('utf8')
    .split(/\r?\n/);
  if (line === '') throw new KeyError('KEY_BAD', path, { problem: 'has no passphrase on its first line' });
  if (utf8(line).length > PASSPHRASE_BYTES_MAX)
    throw new KeyError('KEY_BAD', path, {
      problem: `has more than ${PASSPHRASE_BYTES_MAX} bytes on its first line`,
    });
  return line;
}

/** Whether 65 bytes are a point of P-256: to one that is not, nothing can be wrapped. */
export function isPoint(point: Uint8Array): boolean {
  const x = Buffer.from(point.subarray(1, 33)).toString('base64url');
  const y = Buffer.from(point.subarray(33)).toString('base64url');
  try {
    createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
    return true;
  } catch {
    return false;
  }
}

function parseKey(path: string, pem: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (cause) {
    const problem =
      'is not a private key in PKCS#8 PEM, or needs its passphrase (--passphrase-file), or that is another one';
    throw new KeyError('KEY_BAD', path, { problem, cause });
  }
}

function pointOf(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = createPublicKey(key).export({ format: 'jwk' });
  return Buffer.concat([POINT_MARK, Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
}
