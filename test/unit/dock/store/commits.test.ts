import { describe, expect, it } from 'vitest';
import { Commits } from '../../../../dock/store/commits.ts';
import type { Change } from '../../../../dock/store/changes.ts';
import type { HoldingIndex } from '../../../../dock/store/holding-index.ts';

/** An index that only counts, and fails when told to. */
function countingIndex(): { index: HoldingIndex; groups: number[]; fail: { now: boolean } } {
  const groups: number[] = [];
  const fail = { now: false };
  const index: HoldingIndex = {
    holdings: () => [],
    find: () => undefined,
    rivals: () => [],
    chunk: () => undefined,
    chunks: () => [],
    sealed: () => [],
    byTurn: () => [],
    commit: () => expect.fail('everything is committed off this thread'),
    async commitLater(changes) {
      if (fail.now) throw new Error('disk');
      groups.push(changes.length);
      for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    },
    close: () => undefined,
  };
  return { index, groups, fail };
}

const change: Change = { change: 'forget-chunks', holding: 1, from: 0 };

describe('Commits', () => {
  // Goal: changes that come together cost one transaction. Method: five callers at once, then one alone.
  it('groups what comes together', async () => {
    const { index, groups } = countingIndex();
    const commits = new Commits(index);
    await Promise.all([1, 2, 3, 4, 5].map(() => commits.add(change, change)));
    await commits.add(change);
    expect(groups).toEqual([10, 1]);
  });

  // Goal: nobody is told "durable" by a transaction that failed, and the next one is not spoilt. Method: fail one.
  it('fails all of a group together', async () => {
    const { index, groups, fail } = countingIndex();
    const commits = new Commits(index);
    fail.now = true;
    const results = await Promise.allSettled([commits.add(change), commits.add(change)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fail.now = false;
    await commits.add(change);
    expect(groups).toEqual([1]);
  });

  // Goal: what comes while a group is being synced shares the next sync. Method: a slow index.
  it('groups what comes while others are being synced', async () => {
    const { index, groups } = countingIndex();
    const commits = new Commits(index);
    const first = commits.add(change);
    await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([first, commits.add(change, change), commits.add(change)]);
    expect(groups).toEqual([1, 3]);
  });
});
