import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../../dock/ledger/journal.ts';
import type { LedgerMachine } from '../../../dock/ledger/machine.ts';
import { text, utf8 } from '../../../proto/bytes.ts';

const root = new Uint8Array(32).fill(7);
const codeOf = (cause: unknown): unknown => (cause instanceof Error && 'code' in cause ? cause.code : cause);

/** What a log relies on in the machine under it; `make` gives one with an empty folder. */
export function machineKeepsItsPromise(
  name: string,
  make: () => { readonly dir: string; readonly machine: LedgerMachine },
): void {
  describe(`${name} under a log`, () => {
    // Goal: what was written is read, by the newest name, and what is not there is said not to be. Method: write, cut, rename, remove.
    it('keeps files and names', async () => {
      const { dir, machine } = make();
      const { disk } = machine;
      await disk.makeFolder(join(dir, 'a/b'));
      const file = await disk.open(join(dir, 'a/b/one'), 'write');
      await file.write([utf8('hello '), utf8('world')], 0);
      await file.truncate(7);
      await file.sync();
      expect(await file.size()).toBe(7);
      await file.close();
      await disk.rename(join(dir, 'a/b/one'), join(dir, 'a/two'));
      await disk.syncFolder(join(dir, 'a'));
      const again = await disk.open(join(dir, 'a/two'), 'read');
      const into = new Uint8Array(20);
      expect([await again.read(into, 2), text(into.subarray(0, 5))]).toEqual([5, 'llo w']);
      await again.close();
      expect((await disk.list(join(dir, 'a'))).toSorted()).toEqual(['b', 'two']);
      expect([await disk.list(join(dir, 'no')), await disk.list(join(dir, 'a/two'))]).toEqual([[], []]);
      expect([await disk.size(join(dir, 'a/two')), await disk.size(join(dir, 'no'))]).toEqual([7, undefined]);
      expect(await disk.remove(join(dir, 'a')).catch(codeOf)).toBe('ENOTEMPTY');
      await disk.remove(join(dir, 'a/b'));
      await disk.remove(join(dir, 'a/two'));
      expect(await disk.list(join(dir, 'a'))).toEqual([]);
      expect(await disk.open(join(dir, 'a/two'), 'read').catch(codeOf)).toBe('ENOENT');
    });

    // Goal: entries and the tree that they make go in together or not at all. Method: a batch, then one with a key that is there.
    it('keeps batches whole', () => {
      const { dir, machine } = make();
      const journal = machine.openJournal(join(dir, 'log.db'));
      expect([journal.intended(), journal.quorum(), journal.indexOf('a')]).toEqual([undefined, 0, undefined]);
      const batch = (start: number, ...keys: readonly string[]) => ({
        start,
        entries: keys.map((key): JournalEntry => ({ key, entry: utf8(key) })),
        intended: { size: start + keys.length, root },
        keepFrom: start,
      });
      journal.commit(batch(0, 'a', 'b'));
      expect(() => journal.commit(batch(2, 'c', 'a'))).toThrow(/UNIQUE/);
      expect([journal.intended()?.size, journal.indexOf('b'), journal.indexOf('c')]).toEqual([
        2,
        1,
        undefined,
      ]);
      expect([...journal.tail(0)].map(([at, body]) => [at, text(body)])).toEqual([
        [0, 'a'],
        [1, 'b'],
      ]);
      journal.rememberQuorum(2);
      expect(journal.quorum()).toBe(2);
      journal.close();
    });

    // Goal: a journal that is filled from a log is filled or stays empty. Method: entries that end in an error, then whole ones.
    it('is filled from a log as a whole', async () => {
      const { dir, machine } = make();
      const journal = machine.openJournal(join(dir, 'log.db'));
      await expect(journal.rebuild(entriesUntil(2), { size: 3, root }, 0)).rejects.toThrow('torn');
      expect([journal.intended(), journal.indexOf('k0')]).toEqual([undefined, undefined]);
      await journal.rebuild(entriesUntil(9), { size: 3, root }, 2);
      expect([journal.intended()?.size, journal.indexOf('k1'), [...journal.tail(0).keys()]]).toEqual([
        3,
        1,
        [2],
      ]);
      journal.close();
    });

    // Goal: one writer at a time. Method: a second one, before and after the first lets go.
    it('has one lock', () => {
      const { dir, machine } = make();
      const lock = machine.takeLock(join(dir, 'log.lock'));
      expect(() => machine.takeLock(join(dir, 'log.lock'))).toThrow(
        expect.objectContaining({ code: 'SQLITE_BUSY' }),
      );
      lock.release();
      machine.takeLock(join(dir, 'log.lock')).release();
    });
  });
}

/** Three entries, of which the one at `torn` cannot be read. */
async function* entriesUntil(torn: number): AsyncGenerator<JournalEntry, void, void> {
  for (let at = 0; at < 3; at++) {
    if (at === torn) throw new Error('torn');
    yield { key: `k${at}`, entry: utf8(`entry ${at}`) };
  }
}
