import { describe, expect, it } from 'vitest';
import { seeds } from './seeds.ts';
import { CHUNK_BYTES, LINE, LineWorld } from './upload.ts';

const MINUTE_MS = 60_000;
const MIB_CHUNKS = 4;
// Of the machine's time: a bad line is many thousand frames.
const PATIENCE_MS = 180_000;
const chunks = (count: number): readonly number[] => Array.from({ length: count }, () => CHUNK_BYTES);

// Goal: a line in trouble delays an upload, and what arrives is identical. Method: both programs' drivers and serial links
// over a modelled UART in virtual time.
describe('over a serial line in trouble all content arrives identical', () => {
  it.each(seeds('bursts', { atDesk: 1, inFull: 5 }))(
    '10 ms of noise each second: seed %s',
    async (seed) => {
      const burst = { everyMs: 1_000, lengthMs: 10 };
      const world = new LineWorld(seed, { ...LINE, burst }, chunks(MIB_CHUNKS));
      world.town.dock();
      expect(await world.town.until(world.isDone, 2 * MINUTE_MS)).toBe(true);
      await world.expectWhole();
      world.expectNothingInvented();
      // What a burst spoils is what is on the wire while it lasts: it must not cost a window.
      const repeated =
        world.data().reduce((sum, { payload }) => sum + payload.length, 0) - MIB_CHUNKS * CHUNK_BYTES;
      expect(repeated).toBeLessThan(0.15 * MIB_CHUNKS * CHUNK_BYTES);
    },
    PATIENCE_MS,
  );

  it.each(seeds('loss', { atDesk: 1, inFull: 5 }))(
    'one byte in a hundred lost: seed %s',
    async (seed) => {
      const world = new LineWorld(seed, { ...LINE, byteLoss: 0.01 }, chunks(1));
      world.town.dock();
      // Of a receipt as of a greeting one in twenty or so comes through, and a session takes one of each kind.
      expect(await world.town.until(world.isDone, 60 * MINUTE_MS)).toBe(true);
      await world.expectWhole();
      world.expectNothingInvented();
    },
    PATIENCE_MS,
  );

  // A chunk takes 2.8 s on this line: none would ever be whole if what an interrupted session brought were forgotten.
  it.each(seeds('hang-ups', { atDesk: 2, inFull: 5 }))(
    'a hang-up every 2 s: seed %s',
    async (seed) => {
      const world = new LineWorld(
        seed,
        { ...LINE, hangUpEveryMs: 2_000, bitErrorRate: 1e-6 },
        chunks(MIB_CHUNKS),
      );
      world.town.dock();
      expect(await world.town.until(world.isDone, 5 * MINUTE_MS)).toBe(true);
      await world.expectWhole();
      world.expectNothingInvented();
      expect(world.town.sessions).toBeGreaterThan(5);
    },
    PATIENCE_MS,
  );
});
