import { openRecordRequest, signDecision } from './custodian/decision-record.ts';
import { openOpeningGrant, type OpeningGrant } from './custodian/grant.ts';
import { basisOf } from './decide/basis.ts';
import type { Rules } from './decide/rules.ts';
import { KeysError, RecordError } from './errors.ts';
import { damaged, fields } from './facts/database.ts';
import type { Entry } from './facts/fact.ts';
import type { DecisionRecord } from './facts/journal.ts';
import { textOf } from './facts/store.ts';
import type { Court } from './hearing.ts';
import type { OwnLog } from './ledger/open.ts';
import type { ShownBook } from './ledger/shown.ts';
import { everybodySees } from './ledger/waiting.ts';

/** What giving out decision records needs besides the court that decided. */
export interface RecordCourt extends Court {
  readonly shownBook: ShownBook;
  readonly log: Pick<OwnLog, 'published'>;
}

/**
 * The decision behind a grant that is open now, signed, with the policies and facts that it rested on: for the page that the
 * grant binds and for nobody else. It says what was decided then, not what would be decided now. It is written down and published
 * before it leaves. Throws RecordError, KeysError for the grant and while the ledger has to wait, and what the store throws.
 */
export async function retell(court: RecordCourt, jws: string): Promise<string> {
  const nowMs = court.clock.nowMs();
  const request = await openRecordRequest(jws, { audience: court.issuer.url, nowMs });
  const grant = await openOpeningGrant(court.issuer, request.grant, nowMs);
  if (request.signer !== grant.thumbprint) {
    const message = 'the request is signed with another key than the one the grant binds';
    throw new KeysError('OTHER_SIGNER', message, { retry: 'never' });
  }
  const { person, recording, purpose, manifest } = grant;
  const row = rowOf(court, grant);
  const rules = rulesOf(court, row);
  const { reason, policies } = answerOf(row);
  const { at, regime, policySet, newestFact } = row;
  const question = { person, action: 'view', recording, purpose };
  const decided = { rules, question, nowMs: Date.parse(at), newestFact, policies };
  const facts = basisOf(court.book, decided).map(asStored);
  const about = { grantId: grant.id, grant: request.grant, at, person, recording, manifest };
  const by = { action: question.action, purpose, regime, policySet, newestFact, reason };
  const claims = { ...about, ...by, policies: quoted(rules, policies), facts };
  const decision = await signDecision(court.issuer, claims, nowMs);
  // What it says about people cannot be taken back, so nobody has it before everybody can see that it was given.
  const entry = court.shownBook.record({ nowMs, grant, jws: request.grant, decided: row });
  await everybodySees(court.log, entry, 'decision record');
  return decision;
}

function rowOf(
  { journal }: Court,
  { id, person, recording }: Pick<OpeningGrant, 'id' | 'person' | 'recording'>,
): DecisionRecord {
  const row = journal.granted(id);
  // No grant is signed before its decision is on disk.
  if (row?.allowed !== true || row.person !== person || row.recording !== recording)
    throw damaged(`the decision behind grant ${id} is not what was written`);
  return row;
}

/** Those that it was decided under; a service that was started again with others within the minute has them no more. */
function rulesOf({ ruleBook, book }: Court, { at, recording, policySet }: DecisionRecord): Rules {
  const rules = ruleBook.inForce(book.known, { recording, nowMs: Date.parse(at) });
  if (rules.hash === policySet) return rules;
  const message = 'the rules that this was decided under are not in force any more: open the recording again';
  throw new RecordError('RULES_CHANGED', message, { retry: 'never' });
}

function answerOf({ answer, requestId }: DecisionRecord): {
  readonly reason: string;
  readonly policies: readonly string[];
} {
  const { reason, policies } = fields(answer);
  if (typeof reason !== 'string' || !Array.isArray(policies))
    throw damaged(`the answer to request ${requestId} cannot be read`);
  return { reason, policies: policies.map(String) };
}

function quoted(
  { policies }: Rules,
  ids: readonly string[],
): readonly { readonly id: string; readonly text: string; readonly effect: string }[] {
  return ids.flatMap((id) => {
    const policy = policies.get(id);
    return policy === undefined ? [] : [{ id, text: policy.text, effect: policy.effect }];
  });
}

function asStored({
  index,
  source,
  receivedAt,
  fact,
}: Entry): Omit<Entry, 'fact'> & { readonly fact: unknown } {
  return { index, source, receivedAt, fact: JSON.parse(textOf(fact)) };
}
