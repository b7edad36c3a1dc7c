import { expect, it } from 'vitest';
import { readConfig } from '../../../dock/config.ts';
import { LedgerError } from '../../../dock/ledger/errors.ts';
import { openTime } from '../../../dock/time.ts';
import { ManualClock } from '../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../sim/fault/memory-ledger.ts';
import { LEDGER_KEY, ORIGIN, sha256 } from '../proto/fixture.ts';

// Goal: a look at the clock notices a jump by itself, and fails while the ledger does not say in which epoch the dock is, as no stamp
// can be kept then. Method: a clock that is set between two looks, a log in memory that takes nothing for a while.

const config = readConfig([
  ...['--data', 'data', '--keys', 'keys', '--registry', 'registry', '--mqtt', 'embedded:0', '--http', '0'],
  // Any two files will do: nobody is asked here.
  ...[
    '--policy',
    'http://127.0.0.1:1',
    '--policy-key',
    'package.json',
    '--policy-token-file',
    'package.json',
  ],
]);
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

it('is looked at', async () => {
  const system = new ManualClock();
  const ledger = new MemoryLedger({ origin: ORIGIN, ...LEDGER_KEY, sha256 });
  const append = ledger.appendOnce.bind(ledger);
  let steps = 0;
  const stepped = (): void => void (steps += 1);
  const time = await openTime({ system, ledger, config, log: quiet, stepped });
  expect(await time.check()).toBe('epoch 1, no claim about UTC');
  const full = new LedgerError('LEDGER_FULL', 'no room', { retry: 'later' });
  ledger.appendOnce = () => Promise.reject(full);
  system.step(-5_000_000);
  await expect(time.check()).rejects.toBe(full);
  expect(steps).toBe(1);
  ledger.appendOnce = append;
  expect(await time.check()).toBe('epoch 2, no claim about UTC');
  time.close();
});
