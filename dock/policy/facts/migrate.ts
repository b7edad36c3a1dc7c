import { newSalt } from '../custodian/keys.ts';
import { bytesOf, fields, type Database } from './row.ts';
import { factTaken, openOutbox } from './outbox.ts';

const COLUMNS = [
  ['facts', 'salt', 'BLOB'],
  ['decisions', 'salt', 'BLOB'],
  // Number of the entry in the outbox that says that the keys were given.
  ['keys', 'released', 'INTEGER'],
] as const;

/**
 * Brings what an earlier version left up to date: the columns of the service's own ledger, salts, and an entry for each fact
 * that has none. Keys that were given get theirs where pseudonyms can be made. One transaction; does nothing the second time.
 */
export function migrate(database: Database): void {
  database
    .transaction(() => {
      const lacking = COLUMNS.filter(([table, column]) => !columnsOf(database, table).includes(column));
      for (const [table, column, type] of lacking)
        database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
      database.exec(UNSALTED);
      // Only of a version that had no salts: a row without one that comes later was put in by somebody else.
      if (lacking.some(([table]) => table === 'facts')) saltFacts(database);
      if (lacking.some(([table]) => table === 'decisions')) saltDecisions(database);
    })
    .immediate();
}

/** Lets the triggers of a table not see what `work` does. For use inside a transaction, which brings them back with it. */
export function unguarded(database: Database, trigger: string, work: () => void): void {
  const found = fields(
    database.prepare(`SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = ?`).get(trigger),
  );
  database.exec(`DROP TRIGGER ${trigger}`);
  work();
  database.exec(String(found['sql']));
}

// Found at every start, so it must not take a scan of the whole table.
const UNSALTED = `
CREATE INDEX IF NOT EXISTS facts_unsalted ON facts (idx) WHERE salt IS NULL;
CREATE INDEX IF NOT EXISTS decisions_unsalted ON decisions (idx) WHERE salt IS NULL;
CREATE INDEX IF NOT EXISTS keys_unsaid ON keys (idx) WHERE released IS NULL AND given = 1;
`;

function saltFacts(database: Database): void {
  const unsalted = database.prepare(
    'SELECT idx, type, source, received_at, body FROM facts WHERE salt IS NULL ORDER BY idx',
  );
  const rows = unsalted.all();
  if (rows.length === 0) return;
  const outbox = openOutbox(database);
  const set = database.prepare('UPDATE facts SET salt = ? WHERE idx = ?');
  unguarded(database, 'facts_stay', () => {
    for (const row of rows) {
      const { idx, type, source, received_at: receivedAt, body } = fields(row);
      const salt = newSalt();
      set.run(salt, idx);
      outbox.put(
        factTaken({
          ...{ index: Number(idx), factType: String(type), source: String(source) },
          ...{ receivedAt: String(receivedAt), salt: bytesOf(salt), body: String(body) },
        }),
      );
    }
  });
}

function saltDecisions(database: Database): void {
  const rows = database.prepare('SELECT idx FROM decisions WHERE salt IS NULL').all();
  if (rows.length === 0) return;
  const set = database.prepare('UPDATE decisions SET salt = ? WHERE idx = ?');
  unguarded(database, 'decisions_stay', () => {
    for (const row of rows) set.run(newSalt(), fields(row)['idx']);
  });
}

function columnsOf(database: Database, table: string): readonly string[] {
  return database
    .prepare(`SELECT name FROM pragma_table_info('${table}')`)
    .all()
    .map((row) => String(fields(row)['name']));
}
