import { equal } from '../../proto/bytes.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import type { SignedGrant } from './grant.ts';
import { claimsText, type Fields, fieldsOf, readSigned } from './jws.ts';
import { decisionPath, decisionTextPath } from './layout.ts';
import type { PackedFile } from './read.ts';

export const DECISION_TYP = 'holdfast-decision+jwt';

/** What the decision behind a grant must say just as the grant does. */
const SHARED = [
  ...['iss', 'sub', 'jti', 'recording', 'manifest', 'action', 'purpose', 'regime', 'policySet'],
  'newestFact',
];

/**
 * Is behind each grant the decision that it was made for, signed by the same service, with the policies that permitted and the facts
 * that they rested on? The service has asked its rules again with these facts alone; here nobody knows the rules.
 */
export function checkDecisions(
  files: ReadonlyMap<string, PackedFile>,
  { grants, jwk }: { readonly grants: readonly SignedGrant[]; readonly jwk: Fields | undefined },
  findings: Findings,
): void {
  const bad = (file: string, message: string): void =>
    findings.add({ code: 'decision-mismatch', file, message });
  for (const grant of grants) {
    const file = decisionPath(grant.number);
    const jws = files.get(file)?.content;
    if (jws === undefined) {
      bad(file, 'is missing: nothing says on what this grant rested');
      continue;
    }
    const claims = readSigned(jws, { typ: DECISION_TYP, jwk });
    if (claims === undefined) {
      bad(file, 'is not signed by the policy service');
      continue;
    }
    const problem = decisionProblem(claims, grant);
    if (problem !== undefined) bad(file, problem);
    const said = files.get(decisionTextPath(grant.number))?.content;
    if (said === undefined || !equal(said, claimsText(claims)))
      bad(decisionTextPath(grant.number), 'does not say what the decision says');
  }
}

/** The first thing that is wrong with a signed decision as the one behind this grant; undefined when nothing is. */
export function decisionProblem(
  claims: Fields,
  { claims: grant, digest }: Pick<SignedGrant, 'claims' | 'digest'>,
): string | undefined {
  const other = SHARED.find((name) => claims[name] === undefined || claims[name] !== grant[name]);
  if (other !== undefined) return `is about another ${other} than its grant`;
  if (claims['grant'] !== digest) return 'is about another grant';
  if (claims['decision'] !== true) return 'says no';
  // Within the minute of the grant, by one clock.
  const [madeAt, from, to] = [claims['iat'], grant['iat'], grant['exp']].map(Number);
  if (!(Number(from) <= Number(madeAt) && Number(madeAt) <= Number(to)))
    return 'was not signed while its grant was open';
  return policiesProblem(claims['policies']) ?? factsProblem(claims['facts'], Number(claims['newestFact']));
}

function policiesProblem(policies: unknown): string | undefined {
  if (!Array.isArray(policies) || policies.length === 0) return 'names no policy that permitted';
  const isPermit = (policy: unknown): boolean => {
    const { id, text, effect } = fieldsOf(policy) ?? {};
    return typeof id === 'string' && typeof text === 'string' && effect === 'permit';
  };
  return policies.every(isPermit) ? undefined : 'names what is no policy that permits';
}

function factsProblem(facts: unknown, newestFact: number): string | undefined {
  if (!Array.isArray(facts) || facts.length === 0) return 'rests on no fact';
  let before = 0;
  for (const one of facts as readonly unknown[]) {
    const { index, source, receivedAt, fact } = fieldsOf(one) ?? {};
    const { type } = fieldsOf(fact) ?? {};
    const isFact = [source, receivedAt, type].every((word) => typeof word === 'string');
    if (!isFact || !Number.isSafeInteger(index)) return 'lists what is no fact';
    if (Number(index) <= before) return 'lists its facts out of order';
    before = Number(index);
  }
  return before > newestFact
    ? `lists fact ${before}, and took none into account after ${newestFact}`
    : undefined;
}
