import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCheckpoint } from '../../../../../proto/checkpoint.ts';
import { decodeBundle } from '../../../../../proto/tile.ts';
import type { Entry } from '../../../../../dock/policy/facts/fact.ts';
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

/** A fact as the store takes it. */
export function factOf(index: number): Entry {
  const at = '2026-11-21T08:00:00.000Z';
  const about = { incident: '24-1', person: `p${index}`, reportHash: 'x' };
  return {
    ...{ index, source: 'records', receivedAt: at },
    fact: { id: `r${index}`, type: 'report.filed', at, ...about },
  };
}

/** Every published entry of a small log, as text, from its files alone. */
export function leavesOf(dir: string): readonly string[] {
  const note = readFileSync(join(dir, 'checkpoint'), 'utf8');
  const { size } = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
  const leaves: string[] = [];
  for (let block = 0; block * 256 < size; block += 1) {
    const path = join(dir, 'tile/entries', String(block).padStart(3, '0'));
    const width = Math.min(256, size - block * 256);
    const file = existsSync(path) ? path : join(`${path}.p`, String(width));
    leaves.push(...decodeBundle(readFileSync(file)).map((leaf) => new TextDecoder().decode(leaf)));
  }
  return leaves;
}
