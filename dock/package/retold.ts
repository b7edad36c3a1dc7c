import { type Fields, fieldsOf } from './jws.ts';

/** A decision in words: pairs of a name and what it says. Nothing in it is escaped. */
export type Line = readonly [name: string, said: string];

/** A fact that a decision rested on, in words. Nothing in it is escaped. */
export interface ToldFact {
  readonly index: string;
  /** When the policy service received it, by its clock. */
  readonly receivedAt: string;
  /** Whose word it is. */
  readonly source: string;
  /** When it happened, as that source says, and what. */
  readonly said: string;
}

/** Who opened the footage, why, and by which rules. Of several decisions, one for each part, the first says it for all. */
export function decisionLines(decisions: readonly Fields[]): readonly Line[] {
  const [first = {}] = decisions;
  const policies = new Map(
    decisions.flatMap(({ policies: of }) => objects(of)).map((one) => [word(one['id']), one]),
  );
  return [
    ['Opened for', word(first['sub'])],
    ['Purpose', word(first['purpose']).replaceAll('_', ' ')],
    ['Decided', `${decisions.map(({ at }) => word(at)).join(', ')}, by ${word(first['iss'])}`],
    ['Regime', `${word(first['regime'])}; its policies have the digest ${word(first['policySet'])}`],
    ['Reason', word(first['reason'])],
    ...[...policies].map(([id, { text }]): Line => [`Policy ${id}`, word(text)]),
  ];
}

/** Every fact that one of the decisions rested on, once, in the order in which they were received. */
export function toldFacts(decisions: readonly Fields[]): readonly ToldFact[] {
  const all = new Map(
    decisions.flatMap(({ facts }) => objects(facts)).map((one) => [Number(one['index']), one]),
  );
  return [...all.entries()]
    .toSorted(([a], [b]) => a - b)
    .map(([index, { source, receivedAt, fact }]) => {
      const said = fieldsOf(fact) ?? {};
      return {
        index: String(index),
        receivedAt: word(receivedAt),
        source: word(source),
        said: `${word(said['at'])}: ${sentence(said)}`,
      };
    });
}

function sentence(fact: Fields): string {
  const say = WORDS[word(fact['type'])];
  if (say !== undefined) return say((name) => word(fact[name]));
  const rest = Object.entries(fact).filter(([name]) => !['id', 'at', 'type'].includes(name));
  return `${word(fact['type'])} ${JSON.stringify(Object.fromEntries(rest))}`;
}

type Say = (of: (name: string) => string) => string;

/** What each type of fact says; one of a type that is not here is shown as it is. */
const WORDS: Readonly<Record<string, Say>> = {
  'person.enrolled': (of) => `${of('person')} is enrolled as ${of('roles')}${after(', of ', of('org'))}.`,
  'recording.registered': (of) =>
    `The recording ${of('recording')} of camera ${of('camera')}, held by ${of('officer') || 'nobody in particular'}, is in custody.`,
  'recording.linked': (of) => `The recording ${of('recording')} belongs to incident ${of('incident')}.`,
  'recording.unlinked': (of) =>
    `The recording ${of('recording')} does not belong to incident ${of('incident')} any more.`,
  'recording.sealed': (of) => `A court sealed the recording, said by ${of('by')}: ${of('reason')}.`,
  'recording.unsealed': (of) => `The court's seal was lifted, said by ${of('by')}: ${of('reason')}.`,
  'officer.involved': (of) => `${of('person')} took part in incident ${of('incident')}.`,
  'report.filed': (of) =>
    `${of('person')} filed the initial report on incident ${of('incident')}; the locked report has the hash ${of('reportHash')}.`,
  'report.withdrawn': (of) => `${of('person')} withdrew the report on incident ${of('incident')}.`,
  'statement.given': (of) =>
    `${of('person')} gave a statement on incident ${of('incident')}: ${of('kind').replaceAll('_', ' ')}${of('recorded') === 'true' ? ', recorded' : ''}.`,
  'statement.withdrawn': (of) =>
    `The statement of ${of('person')} on incident ${of('incident')} was taken back: ${of('kind').replaceAll('_', ' ')}.`,
  'interview.scheduled': (of) =>
    `An interview of ${of('person')} on incident ${of('incident')} was scheduled.`,
  'interview.held': (of) => `An interview of ${of('person')} on incident ${of('incident')} was held.`,
  'case.assigned': (of) =>
    `Case ${of('case')} on incident ${of('incident')} was assigned to ${of('person')}.`,
  'case.unassigned': (of) =>
    `Case ${of('case')} on incident ${of('incident')} is no longer assigned to ${of('person')}.`,
  'misconduct.alleged': (of) => `Misconduct in incident ${of('incident')} was alleged.`,
  'force.classified': (of) =>
    `${of('by')} classified the force in incident ${of('incident')}: ${of('force').replaceAll('_', ' ')}, injury ${of('injury').replaceAll('_', ' ')}${of('deathInCustody') === 'true' ? ', a death in custody' : ''}${of('vulnerable') === 'true' ? ', a vulnerable person' : ''}.`,
  'access.authorised': (of) => `${of('by')} authorised ${of('person')} to view it until ${of('expiresAt')}.`,
  'access.revoked': (of) => `${of('by')} revoked the authorisation of ${of('person')}.`,
  'regime.adopted': (of) =>
    `From ${of('from')} on ${of('agency') || 'every agency without one of its own'} is under the regime ${of('regime')}.`,
};

function objects(value: unknown): readonly Fields[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [];
  return all.map(fieldsOf).filter((one) => one !== undefined);
}

function word(value: unknown): string {
  if (Array.isArray(value)) return value.map(String).join(', ');
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : '';
}

const after = (start: string, said: string): string => (said === '' ? '' : `${start}${said}`);
