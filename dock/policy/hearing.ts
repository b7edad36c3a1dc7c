import type { ChunkSpan } from '../../proto/fragments.ts';
import { instant, type Clock } from './clock.ts';
import type { GrantClaims } from './custodian/grant.ts';
import type { OpenedProof, Opening } from './custodian/opening.ts';
import { grantedRange } from './custodian/range.ts';
import type { Issuer } from './custodian/token.ts';
import { brief } from './decide/brief.ts';
import type { MissingFact } from './decide/candidate.ts';
import type { Decision } from './decide/decide.ts';
import type { RuleBook } from './decide/rule-book.ts';
import type { Rules } from './decide/rules.ts';
import {
  answerOf,
  asksForGrant,
  settle,
  type Heard,
  type OpeningOutcome,
  type Settled,
} from './decide/settle.ts';
import { TrustError } from './errors.ts';
import type { FactBook } from './facts/book.ts';
import type { Source } from './facts/fact.ts';
import type { Journal } from './facts/journal.ts';
import { manifestOnFile } from './facts/on-file.ts';
import type { Question } from './facts/situation.ts';
import { papersOf, type Papers } from './papers.ts';

/** What a hearing needs of the service. */
export interface Court {
  readonly ruleBook: RuleBook;
  readonly book: FactBook;
  readonly journal: Journal;
  readonly issuer: Issuer;
  readonly clock: Clock;
  /** The most footage that one grant covers. */
  readonly grantMediaMs: number;
}

/** A court with its own way to read and sign papers. */
export interface Sitting extends Omit<Court, 'issuer'> {
  readonly papers: Papers;
}

/** One request for access, as understood. The question is what the caller says; nothing in it is a fact. */
export interface Request {
  readonly source: Source;
  readonly requestId: string;
  readonly subjectType: string;
  readonly resourceType: string;
  readonly question: Question;
  /** The dock that says it asks, and its nonce. */
  readonly dock?: string | undefined;
  readonly nonce?: string | undefined;
  readonly opening?: Opening | undefined;
  /** Which chunks the opening is to be for; from the first one on when absent. */
  readonly chunks?: ChunkSpan | undefined;
  /** How long that dock keeps recordings, when it asks whether it may destroy one. */
  readonly days?: number | undefined;
}

/** The answer as AuthZEN 1.0 carries it. */
export interface Answer {
  readonly decision: boolean;
  readonly context: {
    readonly reason: string;
    readonly missing: readonly MissingFact[];
    readonly alternatives: readonly (readonly MissingFact[])[];
    readonly policies: readonly string[];
    readonly regime: string;
    readonly policySet: string;
    readonly newestFact: number;
    readonly standing: Decision['standing'];
    readonly requestId: string;
    readonly authorised?: { readonly by: string; readonly until: string };
    readonly grant?: string;
  };
}

/** A request that was decided about and taken down. */
export interface Hearing {
  readonly decision: boolean;
  /** The answer, once what was decided is durable. Rejects with what the store throws: an answer that could not be written down is not given. */
  answer(this: void): Promise<Answer>;
}

/** Hears one request: checks a signed opening, decides, writes the decision down, and only then answers. Throws what the store throws. */
export async function hear(court: Court, request: Request): Promise<Answer> {
  const { answer } = await judge(court, request);
  court.journal.flushSoon();
  return answer();
}

/** The same up to the writing, which {@link Journal.flushSoon} begins: for requests that come together. */
export function judge(court: Court, request: Request): Promise<Hearing> {
  return judgeIn({ ...court, papers: papersOf(court.issuer) }, request);
}

/** The same, whatever papers are made of. */
export async function judgeIn(court: Sitting, request: Request): Promise<Hearing> {
  const { outcome, proof } = await openIfAsked(court, request);
  // From here to the journal nothing waits, so the facts the decision rests on are the facts it names.
  const isUsed = proof !== undefined && court.journal.isUsed(proof);
  const fresh = isUsed ? undefined : proof;
  const nowMs = court.clock.nowMs();
  const { known } = court.book;
  const rules = court.ruleBook.inForce(known, { recording: request.question.recording, nowMs });
  const heard = heardOf(request, isUsed ? { outcome: 'used' } : outcome);
  const settled = settle(heard, { rules, known, nowMs });
  const { decision } = settled;
  const grantId = decision.allowed && asksForGrant(heard) ? court.papers.newId() : undefined;
  const claims =
    grantId === undefined
      ? undefined
      : grantClaims(court, request, { rules, decision, grantId, proof: fresh });
  const durable = write(court, request, { heard, rules, settled, nowMs, grantId, proof: fresh });
  return {
    decision: decision.allowed,
    async answer() {
      await durable;
      const grant = claims && (await court.papers.signGrant(claims, nowMs));
      return said(rules, request, { decision, ...(grant === undefined ? {} : { grant }) });
    },
  };
}

/** All of a request that decides, with the place of the opening taken by what came of it. */
export function heardOf(request: Request, opening: OpeningOutcome): Heard {
  const { question, subjectType, resourceType, source, dock, nonce, days } = request;
  return { question, subjectType, resourceType, source: source.name, dock, nonce, days, opening };
}

interface Opened {
  readonly outcome: OpeningOutcome;
  readonly proof?: OpenedProof;
}

async function openIfAsked({ papers, clock }: Sitting, request: Request): Promise<Opened> {
  const { opening, dock, question, chunks } = request;
  if (opening === undefined) return { outcome: { outcome: 'none' } };
  if (dock === undefined || !asksForGrant({ ...request, source: request.source.name })) {
    return refused('Only a dock opens a recording, under its own name and with its own nonce.');
  }
  try {
    const { person, recording, purpose } = question;
    const claim = { person, recording, purpose, dock, chunks };
    const proof = await papers.checkOpening(opening, { claim, nowMs: clock.nowMs() });
    return { outcome: { outcome: 'checked' }, proof };
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return refused(`Not opened: ${error.message}.`);
  }
}

function refused(reason: string): Opened {
  return { outcome: { outcome: 'refused', reason } };
}

interface Written {
  readonly heard: Heard;
  readonly rules: Rules;
  readonly settled: Settled;
  readonly nowMs: number;
  readonly grantId?: string | undefined;
  readonly proof?: OpenedProof | undefined;
}

function write({ journal }: Sitting, request: Request, of: Written): Promise<void> {
  const { heard, rules, settled, nowMs, grantId, proof } = of;
  const { question, source, ...asked } = heard;
  const { allowed, newestFact } = settled.decision;
  const record = {
    at: instant(nowMs),
    requestId: request.requestId,
    source,
    person: question.person,
    recording: question.recording,
    allowed,
    regime: rules.regime,
    policySet: rules.hash,
    newestFact,
    ...(grantId === undefined ? {} : { grantId }),
    request: { ...question, ...asked, chunks: request.chunks },
    answer: { ...answerOf(settled), thumbprint: proof?.thumbprint },
  };
  return journal.record(record, proof);
}

function said(
  rules: Rules,
  { requestId }: Request,
  { decision, grant }: { readonly decision: Decision; readonly grant?: string },
): Answer {
  const { allowed, policies, newestFact, standing, exception } = decision;
  return {
    decision: allowed,
    context: {
      ...brief(decision),
      policies,
      regime: rules.regime,
      policySet: rules.hash,
      newestFact,
      standing,
      requestId,
      ...(exception === undefined
        ? {}
        : { authorised: { by: exception.by, until: instant(exception.expiresAtMs) } }),
      ...(grant === undefined ? {} : { grant }),
    },
  };
}

function grantClaims(
  { book, grantMediaMs }: Sitting,
  { question, dock = '', nonce = '', chunks }: Request,
  of: {
    readonly rules: Rules;
    readonly decision: Decision;
    readonly grantId: string;
    readonly proof: OpenedProof | undefined;
  },
): GrantClaims {
  const { person, recording, purpose } = question;
  const { exception, newestFact } = of.decision;
  return {
    id: of.grantId,
    kind: of.proof === undefined ? 'release' : 'open',
    dock,
    person,
    recording,
    manifest: book.known.recording(recording).registration?.manifestHash ?? '',
    purpose,
    policySet: of.rules.hash,
    regime: of.rules.regime,
    newestFact,
    nonce,
    ...(of.proof === undefined ? {} : { thumbprint: of.proof.thumbprint }),
    ...(exception === undefined ? {} : { authorisedUntilMs: exception.expiresAtMs }),
    chunks:
      of.proof === undefined
        ? [0, 0]
        : grantedRange(manifestOnFile(book, recording)?.manifest.chunks ?? [], chunks, grantMediaMs),
  };
}
