import { text } from '../../../proto/bytes.ts';
import { factTaken, hashOfDecisions, openOutbox } from './outbox.ts';
import { bytesOf, fields, type Database } from './row.ts';

/** A row of facts.db that is not the one that this service's own ledger speaks of. */
export interface Forged {
  /** Such as `fact 7`. */
  readonly row: string;
  /** Index in the ledger of the entry that speaks of it; undefined when none does. */
  readonly index?: number;
}

const PAGE = 1_000;

/**
 * The first fact that was changed, removed or put in since it was taken: each must be what its entry in the outbox commits to, and each
 * must have its entry. Undefined when all are as they were. For an outbox that was held against the log. Throws StoreError STORE_DAMAGED.
 */
export function forgedFact(database: Database): Forged | undefined {
  const facts = factsOf(database);
  let last = 0;
  for (const { index, said } of entriesOf(database)) {
    if (said['type'] !== 'fact.taken') continue;
    last += 1;
    const { value: row } = facts.next();
    if (row === undefined || !isTaken(row, said)) return { row: `fact ${last}`, index };
  }
  return facts.next().done === true ? undefined : { row: `fact ${last + 1}` };
}

/** The same of decisions, of which an entry speaks of many; the newest ones may have none yet. */
export function forgedDecision(database: Database): Forged | undefined {
  for (const { index, said } of entriesOf(database)) {
    if (said['type'] !== 'decided') continue;
    const [from, to] = [Number(said['from']), Number(said['to'])];
    if (hashOfDecisions(database, { from, to }) === said['hash']) continue;
    return { row: from === to ? `decision ${from}` : `one of the decisions ${from} to ${to}`, index };
  }
  return undefined;
}

type Row = Readonly<Record<string, unknown>>;

function isTaken({ idx, type, source, received_at: receivedAt, body, salt }: Row, said: Row): boolean {
  if (salt === null) return false;
  const taken = factTaken({
    ...{ index: Number(idx), factType: String(type), source: String(source) },
    ...{ receivedAt: String(receivedAt), salt: bytesOf(salt), body: String(body) },
  });
  return Object.entries(taken).every(([name, value]) => said[name] === value);
}

function* factsOf(database: Database): Generator<Row, undefined> {
  const page = database.prepare(
    'SELECT idx, type, source, received_at, body, salt FROM facts WHERE idx > ? ORDER BY idx LIMIT ?',
  );
  let last = 0;
  for (let rows = page.all(last, PAGE); rows.length > 0; rows = page.all(last, PAGE)) {
    for (const row of rows) yield fields(row);
    last = Number(fields(rows.at(-1))['idx']);
  }
}

function* entriesOf(database: Database): Generator<{ readonly index: number; readonly said: Row }> {
  const outbox = openOutbox(database);
  let last = 0;
  for (let page = outbox.list(last, PAGE); page.length > 0; page = outbox.list(last, PAGE)) {
    for (const { seq, entry } of page) yield { index: seq - 1, said: saidBy(entry) };
    last = page.at(-1)?.seq ?? last;
  }
}

/** What was harmed says nothing; the row that it spoke of shows. */
function saidBy(entry: Uint8Array): Row {
  try {
    return fields(JSON.parse(text(entry)));
  } catch {
    return {};
  }
}
