import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCheckpoint } from '../../../../proto/checkpoint.ts';
import { openDatabase, type Database } from '../../../../dock/policy/facts/database.ts';
import { openJournal } from '../../../../dock/policy/facts/journal.ts';
import { openOutbox } from '../../../../dock/policy/facts/outbox.ts';
import { openFactStore } from '../../../../dock/policy/facts/store.ts';
import { openOwnLog, type OwnLog } from '../../../../dock/policy/ledger/open.ts';
import { runs } from '../../../runs.ts';
import { factOf, leavesOf } from '../../../unit/dock/policy/ledger/rig.ts';
import { atOnce } from '../../../unit/dock/ledger/rig.ts';

type Act =
  | { readonly act: 'facts'; readonly count: number }
  | { readonly act: 'decide'; readonly count: number }
  | { readonly act: 'wait' }
  | { readonly act: 'turns'; readonly count: number }
  | { readonly act: 'crash'; readonly step: number; readonly count: number }
  | { readonly act: 'lose-log' }
  | { readonly act: 'lose-index' };

const count = fc.integer({ min: 1, max: 90 });
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('facts' as const), count }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('decide' as const), count }) },
  { weight: 2, arbitrary: fc.constant({ act: 'wait' as const }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constant('turns' as const), count: fc.nat({ max: 12 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('crash' as const), step: fc.nat({ max: 40 }), count }),
  },
  { weight: 1, arbitrary: fc.constant({ act: 'lose-log' as const }) },
  { weight: 1, arbitrary: fc.constant({ act: 'lose-index' as const }) },
);

/** One service's folder through any history. */
class Town {
  readonly data = mkdtempSync(join(tmpdir(), 'holdfast-own-log-'));
  readonly seen = new Map<number, string>();
  database: Database = openDatabase(join(this.data, 'facts.db'));
  log: OwnLog | undefined;
  #facts = 0;

  async open(fatal = Number.POSITIVE_INFINITY): Promise<void> {
    this.database = openDatabase(join(this.data, 'facts.db'));
    let steps = 0;
    this.log = await openOwnLog({
      ...{ data: this.data, passphrase: undefined, isNew: this.#facts === 0, origin: undefined },
      ...{ defaultOrigin: 'policy.test/policy', outbox: openOutbox(this.database), timers: atOnce },
      ...{ nowMs: () => 1_795_000_000_000, report: () => undefined },
      ...{ witnesses: [], quorum: 0, lowerQuorum: false },
      probe: (step) => {
        this.look();
        if (steps++ >= fatal) throw new Error(`no further than ${step}`);
      },
    });
  }

  async close(): Promise<void> {
    await this.log?.close();
    this.log = undefined;
    this.database.close();
  }

  take(count: number): void {
    const entries = Array.from({ length: count }, () => factOf((this.#facts += 1)));
    openFactStore(this.database).append(entries);
    this.log?.wake();
  }

  async decide(count: number): Promise<void> {
    const journal = openJournal(this.database, () => this.log?.wake());
    const recorded = Array.from({ length: count }, (_, n) =>
      journal.record({
        ...{ at: '2026-11-21T08:00:00.000Z', requestId: `${n}`, source: 's', person: 'p', recording: 'r' },
        ...{ allowed: false, regime: 'doj', policySet: 'x', newestFact: 0, request: {}, answer: {} },
      }),
    );
    journal.flushSoon();
    await Promise.all(recorded);
  }

  newest(): number {
    return openOutbox(this.database).newest();
  }

  /** Every checkpoint that anybody could have fetched by now. */
  look(): void {
    let note = '';
    try {
      note = readFileSync(join(this.data, 'ledger/checkpoint'), 'utf8');
    } catch {
      return;
    }
    const { size, root } = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
    const hex = Buffer.from(root).toString('hex');
    if ((this.seen.get(size) ?? hex) !== hex) throw new Error(`two checkpoints of ${size} entries`);
    this.seen.set(size, hex);
  }

  /** What is published, and what is to be. */
  compared(): { readonly leaves: readonly string[]; readonly outbox: readonly string[] } {
    this.look();
    const outbox = openOutbox(this.database)
      .list(0, 100_000)
      .map(({ entry }) => new TextDecoder().decode(entry));
    return { leaves: leavesOf(join(this.data, 'ledger')), outbox };
  }
}

async function perform(town: Town, one: Act): Promise<void> {
  switch (one.act) {
    case 'facts':
      return town.take(one.count);
    case 'decide':
      return town.decide(one.count);
    case 'wait':
      await town.log?.published(Math.max(1, town.newest())).catch(() => undefined);
      return town.look();
    case 'turns':
      for (let n = 0; n < one.count; n += 1) await new Promise((resolve) => setImmediate(resolve));
      return;
    case 'crash':
      await town.close();
      await town.open(one.step).catch(() => undefined);
      town.take(one.count);
      await town.log?.published(town.newest()).catch(() => undefined);
      await town.close();
      return town.open();
    case 'lose-log':
    case 'lose-index':
      await town.close();
      for (const name of readdirSync(join(town.data, 'ledger')))
        if (one.act === 'lose-log' || name.startsWith('log.db'))
          rmSync(join(town.data, 'ledger', name), { recursive: true });
      return town.open();
    default:
      one satisfies never;
  }
}

describe("the service's own ledger against its outbox", () => {
  // Goal: no order of facts, decisions, crashes at any step and lost files makes leaf n anything but entry n+1 of the outbox, or two
  // checkpoints of one size. Method: random acts; after each, what is published against facts.db, and every checkpoint ever seen.
  it('is always a beginning of it, and catches up', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 10 }), async (acts) => {
        const town = new Town();
        town.database.close();
        try {
          await town.open();
          for (const one of acts) {
            await perform(town, one);
            const { leaves, outbox } = town.compared();
            expect(leaves).toEqual(outbox.slice(0, leaves.length));
          }
          town.take(1);
          // Decisions made just now may get their entry while this is waited for.
          const newest = town.newest();
          await town.log?.published(newest);
          const { leaves, outbox } = town.compared();
          expect(leaves.length).toBeGreaterThanOrEqual(newest);
          expect(leaves).toEqual(outbox.slice(0, leaves.length));
        } finally {
          await town.close();
          rmSync(town.data, { recursive: true });
        }
      }),
      { numRuns: runs(30) },
    );
  });
});
