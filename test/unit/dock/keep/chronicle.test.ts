import { describe, expect, it } from 'vitest';
import { type Jump, openChronicle } from '../../../../dock/keep/chronicle.ts';
import { LedgerError } from '../../../../dock/ledger/errors.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { encodeEntry, decodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { CAMERA, makeSigner } from '../../../../sim/world/town.ts';

const [FIRST, SECOND] = ['1a'.repeat(32), '2b'.repeat(32)];

/** A log in memory that can be out of order, as one whose witnesses are away. */
class TroubledLedger extends MemoryLedger {
  isBusy = false;
  tries = 0;

  constructor() {
    super({ origin: 'test.example/dock-1', ...makeSigner('ledger'), sha256: nodeChecker.sha256 });
  }

  override appendOnce(key: string, entry: Uint8Array): Promise<number> {
    this.tries += 1;
    if (this.isBusy) return Promise.reject(new LedgerError('LEDGER_BUSY', 'no quorum', { retry: 'later' }));
    return super.appendOnce(key, entry);
  }

  async entries(): Promise<readonly unknown[]> {
    return (await this.read(0, (await this.checkpoint()).size)).map((bytes) => decodeEntry(bytes));
  }
}

const clock = new ManualClock();
const at = formatInstant(clock.wallUs());
const start = (ledger: TroubledLedger, config = FIRST, problems: unknown[] = []) =>
  openChronicle({ ledger, clock, version: '0.1.0', config, tell: (problem) => problems.push(problem) });
const stepTo = (epoch: number): Jump => ({
  epoch,
  stepUs: -3_600_000_000,
  wallBeforeUs: clock.wallUs() + 3_600_000_000,
  wallAfterUs: clock.wallUs(),
});

// Goal: the log itself says which epochs there were and what the dock ran with. Method: starts and jumps on a log in
// memory, read back entry by entry.
describe('what a dock writes about itself', () => {
  it('is its start, with what it runs with', async () => {
    const ledger = new TroubledLedger();
    const chronicle = await start(ledger);
    expect(chronicle.epoch).toBe(1);
    await chronicle.recorded();
    expect(await ledger.entries()).toEqual([
      { type: 'started', at, epoch: 1, version: '0.1.0', config: FIRST },
    ]);
  });

  it('is a change of that, and only a change', async () => {
    const ledger = new TroubledLedger();
    for (const config of [FIRST, FIRST, SECOND, SECOND]) await (await start(ledger, config)).recorded();
    expect(await ledger.entries()).toMatchObject([
      { type: 'started', epoch: 1, config: FIRST },
      { type: 'started', epoch: 2, config: FIRST },
      { type: 'started', epoch: 3, config: SECOND },
      { type: 'config.changed', config: SECOND, previous: FIRST },
      { type: 'started', epoch: 4, config: SECOND },
    ]);
  });

  it('is each jump of its clock', async () => {
    const ledger = new TroubledLedger();
    const chronicle = await start(ledger);
    chronicle.stepped(stepTo(2));
    await chronicle.recorded();
    expect((await ledger.entries())[1]).toEqual({
      type: 'clock.stepped',
      at,
      epoch: 2,
      stepUs: -3_600_000_000,
      wallBefore: formatInstant(clock.wallUs() + 3_600_000_000),
      wallAfter: at,
    });
  });
});

describe('an epoch', () => {
  it('is never given out twice, whatever the last run came to', async () => {
    const ledger = new TroubledLedger();
    const first = await start(ledger);
    first.stepped(stepTo(2));
    first.stepped(stepTo(3));
    await first.recorded();
    expect((await start(ledger)).epoch).toBe(4);
    expect((await start(ledger)).epoch).toBe(5);
  });

  it('is found behind any number of later entries', async () => {
    const ledger = new TroubledLedger();
    const first = await start(ledger);
    first.stepped(stepTo(2));
    await first.recorded();
    for (let i = 0; i < 2_500; i += 1) {
      const entry = { type: 'missing', at, camera: CAMERA, kind: 'gap', counterFrom: i + 1 } as const;
      await ledger.appendOnce(entryKey(entry), encodeEntry(entry));
    }
    const second = await start(ledger, SECOND);
    expect(second.epoch).toBe(3);
    await second.recorded();
    expect((await ledger.entries()).slice(-2)).toMatchObject([
      { type: 'started', epoch: 3 },
      { type: 'config.changed', previous: FIRST },
    ]);
  });

  it('begins after what a dock of old wrote, which counted none', async () => {
    const ledger = new TroubledLedger();
    const entry = { type: 'missing', at, camera: CAMERA, kind: 'gap' } as const;
    await ledger.appendOnce(entryKey(entry), encodeEntry(entry));
    expect((await start(ledger)).epoch).toBe(1);
  });
});

// Goal: no stamp is kept whose epoch a crash could give out again. Method: a log that takes nothing for a while.
describe('while the ledger takes nothing', () => {
  it('nothing counts as recorded, and later all of it is there in order', async () => {
    const ledger = new TroubledLedger();
    const problems: unknown[] = [];
    const chronicle = await start(ledger, FIRST, problems);
    await chronicle.recorded();
    ledger.isBusy = true;
    chronicle.stepped(stepTo(2));
    await expect(chronicle.recorded()).rejects.toMatchObject({ code: 'LEDGER_BUSY' });
    chronicle.stepped(stepTo(3));
    await expect(chronicle.recorded()).rejects.toMatchObject({ code: 'LEDGER_BUSY' });
    expect(problems.length).toBeGreaterThan(0);
    ledger.isBusy = false;
    await chronicle.recorded();
    expect(await ledger.entries()).toMatchObject([{ epoch: 1 }, { epoch: 2 }, { epoch: 3 }]);
  });

  it('it is asked again by and by, until the dock stops', async () => {
    const ledger = new TroubledLedger();
    ledger.isBusy = true;
    const chronicle = await start(ledger);
    await expect(chronicle.recorded()).rejects.toMatchObject({ code: 'LEDGER_BUSY' });
    ledger.isBusy = false;
    clock.advance(5_000);
    await chronicle.recorded();
    expect(await ledger.entries()).toHaveLength(1);
    ledger.isBusy = true;
    chronicle.stepped(stepTo(2));
    await expect(chronicle.recorded()).rejects.toMatchObject({ code: 'LEDGER_BUSY' });
    chronicle.close();
    const { tries } = ledger;
    clock.advance(60_000);
    expect(ledger.tries).toBe(tries);
    expect(clock.pending).toBe(0);
  });

  // What is appended after a jump must stand after it.
  it('an entry is on its way as soon as the clock has jumped', async () => {
    const ledger = new TroubledLedger();
    const chronicle = await start(ledger);
    await chronicle.recorded();
    chronicle.stepped(stepTo(2));
    const entry = { type: 'missing', at, camera: CAMERA, kind: 'gap' } as const;
    await ledger.appendOnce(entryKey(entry), encodeEntry(entry));
    expect(await ledger.entries()).toMatchObject([
      { type: 'started' },
      { type: 'clock.stepped' },
      { type: 'missing' },
    ]);
  });
});
