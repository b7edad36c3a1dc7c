import { createHash } from 'node:crypto';
import { fromHex, toHex } from '../../../proto/bytes.ts';
import { ProofError } from '../../../proto/errors.ts';
import { decodePolicyEntry } from '../../../proto/policy-entry.ts';
import { newSalt } from '../custodian/keys.ts';
import { canonical } from '../facts/canonical.ts';
import type { Forged } from '../facts/commitments.ts';
import { fields, type Database } from '../facts/database.ts';
import { recordOf, type KeyRecord } from '../facts/key-book.ts';
import { openOutbox } from '../facts/outbox.ts';

type Row = Readonly<Record<string, unknown>>;

const PAGE = 1_000;

/**
 * A request for keys whose answer names the decision in it, for the entry `keys.released`: `decision` is the SHA-256, hex, of `salt` and the
 * row in canonical JSON without these two members. A bare hash would tell who it was about to whoever can guess people.
 */
export function namingItsDecision(record: KeyRecord): KeyRecord {
  const answer: Row = { ...fields(record.answer), salt: toHex(newSalt()) };
  return { ...record, answer: { ...answer, decision: nameOf({ ...record, answer }) } };
}

function nameOf({ answer, ...row }: KeyRecord): string {
  const { salt, ...said } = fields(answer);
  // What it is called is no part of what it is; the canonical form leaves out what is undefined.
  const text = canonical({ ...row, answer: { ...said, decision: undefined } });
  return createHash('sha256')
    .update(fromHex(String(salt)))
    .update(text)
    .digest('hex');
}

/**
 * The first row of keys given that is not the one which its entry names: changed, or removed. Undefined when all are as they were. Entries
 * of versions that named no decision say nothing about it. For an outbox that was held against the log.
 */
export function forgedKeys(database: Database): Forged | undefined {
  const outbox = openOutbox(database);
  const rows = database.prepare('SELECT * FROM keys WHERE grant_id = ? AND released = ?');
  let last = 0;
  for (let page = outbox.list(last, PAGE); page.length > 0; page = outbox.list(last, PAGE)) {
    for (const { seq, entry } of page) {
      last = seq;
      const said = saidBy(entry);
      if (said?.type !== 'keys.released' || said.decision === undefined) continue;
      const row = rows.get(said.grantId, seq);
      if (row === undefined) return { row: `the keys given under grant ${said.grantId}`, index: seq - 1 };
      if (!isNamed(fields(row), said.decision))
        return { row: `keys ${String(fields(row)['idx'])}`, index: seq - 1 };
    }
  }
  return undefined;
}

/** An entry that was harmed names nothing; that it was harmed shows beside the log. */
function saidBy(entry: Uint8Array): ReturnType<typeof decodePolicyEntry> | undefined {
  try {
    return decodePolicyEntry(entry);
  } catch (error) {
    if (error instanceof ProofError) return undefined;
    throw error;
  }
}

/** What was harmed so that it cannot be read is not what was named. */
function isNamed(row: Row, decision: string): boolean {
  try {
    return nameOf(recordOf(row)) === decision;
  } catch {
    return false;
  }
}

/** The decisions in facts.db that a giving of keys rests on. */
export interface Rests {
  /** Row of `keys`: the rules, asked again for these keys. */
  readonly keys: number;
  /** Row of `decisions`: the decision that the grant was made for; null when there is none. */
  readonly decision: number | null;
  /** Why, in words for people, when they were asked again. */
  readonly reason: string;
}

/** Of each giving of keys of that recording what it rests on, by index of its entry. */
export function restsOf(database: Database, recording: string): ReadonlyMap<number, Rests> {
  const rows = database
    .prepare(
      `SELECT keys.idx AS keys, keys.released, keys.answer, decisions.idx AS decision FROM keys
       LEFT JOIN decisions ON decisions.grant_id = keys.grant_id
       WHERE keys.recording = ? AND keys.released IS NOT NULL`,
    )
    .all(recording);
  return new Map(
    rows.map((row) => {
      const { keys, released, answer, decision } = fields(row);
      const rests = {
        ...{ keys: Number(keys), decision: decision === null ? null : Number(decision) },
        reason: reasonIn(answer),
      };
      return [Number(released) - 1, rests];
    }),
  );
}

function reasonIn(answer: unknown): string {
  try {
    return String(fields(JSON.parse(String(answer)))['reason']);
  } catch {
    return '';
  }
}
