import { giveWay } from '../clock.ts';
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
  /** Was this proof used up before, by what is on file or by what is about to be? */
  isUsed(proof: UsedProof): boolean;
  /**
   * Takes a decision down; with a proof, one that is not used, which is used up from this call on. Resolves once the row and all
   * that were taken down before it are durable. Rejects with StoreError STORE_IO: then none of them is there, and their proofs
   * are as they were. Nothing is written before {@link flushSoon}.
   */
  record(decision: DecisionRecord, proof?: UsedProof): Promise<void>;
  /** Has all that was taken down written in one transaction, at the end of this turn of the event loop. */
  flushSoon(): void;
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

// What a batch may keep in memory, and how long one transaction holds up everybody else.
const WAITING_MAX = 250;

/** A decision that was taken down, and whoever waits for it to be durable. */
interface Waiting {
  readonly decision: DecisionRecord;
  readonly proof: UsedProof | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The decisions in `database`. Those that come together share a transaction, for a transaction costs a sync of the disk. `wake` is
 * called after each one: the service's own ledger covers it soon.
 */
export function openJournal(database: Database, wake: () => void = () => undefined): Journal {
  const used = database.prepare('SELECT 1 FROM proofs_used WHERE thumbprint = ? AND nonce = ?');
  const destroy = database.prepare(
    `SELECT 1 FROM decisions WHERE recording = ? AND source = ?
       AND allowed = 1 AND json_extract(request, '$.action') = 'delete' LIMIT 1`,
  );
  const about = database.prepare('SELECT * FROM decisions WHERE recording = ? ORDER BY idx');
  const granted = database.prepare('SELECT * FROM decisions WHERE grant_id = ?');
  const writeAll = writerTo(database);
  let waiting: Waiting[] = [];
  const claimed = new Set<string>();
  let isFlushing = false;

  const flush = (): void => {
    const all = waiting;
    waiting = [];
    // All that is claimed waits here, so from now on either the file says so or nobody does.
    claimed.clear();
    if (all.length === 0) return;
    try {
      written(() => writeAll(all));
    } catch (error) {
      for (const { reject } of all) reject(error);
      return;
    }
    for (const { resolve } of all) resolve();
    wake();
  };
  return {
    isUsed: (proof) => claimed.has(nameOf(proof)) || used.get(proof.thumbprint, proof.nonce) !== undefined,
    record(decision, proof) {
      if (proof !== undefined) claimed.add(nameOf(proof));
      const durable = new Promise<void>((resolve, reject) => {
        waiting.push({ decision, proof, resolve, reject });
      });
      // A batch looks at its first rows after its last: until then a failure has still been heard.
      durable.catch(() => undefined);
      if (waiting.length >= WAITING_MAX) flush();
      return durable;
    },
    flushSoon() {
      if (isFlushing) return;
      isFlushing = true;
      void giveWay().then(() => {
        isFlushing = false;
        flush();
      });
    },
    mayDestroy: (recording, source) => destroy.get(recording, source) !== undefined,
    granted: (grantId) => {
      const found: unknown = granted.get(grantId);
      return found === undefined ? undefined : recordOf(found);
    },
    about: (recording) => about.all(recording).map(recordOf),
  };
}

/** Writes all of these or none. */
function writerTo(database: Database): (all: readonly Waiting[]) => void {
  const insert = database.prepare(
    `INSERT INTO decisions (at, request_id, source, person, recording, allowed, regime, policy_set, newest_fact, grant_id, request, answer, salt)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const use = database.prepare('INSERT INTO proofs_used (thumbprint, nonce, used_at_ms) VALUES (?, ?, ?)');
  const forget = database.prepare('DELETE FROM proofs_used WHERE used_at_ms < ?');
  return database.transaction((all: readonly Waiting[]): void => {
    for (const { decision, proof } of all) {
      if (proof !== undefined) {
        const nowMs = Date.parse(decision.at);
        forget.run(nowMs - PROOF_KEPT_MS);
        // One that is used after all fails, and with it everything: two allows under one proof must not be.
        use.run(proof.thumbprint, proof.nonce, nowMs);
      }
      insert.run(...columns(decision), newSalt());
    }
  });
}

function nameOf({ thumbprint, nonce }: UsedProof): string {
  return JSON.stringify([thumbprint, nonce]);
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
