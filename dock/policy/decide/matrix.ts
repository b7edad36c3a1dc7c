import { RegimeError } from '../errors.ts';
import type { PolicyTexts } from '../facts/policy-sets.ts';
import { FORCES, INJURIES, PURPOSES, ROLES, type Role } from '../facts/fact.ts';
import { clausesOf, type Clause } from './clause.ts';
import { type Diagram, Diagrams, isThroughout, rows, type Row } from './diagram.ts';
import { ACTIONS, type Gate } from './gate.ts';
import { checkedRules } from './load.ts';
import { prepareRules, type Policy } from './rules.ts';

/** Stands where no role does: nobody enrolled, nobody who has authorised. */
const NOBODY = 'nobody';
const NO_YES = ['no', 'yes'] as const;

/**
 * What a row can speak of, in the order that makes tables short. The person holds one role or none, and one person at
 * most has authorised; whoever made the recording has one report, the recorder's and their own.
 */
export const COLUMNS = {
  action: ACTIONS,
  registered: NO_YES,
  linked: NO_YES,
  sealed: NO_YES,
  purpose: PURPOSES,
  role: [...ROLES, NOBODY],
  part: ['none', 'partner', 'recorder'],
  deathInCustody: NO_YES,
  force: FORCES,
  vulnerable: NO_YES,
  injury: INJURIES,
  misconduct: NO_YES,
  caseAssigned: NO_YES,
  recorderReport: NO_YES,
  ownReport: NO_YES,
  candidStatement: NO_YES,
  supervisorInterview: ['none', 'unrecorded', 'recorded'],
  perceptualStatement: NO_YES,
  everyPerceptualStatement: NO_YES,
  interviewScheduled: NO_YES,
  authorisedBy: [NOBODY, ...ROLES],
} as const;
export type Column = keyof typeof COLUMNS;

const NAMES = Object.keys(COLUMNS) as readonly Column[];

/** Which columns an attribute of a situation is made of. */
const MADE_OF: Readonly<Record<string, readonly Column[]>> = {
  action: ['action'],
  principal: ['role'],
  purpose: ['purpose'],
  registered: ['registered'],
  linked: ['linked'],
  sealed: ['sealed'],
  incident: [],
  force: ['force'],
  deathInCustody: ['deathInCustody'],
  injury: ['injury'],
  vulnerable: ['vulnerable'],
  misconduct: ['misconduct'],
  everyPerceptualStatementRecorded: ['everyPerceptualStatement'],
  person: [],
  tookPart: ['part'],
  reportFiled: ['part', 'recorderReport', 'ownReport'],
  candidStatement: ['candidStatement'],
  perceptualStatementRecorded: ['perceptualStatement'],
  supervisorInterview: ['supervisorInterview'],
  supervisorInterviewRecorded: ['supervisorInterview'],
  interviewScheduled: ['interviewScheduled'],
  caseAssigned: ['caseAssigned'],
  recorderReportFiled: ['recorderReport'],
  authorisedBy: ['authorisedBy'],
};

/** One line of a matrix. */
export interface MatrixRow {
  readonly allowed: boolean;
  /** The values each column may have, for those columns that matter to this line. */
  readonly when: Readonly<Partial<Record<Column, readonly string[]>>>;
  /** Ids of the policies that decide every combination of this line. */
  readonly policies: readonly string[];
  /** A deny for want of a permit, all through the line. */
  readonly isUnspokenOf: boolean;
}

/** The whole of what a regime says. Each combination of the columns' values is in exactly one row. */
export interface Matrix {
  readonly regime: string;
  /** SHA-256 of the policies, hex. */
  readonly policySet: string;
  readonly policies: readonly Pick<Policy, 'id' | 'text'>[];
  /** Those of {@link COLUMNS} that any row speaks of. */
  readonly columns: readonly Column[];
  readonly rows: readonly MatrixRow[];
}

/** A policy, and for which combinations it applies. */
interface Applying {
  readonly policy: Policy;
  readonly applies: Diagram;
}

/** Asks a regime everything there is to ask. Throws RegimeError as loading it does. */
export function matrixOf(texts: PolicyTexts): Matrix {
  const { regime, hash, policies } = checkedRules(texts);
  const diagrams = new Diagrams(NAMES.map((name) => COLUMNS[name].length));
  const applying = tabulateAll(diagrams, [...policies.values()], texts.schema);
  const any = (effect: Policy['effect']): Diagram =>
    applying
      .filter(({ policy }) => policy.effect === effect)
      .reduce<Diagram>((all, { applies }) => diagrams.or(all, applies), false);
  const permitted = any('permit');
  const allowed = diagrams.and(permitted, diagrams.not(any('forbid')));
  const found = [...rows(allowed)].map(({ when, answer }): MatrixRow => {
    const effect = answer ? 'permit' : 'forbid';
    const deciding = applying.filter(
      ({ policy, applies }) => policy.effect === effect && isThroughout(applies, when, true),
    );
    return {
      allowed: answer,
      when: named(when),
      policies: deciding.map(({ policy }) => policy.id),
      isUnspokenOf: isThroughout(permitted, when, false),
    };
  });
  return {
    regime,
    policySet: hash,
    policies: [...policies.values()].map(({ id, text }) => ({ id, text })),
    columns: NAMES.filter((name) => found.some(({ when }) => when[name] !== undefined)),
    rows: found,
  };
}

/** The request that stands for one combination of values, given by their places. */
export function gateAt(place: (column: Column) => number): Gate {
  const is = (column: Column): boolean => COLUMNS[column][place(column)] === 'yes';
  const isRecorder = valueAt('part', place) === 'recorder';
  const interview = valueAt('supervisorInterview', place);
  return {
    action: valueAt('action', place),
    purpose: valueAt('purpose', place),
    situation: {
      roles: roleIn(valueAt('role', place)),
      recording: { registered: is('registered'), linked: is('linked'), sealed: is('sealed') },
      incident: {
        force: valueAt('force', place),
        deathInCustody: is('deathInCustody'),
        injury: valueAt('injury', place),
        vulnerable: is('vulnerable'),
        misconduct: is('misconduct'),
        everyPerceptualStatementRecorded: is('everyPerceptualStatement'),
      },
      recorderReportFiled: is('recorderReport'),
      person: {
        tookPart: valueAt('part', place) !== 'none',
        reportFiled: is(isRecorder ? 'recorderReport' : 'ownReport'),
        candidStatement: is('candidStatement'),
        perceptualStatementRecorded: is('perceptualStatement'),
        supervisorInterview: interview !== 'none',
        supervisorInterviewRecorded: interview === 'recorded',
        interviewScheduled: is('interviewScheduled'),
        caseAssigned: is('caseAssigned'),
      },
      authorisedBy: roleIn(valueAt('authorisedBy', place)),
    },
  };
}

/** Each policy as all of its clauses together. Many policies share a clause. */
function tabulateAll(diagrams: Diagrams, policies: readonly Policy[], schema: string): readonly Applying[] {
  const done = new Map<string, Diagram>();
  const once = (clause: Clause): Diagram => {
    const diagram = done.get(clause.source) ?? tabulate(diagrams, clause, schema);
    done.set(clause.source, diagram);
    return diagram;
  };
  return policies.map((policy) => ({
    policy,
    applies: clausesOf(policy)
      .map(once)
      .reduce((all, one) => diagrams.and(all, one), true),
  }));
}

/** Cedar is asked for every combination of what the clause reads; what it does not read stays as it is. */
function tabulate(diagrams: Diagrams, clause: Clause, schema: string): Diagram {
  const { source, reads } = clause;
  const policy: Policy = { id: 'clause', text: '', effect: 'permit', file: '', source, reads };
  const rules = prepareRules({ regime: 'clause', hash: source, policies: [policy], reads, schema });
  return diagrams.table(columnsOf(clause), (values) => {
    const { allowed, errors } = rules.evaluate(gateAt((column) => values.get(NAMES.indexOf(column)) ?? 0));
    if (errors.length === 0) return allowed;
    throw new RegimeError('BAD_POLICY', `a condition fails: ${errors.join('; ')}: ${source}`, {
      retry: 'never',
    });
  });
}

function columnsOf({ reads, source }: Clause): readonly number[] {
  const columns = [...reads].flatMap((attribute) => {
    const made = MADE_OF[attribute];
    if (made !== undefined) return made;
    throw new RegimeError(
      'BAD_POLICY',
      `no column of the matrix shows "${attribute}", which a rule reads: ${source}`,
      {
        retry: 'never',
      },
    );
  });
  return [...new Set(columns)].map((column) => NAMES.indexOf(column));
}

function named(when: Row['when']): MatrixRow['when'] {
  return Object.fromEntries(
    NAMES.flatMap((name, column) => {
      const values = when.get(column);
      return values === undefined ? [] : [[name, values.map((value) => COLUMNS[name][value] ?? '')]];
    }),
  );
}

function valueAt<Name extends Column>(
  column: Name,
  place: (column: Column) => number,
): (typeof COLUMNS)[Name][number] {
  return COLUMNS[column][place(column)] ?? COLUMNS[column][0];
}

function roleIn(role: Role | typeof NOBODY): readonly Role[] {
  return role === NOBODY ? [] : [role];
}
