import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage } from '../../../proto/codec.ts';
import { Deframer, encodeFrame } from '../../../proto/frame.ts';
import {
  CREDIT_UNITS_PER_STREAM,
  SERIAL_PDU_BYTES_MAX,
  STORED_CHUNK_BYTES_MAX,
} from '../../../proto/limits.ts';
import { Chance } from '../../../sim/fault/chance.ts';
import { skippingForbidden } from '../../peer.ts';
import { LINE, LineWorld } from './upload.ts';

const RUNS = skippingForbidden() ? 40 : 8;
const RANDOM_BYTES = skippingForbidden() ? 10_000_000 : 2_000_000;

// Goal: whatever noise does to the bytes, nothing wrong arrives, memory keeps its bound, and the upload ends once it is
// over. Method: the drivers and links of both programs over a modelled line whose reads are cut anywhere; storms of flipped,
// lost and inserted bytes, bursts and hang-ups, then a calm line.
describe('a serial line of any noise', () => {
  const rate = (max: number): fc.Arbitrary<number> =>
    fc.oneof(fc.constant(0), fc.double({ min: 0, max, noNaN: true }));
  const storm = fc.record({
    bitErrorRate: rate(1e-3),
    byteLoss: rate(0.02),
    byteInsertion: rate(0.02),
    burst: fc.record({
      everyMs: fc.integer({ min: 50, max: 1_000 }),
      lengthMs: fc.integer({ min: 1, max: 40 }),
    }),
    baud: fc.constantFrom(115_200, 921_600, 3_000_000),
    latencyMs: fc.integer({ min: 0, max: 50 }),
    forMs: fc.integer({ min: 100, max: 8_000 }),
  });
  const weather = fc.record({
    seed: fc.string({ minLength: 4, maxLength: 8 }),
    storms: fc.array(storm, { minLength: 1, maxLength: 3 }),
    sizes: fc.array(fc.integer({ min: 1, max: 60_000 }), { minLength: 1, maxLength: 5 }),
  });

  it('brings no wrong byte, keeps its memory, and goes on once it is calm', async () => {
    await fc.assert(
      fc.asyncProperty(weather, async ({ seed, storms, sizes }) => {
        const world = new LineWorld(seed, LINE, sizes);
        for (const { forMs, ...faults } of storms) {
          world.town.dock({ ...faults, cutAnywhere: true });
          await world.town.until(world.isDone, forMs);
          world.town.cut();
        }
        world.town.dock({ ...LINE, cutAnywhere: true });
        expect(await world.town.until(world.isDone, 60_000)).toBe(true);
        await world.expectWhole();
        world.expectNothingInvented();
        const unitBytesMax = Math.max(STORED_CHUNK_BYTES_MAX, world.kept.recording.signedManifest.length);
        expect(world.stagedBytesMax).toBeLessThanOrEqual(CREDIT_UNITS_PER_STREAM * unitBytesMax);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

// Goal: random bytes never make a packet: of the frames in so many, 32 bits of CRC let one through in some 10^5 tries.
// Method: ten million where nothing may be skipped, cut anywhere.
describe('a frame that nobody sent', () => {
  it(`is not found in ${RANDOM_BYTES} random bytes`, () => {
    const chance = new Chance('random bytes');
    const deframer = new Deframer(SERIAL_PDU_BYTES_MAX);
    let found = 0;
    for (let left = RANDOM_BYTES; left > 0; ) {
      const bytes = chance.bytes(Math.min(left, 1 + chance.below(4_096)));
      found += deframer.push(bytes).length;
      left -= bytes.length;
    }
    expect(found).toBe(0);
    const { cobs, crc } = deframer.dropped;
    // It really looked: most of what it threw away was a frame by its delimiters.
    expect(cobs + crc).toBeGreaterThan(RANDOM_BYTES / 400);
  });

  // Otherwise the above would show nothing.
  it('is found when it was sent', () => {
    const ping = encodeMessage({ type: 'ping', sentUs: 1 });
    expect(new Deframer(SERIAL_PDU_BYTES_MAX).push(encodeFrame(ping))).toEqual([ping]);
  });
});
