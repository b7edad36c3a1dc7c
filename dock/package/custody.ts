import type { Checker } from '../../proto/digest.ts';
import { text } from '../../proto/bytes.ts';
import { ProofError } from '../../proto/errors.ts';
import { decodePolicyEntry } from '../../proto/policy-entry.ts';
import { verifyTlogProof } from '../../proto/tlog-proof.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import { asText } from '../ledger/verify/head.ts';
import type { SignedGrant } from './grant.ts';
import { fieldsOf } from './jws.ts';
import { custodyPath, custodyProofPath, isCustody, PATHS } from './layout.ts';
import type { PackedFile } from './read.ts';

type Files = ReadonlyMap<string, PackedFile>;

interface Log {
  readonly vkey: string;
  readonly checker: Checker;
}

/**
 * Does the custodian's own ledger say that it gave the keys of each opening, to that page and for those chunks? Only where the package
 * has anything of that ledger, or its key is pinned, which then must be it. Of a recording that nobody sealed there is nothing to say.
 */
export function checkCustody(
  files: Files,
  about: {
    readonly grants: readonly SignedGrant[];
    readonly isSealed: boolean;
    readonly checker: Checker;
    /** Verifier key of the custodian's ledger, from a place that the caller trusts. */
    readonly pinned: string | undefined;
  },
  findings: Findings,
): void {
  const file = PATHS.policyLedger;
  const given = [...files.keys()].filter(isCustody);
  const bad = (path: string, message: string): void =>
    findings.add({ code: 'custody-mismatch', file: path, message });
  if (!about.isSealed) {
    for (const path of given) bad(path, 'is about keys, and the recording was never sealed');
    return;
  }
  if (given.length === 0 && about.pinned === undefined) return;
  const content = files.get(file)?.content;
  const inside = content && asText(content)?.trim();
  if (inside === undefined) bad(file, 'is missing, or no text');
  else if (about.pinned === undefined) {
    const message = `the key of the custodian's ledger came from the package itself: ${inside}`;
    findings.add({ code: 'policy-ledger-unpinned', file, message });
  } else if (inside !== about.pinned) bad(file, 'is not the key that is pinned');
  const log = { vkey: about.pinned ?? inside ?? '', checker: about.checker };
  for (const grant of about.grants) {
    const problem = custodyProblem(files, grant, log);
    if (problem !== undefined) bad(custodyPath(grant.number), problem);
  }
}

function custodyProblem(files: Files, { number, digest, claims }: SignedGrant, log: Log): string | undefined {
  const entry = files.get(custodyPath(number))?.content;
  const proof = files.get(custodyProofPath(number))?.content;
  if (entry === undefined || proof === undefined) return 'is missing, or its proof is';
  try {
    verifyTlogProof(text(proof), { entry, vkey: log.vkey }, log.checker);
    const said = decodePolicyEntry(entry);
    if (said.type !== 'keys.released') return 'does not say that keys were given';
    const { recording, manifest, aud: dock, jti: grantId } = claims;
    const page = fieldsOf(claims['cnf'])?.['jkt'];
    const wanted = { recording, manifest, dock, grantId, grant: digest, page };
    const other = Object.entries(wanted).find(([name, value]) => fieldsOf(said)?.[name] !== value)?.[0];
    if (other !== undefined) return `is about another ${other} than the grant`;
    const isSame = JSON.stringify(said.chunks) === JSON.stringify(claims['chunks']);
    return isSame ? undefined : 'is about other chunks than the grant';
  } catch (error) {
    if (error instanceof ProofError) return error.message;
    if (error instanceof TypeError) return 'or its proof is no text';
    throw error;
  }
}
