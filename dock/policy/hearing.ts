import { instant, type Clock } from './clock.ts';
import { signGrant, type GrantClaims } from './custodian/grant.ts';
import { randomId } from './custodian/keys.ts';
import { checkOpening, type OpenedProof, type Opening } from './custodian/opening.ts';
import type { Issuer } from './custodian/token.ts';
import type { MissingFact } from './decide/candidate.ts';
import { decide, type Decision } from './decide/decide.ts';
import type { RuleBook } from './decide/rule-book.ts';
import type { Rules } from './decide/rules.ts';
import { TrustError } from './errors.ts';
import type { FactBook } from './facts/book.ts';
import type { Source } from './facts/fact.ts';
import type { Journal } from './facts/journal.ts';
import { manifestOnFile } from './facts/on-file.ts';
import type { Question } from './facts/situation.ts';

/** What a hearing needs of the service. */
export interface Court {
  readonly ruleBook: RuleBook;
  readonly book: FactBook;
  readonly journal: Journal;
  readonly issuer: Issuer;
  readonly clock: Clock;
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

/**
 * Hears one request: checks a signed opening, decides, writes the decision down, and only then answers. Throws
 * what the store throws; an answer that could not be written down is not given.
 */
export async function hear(court: Court, request: Request): Promise<Answer> {
  const opened = await openIfAsked(court, request);
  // From here to the journal nothing waits, so the facts the decision rests on are the facts it names.
  const nowMs = court.clock.nowMs();
  const rules = court.ruleBook.inForce(court.book.known, { recording: request.question.recording, nowMs });
  const decision = settle(court, request, { rules, opened, nowMs });
  const grantId = decision.allowed && asksForGrant(request) ? randomId() : undefined;
  const proof = 'proof' in opened ? opened.proof : undefined;
  if (!write(court, request, { rules, decision, nowMs, grantId, proof })) {
    const replayed = refuse(decision, 'The signed opening was used before. Open the recording again.');
    write(court, request, { rules, decision: replayed, nowMs });
    return answer(rules, request, { decision: replayed });
  }
  if (grantId === undefined) return answer(rules, request, { decision });
  const claims = grantClaims(court, request, { rules, decision, grantId, proof });
  return answer(rules, request, { decision, grant: await signGrant(court.issuer, claims, nowMs) });
}

type Opened = { readonly none: true } | { readonly proof: OpenedProof } | { readonly refused: string };

async function openIfAsked({ issuer, clock }: Court, request: Request): Promise<Opened> {
  const { opening, dock, question } = request;
  if (opening === undefined) return { none: true };
  if (dock === undefined || !asksForGrant(request)) {
    return { refused: 'Only a dock opens a recording, under its own name and with its own nonce.' };
  }
  try {
    const { person, recording, purpose } = question;
    const claim = { person, recording, purpose, dock };
    return { proof: await checkOpening(issuer, opening, { claim, nowMs: clock.nowMs() }) };
  } catch (error) {
    if (!(error instanceof TrustError)) throw error;
    return { refused: `Not opened: ${error.message}.` };
  }
}

/** A grant is addressed to the dock that asks, so that dock must be the one that has authenticated. */
function asksForGrant({ dock, nonce, source, question }: Request): boolean {
  return dock !== undefined && nonce !== undefined && dock === source.name && question.action === 'view';
}

function settle(
  { book }: Court,
  request: Request,
  at: { readonly rules: Rules; readonly opened: Opened; readonly nowMs: number },
): Decision {
  const { question, subjectType, resourceType } = request;
  const decision = decide(at.rules, book.known, { question, nowMs: at.nowMs });
  if (subjectType !== 'person') return refuse(decision, 'The subject of a request is a person.');
  if (resourceType !== 'recording') return refuse(decision, 'The resource of a request is a recording.');
  if (!decision.allowed) return decision;
  if ('refused' in at.opened) return refuse(decision, at.opened.refused);
  const { registration } = book.known.recording(question.recording);
  if ('proof' in at.opened && registration?.verified !== true) {
    const { recording } = question;
    const text = 'manifest of this recording, signed by its camera, not on file';
    return {
      ...refuse(
        decision,
        'The recording can be decided about, but it is not opened before its manifest is verified.',
      ),
      missing: [{ fact: 'recording.registered', recording, text }],
    };
  }
  return decision;
}

function refuse(decision: Decision, reason: string): Decision {
  const { standing, newestFact } = decision;
  return { allowed: false, reason, missing: [], alternatives: [], policies: [], standing, newestFact };
}

interface Settled {
  readonly rules: Rules;
  readonly decision: Decision;
  readonly nowMs: number;
  readonly grantId?: string | undefined;
  readonly proof?: OpenedProof | undefined;
}

function write(
  { journal }: Court,
  request: Request,
  { rules, decision, nowMs, grantId, proof }: Settled,
): boolean {
  const { source, requestId, question, subjectType, resourceType, dock, nonce, opening } = request;
  const { allowed, newestFact, reason, missing, policies } = decision;
  const record = {
    at: instant(nowMs),
    requestId,
    source: source.name,
    person: question.person,
    recording: question.recording,
    allowed,
    regime: rules.regime,
    policySet: rules.hash,
    newestFact,
    ...(grantId === undefined ? {} : { grantId }),
    request: { ...question, subjectType, resourceType, dock, nonce, opening: opening !== undefined },
    answer: { reason, missing, policies, thumbprint: proof?.thumbprint },
  };
  return journal.record(record, proof);
}

function answer(
  rules: Rules,
  { requestId }: Request,
  { decision, grant }: { readonly decision: Decision; readonly grant?: string },
): Answer {
  const { allowed, reason, missing, alternatives, policies, newestFact, standing, exception } = decision;
  return {
    decision: allowed,
    context: {
      reason,
      missing,
      alternatives,
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
  { book }: Court,
  { question, dock = '', nonce = '' }: Request,
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
      of.proof === undefined ? [0, 0] : [0, manifestOnFile(book, recording)?.manifest.chunks.length ?? 0],
  };
}
