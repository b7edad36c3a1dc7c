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
  },
  recorderReportFiled: true,
  person: {
    tookPart: true,
    reportFiled: true,
    candidStatement: true,
    perceptualStatement: true,
    supervisorInterview: true,
    interviewScheduled: true,
    caseAssigned: true,
  },
  authorisedBy: EVERY_ROLE_THAT_MAY,
};

const OFFICER_PURPOSES: readonly Purpose[] = ['write_report', 'supplement_report', 'interview_preparation'];
const REVIEW_PURPOSES: readonly Purpose[] = ['investigation', 'oversight'];

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
  ...everyWay('disclosure', FAVOURABLE, ['disclosure']),
];

/** What single regimes promise besides. One more regime is one more line. */
const OF_REGIME: Readonly<Record<string, readonly Canary[]>> = {
  doj: [
    ...everyWay('before the recorder has reported', { ...FAVOURABLE, recorderReportFiled: false }),
    ...everyWay('reviewer before the recorder has reported, authorised by the chief', {
      ...FAVOURABLE,
      recorderReportFiled: false,
      person: { ...FAVOURABLE.person, tookPart: false },
      authorisedBy: ['chief', 'chief_designee'],
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
    ...(['deadly', 'unclassified'] as const).flatMap((force) =>
      everyWay(
        `${force} force without the chief`,
        {
          ...FAVOURABLE,
          incident: { ...FAVOURABLE.incident, force },
          authorisedBy: ['city_attorney', 'doj_monitor'],
        },
        OFFICER_PURPOSES,
      ),
    ),
    ...everyWay(
      'death in custody without the chief',
      {
        ...FAVOURABLE,
        incident: { ...FAVOURABLE.incident, force: 'none', deathInCustody: true },
        authorisedBy: ['city_attorney', 'doj_monitor'],
      },
      OFFICER_PURPOSES,
    ),
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
