import { fromHex, toHex } from '../../../proto/bytes.ts';
import type { KeptHead } from '../../../proto/growth.ts';
import { canonical } from './canonical.ts';
import { fields, written, type Database } from './database.ts';

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

/** Who was given keys, and who was not; and how far each dock's ledger had come when it was last seen. */
export interface KeyBook {
  /** The newest tree of that ledger ever shown here. */
  head(vkey: string): KeptHead | undefined;
  /**
   * Durable when it returns: the row, and the head when it is newer than the kept one. The same request heard again with the same
   * outcome adds no row. Answers false, and writes nothing, when the grant has already given keys to another request.
   */
  record(row: KeyRecord, seen: SeenHead): boolean;
  /** Durable when it returns: a row that gave nothing, from a ledger with two histories; one a grant. The kept head stays. */
  forked(row: KeyRecord & { readonly given: false }): void;
  /** Rows about one recording, oldest first. */
  about(recording: string): readonly KeyRecord[];
}

export function openKeyBook(database: Database): KeyBook {
  const headOf = database.prepare('SELECT size, root FROM heads WHERE vkey = ?');
  const advance = database.prepare(
    `INSERT INTO heads (vkey, size, root) VALUES (?, ?, ?)
     ON CONFLICT (vkey) DO UPDATE SET size = excluded.size, root = excluded.root WHERE excluded.size > heads.size`,
  );
  const usedBy = database.prepare(
    'SELECT count(*) AS count FROM keys WHERE grant_id = ? AND given = 1 AND asked_by <> ?',
  );
  const last = database.prepare(
    'SELECT given FROM keys WHERE grant_id = ? AND asked_by = ? ORDER BY idx DESC LIMIT 1',
  );
  const insert = database.prepare(
    `INSERT INTO keys (at, grant_id, asked_by, given, person, recording, request, answer)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const forks = database.prepare(
    `SELECT count(*) AS count FROM keys
     WHERE grant_id = ? AND given = 0 AND json_extract(answer, '$.code') = 'LEDGER_FORKED'`,
  );
  const about = database.prepare('SELECT * FROM keys WHERE recording = ? ORDER BY idx');
  const write = database.transaction((row: KeyRecord, { vkey, size, root }: SeenHead): boolean => {
    if (Number(fields(usedBy.get(row.grantId, row.askedBy))['count']) > 0) return false;
    advance.run(vkey, size, toHex(root));
    const before = last.get(row.grantId, row.askedBy);
    const isRepeated = before !== undefined && fields(before)['given'] === (row.given ? 1 : 0);
    if (!isRepeated) insert.run(...columns(row));
    return true;
  });
  return {
    head(vkey) {
      const found = headOf.get(vkey);
      if (found === undefined) return undefined;
      const { size, root } = fields(found);
      return { size: Number(size), root: fromHex(String(root)) };
    },
    record: (row, seen) => written(() => write(row, seen)),
    forked: (row) => {
      if (Number(fields(forks.get(row.grantId))['count']) === 0) written(() => insert.run(...columns(row)));
    },
    about: (recording) => about.all(recording).map(recordOf),
  };
}

function columns(row: KeyRecord): readonly unknown[] {
  const { at, grantId, askedBy, given, person, recording, request, answer } = row;
  return [at, grantId, askedBy, given ? 1 : 0, person, recording, canonical(request), canonical(answer)];
}

function recordOf(row: unknown): KeyRecord {
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
