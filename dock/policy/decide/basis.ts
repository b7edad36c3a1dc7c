import assert from 'node:assert/strict';
import type { Entry, Fact, FactType } from '../facts/fact.ts';
import { Knowledge } from '../facts/knowledge.ts';
import type { Question, Situation } from '../facts/situation.ts';
import type { FactStore } from '../facts/store.ts';
import { decide } from './decide.ts';
import type { Rules } from './rules.ts';

/** An allow as it was written down. */
export interface Allowed {
  readonly question: Question;
  readonly rules: Rules;
  /** The moment that expiries were judged by. */
  readonly nowMs: number;
  readonly newestFact: number;
  /** Ids of the policies that decided. */
  readonly policies: readonly string[];
}

/** The facts on file, and what they say by now. */
interface OnFile {
  readonly store: Pick<FactStore, 'list'>;
  readonly known: Knowledge;
}

/** What rules read of a situation, by the names that they use. */
export type Attribute =
  | keyof Situation['recording']
  | keyof Situation['incident']
  | keyof Situation['person']
  | 'recorderReportFiled'
  | 'authorisedBy';

/** About the statements of everybody who took part, and so about who did. */
const EVERYBODY = 'everyPerceptualStatementRecorded';
const STATEMENTS = [
  'candidStatement',
  'perceptualStatementRecorded',
  'supervisorInterview',
  'supervisorInterviewRecorded',
] as const;
const CLASSIFIED = ['force', 'deathInCustody', 'injury', 'vulnerable'] as const;

/**
 * Which attributes a fact of each type can change. `always`: it says who asks, whom the rules are asked about or which rules, so
 * no decision goes without it. None: rules cannot see it.
 */
export const CHANGES = {
  'person.enrolled': 'always',
  'recording.linked': 'always',
  'recording.unlinked': 'always',
  'regime.adopted': 'always',
  'recording.registered': ['registered', 'recorderReportFiled', 'tookPart', EVERYBODY, ...CLASSIFIED],
  'officer.involved': ['tookPart', EVERYBODY, ...CLASSIFIED],
  'force.classified': CLASSIFIED,
  'misconduct.alleged': ['misconduct'],
  'report.filed': ['reportFiled', 'recorderReportFiled'],
  'report.withdrawn': ['reportFiled', 'recorderReportFiled'],
  'statement.given': [...STATEMENTS, EVERYBODY],
  'statement.withdrawn': [...STATEMENTS, EVERYBODY],
  'interview.scheduled': ['interviewScheduled'],
  'interview.held': ['interviewScheduled'],
  'case.assigned': ['caseAssigned'],
  'case.unassigned': ['caseAssigned'],
  'access.authorised': ['authorisedBy'],
  'access.revoked': ['authorisedBy'],
  'recording.sealed': ['sealed'],
  'recording.unsealed': ['sealed'],
  'incident.opened': [],
  'report.supplemented': [],
  'recording.destroyed': [],
  'hold.placed': [],
  'hold.lifted': [],
} as const satisfies Readonly<Record<FactType, 'always' | readonly Attribute[]>>;

/**
 * The facts that an allow rested on, in index order and without manifests: of its recording, the incidents that this is linked to
 * and the people whose acts count, up to the newest fact that was taken into account. Of these only what a policy that
 * permitted, or any that might have forbidden this person, can see; nobody is told more than the answer took. The rules are asked again
 * with these facts alone before they are given out. Costs as much as there is about those incidents, not all facts.
 */
export function basisOf(file: OnFile, allowed: Allowed): readonly Entry[] {
  const { rules, question, newestFact } = allowed;
  const { person } = question;
  const enrolled = file.store.list({
    person,
    types: ['person.enrolled'],
    upTo: newestFact,
    limit: newestFact,
  });
  const roles: readonly string[] = knowledgeOf(enrolled).person(person)?.roles ?? [];
  const asked = [...rules.policies.values()].filter(
    ({ id, effect, role }) =>
      allowed.policies.includes(id) || (effect === 'forbid' && (role === undefined || roles.includes(role))),
  );
  const narrow = gathered(file, allowed, new Set(asked.flatMap(({ reads }) => [...reads])));
  if (decidesTheSame(narrow, allowed)) return narrow;
  // A permit that did not count would with so little on file: what kept it from counting belongs to the basis as well.
  const wide = gathered(file, allowed, rules.reads);
  assert(decidesTheSame(wide, allowed), 'the facts of a decision do not give that decision again');
  return wide;
}

function decidesTheSame(basis: readonly Entry[], { rules, question, nowMs, policies }: Allowed): boolean {
  const again = decide(rules, knowledgeOf(basis), { question, nowMs });
  return again.allowed && JSON.stringify(again.policies) === JSON.stringify(policies);
}

function knowledgeOf(entries: readonly Entry[]): Knowledge {
  const known = new Knowledge();
  for (const entry of entries) known.apply(entry);
  return known;
}

type Filter = Pick<Parameters<FactStore['list']>[0], 'incident' | 'recording' | 'person' | 'types'>;

function gathered(file: OnFile, allowed: Allowed, reads: ReadonlySet<string>): readonly Entry[] {
  const { person, recording } = allowed.question;
  const list = (filter: Filter): readonly Entry[] =>
    file.store.list({ ...filter, upTo: allowed.newestFact, limit: allowed.newestFact });
  const sees = (type: FactType): boolean => CHANGES[type] === 'always' || readsAny(reads, CHANGES[type]);
  const mine = list({ recording }).filter(
    ({ fact }) => sees(fact.type) && (!('person' in fact) || fact.person === person),
  );
  const own = knowledgeOf(mine);
  const { registration, incidents } = own.recording(recording);
  const about = { person, recorder: registration?.officer ?? '', reads, sees, list };
  const ofIncidents = incidents.flatMap((incident) => ofIncident(incident, about));
  const givers = mine.flatMap(({ fact }) => (fact.type === 'access.authorised' ? [fact.by] : []));
  const enrolments = (one: string): readonly Entry[] => list({ person: one, types: ['person.enrolled'] });
  const newest = [person, about.recorder].flatMap((one) => enrolments(one).slice(-1));
  // Of a giver all count: what they were when they authorised, and what they are.
  const enrolled = [...newest, ...[...new Set(givers)].flatMap(enrolments)];
  const { org = '' } = knowledgeOf(enrolled).person(about.recorder) ?? {};
  const found = [...adoption(file, allowed, org), ...mine, ...ofIncidents, ...enrolled];
  return [...new Map(found.map((entry) => [entry.index, entry])).values()].toSorted(
    (a, b) => a.index - b.index,
  );
}

interface About {
  readonly person: string;
  /** Who made the recording; empty when nobody knows. */
  readonly recorder: string;
  readonly reads: ReadonlySet<string>;
  sees(this: void, type: FactType): boolean;
  list(this: void, filter: Filter): readonly Entry[];
}

function ofIncident(incident: string, { person, recorder, reads, sees, list }: About): readonly Entry[] {
  const all = list({ incident }).filter(({ fact }) => sees(fact.type));
  const newest = all.findLast(({ fact }) => fact.type === 'force.classified')?.fact;
  // Whoever took part does not classify, so whether they did counts as well.
  const classifier = newest?.type === 'force.classified' ? newest.by : undefined;
  const everybody = reads.has(EVERYBODY);
  const who: Concerned = {
    person,
    everybody,
    isPart: (one) => everybody || one === classifier || (one === person && reads.has('tookPart')),
    isReporter: (one) =>
      (one === person && reads.has('reportFiled')) || (one === recorder && reads.has('recorderReportFiled')),
  };
  const direct = all.filter(({ fact }) => counts(fact, who));
  return [...direct, ...cameras(incident, all, { isPart: who.isPart, list })];
}

/** Whose acts on an incident have a say. */
interface Concerned {
  readonly person: string;
  readonly everybody: boolean;
  isPart(this: void, person: string): boolean;
  isReporter(this: void, person: string): boolean;
}

function counts(fact: Fact, who: Concerned): boolean {
  switch (fact.type) {
    case 'force.classified':
    case 'misconduct.alleged':
      return true;
    case 'officer.involved':
      return who.isPart(fact.person);
    case 'report.filed':
    case 'report.withdrawn':
      return who.isReporter(fact.person);
    case 'statement.given':
    case 'statement.withdrawn':
      return fact.person === who.person || (who.everybody && fact.kind === 'perceptual');
    default:
      return 'person' in fact && fact.person === who.person;
  }
}

/** Whoever held a camera there took part: the recordings of these people that are linked to the incident now. */
function cameras(
  incident: string,
  all: readonly Entry[],
  { isPart, list }: Pick<About, 'list'> & Pick<Concerned, 'isPart'>,
): readonly Entry[] {
  const links = all.filter(
    ({ fact }) => fact.type === 'recording.linked' || fact.type === 'recording.unlinked',
  );
  const { recordings } = knowledgeOf(links).incident(incident);
  return [...recordings].flatMap((recording) => {
    const registered = list({ recording, types: ['recording.registered'] });
    const officer = knowledgeOf(registered).recording(recording).registration?.officer ?? '';
    if (officer === '' || !isPart(officer)) return [];
    return [
      ...registered,
      ...links.filter(({ fact }) => 'recording' in fact && fact.recording === recording),
    ];
  });
}

/** The service's own word on which rules hold, where it gave one. */
function adoption({ known, store }: OnFile, allowed: Allowed, agency: string): readonly Entry[] {
  const { rules, newestFact, nowMs } = allowed;
  const all = known
    .adoptions()
    .filter(({ index, fromMs }) => index <= newestFact && fromMs <= nowMs)
    .filter(({ regime, policySet }) => regime === rules.regime && policySet === rules.hash);
  const found = all.findLast((one) => one.agency === agency) ?? all.findLast((one) => one.agency === '');
  return found === undefined ? [] : store.list({ after: found.index - 1, limit: 1 });
}

function readsAny(reads: ReadonlySet<string>, attributes: readonly Attribute[]): boolean {
  return attributes.some((attribute) => reads.has(attribute));
}
