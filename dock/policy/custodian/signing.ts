import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TrustError } from '../errors.ts';
import { removeDurably, writeDurably } from './file.ts';
import {
  halfOf,
  newKey,
  openP256Key,
  openSigningKey,
  publish,
  SIGNING_FILES,
  type SigningHalf,
} from './keys.ts';

/** Folder of the public halves of keys that sign no more, `<kid>.jwk.json` each: what they signed is verified with these. */
export const RETIRED_JWKS = 'policy-retired';

type Slot = keyof typeof SIGNING_FILES;
/** A key and the text of its file, which stays encrypted as it is. */
type Kept = SigningHalf & { readonly pem: string };

/**
 * Makes the key that the service will sign with next and publishes its public half beside the present one, which goes on signing. Run
 * again, it names the same key. Returns the `kid` of both. Throws TrustError BAD_KEY while the key before is not retired.
 */
export async function announceKey(
  directory: string,
  passphrase: string | undefined,
): Promise<{ readonly signing: string; readonly next: string }> {
  const { signing, next, previous } = await slots(directory, passphrase);
  if (previous !== undefined && previous.jwk.kid !== signing.jwk.kid)
    throw bad('the key before is not retired yet: docks would have to pin three. Retire it first');
  if (next === undefined) {
    // Exactly as the present one is kept: a passphrase given for a key that is under none must not split the two.
    const isEncrypted = signing.pem.includes('ENCRYPTED');
    writeDurably(pathOf(directory, 'next'), newKey(isEncrypted ? passphrase : undefined), 0o600);
  }
  const { jwk, known } = await openSigningKey(directory, passphrase);
  return { signing: jwk.kid, next: known[1]?.jwk.kid ?? jwk.kid };
}

/**
 * Signs with the announced key from the next start on; with `back`, again with the one before. `record` is called first, so that the
 * change is on record before it is made. The key that signed stays published until {@link retireKey}. Run again, it finishes what was cut
 * short, and is then without effect. Throws TrustError BAD_KEY when there is no key to change to.
 */
export async function switchKey(
  directory: string,
  by: {
    readonly passphrase: string | undefined;
    readonly back: boolean;
    readonly record: (from: string, to: string) => void;
  },
): Promise<{ readonly from: string; readonly to: string }> {
  const [into, outOf]: readonly [Slot, Slot] = by.back ? ['previous', 'next'] : ['next', 'previous'];
  const found = await slots(directory, by.passphrase);
  const { signing, [into]: incoming, [outOf]: outgoing } = found;
  if (incoming === undefined) {
    if (outgoing === undefined || outgoing.jwk.kid === signing.jwk.kid) throw bad(NOTHING_TO_CHANGE_TO[into]);
    return { from: outgoing.jwk.kid, to: signing.jwk.kid };
  }
  const isHalfDone = incoming.jwk.kid === signing.jwk.kid;
  const from = isHalfDone ? (outgoing ?? signing) : signing;
  if (!isHalfDone && outgoing !== undefined && outgoing.jwk.kid !== signing.jwk.kid)
    throw bad(`${pathOf(directory, outOf)} holds a third key: move it away if nobody needs it`);
  by.record(from.jwk.kid, incoming.jwk.kid);
  if (!isHalfDone) {
    writeDurably(pathOf(directory, outOf), signing.pem, 0o600);
    // A crash after this line leaves the new key in two places, and the next run takes the second away.
    writeDurably(pathOf(directory, 'signing'), incoming.pem, 0o600);
  }
  removeDurably(pathOf(directory, into));
  const { jwk } = await openSigningKey(directory, by.passphrase);
  return { from: from.jwk.kid, to: jwk.kid };
}

/**
 * Destroys the private half of the key before and puts its public half into the archive; docks that pin the file anew believe it no
 * more. Returns its `kid`, or undefined when there is none to retire.
 */
export async function retireKey(
  directory: string,
  passphrase: string | undefined,
): Promise<{ readonly signing: string; readonly retired?: string }> {
  const { signing, previous } = await slots(directory, passphrase);
  const kid = signing.jwk.kid;
  if (previous === undefined || previous.jwk.kid === kid) return { signing: kid };
  const retired = previous.jwk.kid;
  publish(join(directory, RETIRED_JWKS, `${retired}.jwk.json`), `${JSON.stringify(previous.jwk, null, 2)}\n`);
  removeDurably(pathOf(directory, 'previous'));
  await openSigningKey(directory, passphrase);
  return { signing: kid, retired };
}

const NOTHING_TO_CHANGE_TO: Readonly<Record<'next' | 'previous', string>> = {
  next: 'no key is announced: announce one, and give every dock the file with both',
  previous: 'there is no key before this one to go back to',
};

async function slots(
  directory: string,
  passphrase: string | undefined,
): Promise<Readonly<Record<'signing', Kept>> & Readonly<Partial<Record<'next' | 'previous', Kept>>>> {
  const signing = await kept(pathOf(directory, 'signing'), passphrase);
  if (signing === undefined)
    throw bad(`${pathOf(directory, 'signing')} is not there: bring it back from a backup`);
  const next = await kept(pathOf(directory, 'next'), passphrase);
  const previous = await kept(pathOf(directory, 'previous'), passphrase);
  return {
    signing,
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
  };
}

async function kept(path: string, passphrase: string | undefined): Promise<Kept | undefined> {
  if (!existsSync(path)) return undefined;
  return { ...(await halfOf(openP256Key(path, passphrase))), pem: readFileSync(path, 'utf8') };
}

const pathOf = (directory: string, slot: Slot): string => join(directory, SIGNING_FILES[slot]);

function bad(message: string): TrustError {
  return new TrustError('BAD_KEY', message, { retry: 'never' });
}
