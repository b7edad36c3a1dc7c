import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';

// Goal: all promises hold in many small worlds, each with its own faults. Method: the built `npm run world` over 200 seeds in two
// processes; then one seed twice, which must be the same run.

const MAIN = fileURLToPath(new URL('../../dist/sim/world/main.js', import.meta.url));

interface Summary {
  readonly seeds: number;
  readonly failed: readonly number[];
  readonly faults: Readonly<Record<string, number>>;
  readonly hash: string;
}

function world(...args: readonly string[]): Promise<{ readonly code: number | null; readonly out: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

async function summary(...args: readonly string[]): Promise<Summary> {
  const { out } = await world(...args, '--json');
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Summary;
}

test('200 seeds: every promise holds, and trouble really came', { timeout: 600_000 }, async () => {
  const { seeds, failed, faults } = await summary('--seeds', '1..200', '--jobs', '2');
  expect(seeds).toBe(200);
  expect(failed).toEqual([]);
  const often = Object.values(faults).filter((times) => times >= 10);
  expect(often.length).toBeGreaterThanOrEqual(25);
});

test('the same seed twice is the same run', async () => {
  const [one, other, another] = [
    await summary('--seed', '11'),
    await summary('--seed', '11'),
    await summary('--seed', '12'),
  ];
  expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
  expect(other).toEqual(one);
  expect(another.hash).not.toBe(one.hash);
});

test('a shift of 8 hours with 50 cameras ends with every promise held', { timeout: 300_000 }, async () => {
  const { code, out } = await world('--shift', '--json');
  const sum: unknown = JSON.parse(out);
  process.stdout.write(out);
  expect(sum).toMatchObject({ ok: true });
  expect(sum).toHaveProperty('virtualSeconds', expect.closeTo(8 * 3_600, -2));
  expect(sum).toHaveProperty('recordings', expect.closeTo(340, -1.3));
  expect(code).toBe(0);
});

test('wrong usage and help say what there is, with their own exit codes', async () => {
  expect((await world('--help')).code).toBe(0);
  expect((await world('--seeds', '5..1')).code).toBe(64);
  expect((await world('--nonsense')).code).toBe(64);
});
