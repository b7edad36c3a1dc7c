import { RegimeError } from '../errors.ts';
import { FORCES, PURPOSES, ROLES, type Purpose, type Role } from '../facts/fact.ts';
import type { Situation } from '../facts/situation.ts';
import { ACTIONS, type Gate } from './gate.ts';
import type { Rules } from './rules.ts';

interface Canary {
  readonly name: string;
  readonly gate: Gate;
}

const EVERY_ROLE_THAT_MAY: readonly Role[] = ROLES.filter(
  (role) => role !== 'custodian' && role !== 'dock_operator',
);

/** As much as can speak for an access: a canary takes one thing away and must then be denied. */
const FAVOURABLE: Situation = {
  roles: EVERY_ROLE_THAT_MAY,
  recording: { registered: true, linked: true, sealed: false },
  incident: {
    force: 'non_deadly',
    deathInCustody: false,
    injury: 'none',
    vulnerable: false,
    misconduct: true,
    everyPerceptualStatementRecorded: true,
  },
  recorderReportFiled: true,
  person: {
    tookPart: true,
    reportFiled: true,
    candidStatement: true,
    perceptualStatementRecorded: true,
    supervisorInterview: true,
    supervisorInterviewRecorded: true,
    interviewScheduled: true,
    caseAssigned: true,
  },
  authorisedBy: EVERY_ROLE_THAT_MAY,
};

const OFFICER_PURPOSES: readonly Purpose[] = ['write_report', 'supplement_report', 'interview_preparation'];
const REVIEW_PURPOSES: readonly Purpose[] = ['investigation', 'oversight'];

/** Everything but a part in the incident; without the role of an officer, whom the base rules shut out anyway. */
const ONLOOKER: Situation = {
  ...FAVOURABLE,
  roles: EVERY_ROLE_THAT_MAY.filter((role) => role !== 'officer'),
  person: { ...FAVOURABLE.person, tookPart: false },
};
const WITHOUT_PERCEPTUAL = { ...FAVOURABLE.person, perceptualStatementRecorded: false };
const WITHOUT_RECORDED_INTERVIEW = { ...FAVOURABLE.person, supervisorInterviewRecorded: false };
const WITHOUT_INTERVIEW = { ...WITHOUT_RECORDED_INTERVIEW, supervisorInterview: false };

/** Incidents that every regime which asks for force counts as deadly. */
const COUNTS_AS_DEADLY: readonly Situation['incident'][] = [
  ...(['deadly', 'unclassified'] as const).map((force) => ({ ...FAVOURABLE.incident, force })),
  ...(['none', 'non_deadly'] as const).map((force) => ({
    ...FAVOURABLE.incident,
    force,
    deathInCustody: true,
  })),
];

/** What POLICY.md promises whatever the regime. */
const ALWAYS: readonly Canary[] = [
  ...everyWay('custodian', { ...FAVOURABLE, roles: [...EVERY_ROLE_THAT_MAY, 'custodian'] }),
  ...everyWay('dock operator', { ...FAVOURABLE, roles: [...EVERY_ROLE_THAT_MAY, 'dock_operator'] }),
  ...everyWay('sealed', { ...FAVOURABLE, recording: { ...FAVOURABLE.recording, sealed: true } }),
  ...everyWay('not linked', { ...FAVOURABLE, recording: { ...FAVOURABLE.recording, linked: false } }),
  ...everyWay('not registered', { ...FAVOURABLE, recording: { ...FAVOURABLE.recording, registered: false } }),
  ...FORCES.flatMap((force) =>
    everyWay(`officer who took no part, force ${force}`, {
      ...FAVOURABLE,
      roles: ['officer', 'supervisor', 'chief', 'chief_designee'],
      incident: { ...FAVOURABLE.incident, force },
      person: { ...FAVOURABLE.person, tookPart: false },
    }),
  ),
  ...everyWay('nobody', { ...FAVOURABLE, roles: [] }),
  ...everyWay('review of oneself', FAVOURABLE, REVIEW_PURPOSES),
  ...everyWay('reviewer without a case', {
    ...FAVOURABLE,
    roles: ['internal_affairs', 'independent_review', 'doj_monitor'],
    person: { ...FAVOURABLE.person, tookPart: false, caseAssigned: false },
  }),
  ...everyWay('part of somebody outside the bureau', {
    ...FAVOURABLE,
    roles: ['independent_review', 'doj_monitor', 'city_attorney'],
  }),
  ...everyWay('disclosure', FAVOURABLE, ['disclosure']),
];

/** What single regimes promise besides. One more regime is one more line. */
const OF_REGIME: Readonly<Record<string, readonly Canary[]>> = {
  doj: [
    ...everyWay('before the recorder has reported', { ...FAVOURABLE, recorderReportFiled: false }),
    ...everyWay('reviewer before the recorder has reported, authorised by anybody in the bureau', {
      ...FAVOURABLE,
      recorderReportFiled: false,
      person: { ...FAVOURABLE.person, tookPart: false },
      authorisedBy: everyRoleBut('city_attorney', 'doj_monitor'),
    }),
    ...everyWay('before one has reported oneself', {
      ...FAVOURABLE,
      person: { ...FAVOURABLE.person, reportFiled: false },
    }),
  ],
  city: [
    ...everyWay(
      'non-deadly force without a statement',
      { ...FAVOURABLE, person: { ...FAVOURABLE.person, candidStatement: false } },
      OFFICER_PURPOSES,
    ),
    ...COUNTS_AS_DEADLY.flatMap((incident) =>
      everyWay(
        `${inWords(incident)} without the chief`,
        { ...FAVOURABLE, incident, authorisedBy: everyRoleBut('chief', 'chief_designee') },
        OFFICER_PURPOSES,
      ),
    ),
    ...everyWay('no part where force was not deadly', ONLOOKER, OFFICER_PURPOSES),
    ...everyWay(
      'an interview where no force was used',
      { ...FAVOURABLE, incident: { ...FAVOURABLE.incident, force: 'none' } },
      ['interview_preparation'],
    ),
  ],
  ppa: everyWay('no part', ONLOOKER, OFFICER_PURPOSES),
  osp: [
    ...everyWay('no part', ONLOOKER, OFFICER_PURPOSES),
    ...everyWay(
      'no interview scheduled',
      { ...FAVOURABLE, person: { ...FAVOURABLE.person, interviewScheduled: false } },
      ['interview_preparation'],
    ),
  ],
  'portland-2023': [
    ...COUNTS_AS_DEADLY.flatMap((incident) => [
      ...everyWay(
        `${inWords(incident)} without a recorded perceptual statement`,
        { ...FAVOURABLE, incident, person: WITHOUT_PERCEPTUAL },
        OFFICER_PURPOSES,
      ),
      ...everyWay(`internal affairs before everybody's perceptual statement, ${inWords(incident)}`, {
        ...ONLOOKER,
        incident: { ...incident, everyPerceptualStatementRecorded: false },
      }),
      ...everyWay(`${inWords(incident)} and no part`, { ...ONLOOKER, incident }, OFFICER_PURPOSES),
    ]),
    ...(['none', 'non_deadly'] as const).flatMap((force) =>
      [
        { ...FAVOURABLE.incident, force, injury: 'serious' as const },
        { ...FAVOURABLE.incident, force, vulnerable: true },
      ].flatMap((incident) =>
        everyWay(
          `${inWords(incident)} without a recorded statement to a supervisor`,
          { ...FAVOURABLE, incident, person: WITHOUT_RECORDED_INTERVIEW },
          OFFICER_PURPOSES,
        ),
      ),
    ),
    ...(['none', 'non_serious'] as const).flatMap((injury) =>
      everyWay(
        `force, injury ${injury}, without an interview by a supervisor`,
        { ...FAVOURABLE, incident: { ...FAVOURABLE.incident, injury }, person: WITHOUT_INTERVIEW },
        OFFICER_PURPOSES,
      ),
    ),
    ...everyWay(
      'an interview where no force was used',
      { ...FAVOURABLE, incident: { ...FAVOURABLE.incident, force: 'none' } },
      ['interview_preparation'],
    ),
    ...everyWay('no part', ONLOOKER, OFFICER_PURPOSES),
  ],
};

/**
 * Asks what must be denied. An allow, or an evaluation that fails, means that a policy file or the schema is not
 * what it should be. Throws RegimeError CANARY_ALLOWED or CANARY_FAILED.
 */
export function runCanaries(rules: Rules): void {
  for (const { name, gate } of [...ALWAYS, ...(OF_REGIME[rules.regime] ?? [])]) {
    const { allowed, errors } = rules.evaluate(gate);
    const what = `${name}, ${gate.action} for ${gate.purpose}, under ${rules.regime}`;
    if (allowed) {
      throw new RegimeError('CANARY_ALLOWED', `the policies allow what must be denied: ${what}`, {
        retry: 'never',
      });
    }
    if (errors.length > 0) {
      throw new RegimeError('CANARY_FAILED', `the policies fail on: ${what}: ${errors.join('; ')}`, {
        retry: 'never',
      });
    }
  }
}

function everyWay(
  name: string,
  situation: Situation,
  purposes: readonly Purpose[] = PURPOSES,
): readonly Canary[] {
  return ACTIONS.flatMap((action) =>
    purposes.map((purpose) => ({ name, gate: { action, purpose, situation } })),
  );
}

function everyRoleBut(...roles: readonly Role[]): readonly Role[] {
  return ROLES.filter((role) => !roles.includes(role));
}

function inWords({ force, deathInCustody, injury, vulnerable }: Situation['incident']): string {
  const marks = [deathInCustody ? 'death in custody' : '', vulnerable ? 'somebody vulnerable' : ''];
  return [`force ${force}`, `injury ${injury}`, ...marks].filter((part) => part !== '').join(', ');
}
