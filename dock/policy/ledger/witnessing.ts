import { parseCosignerVkey } from '../../../proto/cosignature.ts';
import { ProofError } from '../../../proto/errors.ts';
import { LEDGER_ORIGIN_BYTES_MAX } from '../../../proto/limits.ts';
import { isNoteName } from '../../../proto/note.ts';
import { nodeChecker } from '../../ledger/checker.ts';
import type { WitnessAddress } from '../../ledger/http-cosigner.ts';
import { badConfig, type PolicyOptions } from '../config.ts';
import type { Witnessing } from './open.ts';

/** What the flags say about the ledger and its witnesses. Throws ConfigError BAD_CONFIG. */
export function readWitnessing(
  options: Pick<PolicyOptions, 'witness' | 'quorum' | 'lowerQuorum' | 'ledgerOrigin'>,
): Witnessing {
  const { witness, quorum, lowerQuorum = false, ledgerOrigin } = options;
  const witnesses = witness.map(witnessOf);
  // One key under two names would count twice, and the signed message does not name its signer.
  if (new Set(witnesses.map(({ vkey }) => vkey.split('+').at(-1))).size < witnesses.length)
    throw badConfig('--witness: the same key is given twice');
  if (quorum > witnesses.length)
    throw badConfig(`--quorum: ${quorum} of ${witnesses.length} witnesses can never be reached`);
  if (ledgerOrigin !== undefined && !isOrigin(ledgerOrigin))
    throw badConfig(
      `--ledger-origin: ${ledgerOrigin} has white space or a plus, or more than ${LEDGER_ORIGIN_BYTES_MAX} bytes`,
    );
  return { witnesses, quorum, lowerQuorum };
}

function isOrigin(name: string): boolean {
  return isNoteName(name) && Buffer.byteLength(name) <= LEDGER_ORIGIN_BYTES_MAX;
}

function witnessOf(given: string): WitnessAddress {
  const [, vkey = '', url = ''] = /^(.*?)=(https?:.*)$/.exec(given) ?? [];
  if (!URL.canParse(url)) throw badConfig(`--witness: ${given} is not VKEY=URL`);
  try {
    parseCosignerVkey(vkey, nodeChecker.sha256);
  } catch (cause) {
    if (!(cause instanceof ProofError)) throw cause;
    throw badConfig(`--witness: ${given}: ${cause.message}`, cause);
  }
  return { vkey, url };
}
