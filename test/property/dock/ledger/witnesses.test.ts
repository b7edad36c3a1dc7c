import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpenLedger } from '../../../../dock/ledger/log.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { runs } from '../../../runs.ts';
import { entry, type Key, keyFor, newKey, open, tempFolder } from '../../../unit/dock/ledger/rig.ts';
import { cosigned, signersOf, soon, TestWitness } from '../../../unit/dock/ledger/witnesses.ts';

type Act =
  | { readonly act: 'append'; readonly keys: readonly number[] }
  | { readonly act: 'crash'; readonly keys: readonly number[]; readonly step: number }
  | { readonly act: 'restart' }
  | { readonly act: 'witness'; readonly which: number; readonly mood: 'up' | 'down' | 'silent' };

const keys = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 40 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 5, arbitrary: keys.map((keys) => ({ act: 'append' as const, keys })) },
  {
    weight: 2,
    arbitrary: fc.record({ act: fc.constant('crash' as const), keys, step: fc.nat({ max: 25 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ act: 'restart' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('witness' as const),
      which: fc.nat({ max: 2 }),
      mood: fc.constantFrom('up' as const, 'down' as const, 'silent' as const),
    }),
  },
);
const QUORUM = 2;

/** One dock and its three witnesses, through any number of processes. */
class Site {
  readonly dir = tempFolder();
  readonly witnesses: readonly TestWitness[];
  readonly acknowledged = new Map<number, number>();
  readonly #key: Key;
  readonly #signed = new Map<string, string>();
  #ledger: OpenLedger | undefined;
  #pass: (ms: number) => void = () => undefined;
  /** What the witnesses were ever said to disagree about. */
  readonly disagreements: unknown[] = [];

  constructor(key: Key, witnesses: readonly TestWitness[]) {
    this.#key = key;
    this.witnesses = witnesses;
  }

  static async make(): Promise<Site> {
    const key = newKey();
    const names = ['witness.test/w1', 'witness.test/w2', 'witness.test/w3'];
    return new Site(key, await Promise.all(names.map((name) => TestWitness.of(key, name))));
  }

  get ledger(): OpenLedger {
    if (this.#ledger === undefined) throw new Error('no process runs');
    return this.#ledger;
  }

  async start(probe: (step: string) => void = () => undefined): Promise<void> {
    const { options, clock } = cosigned(this.witnesses, QUORUM);
    this.#pass = (ms) => clock.pass(ms);
    const tell: typeof options.tell = (news) => {
      if (news.news === 'disagrees') this.disagreements.push(news);
    };
    const sign = (message: Uint8Array): Uint8Array => this.#sign(message);
    this.#ledger = await open(this.dir, { ...this.#key, sign }, { ...options, tell, probe });
  }

  async stop(): Promise<void> {
    await this.#settle(this.ledger.close());
  }

  async append(wanted: readonly number[]): Promise<void> {
    const { ledger } = this;
    await this.#settle(
      Promise.all(
        wanted.map(async (n) => {
          const index = await ledger.appendOnce(keyFor(n), entry(n)).catch(() => undefined);
          if (index === undefined) return;
          if ((this.acknowledged.get(n) ?? index) !== index) throw new Error(`key ${n} moved to ${index}`);
          this.acknowledged.set(n, index);
        }),
      ),
    );
  }

  #sign(message: Uint8Array): Uint8Array {
    const body = new TextDecoder().decode(message);
    const [, size = ''] = body.split('\n');
    if ((this.#signed.get(size) ?? body) !== body) throw new Error(`two trees of size ${size} were signed`);
    this.#signed.set(size, body);
    return this.#key.sign(message);
  }

  /** Lets time pass until the work is done: whoever waits for witnesses is told to come back. */
  async #settle(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await soon(() => {
      this.#pass(400);
      if (!isDone) throw new Error('still waiting');
    });
    await done;
  }
}

async function expectPromises(site: Site): Promise<void> {
  const { size, note } = await site.ledger.checkpoint();
  if (size > 0) expect(signersOf(note, site.witnesses).length).toBeGreaterThanOrEqual(QUORUM);
  const entries = (await site.ledger.read(0, size)).map(toHex);
  expect(new Set(entries).size).toBe(size);
  for (const [n, index] of site.acknowledged) expect(entries[index]).toBe(toHex(entry(n)));
  expect(site.disagreements).toEqual([]);
}

describe('the ledger and its witnesses', () => {
  // Goal: no order of appends, crashes, restarts and witnesses that come and go shows a checkpoint without its quorum, moves
  // an acknowledged entry, signs two trees of one size or makes an honest log disagree with its witnesses; and with all
  // of them there it goes on. Method: random acts on a real log with three real witnesses, two of which must cosign.
  it('keep their promises through any history', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 12 }), async (acts) => {
        const site = await Site.make();
        await site.start();
        for (const each of acts) {
          if (each.act === 'append') {
            await site.append(each.keys);
          } else if (each.act === 'witness') {
            const witness = site.witnesses[each.which];
            if (witness !== undefined) witness.mood = each.mood;
          } else {
            await site.stop();
            if (each.act === 'crash') {
              await site.start(countdown(each.step));
              await site.append(each.keys);
              await site.stop();
            }
            await site.start();
          }
          await expectPromises(site);
        }
        for (const witness of site.witnesses) witness.mood = 'up';
        await site.stop();
        await site.start();
        for (let tries = 0; tries < 20 && !site.acknowledged.has(1_000); tries++) await site.append([1_000]);
        expect(site.acknowledged.has(1_000)).toBe(true);
        await expectPromises(site);
        await site.stop();
        rmSync(site.dir, { recursive: true, force: true });
      }),
      { numRuns: runs(20) },
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
