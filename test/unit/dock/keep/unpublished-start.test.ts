import { describe, expect, it } from 'vitest';
import { type Chronicle, openChronicle } from '../../../../dock/keep/chronicle.ts';
import type { OpenLedger } from '../../../../dock/ledger/log.ts';
import { decodeEntry } from '../../../../proto/custody-entry.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { newKey, open, tempFolder } from '../ledger/rig.ts';
import { cosigned, soon, TestWitness } from '../ledger/witnesses.ts';

const WALL_US = 1_790_000_000_000_000;

function start(ledger: OpenLedger, run: number): Promise<Chronicle> {
  const clock = { wallUs: () => WALL_US + run, after: () => () => undefined };
  return openChronicle({ ledger, clock, version: '1', config: '1a'.repeat(32), tell: () => undefined });
}

// Goal: no two runs of a dock share an epoch, though no witness has seen the first one start. Method: a real ledger with a
// quorum; its witness goes away before the first start is cosigned, and comes back when the dock has started again.
describe('a start that was never published', () => {
  it('has its epoch for itself', async () => {
    const [dir, key] = [tempFolder(), newKey()];
    const witness = await TestWitness.of(key, 'witness.test/w1');
    const { options, clock } = cosigned([witness], 1);
    const unseen = await open(dir, key, options);
    await soon(() => expect(witness.cosigned).toBe(1));
    witness.mood = 'down';
    const first = await start(unseen, 1);
    await soon(async () => expect(await unseen.intended()).toHaveLength(1));
    const closing = unseen.close();
    clock.pass(2_000);
    await closing;
    first.close();
    const ledger = await open(dir, key, cosigned([witness], 1).options);
    const second = await start(ledger, 2);
    second.close();
    expect([first.epoch, second.epoch, (await ledger.checkpoint()).size]).toEqual([1, 2, 0]);
    witness.mood = 'up';
    await ledger.close();
    const seen = await open(dir, key, cosigned([witness], 1).options);
    const third = await start(seen, 3);
    await third.recorded();
    const entries = (await seen.read(0, (await seen.checkpoint()).size)).map((bytes) => decodeEntry(bytes));
    expect(entries).toMatchObject(
      [1, 2, 3].map((run) => ({ type: 'started', epoch: run, at: formatInstant(WALL_US + run) })),
    );
    expect(await seen.intended()).toEqual([]);
  });
});
