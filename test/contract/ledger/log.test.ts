import { nodeChecker } from '../../../dock/ledger/checker.ts';
import { MemoryLedger } from '../../../sim/fault/memory-ledger.ts';
import { newKey, open, ORIGIN, tempFolder } from '../../unit/dock/ledger/rig.ts';
import { ledgerKeepsItsPromise } from './suite.ts';

ledgerKeepsItsPromise('the ledger in memory', async () => {
  const key = newKey();
  return new MemoryLedger({ origin: ORIGIN, ...key, sha256: nodeChecker.sha256 });
});
ledgerKeepsItsPromise('the tiled log on disk', () => open(tempFolder(), newKey()));
