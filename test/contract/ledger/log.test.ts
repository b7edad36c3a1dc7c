import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { systemMachine } from '../../../dock/ledger/machine.ts';
import type { Ledger } from '../../../dock/ports.ts';
import { FaultDisk } from '../../../sim/fault/disk.ts';
import { LedgerShelf } from '../../../sim/fault/fault-journal.ts';
import { MemoryLedger } from '../../../sim/fault/memory-ledger.ts';
import { newKey, open, ORIGIN, tempFolder } from '../../unit/dock/ledger/rig.ts';
import { machineKeepsItsPromise } from './machine-suite.ts';
import { ledgerKeepsItsPromise } from './suite.ts';

ledgerKeepsItsPromise('the ledger in memory', async () => {
  const key = newKey();
  return new MemoryLedger({ origin: ORIGIN, ...key, sha256: nodeChecker.sha256 });
});
ledgerKeepsItsPromise('the tiled log on disk', () => open(tempFolder(), newKey()));
ledgerKeepsItsPromise('the tiled log on a faulty disk', (): Promise<Ledger> => {
  const [disk, shelf] = [new FaultDisk({ seed: 'contract' }), new LedgerShelf()];
  return open('/dock/ledger', newKey(), { machine: shelf.on(disk.mount()) });
});

machineKeepsItsPromise('this machine', () => ({ dir: tempFolder(), machine: systemMachine }));
machineKeepsItsPromise('a machine with a faulty disk', () => {
  const [disk, shelf] = [new FaultDisk({ seed: 'contract' }), new LedgerShelf()];
  return { dir: '/', machine: shelf.on(disk.mount()) };
});
