import { describe, expect, it } from 'vitest';
import {
  type FragmentSize,
  fragmentSizeFor,
  learnt,
  wireBytesOf,
} from '../../../../device/upload/fragment-size.ts';
import { Chance } from '../../../../sim/fault/chance.ts';

const BOUNDS = { start: 2_048, min: 128, max: 8_192 };

/** Sends until so many bytes have arrived over a line with independent bit errors; says what they cost. */
function sent(start: FragmentSize, bytes: number, line: { ber: number; chance: Chance }) {
  let size = start;
  let arrivedBytes = 0;
  let wireBytes = 0;
  let frames = 0;
  for (; arrivedBytes < bytes; frames += 1) {
    const payloadBytes = size.bytes;
    const onWire = wireBytesOf(payloadBytes);
    const arrived = !line.chance.happens(1 - (1 - line.ber) ** (8 * onWire));
    wireBytes += onWire;
    if (arrived) arrivedBytes += payloadBytes;
    size = learnt(size, [{ payloadBytes, arrived }]);
  }
  return { size, frames, cost: wireBytes / arrivedBytes };
}

function idealCost(ber: number): number {
  let best = Number.POSITIVE_INFINITY;
  for (let bytes = BOUNDS.min; bytes <= BOUNDS.max; bytes += 1) {
    const onWire = wireBytesOf(bytes);
    best = Math.min(best, onWire / bytes / (1 - ber) ** (8 * onWire));
  }
  return best;
}

// Goal: the size that costs least, without being told the line. Method: an upload over lines of independent bit errors,
// beside the best single size found by trying them all; the noise itself varies by some thousandths.
describe.each([
  [0, 16],
  [1e-7, 16],
  [1e-6, 16],
  [1e-5, 8],
  [1e-4, 2],
])('a line with a bit error rate of %f', (ber, mebibytes) => {
  it('costs hardly more than with the best size, from the first frame on', () => {
    const costs = [1, 2, 3].map(
      (seed) =>
        sent(fragmentSizeFor(BOUNDS), mebibytes * 1024 * 1024, { ber, chance: new Chance(`${ber}/${seed}`) })
          .cost,
    );
    const median = costs.toSorted((a, b) => a - b)[1] ?? Number.NaN;
    expect(median / idealCost(ber)).toBeLessThan(1.006);
  });
});

// Goal: a line that changes is followed within dozens of frames, not after as much as was sent before.
describe('a line that changes', () => {
  const chance = new Chance('change');
  const clean = sent(fragmentSizeFor(BOUNDS), 64 * 1024 * 1024, { ber: 0, chance }).size;

  it('has the largest fragments while it is clean', () => {
    expect(clean.bytes).toBe(8_192);
  });

  it('has small ones a few dozen frames after it turned bad', () => {
    let size = clean;
    for (let frame = 0; frame < 40; frame += 1) {
      const payloadBytes = size.bytes;
      const arrived = !chance.happens(1 - (1 - 1e-4) ** (8 * wireBytesOf(payloadBytes)));
      size = learnt(size, [{ payloadBytes, arrived }]);
    }
    expect(size.bytes).toBeLessThanOrEqual(362);
  });

  it('has them at once when nothing gets through any more', () => {
    let size = clean;
    for (let frame = 0; frame < 4; frame += 1)
      size = learnt(size, [{ payloadBytes: size.bytes, arrived: false }]);
    expect(size.bytes).toBeLessThanOrEqual(512);
  });

  it('has large ones again half a megabyte after it turned good', () => {
    const bad = sent(clean, 1024 * 1024, { ber: 1e-4, chance }).size;
    expect(bad.bytes).toBeLessThanOrEqual(256);
    expect(sent(bad, 512 * 1024, { ber: 0, chance }).size.bytes).toBeGreaterThanOrEqual(2_048);
  });
});

// Goal: limits are kept, and a link with one size keeps it.
it('stays within its bounds, and does not move where there is only one size', () => {
  const lost = { payloadBytes: 2_048, arrived: false };
  const all = (size: FragmentSize): FragmentSize =>
    learnt(
      size,
      Array.from({ length: 100 }, () => lost),
    );
  expect(all(fragmentSizeFor(BOUNDS)).bytes).toBe(128);
  const one = fragmentSizeFor({ start: 4_096, min: 4_096, max: 4_096 });
  expect(all(one)).toEqual({ ...one });
  expect(all(fragmentSizeFor({ start: 300, min: 200, max: 300 })).bytes).toBe(200);
});

// Goal: a broker that throws long packets away is no noisy line: what passes once passes always.
it('halves what was lost where there is no noise, and grows by nothing', () => {
  const start = fragmentSizeFor({ start: 256_000, min: 8_192, max: 256_000, isNoiseless: true });
  const lost = { payloadBytes: 256_000, arrived: false };
  const once = learnt(start, [lost, lost, { payloadBytes: 8_192, arrived: true }]);
  expect(once.bytes).toBe(128_000);
  expect(learnt(once, [lost]).bytes).toBe(128_000);
  expect(learnt(once, [{ payloadBytes: 64_000, arrived: true }]).bytes).toBe(128_000);
  expect(learnt(once, [{ payloadBytes: 9_000, arrived: false }]).bytes).toBe(8_192);
});
