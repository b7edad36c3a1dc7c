import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import { trySome } from '../../../runs.ts';
import { AFTER, BEFORE, expectWhole, failingAt, isFull, range, watchedKey } from './cut-short.ts';
import { appendMany, entry, type Key, keyFor, open, tempFolder } from './rig.ts';
import { cosigned, signersOf, soon, TestWitness } from './witnesses.ts';

describe('a batch with a quorum that is cut short', () => {
  const QUORUM = 2;

  async function twoWitnesses(key: Key): Promise<readonly TestWitness[]> {
    return [await TestWitness.of(key, 'witness.test/w1'), await TestWitness.of(key, 'witness.test/w2')];
  }

  /** A log of BEFORE entries that both witnesses know. */
  async function begun(): Promise<{ dir: string; key: Key; witnesses: readonly TestWitness[] }> {
    const [dir, key] = [tempFolder(), watchedKey()];
    const witnesses = await twoWitnesses(key);
    const first = await open(dir, key, cosigned(witnesses, QUORUM).options);
    await appendMany(first, 0, BEFORE);
    await first.close();
    return { dir, key, witnesses };
  }

  async function stepsToTheEnd(): Promise<readonly string[]> {
    const { dir, key, witnesses } = await begun();
    const { probe, steps } = failingAt(Number.POSITIVE_INFINITY);
    const ledger = await open(dir, key, { ...cosigned(witnesses, QUORUM).options, probe });
    await appendMany(ledger, BEFORE, AFTER);
    return steps;
  }

  // Goal: nobody hears of a tree before its tiles are durable, and nobody sees it before the quorum. Method: record one batch.
  it('goes confirm, commit, sign, tiles, cosign, checkpoint, answer', async () => {
    const steps = await stepsToTheEnd();
    expect(steps.slice(0, 4)).toEqual(['cosign', 'cosigned', 'commit', 'sign']);
    const asked = steps.lastIndexOf('cosign');
    expect(steps.slice(asked, asked + 3)).toEqual(['cosign', 'cosigned', 'write checkpoint']);
    expect(steps.findLastIndex((step) => /^(write|sync|rename).* tile/.test(step))).toBeLessThan(asked);
    expect(steps.findIndex((step) => step.startsWith('remove'))).toBeGreaterThan(asked);
    expect(steps.at(-1)).toBe('resolve');
  });

  // Goal: wherever the process ends, nothing acknowledged is lost, no witness ever sees two trees of one size, and the log goes
  // on. Method: end it at every step, reopen with the same witnesses, and append the same batch again.
  it('is finished or forgotten on the next start, at every step', async () => {
    const count = (await stepsToTheEnd()).length;
    expect(count).toBeGreaterThan(25);
    await trySome(range(0, count), async (fatal) => {
      const { dir, key, witnesses } = await begun();
      const fault = failingAt(fatal);
      const hurt = await open(dir, key, { ...cosigned(witnesses, QUORUM).options, probe: fault.probe });
      await expect(appendMany(hurt, BEFORE, AFTER)).rejects.toThrow(LedgerError);
      const seen = (await hurt.checkpoint()).size;
      await hurt.close();
      const { options, news } = cosigned(witnesses, QUORUM);
      const next = await open(dir, key, options);
      expect((await next.checkpoint()).size).toBeGreaterThanOrEqual(seen);
      expect(await appendMany(next, BEFORE, AFTER)).toEqual(range(BEFORE, AFTER));
      expect(await next.appendOnce(keyFor(AFTER), entry(AFTER))).toBe(AFTER);
      await expectWhole(next, AFTER + 1);
      expect(signersOf((await next.checkpoint()).note, witnesses)).toHaveLength(QUORUM);
      expect(news).toEqual([]);
      await next.close();
    });
  });

  // Goal: the same while the witnesses cannot be reached at the next start: what was intended waits, and comes first.
  // Method: end the process at every step, reopen without witnesses, then let them answer.
  it('waits for witnesses that are away, at every step', async () => {
    const count = (await stepsToTheEnd()).length;
    await trySome(range(2, count), async (fatal) => {
      const { dir, key, witnesses } = await begun();
      const hurt = await open(dir, key, {
        ...cosigned(witnesses, QUORUM).options,
        probe: failingAt(fatal).probe,
      });
      await expect(appendMany(hurt, BEFORE, AFTER)).rejects.toThrow(LedgerError);
      await hurt.close();
      for (const witness of witnesses) witness.mood = 'down';
      const { options, clock, news } = cosigned(witnesses, QUORUM);
      const next = await open(dir, key, options);
      const { size } = await next.checkpoint();
      expect([BEFORE, AFTER]).toContain(size);
      await soon(() => expect(news).toHaveLength(QUORUM));
      expect((await next.checkpoint()).size).toBe(size);
      for (const witness of witnesses) witness.mood = 'up';
      await soon(() => {
        clock.pass(5_000);
        expect(news).toHaveLength(2 * QUORUM);
      });
      expect(await appendMany(next, BEFORE, AFTER)).toEqual(range(BEFORE, AFTER));
      await expectWhole(next, AFTER);
      await next.close();
    });
  });

  // Goal: a fault that passes does not need a restart. Method: fail once at every step, then append again.
  it('is finished by the next append of the same process', async () => {
    const count = (await stepsToTheEnd()).length;
    await trySome(range(2, count), async (fatal) => {
      const { dir, key, witnesses } = await begun();
      let seen = 0;
      const probe = (step: string): void => {
        if (seen++ === fatal) throw Object.assign(new Error(step), { code: 'ENOSPC' });
      };
      const ledger = await open(dir, key, { ...cosigned(witnesses, QUORUM).options, probe });
      const hurt = await Promise.allSettled(
        range(BEFORE, AFTER).map((n) => ledger.appendOnce(keyFor(n), entry(n))),
      );
      expect(hurt.every((each) => each.status === 'rejected' && isFull(each.reason))).toBe(true);
      expect(await appendMany(ledger, BEFORE, AFTER)).toEqual(range(BEFORE, AFTER));
      await expectWhole(ledger, AFTER);
      expect(signersOf((await ledger.checkpoint()).note, witnesses)).toHaveLength(QUORUM);
      await ledger.close();
    });
  });
});
