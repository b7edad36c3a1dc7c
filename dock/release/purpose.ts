/** Every purpose that a person may claim (POLICY: the one claim in a request; it is logged as a claim). */
export const PURPOSES = [
  'write_report',
  'supplement_report',
  'interview_preparation',
  'investigation',
  'oversight',
  'disclosure',
] as const;

const OWN_PART = ['supplement_report', 'write_report', 'interview_preparation'] as const;

// Which purposes are worth asking about for whom. This is about sparing the policy service questions whose
// answer is known; it gives no right, as the service knows the roles by its own facts.
const BY_ROLE: Readonly<Record<string, readonly string[]>> = {
  officer: OWN_PART,
  supervisor: OWN_PART,
  chief: OWN_PART,
  chief_designee: OWN_PART,
  internal_affairs: ['investigation', ...OWN_PART],
  independent_review: ['oversight'],
  doj_monitor: ['oversight'],
  city_attorney: ['disclosure'],
};

/** Purposes to ask about for a person with these roles, most usual first; never empty. */
export function purposesOf(roles: readonly string[]): readonly string[] {
  const purposes = new Set(roles.flatMap((role) => BY_ROLE[role] ?? []));
  return purposes.size === 0 ? ['oversight'] : [...purposes];
}
