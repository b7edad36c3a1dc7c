import { expect, it } from 'vitest';
import { bitsPerSecond, type Rate, rateFrom, withBytes } from '../../../../dock/ingest/rate.ts';

// Goal: the rate that a display shows is that of durable bytes, on a fast line and on one that brings a chunk in half a minute.
// Method: samples at given moments of a monotonic clock, and the rate asked for between and after them.
const SECOND_US = 1_000_000;

function bring(steps: number, { everyUs, bytes }: { everyUs: number; bytes: number }): Rate {
  let rate = rateFrom(undefined, 0, 0);
  for (let step = 1; step <= steps; step += 1) rate = withBytes(rate, step * bytes, step * everyUs);
  return rate;
}

it('knows nothing before something came', () => {
  expect(bitsPerSecond(undefined, 0)).toBeUndefined();
  expect(bitsPerSecond(rateFrom(undefined, 500, 0), SECOND_US)).toBeUndefined();
});

it('counts what came in this session, not what an earlier one brought', () => {
  const rate = withBytes(rateFrom(undefined, 1_000_000, 0), 1_250_000, SECOND_US);
  expect(bitsPerSecond(rate, SECOND_US)).toBe(2_000_000);
});

it('stands between two chunks of a slow line', () => {
  const rate = bring(3, { everyUs: 25 * SECOND_US, bytes: 250_000 });
  expect(bitsPerSecond(rate, 75 * SECOND_US)).toBe(80_000);
  expect(bitsPerSecond(rate, 99 * SECOND_US)).toBe(80_000);
});

it('follows a change within its window', () => {
  let rate = bring(100, { everyUs: SECOND_US / 2, bytes: 1_000_000 });
  for (let step = 1; step <= 21; step += 1)
    rate = withBytes(rate, 100_000_000 + step * 100_000, 50 * SECOND_US + (step * SECOND_US) / 2);
  expect(bitsPerSecond(rate, 60.5 * SECOND_US)).toBe(1_600_000);
});

it('falls once the next chunk is late, and ends', () => {
  const rate = bring(10, { everyUs: SECOND_US, bytes: 125_000 });
  expect(bitsPerSecond(rate, 11 * SECOND_US)).toBe(1_000_000);
  expect(bitsPerSecond(rate, 16 * SECOND_US)).toBeLessThan(700_000);
  expect(bitsPerSecond(rate, 21 * SECOND_US)).toBeUndefined();
});

it('goes on from one recording to the next, unless there was a pause', () => {
  const first = bring(4, { everyUs: SECOND_US, bytes: 125_000 });
  const second = withBytes(rateFrom(first, 0, 4 * SECOND_US), 125_000, 5 * SECOND_US);
  expect(bitsPerSecond(second, 5 * SECOND_US)).toBe(1_000_000);
  expect(bitsPerSecond(rateFrom(first, 0, 60 * SECOND_US), 60 * SECOND_US)).toBeUndefined();
});

it('is held in a hundred samples however fast the line', () => {
  const rate = bring(20_000, { everyUs: 1_000, bytes: 1_000 });
  expect(rate.samples.length).toBeLessThan(120);
  expect(bitsPerSecond(rate, 20 * SECOND_US)).toBeCloseTo(8_000_000, -5);
});
