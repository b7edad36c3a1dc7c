import { newKey, open, tempFolder } from '../../unit/dock/ledger/rig.ts';
import { ledgerKeepsItsPromise } from './suite.ts';

ledgerKeepsItsPromise('the tiled log on disk', () => open(tempFolder(), newKey()));
