import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { refuseLostLedger } from '../../../../dock/ledger/lost.ts';
import { newKey, open, tempFolder } from './rig.ts';

const advice: unknown = expect.stringContaining('from a backup');
const lost = { code: 'LEDGER_LOST', message: advice };

// Goal: a lost ledger is not begun anew beside what it recorded. Method: a data folder with a recording, then with quarantine
// alone, its ledger taken away.
it('refuses to begin a log beside recordings of another', async () => {
  const data = tempFolder();
  const recording = join(data, 'recordings', '0'.repeat(32));
  const refused = join(data, 'quarantine', `${'1'.repeat(32)}-01234567`);
  await (await open(join(data, 'ledger'), newKey())).close();
  for (const folder of [recording, refused]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(recording, 'stamps'), '');
  await expect(refuseLostLedger(data)).resolves.toBeUndefined();
  rmSync(join(data, 'ledger'), { recursive: true });
  await expect(refuseLostLedger(data)).rejects.toMatchObject(lost);
  rmSync(recording, { recursive: true });
  await expect(refuseLostLedger(data)).rejects.toMatchObject(lost);
  expect(existsSync(join(data, 'ledger'))).toBe(false);
});

// Goal: what can go on, or begin, does. Method: no data folder, one whose recording only began to arrive, and a ledger of which only
// the log.db or only the checkpoint is left: recovery judges those.
it('lets a first log begin and leaves a damaged one to recovery', async () => {
  const data = tempFolder();
  await expect(refuseLostLedger(join(data, 'none'))).resolves.toBeUndefined();
  const recording = join(data, 'recordings', '0'.repeat(32));
  mkdirSync(recording, { recursive: true });
  await expect(refuseLostLedger(data)).resolves.toBeUndefined();
  writeFileSync(join(recording, 'stamps'), '');
  for (const left of ['log.db', 'checkpoint']) {
    mkdirSync(join(data, 'ledger'), { recursive: true });
    writeFileSync(join(data, 'ledger', left), '');
    await expect(refuseLostLedger(data)).resolves.toBeUndefined();
    rmSync(join(data, 'ledger'), { recursive: true });
  }
});
