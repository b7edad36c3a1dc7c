import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Sqlite from 'libsql';
import { FieldError } from '../../../proto/errors.ts';
import { ConfigError, StoreError } from '../errors.ts';
import { damaged, fields, type Database } from './database.ts';
import type { Entry } from './fact.ts';
import { list } from './store.ts';

const PAGE = 1_000;

/** One answer about one person and recording, as it was written down. */
export interface PastDecision {
  readonly index: number;
  /** RFC 3339. */
  readonly at: string;
  readonly source: string;
  readonly allowed: boolean;
  readonly action: string;
  /** Empty when none was stated. */
  readonly purpose: string;
  readonly regime: string;
  readonly policySet: string;
  readonly newestFact: number;
  readonly grantId?: string;
  readonly reason: string;
}

/** One request for the keys of a recording by one person, and what came of it. */
export interface PastKeys {
  readonly index: number;
  /** RFC 3339. */
  readonly at: string;
  readonly given: boolean;
  readonly grantId: string;
  /** Chunks `[from, to)` that were asked for, when the row says. */
  readonly chunks?: readonly [number, number];
  readonly reason: string;
}

/**
 * Reads `DATA/facts.db` as it stands at one moment: beside a running service, without a lock that it would wait for, and without
 * changing a row or a table, so that an older file is read as it is. Throws ConfigError BAD_CONFIG
 * when there is none, StoreError STORE_IO when it cannot be read, STORE_DAMAGED when a row cannot be.
 */
export function readFactsFile<Result>(data: string, read: (database: Database) => Result): Result {
  const path = join(data, 'facts.db');
  const database = open(path);
  try {
    // One transaction, so that facts, decisions and keys are those of one moment.
    database.exec('BEGIN');
    const result = read(database);
    database.exec('COMMIT');
    return result;
  } catch (cause) {
    if (cause instanceof FieldError) throw cause;
    throw new StoreError('STORE_IO', `${path} cannot be read: is it the data folder of a policy service?`, {
      retry: 'never',
      cause,
    });
  } finally {
    database.close();
  }
}

function open(path: string): Database {
  if (!existsSync(path))
    throw new ConfigError(
      'BAD_CONFIG',
      `there is no ${path}: --data names the data folder of a policy service`,
      {
        retry: 'never',
      },
    );
  try {
    // The library's own option for this opens the file for writing all the same.
    return new Sqlite(`${pathToFileURL(path).href}?mode=ro`);
  } catch (cause) {
    throw new StoreError(
      'STORE_IO',
      `cannot open ${path}: --data names the data folder of a policy service`,
      {
        retry: 'never',
        cause,
      },
    );
  }
}

/** Every stored fact in index order, manifests left out. */
export function entriesIn(database: Database): readonly Entry[] {
  const entries: Entry[] = [];
  for (;;) {
    const page = list(database, { after: entries.at(-1)?.index ?? 0, limit: PAGE }, false);
    entries.push(...page);
    if (page.length < PAGE) return entries;
  }
}

/** The regime of the newest decision; undefined when nothing was decided yet. */
export function lastRegime(database: Database): string | undefined {
  const found = database.prepare('SELECT regime FROM decisions ORDER BY idx DESC LIMIT 1').get();
  return found === undefined ? undefined : textIn(fields(found)['regime']);
}

/** Decisions about this person and recording, oldest first. */
export function decisionsAbout(
  database: Database,
  of: { readonly person: string; readonly recording: string },
): readonly PastDecision[] {
  const rows = database
    .prepare(
      `SELECT idx, at, source, allowed, regime, policy_set, newest_fact, grant_id, request, answer
       FROM decisions WHERE recording = ? AND person = ? ORDER BY idx`,
    )
    .all(of.recording, of.person);
  return rows.map((row) => {
    const found = fields(row);
    const request = json(found['request']);
    return {
      index: Number(found['idx']),
      at: textIn(found['at']),
      source: textIn(found['source']),
      allowed: found['allowed'] === 1,
      action: textIn(request['action']),
      purpose: textIn(request['purpose']),
      regime: textIn(found['regime']),
      policySet: textIn(found['policy_set']),
      newestFact: Number(found['newest_fact']),
      ...(found['grant_id'] === null ? {} : { grantId: textIn(found['grant_id']) }),
      reason: textIn(json(found['answer'])['reason']),
    };
  });
}

/** Requests for keys of this recording by this person, oldest first. */
export function keysAbout(
  database: Database,
  of: { readonly person: string; readonly recording: string },
): readonly PastKeys[] {
  const rows = database
    .prepare(
      `SELECT idx, at, given, grant_id, request, answer FROM keys WHERE recording = ? AND person = ? ORDER BY idx`,
    )
    .all(of.recording, of.person);
  return rows.map((row) => {
    const found = fields(row);
    const { chunks: range } = json(found['request']);
    const chunks = Array.isArray(range) && range.length === 2 ? range.map(Number) : [];
    const [from, to] = chunks;
    return {
      index: Number(found['idx']),
      at: textIn(found['at']),
      given: found['given'] === 1,
      grantId: textIn(found['grant_id']),
      ...(from === undefined || to === undefined ? {} : { chunks: [from, to] as const }),
      reason: textIn(json(found['answer'])['reason']),
    };
  });
}

function json(text: unknown): Readonly<Record<string, unknown>> {
  try {
    return fields(JSON.parse(textIn(text)));
  } catch (cause) {
    throw damaged('a row is not JSON', cause);
  }
}

/** Text of a column or member; empty where there is none. */
function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
