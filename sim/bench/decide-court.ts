import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { adoptRegimes, loadRegimes } from '../../dock/policy/adoption.ts';
import { instant, systemClock } from '../../dock/policy/clock.ts';
import { parseOptions } from '../../dock/policy/config.ts';
import { openSigningKey } from '../../dock/policy/custodian/keys.ts';
import { openRegistry } from '../../dock/policy/custodian/registry.ts';
import { gates } from '../../dock/policy/decide/missing.ts';
import type { Gate } from '../../dock/policy/decide/gate.ts';
import { ruleBook } from '../../dock/policy/decide/rule-book.ts';
import type { Rules } from '../../dock/policy/decide/rules.ts';
import { FactBook } from '../../dock/policy/facts/book.ts';
import { openDatabase } from '../../dock/policy/facts/database.ts';
import type { Source } from '../../dock/policy/facts/fact.ts';
import { openJournal } from '../../dock/policy/facts/journal.ts';
import { openOutbox } from '../../dock/policy/facts/outbox.ts';
import { keepPolicySet } from '../../dock/policy/facts/policy-sets.ts';
import { isPurpose, type Question } from '../../dock/policy/facts/situation.ts';
import { openFactStore } from '../../dock/policy/facts/store.ts';
import { openWraps } from '../../dock/policy/facts/wraps.ts';
import type { Court, Request } from '../../dock/policy/hearing.ts';
import { startOwnLog } from '../../dock/policy/ledger/start.ts';
import { GRANT_MEDIA_MS_MAX } from '../../dock/policy/custodian/range.ts';
import { Chance } from '../fault/chance.ts';
import { Agency, type AgencySize } from './agency.ts';

const RECORDS: Source = { name: 'records', may: new Set(['*']) };
const LINES = [{ agency: '', regime: 'doj', fromMs: 0 }];
const POSTED = 1_000;

/** The policy service below its HTTP edge, on a folder of its own, with an agency's facts on file. */
export interface BenchCourt {
  readonly court: Court;
  readonly rules: Rules;
  readonly agency: Agency;
  /** Everything that was decided so far stands in the service's own ledger. */
  published(): Promise<void>;
  close(): Promise<void>;
}

/** Everything that `holdfast policy` opens for its decisions, as it opens it; the folder goes away with the process. */
export async function openBenchCourt(size: AgencySize): Promise<BenchCourt> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  const data = join(dir, 'policy');
  mkdirSync(data);
  const database = openDatabase(join(data, 'facts.db'));
  const shelf = openWraps(join(data, 'wraps.db'));
  const report = (error: unknown): void => {
    throw error;
  };
  const flags = ['--data', data, '--sources', '', '--people', '', '--registry', data];
  const started = { options: parseOptions(flags), passphrase: undefined, database, report };
  const { log } = await startOwnLog({ ...started, custodian: 'A'.repeat(43) });
  const journal = openJournal(database, log.wake);
  const loaded = loadRegimes(LINES);
  const [regime] = loaded;
  if (regime === undefined) throw new RangeError('no regime is loaded');
  const book = new FactBook({
    ...{ store: openFactStore(database), enrolled: openRegistry(data), shelf, decided: journal },
    recipients: { custodian: '', recovery: [] },
    report: (trouble) => report(new Error(trouble)),
  });
  book.subscribe(log.wake);
  keepPolicySet(database, regime.rules.hash, regime.texts);
  adoptRegimes(book, { lines: LINES, loaded }, systemClock.nowMs());
  const agency = new Agency({ ...size, facts: size.facts - book.known.newest }, new Chance('agency'));
  for (let start = 0; start < agency.facts.length; start += POSTED)
    book.post(RECORDS, agency.facts.slice(start, start + POSTED), instant(systemClock.nowMs()));
  const outbox = openOutbox(database);
  return {
    court: {
      ...{ ruleBook: ruleBook(loaded.map(({ rules }) => rules)), book, journal, clock: systemClock },
      issuer: { key: await openSigningKey(data, undefined), url: 'http://127.0.0.1' },
      grantMediaMs: GRANT_MEDIA_MS_MAX,
    },
    ...{ rules: regime.rules, agency },
    async published() {
      outbox.coverDecisions(systemClock.nowMs());
      await log.published(outbox.newest());
    },
    async close() {
      await log.close();
      shelf.close();
      database.close();
    },
  };
}

/** The question as a source puts it. */
export function asked(question: Question): Request {
  return {
    ...{ source: RECORDS, requestId: 'bench', subjectType: 'person', resourceType: 'recording' },
    question,
  };
}

/** What the rules are asked for an answer to this question, made beforehand. */
export function gatesOf({ court, rules }: BenchCourt, question: Question): readonly Gate[] {
  const { action, purpose } = question;
  if (action !== 'view' || !isPurpose(purpose))
    throw new RangeError(`no rule speaks of ${action} for ${purpose}`);
  const nowMs = court.clock.nowMs();
  return gates({ rules, known: court.book.known, question: { ...question, action, purpose }, nowMs });
}
