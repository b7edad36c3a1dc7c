import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/sim/world/main.js', import.meta.url));

/** The last line of `npm run world -- --json`. */
export interface Summary {
  readonly seeds: number;
  readonly failed: readonly number[];
  readonly faults: Readonly<Record<string, number>>;
  readonly hash: string;
}

export interface Ran {
  readonly code: number | null;
  readonly out: string;
}

/** `npm run world` as it is built, in a process of its own; by another Node than ours where one is named. */
export function runWorld(args: readonly string[], node = process.execPath): Promise<Ran> {
  const child = spawn(node, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out }));
  });
}

export async function summaryOf(args: readonly string[], node?: string): Promise<Summary> {
  const { out } = await runWorld([...args, '--json'], node);
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '') as Summary;
}
