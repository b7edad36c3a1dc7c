import { equal } from '../../../proto/bytes.ts';
import { decodePolicyEntry } from '../../../proto/policy-entry.ts';
import type { Findings } from '../../ledger/verify/finding.ts';
import { fields } from '../facts/database.ts';
import { forgedDecision, forgedFact, type Forged } from '../facts/commitments.ts';
import { openOutbox, type OutboxRow } from '../facts/outbox.ts';
import { readFactsFile } from '../facts/read-only.ts';
import { readPseudonyms } from '../custodian/pseudonym.ts';
import { forgedKeys, type Rests, restsOf } from './decided-again.ts';
import { type About, aboutIn, type Statements } from './statements.ts';

/** What only the service's own folder knows of its ledger. */
export interface OwnBook {
  readonly outbox: readonly OutboxRow[];
  /** Ids of people by pseudonym; empty when the pseudonym key is not there. */
  readonly names: ReadonlyMap<string, string>;
  /** What each giving of keys of the recording rests on, by index of its entry. */
  readonly rests: ReadonlyMap<number, Rests>;
  /** Facts, decisions and rows of keys that are not the ones the entries speak of: the first of each. */
  readonly forged: readonly Forged[];
}

const PAGE = 1_000;
const PEOPLE =
  'SELECT person FROM facts WHERE person IS NOT NULL UNION SELECT person FROM keys UNION SELECT person FROM decisions';

/** Reads the folder of a policy service, running or not, about one recording, and changes nothing. Throws StoreError, TrustError BAD_KEY. */
export function readOwnBook(data: string, recording: string): OwnBook {
  const pseudonym = readPseudonyms(data);
  return readFactsFile(data, (database) => {
    const source = openOutbox(database);
    const outbox: OutboxRow[] = [];
    for (let page = source.list(0, PAGE); page.length > 0; page = source.list(outbox.length, PAGE))
      outbox.push(...page);
    const people = database
      .prepare(PEOPLE)
      .all()
      .map((row) => String(fields(row)['person']));
    const names = new Map(
      pseudonym === undefined ? [] : people.map((person) => [pseudonym(person), person] as const),
    );
    const forged = [forgedFact(database), forgedDecision(database), forgedKeys(database)].filter(
      (one) => one !== undefined,
    );
    return { outbox, names, rests: restsOf(database, recording), forged };
  });
}

/** Holds every leaf against facts.db, and returns what it says of the recording that the checkpoint does not have yet. */
export function compareOutbox(
  { leaves, size }: Statements,
  { outbox, forged }: OwnBook,
  of: { readonly recording: string; readonly findings: Findings },
): readonly About[] {
  const file = 'facts.db';
  if (size > outbox.length) {
    const message = `holds ${outbox.length} entries and the log ${size}: it was restored from an older backup`;
    of.findings.add({ code: 'outbox-mismatch', file, index: outbox.length, message });
  }
  for (const [index, leaf] of leaves) {
    const entry = outbox[index]?.entry;
    if (entry === undefined || equal(entry, leaf)) continue;
    of.findings.add({ code: 'outbox-mismatch', file, index, message: 'says something else than the log' });
    break;
  }
  const asPublished = [...leaves].every(([index, leaf]) => equal(outbox[index]?.entry ?? leaf, leaf));
  // Of entries that are not what was signed nothing follows about the rows.
  for (const { row, index } of asPublished ? forged : []) {
    const message = `${row} is not what the ledger speaks of: it was changed by another hand`;
    of.findings.add({ code: 'outbox-mismatch', file, ...(index === undefined ? {} : { index }), message });
  }
  const later = outbox.slice(size);
  if (later.length > 0) {
    const message = `holds ${later.length} entries that the checkpoint does not: they wait for it, or it was rolled back`;
    of.findings.add({ code: 'unpublished', file, index: size, message });
  }
  return later.flatMap(({ seq, entry }) => {
    const one = aboutIn(decodePolicyEntry(entry), of.recording);
    return one === undefined ? [] : [{ ...one, index: seq - 1, published: false }];
  });
}
