import { giveWay, instant } from '../clock.ts';
import { brief } from '../decide/brief.ts';
import type { MissingFact } from '../decide/candidate.ts';
import type { RuleBook } from '../decide/rule-book.ts';
import { settle } from '../decide/settle.ts';
import type { FactBook } from '../facts/book.ts';
import type { Force, Injury, Purpose, StatementKind } from '../facts/fact.ts';
import type { PartState } from '../facts/knowledge.ts';
import { classificationOf, tookPart, whoTookPart } from '../facts/situation.ts';

/** What is looked at for a list of cases. */
export interface Desk {
  readonly book: FactBook;
  readonly ruleBook: RuleBook;
  readonly nowMs: number;
}

/** What an incident was, as far as anybody classified it. */
interface Standing {
  readonly force: Force;
  readonly deathInCustody: boolean;
  readonly injury: Injury;
  readonly vulnerable: boolean;
  readonly misconduct: boolean;
}

/** Somebody who took part, and what of theirs is on file. */
interface Participant {
  readonly person: string;
  readonly report: PartState['report'];
  readonly statements: readonly { readonly kind: StatementKind; readonly recorded: boolean }[];
}

/** A recording of the incident, and what would be answered if its reviewer asked to view it now. */
interface CaseRecording {
  readonly recording: string;
  /** Who made it; empty when nobody was assigned to the camera. */
  readonly officer: string;
  readonly purpose: Purpose;
  readonly allowed: boolean;
  readonly reason: string;
  readonly missing: readonly MissingFact[];
}

/** A case that somebody has now. */
export interface OpenCase extends Standing {
  readonly case: string;
  readonly incident: string;
  /** When this service was told; RFC 3339. */
  readonly since: string;
  /** They took part themselves, so they are told no more than that they have it. */
  readonly barred: boolean;
  readonly participants: readonly Participant[];
  readonly recordings: readonly CaseRecording[];
  /** Recordings of the incident beyond those listed. */
  readonly more: number;
}

export interface Cases {
  /** Newest first. */
  readonly cases: readonly OpenCase[];
  /** Cases beyond those listed. */
  readonly more: number;
}

const CASES_MAX = 100;
const RECORDINGS_MAX = 100;
const PAGE = 1_000;
const REVIEW: readonly Purpose[] = ['oversight', 'investigation'];

/**
 * The cases that are assigned to this person now. May they view each recording of them? The rules are asked as they would be for an
 * opening, and nothing goes into the journal: nothing is opened, nothing is granted, and asking again may give another answer.
 * Lets others have a turn between recordings. Throws RegimeError NONE_IN_FORCE and what the store throws.
 */
export async function casesOf(desk: Desk, person: string): Promise<Cases> {
  const { known } = desk.book;
  const open = assignments(desk.book, person)
    .filter(({ incident, name }) => known.part(incident, person).cases.get(name) === 'assigned')
    .toSorted((a, b) => b.index - a.index);
  const cases: OpenCase[] = [];
  for (const one of open.slice(0, CASES_MAX)) cases.push(await openCase(desk, person, one));
  return { cases, more: open.length - cases.length };
}

interface Assignment {
  readonly name: string;
  readonly incident: string;
  readonly index: number;
  readonly since: string;
}

/** The fact that gave each case the last time; said again while it holds, it is as old as it was. */
function assignments({ store }: FactBook, person: string): readonly Assignment[] {
  const found = new Map<string, Assignment>();
  const types = ['case.assigned', 'case.unassigned'];
  for (let after = 0; ; ) {
    const page = store.list({ person, types, after, limit: PAGE });
    for (const { fact, index, receivedAt: since } of page) {
      if (fact.type !== 'case.assigned' && fact.type !== 'case.unassigned') continue;
      const { incident, case: name } = fact;
      const key = JSON.stringify([incident, name]);
      if (fact.type === 'case.unassigned') found.delete(key);
      else if (!found.has(key)) found.set(key, { name, incident, index, since });
    }
    if (page.length < PAGE) return [...found.values()];
    after = page.at(-1)?.index ?? after;
  }
}

async function openCase(
  desk: Desk,
  person: string,
  { name, incident, since }: Assignment,
): Promise<OpenCase> {
  const { known } = desk.book;
  const { force, deathInCustody, injury, vulnerable } = classificationOf(known, incident);
  const { misconduct, recordings } = known.incident(incident);
  const about = {
    ...{ case: name, incident, since: instant(Date.parse(since)) },
    ...{ force, deathInCustody, injury, vulnerable, misconduct },
  };
  // Nobody who took part in an incident oversees it; that goes for its papers as for its footage.
  if (tookPart(known, incident, person))
    return { ...about, barred: true, participants: [], recordings: [], more: 0 };
  const listed = [...recordings].slice(0, RECORDINGS_MAX);
  const shown: CaseRecording[] = [];
  for (const recording of listed) {
    await giveWay();
    shown.push(forReview(desk, person, recording));
  }
  return {
    ...about,
    barred: false,
    participants: whoTookPart(known, incident).map((one) => participant(known.part(incident, one), one)),
    recordings: shown,
    more: recordings.size - listed.length,
  };
}

function participant({ report, statements, recordedStatements }: PartState, person: string): Participant {
  const kinds = [...statements].sort();
  return {
    person,
    report,
    statements: kinds.map((kind) => ({ kind, recorded: recordedStatements.has(kind) })),
  };
}

/** The purpose that is allowed, or else the one that this person's office has. */
function forReview(desk: Desk, person: string, recording: string): CaseRecording {
  const { known } = desk.book;
  const isInvestigator = known.person(person)?.roles.includes('internal_affairs') === true;
  const purposes = isInvestigator ? REVIEW.toReversed() : REVIEW;
  const answers = purposes.map((purpose) => answer(desk, { person, recording, purpose }));
  const [first] = answers;
  const found = answers.find(({ allowed }) => allowed) ?? first;
  const officer = known.recording(recording).registration?.officer ?? '';
  if (found === undefined) throw new TypeError('there is no purpose of a review');
  return { recording, officer, ...found };
}

function answer(
  { book: { known }, ruleBook, nowMs }: Desk,
  { person, recording, purpose }: { person: string; recording: string; purpose: Purpose },
): Omit<CaseRecording, 'recording' | 'officer'> {
  const question = { person, action: 'view', recording, purpose };
  // As a dock would ask once a page had signed for it: what cannot be opened for want of a manifest is not said to be viewable.
  const heard = {
    ...{ question, subjectType: 'person', resourceType: 'recording', source: '' },
    opening: { outcome: 'checked' },
  } as const;
  const rules = ruleBook.inForce(known, { recording, nowMs });
  const { decision } = settle(heard, { rules, known, nowMs });
  const { reason, missing } = brief(decision);
  return { purpose, allowed: decision.allowed, reason, missing };
}
