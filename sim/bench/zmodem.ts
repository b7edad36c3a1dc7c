import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chance } from '../fault/chance.ts';
import { openPtyPair } from '../rig/pty.ts';
import type { LineConditions } from './conditions.ts';
import { goodputOf, type WireFigures } from './figures.ts';

const POLL_MS = 2;

/** The ways of sending that are tried; the better counts. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = { sz: [], 'sz -w 8192': ['-w', '8192'] };

/** One ZMODEM transfer of a file; null when it did not finish, or the file did not arrive as it was. */
export interface ZmodemRun {
  readonly variant: string;
  readonly figures: WireFigures | null;
}

/** Is lrzsz on this machine? */
export function hasZmodem(): boolean {
  return ['sz', 'rz'].every(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined,
  );
}

/** Sends `bytes` random bytes by the real `sz` to the real `rz` over a modelled line, once for each variant, side by side. */
export function zmodemRuns(
  line: LineConditions,
  bytes: number,
  { seed, timeoutMs }: { readonly seed: string; readonly timeoutMs: number },
): Promise<readonly ZmodemRun[]> {
  return Promise.all(
    Object.entries(VARIANTS).map(async ([variant, flags]) => {
      const content = new Chance(seed).split('content').bytes(bytes);
      const figures = await transfer({ line, content, flags, seed: `${seed}/${variant}`, timeoutMs });
      return { variant, figures };
    }),
  );
}

interface Transfer {
  readonly line: LineConditions;
  readonly content: Uint8Array;
  readonly flags: readonly string[];
  readonly seed: string;
  readonly timeoutMs: number;
}

async function transfer({ line, content, flags, seed, timeoutMs }: Transfer): Promise<WireFigures | null> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-zmodem-'));
  const cable = await openPtyPair({ uart: { ...line, seed } });
  try {
    await mkdir(join(folder, 'in'));
    await writeFile(join(folder, 'evidence.bin'), content);
    const receiver = startOn(cable.dockPath, ['rz', '--binary', '--overwrite'], join(folder, 'in'));
    // It throws away what came before it was ready, and a lost greeting costs half a minute: the sender waits for its word.
    while (cable.carriedBytes.toCamera === 0 && receiver.exitCode === null) await pause(POLL_MS);
    const startMs = performance.now();
    const sender = startOn(cable.cameraPath, ['sz', '--binary', ...flags, 'evidence.bin'], folder);
    const isSent = await hasEndedWell(sender, timeoutMs);
    const tookMs = performance.now() - startMs;
    // It has closed the file by then. Its wait for the last two letters, which a pseudo-terminal may lose when the
    // sender leaves, is not held against it.
    receiver.kill('SIGKILL');
    const arrived = await readFile(join(folder, 'in', 'evidence.bin')).catch(() => Buffer.alloc(0));
    if (!isSent || !arrived.equals(content)) return null;
    const { toDock, toCamera } = cable.sentBytes;
    return {
      wireRatio: toDock / content.length,
      ackRatio: toCamera / content.length,
      goodput: goodputOf(content.length, { tookMs, baud: line.baud }),
    };
  } finally {
    await cable.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The program talks over its stdin and stdout, as after a login on that line. */
function startOn(path: string, [program = '', ...flags]: readonly string[], folder: string): ChildProcess {
  const port = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
  const child = spawn(program, flags, { cwd: folder, stdio: [port, port, 'ignore'] });
  closeSync(port);
  return child;
}

/** It is killed when it takes longer. */
async function hasEndedWell(child: ChildProcess, timeoutMs: number): Promise<boolean> {
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  return code === 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
