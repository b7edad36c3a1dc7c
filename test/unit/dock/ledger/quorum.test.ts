import { expect, it } from 'vitest';
import { appendMany, newKey, open, tempFolder } from './rig.ts';
import { cosigned, TestWitness } from './witnesses.ts';

// Goal: nobody publishes past the witnesses of a log by forgetting them. Method: open with a quorum, without, and lowered on purpose.
it('remembers its quorum', async () => {
  const [dir, key] = [tempFolder(), newKey()];
  const { options } = cosigned([await TestWitness.of(key, 'north')], 1);
  const ledger = await open(dir, key, options);
  await appendMany(ledger, 0, 1);
  await ledger.close();
  await expect(open(dir, key)).rejects.toMatchObject({ code: 'LEDGER_QUORUM' });
  await (await open(dir, key, options)).close();
  await (await open(dir, key, { lowerQuorum: true })).close();
  await (await open(dir, key)).close();
});
