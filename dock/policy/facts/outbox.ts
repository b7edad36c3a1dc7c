import { createHash } from 'node:crypto';
import { decodePolicyEntry, encodePolicyEntry, type PolicyEntry } from '../../../proto/policy-entry.ts';
import { microInstant } from '../clock.ts';
import { canonical } from './canonical.ts';
import { bytesOf, fields, written, type Database } from './row.ts';

/** One entry of this service's own ledger, numbered 1, 2, 3, …; entry n is leaf n-1 of the log. */
export interface OutboxRow {
  readonly seq: number;
  readonly entry: Uint8Array;
}

/** What the service's own ledger says, or will say: written in one transaction with what it speaks of, so neither is there without the other. */
export interface Outbox {
  /** Adds an entry and returns its number. For use inside a transaction of the caller; throws what SQLite throws. */
  put(entry: PolicyEntry): number;
  /** The same in a transaction of its own: durable when it returns. Throws StoreError STORE_IO. */
  add(entry: PolicyEntry): number;
  /** Adds one entry for all decisions that no entry covers yet, if there are any. Throws StoreError STORE_IO. */
  coverDecisions(nowMs: number): void;
  /** Whom cameras seal to, as the ledger says so far; undefined before anything was said of it. */
  lastCustodian(): string | undefined;
  newest(): number;
  /** In order, from the one after `after` on. */
  list(after: number, limit: number): readonly OutboxRow[];
}

const PAGE = 1_000;

/** The columns of a decision that its commitment is over. */
const DECISION_COLUMNS =
  'at, request_id, source, person, recording, allowed, regime, policy_set, newest_fact, grant_id, request, answer';

export function openOutbox(database: Database): Outbox {
  const insert = database.prepare('INSERT INTO outbox (entry) VALUES (?)');
  const count = database.prepare('SELECT coalesce(max(seq), 0) AS newest FROM outbox');
  const page = database.prepare('SELECT seq, entry FROM outbox WHERE seq > ? ORDER BY seq LIMIT ?');
  const covered = database.prepare(
    `SELECT coalesce(max(json_extract(CAST(entry AS TEXT), '$.to')), 0) AS last FROM outbox
     WHERE json_extract(CAST(entry AS TEXT), '$.type') = 'decided'`,
  );
  // That a recovery key was used changes nobody's key, and may be said before the first start. The list is the one of the index.
  const custodian = database.prepare(
    `SELECT entry FROM outbox WHERE json_extract(CAST(entry AS TEXT), '$.type')
       IN ('service.started', 'custodian.rotated', 'custodian.recovered')
       AND json_extract(CAST(entry AS TEXT), '$.type') <> 'custodian.recovered' ORDER BY seq DESC LIMIT 1`,
  );
  const lastDecision = database.prepare('SELECT coalesce(max(idx), 0) AS last FROM decisions');
  // In an array: libsql takes a single object for named parameters, and a Buffer is one.
  const put = (entry: PolicyEntry): number =>
    Number(insert.run([Buffer.from(encodePolicyEntry(entry))]).lastInsertRowid);
  // Read once: looking through the whole ledger for each entry would take longer the longer it is. Nobody else writes to it.
  let lastCovered: number | undefined;
  const cover = database.transaction((nowMs: number): number => {
    const before = lastCovered ?? Number(fields(covered.get())['last']);
    const last = Number(fields(lastDecision.get())['last']);
    if (last <= before) return before;
    const range = { from: before + 1, to: last };
    put({ type: 'decided', at: microInstant(nowMs), ...range, hash: hashOfDecisions(database, range) });
    return last;
  });
  return {
    put,
    add: (entry) => written(() => put(entry)),
    coverDecisions: (nowMs) => {
      lastCovered = written(() => cover(nowMs));
    },
    lastCustodian() {
      const found = custodian.get();
      const entry = found === undefined ? undefined : decodePolicyEntry(bytesOf(fields(found)['entry']));
      if (entry?.type === 'service.started') return entry.custodian;
      return entry?.type === 'custodian.rotated' ? entry.to : undefined;
    },
    newest: () => Number(fields(count.get())['newest']),
    list: (after, limit) =>
      page.all(after, limit).map((row) => {
        const { seq, entry } = fields(row);
        return { seq: Number(seq), entry: bytesOf(entry) };
      }),
  };
}

/** The entry that a fact was taken; `body` is its stored text. */
export function factTaken(fact: {
  readonly index: number;
  readonly factType: string;
  readonly source: string;
  readonly receivedAt: string;
  readonly salt: Uint8Array;
  readonly body: string;
}): PolicyEntry {
  const { index, factType, source, receivedAt, salt, body } = fact;
  const commitment = commitmentOf(salt, body).toString('hex');
  const at = microInstant(Date.parse(receivedAt));
  return { type: 'fact.taken', at, fact: index, factType, source, commitment };
}

/** What an entry `decided` says of these decisions, both inclusive: SHA-256, hex, over their commitments side by side. */
export function hashOfDecisions(
  database: Database,
  { from, to }: { readonly from: number; readonly to: number },
): string {
  const page = database.prepare(
    `SELECT idx, salt, ${DECISION_COLUMNS} FROM decisions WHERE idx > ? AND idx <= ? ORDER BY idx LIMIT ${PAGE}`,
  );
  const hash = createHash('sha256');
  let last = from - 1;
  for (let rows = page.all(last, to); rows.length > 0; rows = page.all(last, to)) {
    for (const row of rows) {
      const { idx, salt, ...columns } = fields(row);
      hash.update(commitmentOf(bytesOf(salt), canonical(columns)));
      last = Number(idx);
    }
  }
  return hash.digest('hex');
}

function commitmentOf(salt: Uint8Array, text: string): Buffer {
  return createHash('sha256').update(salt).update(text).digest();
}
