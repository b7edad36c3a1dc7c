import { expect, test } from 'vitest';
import { runWorld, summaryOf } from './run-world.ts';

// Goal: all promises hold in many small worlds, each with its own faults. Method: the built `npm run world` over 200 seeds in two
// processes; one long shift; and what was asked for wrongly.

test('200 seeds: every promise holds, and trouble really came', { timeout: 600_000 }, async () => {
  const { seeds, failed, faults } = await summaryOf(['--seeds', '1..200', '--jobs', '2']);
  expect(seeds).toBe(200);
  expect(failed).toEqual([]);
  const often = Object.values(faults).filter((times) => times >= 10);
  expect(often.length).toBeGreaterThanOrEqual(25);
});

test('seeds in which too little befell anybody fail', async () => {
  expect((await runWorld(['--seeds', '1..2', '--at-least', '1x1'])).code).toBe(0);
  expect((await runWorld(['--seeds', '1..2', '--at-least', '30x100'])).code).toBe(1);
});

test('a shift of 8 hours with 50 cameras ends with every promise held', { timeout: 300_000 }, async () => {
  const { code, out } = await runWorld(['--shift', '--json']);
  const sum: unknown = JSON.parse(out);
  process.stdout.write(out);
  expect(sum).toMatchObject({ ok: true });
  expect(sum).toHaveProperty('virtualSeconds', expect.closeTo(8 * 3_600, -2));
  expect(sum).toHaveProperty('recordings', expect.closeTo(340, -1.3));
  expect(code).toBe(0);
});

test('wrong usage and help say what there is, with their own exit codes', async () => {
  expect((await runWorld(['--help'])).code).toBe(0);
  expect((await runWorld(['--seeds', '5..1'])).code).toBe(64);
  expect((await runWorld(['--seeds', '1..2', '--at-least', '20'])).code).toBe(64);
  expect((await runWorld(['--nonsense'])).code).toBe(64);
});
