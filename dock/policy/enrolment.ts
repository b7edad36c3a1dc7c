import { instant } from './clock.ts';
import type { Account } from './custodian/accounts.ts';
import type { FactBook } from './facts/book.ts';
import { OWN_SOURCE, type PersonEnrolled, type Source } from './facts/fact.ts';

const SELF: Source = { name: OWN_SOURCE, may: new Set(['person.enrolled']) };

/**
 * Asserts every account as a `person.enrolled` fact. Only when its roles differ from what this service last said
 * itself: a restart must not bring back roles that a records source has taken away since.
 */
export function enrolPeople(book: FactBook, accounts: readonly Account[], nowMs: number): void {
  const at = instant(nowMs);
  for (const account of accounts) {
    const before = book.store.lastEnrolment(SELF.name, account.person)?.fact;
    if (before?.type === 'person.enrolled' && saysTheSame(before, account)) continue;
    const { person, roles, org } = account;
    // The index in the id tells a return to earlier roles from the fact that first gave them.
    const id = `account/${person}/${book.known.newest + 1}`;
    book.post(
      SELF,
      [{ id, type: 'person.enrolled', at, person, roles, ...(org === undefined ? {} : { org }) }],
      at,
    );
  }
}

function saysTheSame(before: PersonEnrolled, { roles, org }: Account): boolean {
  const sorted = (list: readonly string[]): string => [...list].sort().join(' ');
  return sorted(before.roles) === sorted(roles) && before.org === org;
}
