import { damaged, fields, type Database } from './database.ts';

/** Where an answer stands: what was said about access or destruction, or about keys. */
export interface Place {
  readonly table: 'decisions' | 'keys';
  readonly index: number;
  readonly newestFact: number;
}

/** One answer as it was written down, with all that it depended on. */
export interface Archived extends Place {
  /** RFC 3339. */
  readonly at: string;
  /** The source that asked; empty for keys, which a page asks for. */
  readonly source: string;
  readonly person: string;
  readonly recording: string;
  readonly allowed: boolean;
  readonly regime: string;
  readonly policySet: string;
  readonly hasGrant: boolean;
  readonly request: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** Indices of decisions, both ends included. */
export interface DecisionRange {
  readonly from?: number;
  readonly to?: number;
}

/**
 * Every answer that the rules gave, in the order of the facts it rests on. Keys have indices of their own and are left out when a
 * range of decisions is named.
 */
export function placesIn(database: Database, { from, to }: DecisionRange): readonly Place[] {
  const decisions = database
    .prepare('SELECT idx, newest_fact FROM decisions WHERE idx BETWEEN ? AND ?')
    .all(from ?? 0, to ?? Number.MAX_SAFE_INTEGER)
    .map((row) => placeOf('decisions', row));
  const isWhole = from === undefined && to === undefined;
  const keys = isWhole ? database.prepare(KEYS).all() : [];
  return [...decisions, ...keys.map((row) => placeOf('keys', row))].sort(
    (a, b) => a.newestFact - b.newestFact,
  );
}

// A row with a code is no decision: it keeps the proof that a dock showed two histories.
const KEYS = `SELECT idx, json_extract(answer, '$.newestFact') AS newest_fact FROM keys
  WHERE given = 1 OR json_extract(answer, '$.code') IS NULL`;

function placeOf(table: Place['table'], row: unknown): Place {
  const { idx, newest_fact: newestFact } = fields(row);
  return { table, index: Number(idx), newestFact: Number(newestFact ?? 0) };
}

/** Throws StoreError STORE_DAMAGED when the row cannot be read. */
export function archivedAt(database: Database, place: Place): Archived {
  const row = fields(database.prepare(`SELECT * FROM ${place.table} WHERE idx = ?`).get(place.index));
  const request = object(row['request'], place);
  const answer = object(row['answer'], place);
  const isKeys = place.table === 'keys';
  return {
    ...place,
    at: String(row['at']),
    source: isKeys ? '' : String(row['source']),
    person: String(row['person']),
    recording: String(row['recording']),
    allowed: row[isKeys ? 'given' : 'allowed'] === 1,
    regime: String(isKeys ? answer['regime'] : row['regime']),
    policySet: String(isKeys ? answer['policySet'] : row['policy_set']),
    hasGrant: row['grant_id'] !== null,
    request,
    answer,
  };
}

function object(text: unknown, { table, index }: Place): Readonly<Record<string, unknown>> {
  try {
    return fields(JSON.parse(String(text)));
  } catch (cause) {
    throw damaged(`row ${index} of ${table} is not JSON`, cause);
  }
}
