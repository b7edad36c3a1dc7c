import { existsSync, readFileSync } from 'node:fs';
import { microInstant, systemClock, systemTimers } from '../clock.ts';
import type { PolicyOptions } from '../config.ts';
import { forgedFact } from '../facts/commitments.ts';
import { openOutbox } from '../facts/outbox.ts';
import type { Database } from '../facts/database.ts';
import { openKeyBook, type KeyBook } from '../facts/key-book.ts';
import { forged, openOwnLog, type OwnLog } from './open.ts';
import { openPseudonyms } from '../custodian/pseudonym.ts';
import { openShownBook, type ShownBook } from './shown.ts';
import { readWitnessing } from './witnessing.ts';

/** The service's own ledger, with the entry that it was started on its way into it; and the books that write to it. */
export interface StartedLog {
  readonly log: OwnLog;
  readonly keyBook: KeyBook;
  readonly shownBook: ShownBook;
}

/** Opens the ledger of the service on `database` and says in it that the service was started. Throws as `openOwnLog`. */
export async function startOwnLog(of: {
  readonly options: PolicyOptions;
  readonly passphrase: string | undefined;
  readonly database: Database;
  /** Thumbprint (RFC 7638) of the key that cameras seal to. */
  readonly custodian: string;
  readonly report: (error: unknown) => void;
}): Promise<StartedLog> {
  const { options, passphrase, database, custodian, report } = of;
  const outbox = openOutbox(database);
  const before = outbox.lastCustodian();
  const pseudonym = openPseudonyms(options.data, { isNew: before === undefined });
  // What was given before there was a ledger stands in it before its first start does.
  const keyBook = openKeyBook(database, pseudonym);
  const log = await openOwnLog({
    ...{ data: options.data, passphrase, isNew: before === undefined, outbox, report },
    ...{ timers: systemTimers, nowMs: systemClock.nowMs, ...readWitnessing(options) },
    check: () => checkFacts(database),
    origin: options.ledgerOrigin,
    defaultOrigin: `${hostOf(options)}/policy`,
  });
  const at = microInstant(systemClock.nowMs());
  // A key that was changed while the service stood still, and by no command that said so.
  if (before !== undefined && before !== custodian)
    outbox.add({ type: 'custodian.rotated', at, from: before, to: custodian });
  outbox.add({ type: 'service.started', at, version: ownVersion(), custodian });
  log.wake();
  return { log, keyBook, shownBook: openShownBook(database, pseudonym) };
}

/** Nothing is decided from a fact that the ledger does not speak of. */
function checkFacts(database: Database): void {
  const found = forgedFact(database);
  if (found !== undefined) throw forged(found);
}

/** Without the port, which may be another one at each start. */
function hostOf({ issuer, host }: PolicyOptions): string {
  return issuer !== undefined && URL.canParse(issuer) ? new URL(issuer).hostname : host;
}

/** The version in package.json, three folders up from the sources and four from the build. */
function ownVersion(): string {
  const path = ['../../../package.json', '../../../../package.json']
    .map((relative) => new URL(relative, import.meta.url))
    .find((url) => existsSync(url));
  if (path === undefined) return 'unknown';
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string };
  return version;
}
