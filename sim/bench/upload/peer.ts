import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 1_024 * 1_024;

/** A peer's server as a process of its own; its first line is its port. */
export interface PeerServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** One of the small servers beside this file, in the built tree. */
export function startPeer(file: URL, args: readonly string[]): Promise<PeerServer> {
  const path = fileURLToPath(file);
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, UV_THREADPOOL_SIZE: '16' },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${path} ended with ${code}`)));
    child.stdout.once('data', (text: Buffer) =>
      resolve({ port: Number(text.toString()), stop: () => ended(child) }),
    );
  });
}

export function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}

/** What a system command prints; rejects when it fails. */
export async function command(name: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run(name, [...args], { maxBuffer: OUTPUT_BYTES_MAX });
  return stdout;
}
