import { newSalt } from '../custodian/keys.ts';
import { canonical } from './canonical.ts';
import { written, type Database } from './database.ts';

/** One answer, written down before it is given, with what it takes to give it again years later. */
export interface DecisionRecord {
  /** RFC 3339; also the moment that expiries were judged by. */
  readonly at: string;
  readonly requestId: string;
  /** The authenticated source that asked. */
  readonly source: string;
  readonly person: string;
  readonly recording: string;
  readonly allowed: boolean;
  readonly regime: string;
  readonly policySet: string;
  readonly newestFact: number;
  readonly grantId?: string;
  /** The request as understood: subject, action, resource, purpose, dock, nonce. */
  readonly request: unknown;
  /** Reason, missing facts, policies. */
  readonly answer: unknown;
}

/** A signed opening that must not work twice. */
export interface UsedProof {
  readonly thumbprint: string;
  readonly nonce: string;
}

export interface Journal {
  /**
   * Durable when it returns. With a proof, the proof is used up in the same transaction; answers false, and
   * writes nothing, when it was used before.
   */
  record(decision: DecisionRecord, proof?: UsedProof): boolean;
  /** Was this source ever allowed to destroy the recording? */
  mayDestroy(recording: string, source: string): boolean;
  /** The decision that this grant was made for. */
  granted(grantId: string): DecisionRecord | undefined;
  /** Decisions about one recording, oldest first. */
  about(recording: string): readonly DecisionRecord[];
}

// A proof is believed for a minute either side of its time. Remembering it for a day means that even a clock
// set back by hours does not bring a used one back to life.
const PROOF_KEPT_MS = 24 * 60 * 60 * 1_000;

/** `wake` is called after each decision that was written down: the service's own ledger covers it soon. */
export function openJournal(database: Database, wake: () => void = () => undefined): Journal {
  const insert = database.prepare(
    `INSERT INTO decisions (at, request_id, source, person, recording, allowed, regime, policy_set, newest_fact, grant_id, request, answer, salt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const use = database.prepare(
    'INSERT OR IGNORE INTO proofs_used (thumbprint, nonce, used_at_ms) VALUES (?, ?, ?)',
  );
  const forget = database.prepare('DELETE FROM proofs_used WHERE used_at_ms < ?');
  const destroy = database.prepare(
    `SELECT 1 FROM decisions WHERE recording = ? AND source = ?
       AND allowed = 1 AND json_extract(request, '$.action') = 'delete' LIMIT 1`,
  );
  const about = database.prepare('SELECT * FROM decisions WHERE recording = ? ORDER BY idx');
  const granted = database.prepare('SELECT * FROM decisions WHERE grant_id = ?');

  const write = database.transaction((decision: DecisionRecord, proof: UsedProof | undefined): boolean => {
    if (proof !== undefined) {
      const nowMs = Date.parse(decision.at);
      forget.run(nowMs - PROOF_KEPT_MS);
      if (use.run(proof.thumbprint, proof.nonce, nowMs).changes === 0) return false;
    }
    insert.run(...columns(decision), newSalt());
    return true;
  });
  return {
    record(decision, proof) {
      const recorded = written(() => write(decision, proof));
      if (recorded) wake();
      return recorded;
    },
    mayDestroy: (recording, source) => destroy.get(recording, source) !== undefined,
    granted: (grantId) => {
      const found: unknown = granted.get(grantId);
      return found === undefined ? undefined : recordOf(found);
    },
    about: (recording) => about.all(recording).map(recordOf),
  };
}

function columns(one: DecisionRecord): readonly unknown[] {
  return [
    one.at,
    one.requestId,
    one.source,
    one.person,
    one.recording,
    one.allowed ? 1 : 0,
    one.regime,
    one.policySet,
    one.newestFact,
    one.grantId ?? null,
    canonical(one.request),
    canonical(one.answer),
  ];
}

function recordOf(row: unknown): DecisionRecord {
  const found = row as Readonly<Record<string, string | number | null>>;
  return {
    at: String(found['at']),
    requestId: String(found['request_id']),
    source: String(found['source']),
    person: String(found['person']),
    recording: String(found['recording']),
    allowed: found['allowed'] === 1,
    regime: String(found['regime']),
    policySet: String(found['policy_set']),
    newestFact: Number(found['newest_fact']),
    ...(found['grant_id'] === null ? {} : { grantId: String(found['grant_id']) }),
    request: JSON.parse(String(found['request'])),
    answer: JSON.parse(String(found['answer'])),
  };
}
