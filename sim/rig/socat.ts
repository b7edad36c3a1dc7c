import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ProgramError } from './program.ts';

const READY_MS_MAX = 10_000;
const TERMINAL = 'pty,raw,echo=0';

/** A serial cable between two programs that another program carries: nothing of ours touches its bytes. */
export interface SocatPair {
  /** Opened by the camera. */
  readonly cameraPath: string;
  /** Opened by the dock. */
  readonly dockPath: string;
  /** Takes both ports away. */
  close(): Promise<void>;
}

/** Two pseudo-terminals that socat(1) joins. Throws ProgramError when it is not there or does not name two terminals in time. */
export async function openSocatPair(command = 'socat'): Promise<SocatPair> {
  // At this level it says which terminals it made.
  const child = spawn(command, ['-d', '-d', TERMINAL, TERMINAL], { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await gone;
  };
  const [cameraPath, dockPath] = await terminals(child, gone);
  if (cameraPath !== undefined && dockPath !== undefined) return { cameraPath, dockPath, close };
  await close();
  throw new ProgramError('PROGRAM_EXIT', `${command} made no two pseudo-terminals`, { retry: 'never' });
}

async function terminals(child: ChildProcess, gone: Promise<void>): Promise<readonly string[]> {
  if (child.stderr === null) return [];
  const paths: string[] = [];
  const lines = createInterface({ input: child.stderr });
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS_MAX);
  const named = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      const path = / PTY is (\S+)$/.exec(line)?.[1];
      if (path !== undefined) paths.push(path);
      // Both are made by now, and bytes go from one to the other.
      if (line.includes('starting data transfer loop')) resolve();
    });
  });
  await Promise.race([named, gone]);
  clearTimeout(timer);
  return paths;
}
