import { createPrivateKey } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHex } from '../../../proto/bytes.ts';
import { formatIdentity, type RecipientIdentity } from '../../../proto/identity.ts';
import { TrustError } from '../errors.ts';
import {
  IDENTITY_FILE,
  KEY_FILE,
  openCustodianKey,
  pointOf,
  RETIRED_FOLDER,
  thumbprintOf,
} from './custodian-key.ts';
import { writeDurably } from './file.ts';
import { newKey, parseKey, pemOf, publish } from './keys.ts';

/** What a rotation did, as thumbprints in hex. */
export interface Rotated {
  /** Undefined when the old key was lost. */
  readonly from: string | undefined;
  readonly to: string;
}

/**
 * Makes a new key for cameras to seal to. The old one is put away first and stays usable, so that what was sealed to it opens as
 * before; a crash in between is finished at the next opening. With `lost` the old one is gone: what was sealed to it alone opens
 * only with a recovery key. Throws TrustError BAD_KEY when a key that is not lost cannot be read, or one that is called lost is there.
 */
export async function rotateCustodianKey(
  directory: string,
  of: { readonly id: string; readonly passphrase: string | undefined; readonly lost: boolean },
): Promise<Rotated> {
  const keyPath = join(directory, KEY_FILE);
  const from = of.lost ? checkLost(keyPath) : await putAway(directory, of);
  const pem = newKey(of.passphrase);
  const publicKey = pointOf(openPem(pem, of.passphrase));
  const identity: RecipientIdentity = { kind: 'custodian', id: of.id, publicKey };
  // Of a lost key nothing was put away, so the identity must not name it when the new one comes.
  if (of.lost) publish(join(directory, IDENTITY_FILE), formatIdentity(identity));
  writeDurably(keyPath, pem, 0o600);
  publish(join(directory, IDENTITY_FILE), formatIdentity(identity));
  return { from, to: toHex(thumbprintOf(publicKey)) };
}

/** Every private key of the service in `directory`, encrypted under another passphrase, one file after another. Returns their paths. */
export function changePassphrase(
  directory: string,
  { before, after }: { readonly before: string | undefined; readonly after: string | undefined },
): readonly string[] {
  // All are read before the first is written, so that a wrong passphrase changes nothing.
  const keys = keyFiles(directory).map((path) => ({ path, key: readEither(path, before, after) }));
  for (const { path, key } of keys) writeDurably(path, pemOf(key, after), 0o600);
  return keys.map(({ path }) => path);
}

/** Those private keys of the service in `directory` that whoever has the file can use. */
export function plainKeys(directory: string): readonly string[] {
  return keyFiles(directory).filter((path) => !readFileSync(path, 'utf8').includes('ENCRYPTED'));
}

function keyFiles(directory: string): readonly string[] {
  const inFolder = (folder: string): readonly string[] =>
    existsSync(folder)
      ? readdirSync(folder)
          .filter((name) => name.endsWith('.key.pem') && !name.startsWith('.'))
          .sort()
          .map((name) => join(folder, name))
      : [];
  return [...inFolder(directory), ...inFolder(join(directory, RETIRED_FOLDER))];
}

/** A change that was interrupted left some files under the new passphrase: running it again finishes it. */
function readEither(
  path: string,
  before: string | undefined,
  after: string | undefined,
): ReturnType<typeof parseKey> {
  try {
    return parseKey(path, before);
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return parseKey(path, after);
  }
}

async function putAway(
  directory: string,
  { id, passphrase }: { readonly id: string; readonly passphrase: string | undefined },
): Promise<string> {
  const keyPath = join(directory, KEY_FILE);
  if (!existsSync(keyPath)) {
    throw new TrustError('BAD_KEY', `${keyPath} is not there: if it is lost for ever, say --lost`, {
      retry: 'never',
    });
  }
  // Opens it, so that what is put away is known to be usable under this passphrase.
  const { thumbprint } = await openCustodianKey(directory, { id, passphrase });
  const name = toHex(thumbprint);
  writeDurably(join(directory, RETIRED_FOLDER, `${name}.key.pem`), readFileSync(keyPath, 'utf8'), 0o600);
  return name;
}

function checkLost(keyPath: string): undefined {
  if (!existsSync(keyPath)) return undefined;
  const message = `${keyPath} is there, so it is not lost: leave --lost out, and it is kept for what was sealed to it`;
  throw new TrustError('BAD_KEY', message, { retry: 'never' });
}

function openPem(pem: string, passphrase: string | undefined): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: pem, ...(passphrase === undefined ? {} : { passphrase }) });
}
