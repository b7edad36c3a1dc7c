import { CHANGES } from '../decide/basis.ts';
import type { MissingFact } from '../decide/candidate.ts';
import { decide } from '../decide/decide.ts';
import { agencyOf, lineInForce, type RuleBook } from '../decide/rule-book.ts';
import type { Policy, Rules } from '../decide/rules.ts';
import { timelines, type Interval, type Line, type Pair } from '../decide/timeline.ts';
import { PURPOSES, type Entry, type Fact, type Purpose } from '../facts/fact.ts';
import { Knowledge } from '../facts/knowledge.ts';
import { whoTookPart } from '../facts/situation.ts';

/** What is asked to be explained. */
export interface Inquest extends Pair {
  /** All of them when left out. */
  readonly purpose?: Purpose | undefined;
  /** RFC 3339 moments are milliseconds since 1970 here. Facts received later do not count. */
  readonly nowMs: number;
}

/** The answer for some purposes that fare alike. */
export interface Explained {
  readonly purposes: readonly Purpose[];
  readonly allowed: boolean;
  readonly reason: string;
  /** Those that decided; none when nothing permits and nothing forbids either. */
  readonly policies: readonly Policy[];
  readonly missing: readonly MissingFact[];
  readonly alternatives: readonly (readonly MissingFact[])[];
  /** When the answer was yes so far, and till when a leave to view that runs out will keep it so. */
  readonly intervals: readonly Interval[];
}

export interface Explanation extends Inquest {
  readonly rules: Rules;
  readonly known: Knowledge;
  readonly answers: readonly Explained[];
  /** The facts that have a say in these answers, in index order. */
  readonly facts: readonly Entry[];
}

/**
 * Why the answer to somebody about a recording is what it is at a moment, and when it was another. Pure. The rules are those that the
 * book has in force at each moment.
 */
export function explain(entries: readonly Entry[], book: RuleBook, inquest: Inquest): Explanation {
  const { recording, person, nowMs } = inquest;
  const past = receivedBy(entries, nowMs);
  const known = new Knowledge();
  for (const entry of past) known.apply(entry);
  const rules = book.inForce(known, { recording, nowMs });
  const [found] = timelines(past, [book], { limits: { recording, person } });
  const purposes = inquest.purpose === undefined ? PURPOSES : [inquest.purpose];
  const answers = purposes.map((purpose): Explained => {
    const question = { recording, person, action: 'view', purpose };
    const { policies, ...decision } = decide(rules, known, { question, nowMs });
    const { allowed, reason, missing, alternatives } = decision;
    return {
      purposes: [purpose],
      ...{ allowed, reason, missing, alternatives },
      policies: policies.flatMap((id) => rules.policies.get(id) ?? []),
      intervals: intervalsOf(found?.line, purpose),
    };
  });
  const facts = past.filter(({ fact, index }) => hasSay(fact, { known, rules, inquest, index }));
  return { ...inquest, rules, known, answers: alike(answers), facts };
}

/** The facts that had come in by then, in the order in which they count. */
function receivedBy(entries: readonly Entry[], nowMs: number): readonly Entry[] {
  // A clock that was set back does not let a later fact overtake an earlier one.
  const first = entries.findIndex(({ receivedAt }) => Date.parse(receivedAt) > nowMs);
  return first === -1 ? entries : entries.slice(0, first);
}

function intervalsOf(line: Line | undefined, purpose: Purpose): readonly Interval[] {
  return line?.intervals(0, purpose) ?? [];
}

/** Purposes with the same answer for the same reasons at the same times, side by side. */
function alike(answers: readonly Explained[]): readonly Explained[] {
  const groups = new Map<string, Explained>();
  for (const one of answers) {
    const { purposes, policies, intervals, ...rest } = one;
    const times = intervals.map(({ fromMs, untilMs }) => [fromMs, untilMs]);
    const key = JSON.stringify([rest, policies.map(({ id }) => id), times]);
    const group = groups.get(key);
    groups.set(key, group === undefined ? one : { ...group, purposes: [...group.purposes, ...purposes] });
  }
  return [...groups.values()];
}

interface Say {
  readonly known: Knowledge;
  readonly rules: Rules;
  readonly inquest: Inquest;
  readonly index: number;
}

/** May this fact have a say in an answer: do the rules look at what it can change, and is it about what is asked? */
function hasSay(fact: Fact, { known, rules, inquest, index }: Say): boolean {
  const changes = CHANGES[fact.type];
  if (changes !== 'always' && !changes.some((attribute) => rules.reads.has(attribute))) return false;
  const { recording, person, nowMs } = inquest;
  const { registration, incidents, authorisations } = known.recording(recording);
  const maker = registration?.officer ?? '';
  switch (fact.type) {
    case 'regime.adopted':
      return lineInForce(known.adoptions(), agencyOf(known, recording), nowMs)?.index === index;
    case 'person.enrolled':
      return (
        [person, maker].includes(fact.person) ||
        authorisations.some((one) => one.person === person && one.by === fact.person)
      );
    case 'recording.registered':
    case 'recording.linked':
    case 'recording.unlinked':
      // Whoever made another recording of the incident took part in it too.
      return (
        fact.recording === recording ||
        incidents.some((incident) => known.incident(incident).recordings.has(fact.recording))
      );
    case 'access.authorised':
    case 'access.revoked':
      return fact.recording === recording && fact.person === person;
    case 'recording.sealed':
    case 'recording.unsealed':
      return fact.recording === recording;
    default:
      return (
        'incident' in fact &&
        incidents.includes(fact.incident) &&
        concerns(fact, { known, person, maker, rules })
      );
  }
}

/** Of what people did about an incident: the acts of whoever asks, of the maker, and of everybody where a rule waits for everybody. */
function concerns(
  fact: Fact & { readonly incident: string },
  { known, person, maker, rules }: { known: Knowledge; person: string; maker: string; rules: Rules },
): boolean {
  if (!('person' in fact) || fact.type === 'officer.involved') return true;
  if (fact.person === person) return true;
  if (fact.type === 'report.filed' || fact.type === 'report.withdrawn') return fact.person === maker;
  return (
    (fact.type === 'statement.given' || fact.type === 'statement.withdrawn') &&
    rules.reads.has('everyPerceptualStatementRecorded') &&
    whoTookPart(known, fact.incident).includes(fact.person)
  );
}
