import { createHash } from 'node:crypto';
import type { PolicyEntry } from '../../../proto/policy-entry.ts';
import { microInstant } from '../clock.ts';
import type { OpeningGrant } from '../custodian/grant.ts';
import { damaged, fields, written, type Database } from '../facts/database.ts';
import type { DecisionRecord } from '../facts/journal.ts';
import { hashOfDecisions, openOutbox } from '../facts/outbox.ts';

/** A decision record that is about to be given out. */
export interface Showing {
  readonly nowMs: number;
  readonly grant: OpeningGrant;
  /** That grant, compact JWS. */
  readonly jws: string;
  readonly decided: Pick<DecisionRecord, 'regime' | 'policySet' | 'newestFact'>;
}

/** To whom decision records were given out. */
export interface ShownBook {
  /**
   * Durable when it returns: the entry `decision.shown` of that grant, made the first time and the same one ever after. Answers its number in the
   * outbox. Throws StoreError STORE_IO, and STORE_DAMAGED when no decision is on file behind the grant.
   */
  record(showing: Showing): number;
}

// One statement of the ledger for each grant, and found without reading the ledger.
const ONCE = `
CREATE UNIQUE INDEX IF NOT EXISTS outbox_shown ON outbox (json_extract(CAST(entry AS TEXT), '$.grantId'))
  WHERE json_extract(CAST(entry AS TEXT), '$.type') = 'decision.shown'`;

/** `pseudonym` names people in entries. */
export function openShownBook(database: Database, pseudonym: (person: string) => string): ShownBook {
  written(() => database.exec(ONCE));
  const outbox = openOutbox(database);
  const before = database.prepare(
    `SELECT seq FROM outbox WHERE json_extract(CAST(entry AS TEXT), '$.type') = 'decision.shown'
       AND json_extract(CAST(entry AS TEXT), '$.grantId') = ?`,
  );
  const behind = database.prepare('SELECT idx FROM decisions WHERE grant_id = ?');
  const write = database.transaction((showing: Showing, decision: string): number => {
    const said = before.get(showing.grant.id);
    if (said !== undefined) return Number(fields(said)['seq']);
    return outbox.put(decisionShown(showing, { decision, pseudonym }));
  });
  return {
    record(showing) {
      const found = behind.get(showing.grant.id);
      if (found === undefined) throw damaged(`no decision is behind grant ${showing.grant.id}`);
      const index = Number(fields(found)['idx']);
      const decision = hashOfDecisions(database, { from: index, to: index });
      return written(() => write(showing, decision));
    },
  };
}

function decisionShown(
  { nowMs, grant, jws, decided }: Showing,
  by: { readonly decision: string; readonly pseudonym: (person: string) => string },
): PolicyEntry {
  const { recording, manifest, dock, person, id: grantId, thumbprint: page } = grant;
  const { regime, policySet, newestFact } = decided;
  return {
    ...({
      type: 'decision.shown',
      at: microInstant(nowMs),
      recording,
      manifest,
      dock,
      grantId,
      page,
    } as const),
    ...{ grant: createHash('sha256').update(jws).digest('hex'), person: by.pseudonym(person) },
    ...{ decision: by.decision, regime, policySet, newestFact },
  };
}
