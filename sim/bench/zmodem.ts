import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Chance } from '../fault/chance.ts';
import { openPtyPair } from '../rig/pty.ts';
import type { LineConditions } from './conditions.ts';
import { goodputOf, type WireFigures } from './figures.ts';

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
    const startMs = performance.now();
    const sender = startOn(cable.cameraPath, ['sz', '--binary', ...flags, 'evidence.bin'], folder);
    const ended = await endOf([sender, receiver], timeoutMs);
    const tookMs = performance.now() - startMs;
    const arrived = await readFile(join(folder, 'in', 'evidence.bin')).catch(() => Buffer.alloc(0));
    if (!ended || !arrived.equals(content)) return null;
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

/** Both programs have ended by themselves, the sender well; what has not ended in time is killed. */
async function endOf(children: readonly ChildProcess[], timeoutMs: number): Promise<boolean> {
  const ends = children.map((child) => new Promise<number | null>((resolve) => child.once('exit', resolve)));
  const kill = (): void => children.forEach((child) => void child.kill('SIGKILL'));
  const timer = setTimeout(kill, timeoutMs);
  const codes = await Promise.all(ends);
  clearTimeout(timer);
  return codes.every((code) => code === 0);
}
