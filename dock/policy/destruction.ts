import { instant } from './clock.ts';
import { signGrant } from './custodian/grant.ts';
import { randomId } from './custodian/keys.ts';
import { DESTROY, type DestroyDecision } from './decide/destroy.ts';
import type { Rules } from './decide/rules.ts';
import { settleDestruction } from './decide/settle.ts';
import { heardOf, type Answer, type Court, type Hearing, type Request } from './hearing.ts';

/**
 * Hears a dock that asks whether it may destroy a recording: decides and takes it down; an allow carries a grant of kind `delete`
 * for that dock.
 */
export function judgeDestruction(court: Court, request: Request): Hearing {
  const { book, clock, issuer } = court;
  const nowMs = clock.nowMs();
  const { recording, purpose } = request.question;
  const rules = court.ruleBook.inForce(book.known, { recording, nowMs });
  const heard = heardOf(request, { outcome: 'none' });
  const settled = settleDestruction(heard, { known: book.known, nowMs });
  const grantId = settled.allowed ? randomId() : undefined;
  const claims =
    grantId === undefined
      ? undefined
      : ({
          ...({ id: grantId, kind: 'delete' } as const),
          ...{ dock: request.source.name, person: request.source.name },
          ...{ recording, purpose },
          manifest: book.known.recording(recording).registration?.manifestHash ?? '',
          ...{ policySet: rules.hash, regime: rules.regime, newestFact: settled.newestFact },
          nonce: request.nonce ?? '',
          chunks: [0, 0],
        } as const);
  const durable = write(court, request, { rules, settled, nowMs, grantId });
  return {
    decision: settled.allowed,
    async answer() {
      await durable;
      const grant = claims && (await signGrant(issuer, claims, nowMs));
      return said(rules, request, { settled, ...(grant === undefined ? {} : { grant }) });
    },
  };
}

function write(
  { journal }: Court,
  { source, requestId, question, subjectType, resourceType, dock, nonce, days }: Request,
  of: {
    readonly rules: Rules;
    readonly settled: DestroyDecision;
    readonly nowMs: number;
    readonly grantId: string | undefined;
  },
): Promise<void> {
  const { allowed, newestFact, reason, policies } = of.settled;
  return journal.record({
    at: instant(of.nowMs),
    requestId,
    source: source.name,
    person: question.person,
    recording: question.recording,
    allowed,
    regime: of.rules.regime,
    policySet: of.rules.hash,
    newestFact,
    ...(of.grantId === undefined ? {} : { grantId: of.grantId }),
    request: { ...question, subjectType, resourceType, dock, nonce, days },
    answer: { reason, missing: [], policies },
  });
}

function said(
  rules: Rules,
  { requestId }: Request,
  { settled, grant }: { readonly settled: DestroyDecision; readonly grant?: string },
): Answer {
  const { allowed, reason, policies, newestFact } = settled;
  return {
    decision: allowed,
    context: {
      ...{ reason, missing: [], alternatives: [], policies },
      ...{ regime: rules.regime, policySet: rules.hash, newestFact, standing: 'none', requestId },
      ...(grant === undefined ? {} : { grant }),
    },
  };
}

/** Is this a question about destroying? */
export function asksToDestroy({ question }: Request): boolean {
  return question.action === DESTROY.action;
}
