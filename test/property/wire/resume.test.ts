import { describe, expect, it } from 'vitest';
import { PART_BYTES } from '../../../proto/limits.ts';
import { CHUNK_BYTES, BAUD, LINE, LineWorld } from './upload.ts';
import { seeds } from './seeds.ts';

const ROUND_TRIP_US = 20_000;
const BITS_PER_BYTE = 10;
const FRAME_BYTES = 8_192;
// What the camera said and the dock had not heard when the line went: the port's queue, what is on its way, the two frames
// that the port takes at once, the one that was cut in two, and the one that waits behind them.
const WINDOW_BYTES = 4_096 + (BAUD / BITS_PER_BYTE) * 0.02 + 4 * FRAME_BYTES;

// Goal: a cut costs two round trips and nothing that had arrived. Method: the line hangs up in the middle of a chunk; from
// the opening of the next one everything that passes is counted until its first Data.
describe('resume after a cut', () => {
  it.each(seeds('resume', { atDesk: 1, inFull: 5 }))(
    'is quick and repeats no more than a window: seed %s',
    async (seed) => {
      const world = new LineWorld(
        seed,
        { ...LINE, hangUpEveryMs: 4_000 },
        Array.from({ length: 3 }, () => CHUNK_BYTES),
      );
      world.town.dock();
      expect(await world.town.until(world.isDone, 120_000)).toBe(true);
      await world.expectWhole();
      expect(world.town.sessions).toBeGreaterThanOrEqual(3);
      for (let session = 2; session <= world.town.sessions; session++) {
        expect(greetingUs(world, session)).toBeLessThan(2 * ROUND_TRIP_US);
        expect(repeatedBytes(world, session)).toBeLessThanOrEqual(WINDOW_BYTES);
      }
    },
  );
});

/** From the opening of the line to the first Data, without the time that the bytes of the greeting spend on the wire. */
function greetingUs(world: LineWorld, session: number): number {
  const here = world.seen.filter((one) => one.what === 'sent' && one.session === session);
  const startUs = here[0]?.atUs ?? 0;
  const firstUs = here.find(({ pdu }) => pdu[0] === 0x12)?.atUs ?? Number.POSITIVE_INFINITY;
  const bytes = here.filter(({ atUs }) => atUs < firstUs).reduce((sum, { pdu }) => sum + framedBytes(pdu), 0);
  return firstUs - startUs - (bytes * BITS_PER_BYTE * 1e6) / BAUD;
}

/** Long ones go in parts, each with a header of some 20 bytes. */
function framedBytes(pdu: Uint8Array): number {
  return pdu.length + 3 + (pdu.length > PART_BYTES ? 25 * Math.ceil(pdu.length / PART_BYTES) : 0);
}

/** Payload that had been sent before, on the lines before this one. */
function repeatedBytes(world: LineWorld, session: number): number {
  const before = Array.from({ length: session - 1 }, (_, i) => world.data(i + 1)).flat();
  const sentTo = Math.max(0, ...before.map(({ offset, payload }) => offset + payload.length));
  return world
    .data(session)
    .reduce((sum, { offset, payload }) => sum + Math.max(0, Math.min(payload.length, sentTo - offset)), 0);
}
