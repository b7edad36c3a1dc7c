import { afterEach, beforeEach, expect, it } from 'vitest';
import { fromBase64 } from '../../../../proto/bytes.ts';
import { openCheckpoint } from '../../../../proto/checkpoint.ts';
import { checkGrowth } from '../../../../proto/growth.ts';
import { checker, LEDGER_VKEY } from '../../proto/fixture.ts';
import { recording } from '../release/fixture.ts';
import { Front, hold } from './fixture.ts';

// Goal: whoever remembers an older size of the ledger gets the proof that it only grew; nothing else is answered.
// Method: the real routes over a ledger in memory that grows between two checkpoints.

let front: Front;
beforeEach(async () => {
  front = await Front.open((stage) => hold(stage, recording(1)));
});
afterEach(() => front.close());

const headNow = async () =>
  openCheckpoint((await front.stage.ledger.checkpoint()).note, LEDGER_VKEY, checker);
const ask = (query: string) => front.get(`/v1/ledger/consistency?${query}`);

it('proves that an older tree is where the newer one begins', async () => {
  const older = await headNow();
  for (const n of [2, 3, 4]) await hold(front.stage, recording(n));
  const newer = await headNow();
  const { status, json } = await ask(`from=${older.size}&to=${newer.size}`);
  expect(status).toBe(200);
  const { from, to, hashes } = json() as { from: number; to: number; hashes: readonly string[] };
  expect([from, to]).toEqual([older.size, newer.size]);
  const growth = { consistencyFrom: from, consistency: hashes.map(fromBase64) };
  expect(hashes.length).toBeGreaterThan(0);
  expect(checkGrowth(older, { checkpoint: newer, growth }, checker)).toBe('grown');
  expect((await ask(`from=0&to=${newer.size}`)).json()).toMatchObject({ hashes: [] });
});

it.each([
  'from=2&to=1',
  'from=1&to=9999',
  'from=1',
  'to=1',
  'from=-1&to=1',
  'from=1&to=01',
  'from=1&to=1e0',
  'from=1&from=1&to=1',
  '',
])('refuses "%s"', async (query) => {
  const { status, json } = await ask(query);
  expect([status, json()]).toMatchObject([400, { error: { code: 'bad-request' } }]);
  expect(front.problems).toEqual([]);
});
