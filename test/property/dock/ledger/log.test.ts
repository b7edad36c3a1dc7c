import fc from 'fast-check';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { OpenLedger } from '../../../../dock/ledger/log.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { openCheckpoint } from '../../../../proto/checkpoint.ts';
import { leafHash, rootOf } from '../../../../proto/merkle.ts';
import { verifyTlogProof } from '../../../../proto/tlog-proof.ts';
import { entry, keyFor, keyOf, newKey, open, tempFolder } from '../../../unit/dock/ledger/rig.ts';
import { runs } from '../../../runs.ts';

type Act =
  | { readonly act: 'append'; readonly keys: readonly number[] }
  | { readonly act: 'crash'; readonly keys: readonly number[]; readonly step: number }
  | { readonly act: 'restart' }
  | { readonly act: 'lose-database' };

// Few keys, so that many are appended again; batches large enough that a run crosses tiles.
const keys = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 120 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: keys.map((keys) => ({ act: 'append' as const, keys })) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('crash' as const), keys, step: fc.nat({ max: 25 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ act: 'restart' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'lose-database' as const }) },
);

/** What must be true: where each acknowledged key is, and which trees were signed. */
class Model {
  readonly acknowledged = new Map<number, number>();
  readonly signed = new Map<number, string>();

  signs(message: Uint8Array): void {
    const [, size = '', root = ''] = new TextDecoder().decode(message).split('\n');
    if ((this.signed.get(Number(size)) ?? root) !== root) throw new Error(`two trees of size ${size}`);
    this.signed.set(Number(size), root);
  }

  answers(results: readonly PromiseSettledResult<readonly [number, number]>[]): void {
    for (const result of results) {
      if (result.status === 'rejected') continue;
      const [n, index] = result.value;
      if ((this.acknowledged.get(n) ?? index) !== index) throw new Error(`key ${n} moved to ${index}`);
      this.acknowledged.set(n, index);
    }
  }
}

async function append(ledger: OpenLedger, keys: readonly number[], model: Model): Promise<void> {
  model.answers(
    await Promise.allSettled(
      keys.map(async (n) => [n, await ledger.appendOnce(keyFor(n), entry(n))] as const),
    ),
  );
}

async function expectModel(ledger: OpenLedger, model: Model): Promise<void> {
  const { size, note } = await ledger.checkpoint();
  const entries = await ledger.read(0, size);
  const leaves = entries.map((bytes) => leafHash(nodeChecker.sha256, bytes));
  const { root } = openCheckpoint(note, ledger.vkey, nodeChecker);
  expect(toHex(root)).toBe(toHex(rootOf(nodeChecker.sha256, leaves)));
  // One entry a key, whatever crashed between.
  expect(new Set(entries.map(keyOf)).size).toBe(size);
  for (const [n, index] of model.acknowledged)
    expect(toHex(entries[index] ?? entry(-1))).toBe(toHex(entry(n)));
  if (size === 0) return;
  const index = size - 1;
  const claim = { entry: entries[index] ?? entry(-1), vkey: ledger.vkey };
  expect(verifyTlogProof(await ledger.prove(index), claim, nodeChecker)).toMatchObject({ index, size });
}

describe('the ledger against its model', () => {
  // Goal: no order of appends, crashes, restarts and lost databases loses an acknowledged entry, appends a key
  // twice or signs two trees of one size. Method: random acts against a map from key to index.
  it('keeps its promises through any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
        const [dir, key, model] = [tempFolder(), newKey(), new Model()];
        const sign = (message: Uint8Array): Uint8Array => {
          model.signs(message);
          return key.sign(message);
        };
        const reopen = (probe?: (step: string) => void): Promise<OpenLedger> =>
          open(dir, { ...key, sign }, { keyOf, ...(probe === undefined ? {} : { probe }) });
        let ledger = await reopen();
        for (const each of acts) {
          if (each.act === 'append') {
            await append(ledger, each.keys, model);
          } else {
            await ledger.close();
            if (each.act === 'crash') await crash(await reopen(countdown(each.step)), each.keys, model);
            if (each.act === 'lose-database') loseDatabase(dir, model, await sizeOf(await reopen()));
            ledger = await reopen();
          }
          await expectModel(ledger, model);
        }
        await ledger.close();
        rmSync(dir, { recursive: true, force: true });
      }),
      { numRuns: runs(25) },
    );
  });
});

/** Throws at the `last`th step from now and at every later one. */
function countdown(last: number): (step: string) => void {
  let left = last;
  return (step) => {
    if (left-- <= 0) throw new Error(step);
  };
}

async function crash(ledger: OpenLedger, keys: readonly number[], model: Model): Promise<void> {
  await append(ledger, keys, model);
  await ledger.close();
}

async function sizeOf(ledger: OpenLedger): Promise<number> {
  const { size } = await ledger.checkpoint();
  await ledger.close();
  return size;
}

function loseDatabase(dir: string, model: Model, size: number): void {
  for (const name of readdirSync(dir)) if (name.startsWith('log.db')) rmSync(join(dir, name));
  // A tree that was signed but never published goes with the database that intended it; nobody has seen it.
  for (const signed of model.signed.keys()) if (signed > size) model.signed.delete(signed);
}
