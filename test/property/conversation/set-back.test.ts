import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRecording, makeSigner, Town } from '../../../sim/world/town.ts';
import { runs } from '../../runs.ts';

const signer = makeSigner('camera');
const CALM = { delayMs: 2 };
const LIMIT_MS = 30_000;

const arrived = (town: Town, count: number) => (): boolean => town.vault.receipts.size === count;

/** A camera with this many recordings, some of them sealed, whose dock has taken the first `taken`, as its news says. */
async function townWith(seed: string, taken: number, count: number): Promise<Town> {
  const recordings = Array.from({ length: count }, (_, index) =>
    makeRecording(index + 1, [900, 700], { signer, seed, isSealed: index > 0 }),
  );
  const town = new Town({ seed, faults: CALM, cameraSigner: signer, recordings });
  town.dock();
  expect(await town.until(arrived(town, taken), LIMIT_MS)).toBe(true);
  town.cut();
  return town;
}

const sizeOf = async (town: Town): Promise<number> => (await town.ledger.checkpoint()).size;
const keptSize = (town: Town): number => town.tickets.kept('dock-1')?.size ?? 0;
const saysBehind = (town: Town): boolean => town.news.some(({ news }) => news === 'ledger-behind');

// Goal: a dock whose log was set back, by an old copy or on purpose, never gets a camera to erase anything, however it goes
// on from there; the camera remembers. Method: some recordings come over, the log loses its end, other entries take their
// place or none do, and the camera is docked again, for long.
describe('a log that was set back', () => {
  const setBack = fc.record({
    seed: fc.string({ minLength: 4, maxLength: 8 }),
    taken: fc.integer({ min: 1, max: 3 }),
    /** Of the entries that the camera knows of. */
    lost: fc.integer({ min: 1, max: 9 }),
    /** Other ones that came since. */
    others: fc.integer({ min: 0, max: 12 }),
  });

  it('never frees footage', async () => {
    await fc.assert(
      fc.asyncProperty(setBack, async ({ seed, taken, lost, others }) => {
        const town = await townWith(seed, taken, 5);
        const before = town.vault.receipts.size;
        town.ledger.setBack(Math.max(0, keptSize(town) - lost));
        for (let other = 0; other < others; other += 1)
          await town.ledger.appendOnce(`other ${other}`, new Uint8Array([other]));
        town.dock();
        await town.until(() => town.vault.receipts.size > before, LIMIT_MS);
        expect(town.problems).toEqual([]);
        expect(town.vault.receipts.size).toBe(before);
        const isNoticed = saysBehind(town) || town.news.some(({ news }) => news === 'distrust');
        expect(isNoticed).toBe(true);
      }),
      { numRuns: runs(30) },
    );
  });

  it('that is put right again takes everything, as nothing was written meanwhile', async () => {
    const town = await townWith('right again', 1, 3);
    const { size: before } = town.vault.receipts;
    const undo = town.ledger.setBack(keptSize(town) - 1);
    const held = await sizeOf(town);
    town.dock();
    await town.until(() => town.vault.receipts.size > before, LIMIT_MS);
    expect(saysBehind(town)).toBe(true);
    expect(await sizeOf(town)).toBe(held);
    town.cut();
    undo();
    town.dock();
    expect(await town.until(arrived(town, 3), LIMIT_MS)).toBe(true);
    expect(town.problems).toEqual([]);
  });
});
