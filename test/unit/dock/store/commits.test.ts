import { describe, expect, it } from 'vitest';
import { Commits } from '../../../../dock/store/commits.ts';
import type { Change, HoldingIndex } from '../../../../dock/store/holding-index.ts';

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
    commit(changes) {
      if (fail.now) throw new Error('disk');
      groups.push(changes.length);
    },
    async addChunks(rows) {
      groups.push(rows.length);
      for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      if (fail.now) throw new Error('disk');
    },
    close: () => undefined,
  };
  return { index, groups, fail };
}

const change: Change = { change: 'forget-chunks', holding: 1, from: 0 };
const stamp = { receivedAtUs: 1, uncertaintyUs: 1, basis: 'local' } as const;
const chunk: Change = {
  ...{ change: 'add-chunk', holding: 1 },
  chunk: { index: 0, offset: 0, bytes: 1, sha256: new Uint8Array(32), stamp },
};

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

  // Goal: chunks that come while others are being synced share the next sync, and a failure of theirs is nobody else's. Method: a slow index.
  it('groups chunks that come while others are being synced', async () => {
    const { index, groups, fail } = countingIndex();
    const commits = new Commits(index);
    const first = commits.add(chunk);
    await new Promise((resolve) => setImmediate(resolve));
    const later = [commits.add(chunk, chunk), commits.add(chunk)];
    await Promise.all([first, ...later]);
    expect(groups).toEqual([1, 3]);
    fail.now = true;
    const failed = commits.add(chunk);
    await new Promise((resolve) => setImmediate(resolve));
    await expect(failed).rejects.toThrow('disk');
    fail.now = false;
    await Promise.all([commits.add(chunk), commits.add(change)]);
    expect(groups).toEqual([1, 3, 1, 1, 1]);
  });
});
