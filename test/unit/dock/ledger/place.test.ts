import { expect, it } from 'vitest';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { appendMany, entry, keyFor, keyOf, newKey, open, tempFolder } from './rig.ts';

// Goal: where it is settled elsewhere which index an entry gets, it gets that one or none: entry 3 never stands where entry 2 belongs,
// also when whoever brought entry 2 gave up. Method: keys whose number is their index, appended with one left out.

const place = (key: string): number => Number(key.split('/')[1]);

it('takes an entry in its place alone, and the others when it is their turn', async () => {
  const ledger = await open(tempFolder(), newKey(), { keyOf, place });
  await appendMany(ledger, 0, 2);
  const tooEarly = await Promise.allSettled([3, 4].map((n) => ledger.appendOnce(keyFor(n), entry(n))));
  for (const one of tooEarly)
    expect(one).toMatchObject({ status: 'rejected', reason: { code: 'LEDGER_BUSY', retry: 'later' } });
  expect(tooEarly.every((one) => one.status === 'rejected' && one.reason instanceof LedgerError)).toBe(true);
  expect((await ledger.checkpoint()).size).toBe(2);
  // In one batch with the one that was missing, and behind it, whoever waits gets through.
  expect(await appendMany(ledger, 2, 5)).toEqual([2, 3, 4]);
  // What is there is there: asking again is no new entry, whatever comes next.
  expect(await ledger.appendOnce(keyFor(1), entry(1))).toBe(1);
  expect((await ledger.read(0, 5)).map(toHex)).toEqual([0, 1, 2, 3, 4].map((n) => toHex(entry(n))));
});

it('takes out of a batch what is not next, and keeps the rest', async () => {
  const ledger = await open(tempFolder(), newKey(), { keyOf, place });
  const [first, third, second] = await Promise.allSettled(
    [0, 2, 1].map((n) => ledger.appendOnce(keyFor(n), entry(n))),
  );
  expect([first, second]).toEqual([
    { status: 'fulfilled', value: 0 },
    { status: 'fulfilled', value: 1 },
  ]);
  expect(third).toMatchObject({ status: 'rejected', reason: { code: 'LEDGER_BUSY' } });
  expect((await ledger.read(0, 2)).map(toHex)).toEqual([0, 1].map((n) => toHex(entry(n))));
});
