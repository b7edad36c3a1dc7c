import { readFileSync } from 'node:fs';
import { parseCosignerVkey } from '../../proto/cosignature.ts';
import { ProofError } from '../../proto/errors.ts';
import { codeOf, KeyError } from './key-error.ts';
import { sha256 } from './key-file.ts';

// A verifier key is a name and some sixty characters.
const FILE_BYTES_MAX = 1024;

/**
 * A witness's verifier key (C2SP tlog-cosignature), given as it is or as a file that holds it on one line. Throws KeyError
 * KEY_BAD for anything else, a ledger's own key included; KEY_MISSING.
 */
export function readWitness(given: string): string {
  const isFile = !/^[^+]+\+[0-9a-f]{8}\+/.test(given);
  const vkey = isFile ? readLine(given) : given;
  try {
    parseCosignerVkey(vkey, sha256);
    return vkey;
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw new KeyError('KEY_BAD', given, {
      problem: `is no witness's verifier key: ${cause.message}`,
      cause,
    });
  }
}

function readLine(path: string): string {
  try {
    return readFileSync(path).subarray(0, FILE_BYTES_MAX).toString('utf8').trim();
  } catch (cause) {
    const problem = "is neither a witness's verifier key (name+hash+key) nor a file that can be read";
    throw new KeyError('KEY_MISSING', path, { problem: `${problem} (${codeOf(cause)})`, cause });
  }
}
