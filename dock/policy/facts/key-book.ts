import { fromHex, toHex } from '../../../proto/bytes.ts';
import type { KeptHead } from '../../../proto/growth.ts';
import { recipientThumbprint } from '../../../proto/identity.ts';
import type { PolicyEntry } from '../../../proto/policy-entry.ts';
import { nodeChecker } from '../../ledger/checker.ts';
import { microInstant } from '../clock.ts';
import { canonical } from './canonical.ts';
import { damaged, fields, written, type Database } from './database.ts';
import { unguarded } from './migrate.ts';
import { openOutbox } from './outbox.ts';
import { thumbprintText } from './wraps.ts';

/** One request for keys and what came of it, with everything it rested on. */
export interface KeyRecord {
  /** RFC 3339; also the moment that expiries were judged by. */
  readonly at: string;
  readonly grantId: string;
  /** SHA-256 of the signed request, hex: the same one may be answered again, another one may not use the grant. */
  readonly askedBy: string;
  readonly given: boolean;
  readonly person: string;
  readonly recording: string;
  /** Grant, manifest, range, who signs, who the keys are sealed to, and the dock's ledger as it was seen. */
  readonly request: unknown;
  /** Reason, policies, regime, newest fact. */
  readonly answer: unknown;
}

/** The checkpoint of a dock's ledger that a request showed. */
export interface SeenHead extends KeptHead {
  readonly vkey: string;
}

/** `entry`: number of the entry that says that keys were given. */
export interface Recorded {
  readonly entry?: number;
}

/** Who was given keys, and who was not; and how far each dock's ledger had come when it was last seen. */
export interface KeyBook {
  /** The newest tree of that ledger ever shown here. */
  head(vkey: string): KeptHead | undefined;
  /** That one, and before it the last trees that were the newest since this was opened; newest first, each an earlier state of the one before. */
  heads(vkey: string): readonly KeptHead[];
  /**
   * Durable when it returns: the row, with its entry in the outbox when keys are given, and the head when it is newer than the kept
   * one. The same request heard again with the same outcome adds neither row nor entry. Answers undefined, and writes nothing, when
   * the grant has already given keys to another request.
   */
  record(row: KeyRecord, seen: SeenHead): Recorded | undefined;
  /** Were keys given to this very request? Then what it shows of the dock's ledger was compared before. */
  hasGiven(row: Pick<KeyRecord, 'grantId' | 'askedBy'>): boolean;
  /** Durable when it returns: a row that gave nothing, from a ledger with two histories; one a grant. The kept head stays. */
  forked(row: KeyRecord & { readonly given: false }): void;
  /** Rows about one recording, oldest first. */
  about(recording: string): readonly KeyRecord[];
}

// While many people open at once, the newest tree changes faster than a proof to it is fetched.
const HEADS_MAX = 64;

/** Keys given before the service had a ledger get their entries when this is opened. `pseudonym` names people in entries. */
export function openKeyBook(database: Database, pseudonym: (person: string) => string): KeyBook {
  written(() => sayOldKeys(database, pseudonym));
  const outbox = openOutbox(database);
  const headOf = database.prepare('SELECT size, root FROM heads WHERE vkey = ?');
  const advance = database.prepare(
    `INSERT INTO heads (vkey, size, root) VALUES (?, ?, ?)
     ON CONFLICT (vkey) DO UPDATE SET size = excluded.size, root = excluded.root WHERE excluded.size > heads.size`,
  );
  const usedBy = database.prepare(
    'SELECT count(*) AS count FROM keys WHERE grant_id = ? AND given = 1 AND asked_by <> ?',
  );
  const lastOf = database.prepare(
    'SELECT given, released FROM keys WHERE grant_id = ? AND asked_by = ? ORDER BY idx DESC LIMIT 1',
  );
  const insert = database.prepare(
    `INSERT INTO keys (at, grant_id, asked_by, given, person, recording, request, answer, released)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const givenTo = database.prepare(
    'SELECT 1 FROM keys WHERE grant_id = ? AND asked_by = ? AND given = 1 LIMIT 1',
  );
  const forks = database.prepare(
    `SELECT count(*) AS count FROM keys
     WHERE grant_id = ? AND given = 0 AND json_extract(answer, '$.code') = 'LEDGER_FORKED'`,
  );
  const about = database.prepare('SELECT * FROM keys WHERE recording = ? ORDER BY idx');
  const write = database.transaction(
    (row: KeyRecord, { vkey, size, root }: SeenHead): Recorded | undefined => {
      if (Number(fields(usedBy.get(row.grantId, row.askedBy))['count']) > 0) return undefined;
      advance.run(vkey, size, toHex(root));
      const before = lastOf.get(row.grantId, row.askedBy);
      const last = before === undefined ? {} : fields(before);
      if (last['given'] === (row.given ? 1 : 0)) return row.given ? { entry: Number(last['released']) } : {};
      const entry = row.given ? outbox.put(keysReleased(row, pseudonym)) : undefined;
      insert.run(...columns(row), entry ?? null);
      return entry === undefined ? {} : { entry };
    },
  );
  const head = (vkey: string): KeptHead | undefined => {
    const found = headOf.get(vkey);
    if (found === undefined) return undefined;
    const { size, root } = fields(found);
    return { size: Number(size), root: fromHex(String(root)) };
  };
  const earlier = new Map<string, readonly KeptHead[]>();
  return {
    head,
    heads: (vkey) => {
      const newest = head(vkey);
      return newest === undefined ? [] : [newest, ...(earlier.get(vkey) ?? [])];
    },
    record: (row, seen) => {
      const before = head(seen.vkey);
      const recorded = written(() => write(row, seen));
      if (before !== undefined && before.size < (head(seen.vkey)?.size ?? 0))
        earlier.set(seen.vkey, [before, ...(earlier.get(seen.vkey) ?? [])].slice(0, HEADS_MAX - 1));
      return recorded;
    },
    hasGiven: ({ grantId, askedBy }) => givenTo.get(grantId, askedBy) !== undefined,
    forked: (row) => {
      if (Number(fields(forks.get(row.grantId))['count']) === 0)
        written(() => insert.run(...columns(row), null));
    },
    about: (recording) => about.all(recording).map(recordOf),
  };
}

function columns(row: KeyRecord): readonly unknown[] {
  const { at, grantId, askedBy, given, person, recording, request, answer } = row;
  return [at, grantId, askedBy, given ? 1 : 0, person, recording, canonical(request), canonical(answer)];
}

/** A row of `keys`. Throws what its JSON throws when that was harmed. */
export function recordOf(row: unknown): KeyRecord {
  const found = fields(row);
  return {
    at: String(found['at']),
    grantId: String(found['grant_id']),
    askedBy: String(found['asked_by']),
    given: found['given'] === 1,
    person: String(found['person']),
    recording: String(found['recording']),
    request: JSON.parse(String(found['request'])),
    answer: JSON.parse(String(found['answer'])),
  };
}

function keysReleased(row: KeyRecord, pseudonym: (person: string) => string): PolicyEntry {
  const request = fields(row.request);
  const [answer, seen] = [fields(row.answer), fields(request['ledger'])];
  const [start, end] = Array.isArray(request['chunks']) ? request['chunks'].map(Number) : [];
  if (start === undefined || end === undefined) throw damaged('a row of keys names no chunks');
  const receiver = recipientThumbprint(fromHex(String(request['sealedTo'])), nodeChecker.sha256);
  const decision = answer['decision'];
  return {
    ...({ type: 'keys.released', at: microInstant(Date.parse(row.at)), recording: row.recording } as const),
    ...{ manifest: String(request['manifest']), chunks: [start, end] as const },
    ...{ grant: String(request['grant']), grantId: row.grantId, person: pseudonym(row.person) },
    ...{ page: String(request['signer']), receiver: thumbprintText(receiver), dock: String(request['dock']) },
    dockLedger: {
      index: Number(seen['index']),
      size: Number(seen['size']),
      root: String(seen['root']),
    },
    ...(typeof decision === 'string' ? { decision } : {}),
    ...{ regime: String(answer['regime']), policySet: String(answer['policySet']) },
    newestFact: Number(answer['newestFact']),
  };
}

/** Rows of the version that kept no ledger, or of a start of it in between. One transaction. */
function sayOldKeys(database: Database, pseudonym: (person: string) => string): void {
  const unsaid = database.prepare('SELECT * FROM keys WHERE given = 1 AND released IS NULL ORDER BY idx');
  if (unsaid.all().length === 0) return;
  const outbox = openOutbox(database);
  const set = database.prepare('UPDATE keys SET released = ? WHERE idx = ?');
  database
    .transaction(() => {
      unguarded(database, 'keys_stay', () => {
        for (const row of unsaid.all())
          set.run(outbox.put(keysReleased(recordOf(row), pseudonym)), fields(row)['idx']);
      });
    })
    .immediate();
}
