import { recipientThumbprint } from '../../proto/identity.ts';
import { KeyError } from './key-error.ts';
import { sha256 } from './key-file.ts';
import { readIdentity } from './registry.ts';

/**
 * Who keys are wrapped for, as the RFC 7638 thumbprint in base64url: given as that, as the same 32 bytes in hexadecimal, or as the
 * identity file of a custodian or of recovery. Throws KeyError KEY_MISSING, IDENTITY_BAD, or KEY_BAD for an identity of another kind.
 */
export function readRecipient(given: string): string {
  if (/^[A-Za-z0-9_-]{43}$/.test(given)) return given;
  if (/^[0-9a-f]{64}$/i.test(given)) return Buffer.from(given, 'hex').toString('base64url');
  const identity = readIdentity(given);
  if (identity === undefined)
    throw new KeyError('KEY_MISSING', given, { problem: 'is neither a thumbprint nor a file that is there' });
  if (identity.kind !== 'custodian' && identity.kind !== 'recovery') {
    const problem = `is the identity of a ${identity.kind}, and keys are wrapped for a custodian or recovery`;
    throw new KeyError('KEY_BAD', given, { problem });
  }
  return Buffer.from(recipientThumbprint(identity.publicKey, sha256)).toString('base64url');
}
