import type { CustodyEntry } from '../../proto/custody-entry.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import type { Findings } from '../ledger/verify/finding.ts';
import type { Placed } from '../ledger/verify/placed.ts';
import { PATHS } from './layout.ts';
import type { Listing } from './listing.ts';

/**
 * Does the ledger say that this left the dock, in this form and under these grants (their digest), and not after it was made? Every
 * export is in the ledger first, so a package without its entry was made past the dock's rules.
 */
export function checkExported(
  about: {
    readonly listing: Listing;
    readonly accepted: EntryOf<'accepted'>;
    readonly grant: string | undefined;
    readonly proven: readonly Placed<CustodyEntry>[];
  },
  findings: Findings,
): void {
  const { listing, accepted, grant, proven } = about;
  const { form, recording, madeAt } = listing;
  const bad = (file: string, message: string): void =>
    findings.add({ code: 'export-unrecorded', file, message });
  const [last] = proven
    .map(({ entry }) => entry)
    .filter((entry) => entry.type === 'exported')
    .filter((entry) => entry.recording === recording && entry.manifest === accepted.manifest)
    .filter((entry) => entry.form === form && (form === 'sealed' || entry.grant === grant))
    .toReversed();
  if (last === undefined) bad('ledger/entries', `has no proved entry that says that this left, ${form}`);
  // Instants sort as text.
  else if (madeAt < last.at)
    bad(PATHS.listing, `says ${madeAt}, and the ledger recorded this export only at ${last.at}`);
}
