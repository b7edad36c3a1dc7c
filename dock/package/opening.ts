import type { Checker } from '../../proto/digest.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import { checkCustody } from './custody.ts';
import { checkDecisions } from './decision.ts';
import { checkGrants, type Opened, policyKeyOf } from './grant.ts';

/** Everything in `policy/` of opened footage: grants, the decisions behind them, and that the custodian said what it gave. */
export function checkOpening(
  opened: Opened,
  by: { readonly checker: Checker; readonly policyLedger: string | undefined },
  findings: Findings,
): void {
  const jwk = policyKeyOf(opened, findings);
  const grants = checkGrants(opened, jwk, findings);
  checkDecisions(opened.files, { grants, jwk }, findings);
  const isSealed = opened.manifest.suite !== 0;
  checkCustody(opened.files, { grants, isSealed, checker: by.checker, pinned: by.policyLedger }, findings);
}
