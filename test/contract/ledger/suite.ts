import { describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../dock/ledger/checker.ts';
import type { Ledger } from '../../../dock/ports.ts';
import { toHex, utf8 } from '../../../proto/bytes.ts';
import { openCheckpoint } from '../../../proto/checkpoint.ts';
import { FieldError } from '../../../proto/errors.ts';
import { verifyConsistency } from '../../../proto/merkle.ts';
import { verifyTlogProof } from '../../../proto/tlog-proof.ts';

const entry = (n: number): Uint8Array => utf8(`entry ${n}`);

/** What the core relies on, for every implementation of the port; `make` gives an empty ledger. */
export function ledgerKeepsItsPromise(name: string, make: () => Promise<Ledger>): void {
  describe(`${name} as a Ledger`, () => {
    // Goal: indices have no gaps and follow the order of calls. Method: append alone and at once.
    it('numbers entries from 0 without gaps', async () => {
      const ledger = await make();
      expect(await ledger.appendOnce('0', entry(0))).toBe(0);
      const more = [1, 2, 3, 4, 5].map((n) => ledger.appendOnce(String(n), entry(n)));
      expect(await Promise.all(more)).toEqual([1, 2, 3, 4, 5]);
    });

    // Goal: asking twice adds nothing. Method: the same key later, at once, and with other bytes.
    it('appends one key once', async () => {
      const ledger = await make();
      const both = await Promise.all([ledger.appendOnce('a', entry(1)), ledger.appendOnce('a', entry(1))]);
      expect(both).toEqual([0, 0]);
      expect(await ledger.appendOnce('a', entry(2))).toBe(0);
      expect((await ledger.checkpoint()).size).toBe(1);
      expect((await ledger.read(0, 1)).map(toHex)).toEqual([toHex(entry(1))]);
    });

    // Goal: an acknowledged entry is under a signed checkpoint. Method: open the checkpoint right after each append.
    it('has signed what it acknowledged', async () => {
      const ledger = await make();
      for (let n = 0; n < 5; n++) {
        const index = await ledger.appendOnce(`k${n}`, entry(n));
        const { size, note } = await ledger.checkpoint();
        expect(size).toBeGreaterThan(index);
        expect(openCheckpoint(note, ledger.vkey, nodeChecker)).toMatchObject({ origin: ledger.origin, size });
      }
    });

    // Goal: every entry can be proved to somebody who has only the key. Method: check proofs at every size.
    it('proves every entry', async () => {
      const ledger = await make();
      for (let size = 1; size <= 9; size++) {
        await ledger.appendOnce(`k${size}`, entry(size));
        for (let index = 0; index < size; index++) {
          const claim = { entry: entry(index + 1), vkey: ledger.vkey };
          const proven = verifyTlogProof(await ledger.prove(index), claim, nodeChecker);
          expect(proven).toMatchObject({ index, size });
        }
      }
    });

    // Goal: whoever kept a checkpoint can see that the log has only grown. Method: keep every size up to nine; check the
    // proof of each pair, those that come with an entry's proof included, by the roots that the checkpoints named.
    it('proves that it has only grown', async () => {
      const ledger = await make();
      const roots: Uint8Array[] = [];
      const note = async (): Promise<Uint8Array> =>
        openCheckpoint((await ledger.checkpoint()).note, ledger.vkey, nodeChecker).root;
      for (let size = 0; size <= 9; size++) {
        if (size > 0) await ledger.appendOnce(`k${size}`, entry(size));
        roots.push(await note());
      }
      const holds = (from: number, to: number, proof: readonly Uint8Array[]): boolean => {
        const [oldRoot, newRoot] = [roots[from] ?? entry(-1), roots[to] ?? entry(-1)];
        return verifyConsistency(nodeChecker.sha256, { oldSize: from, newSize: to, oldRoot, newRoot, proof });
      };
      for (let to = 1; to <= 9; to++) {
        expect(await ledger.proveConsistency(0, to)).toEqual([]);
        for (let from = 1; from <= to; from++) {
          expect(holds(from, to, await ledger.proveConsistency(from, to))).toBe(true);
        }
        const since = await ledger.proveSince(to - 1, to);
        expect([since.size, holds(to, 9, since.consistency)]).toEqual([9, true]);
        const claim = { entry: entry(to), vkey: ledger.vkey };
        expect(verifyTlogProof(since.proof, claim, nodeChecker)).toMatchObject({ index: to - 1, size: 9 });
        expect(holds(to, 9, await ledger.proveConsistency(to))).toBe(true);
      }
      for (const [from, to] of [
        [1, 10],
        [3, 2],
        [-1, 2],
      ] as const) {
        await expect(ledger.proveConsistency(from, to)).rejects.toThrow(FieldError);
      }
      await expect(ledger.proveSince(9, 1)).rejects.toThrow(FieldError);
      await expect(ledger.proveSince(0, 10)).rejects.toThrow(FieldError);
    });

    // Goal: an old entry never changes and what is not there is refused. Method: read before and after, and outside.
    it('reads what was appended', async () => {
      const ledger = await make();
      await Promise.all([0, 1, 2].map((n) => ledger.appendOnce(String(n), entry(n))));
      const before = (await ledger.read(0, 3)).map(toHex);
      await ledger.appendOnce('3', entry(3));
      expect((await ledger.read(0, 3)).map(toHex)).toEqual(before);
      expect((await ledger.read(1, 3)).map(toHex)).toEqual(before.slice(1));
      await expect(ledger.read(0, 5)).rejects.toThrow(FieldError);
      await expect(ledger.prove(4)).rejects.toThrow(FieldError);
    });
  });
}
