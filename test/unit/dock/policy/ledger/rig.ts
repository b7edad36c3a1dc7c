import type { Database } from '../../../../../dock/policy/facts/database.ts';
import { openOutbox } from '../../../../../dock/policy/facts/outbox.ts';
import type { OwnLog } from '../../../../../dock/policy/ledger/open.ts';
import { Pump } from '../../../../../dock/policy/ledger/pump.ts';
import { MemoryLedger } from '../../../../../sim/fault/memory-ledger.ts';
import { sha256, testKey } from '../../../proto/fixture.ts';
import { atOnce } from '../../ledger/rig.ts';

export const POLICY_ORIGIN = 'policy.test/policy';

/** The service's own ledger without a disk: it is written anew from the outbox each time it is opened. */
export function memoryLog(database: Database, time: { readonly nowMs: number }): OwnLog {
  const memory = new MemoryLedger({ origin: POLICY_ORIGIN, ...testKey(31), sha256 });
  const ledger = {
    appendOnce: (key: string, entry: Uint8Array) => memory.appendOnce(key, entry),
    prove: (index: number) => memory.prove(index),
    close: () => Promise.resolve(),
  };
  const pump = new Pump(
    {
      ...{ outbox: openOutbox(database), ledger, timers: atOnce, nowMs: () => time.nowMs },
      report: (error) => {
        throw error;
      },
    },
    0,
  );
  return {
    vkey: memory.vkey,
    wake: () => pump.wake(),
    published: (seq) => pump.published(seq),
    checkpoint: () => memory.checkpoint(),
    read: () => Promise.resolve(undefined),
    close: () => pump.close(),
  };
}
