import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { freePort } from './free-port.ts';

const START_MS_MAX = 10_000;
const POLL_MS = 20;
const ATTEMPTS_MAX = 3;
// The shell lives as long as its input is open, that is, as long as we do: a test that is killed leaves no broker behind.
const KEEPER = '"$0" -c "$1" > /dev/null & echo $!; read -r _; kill -9 $!; wait';

export interface Mosquitto {
  /** `mqtt://127.0.0.1:PORT`. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Kills it and removes its folder. It is killed as well when this process ends without closing it. */
  close(): Promise<void>;
}

/**
 * Starts a mosquitto of our own on a free loopback port, with nothing kept on disk: open to everybody, without Nagle's
 * delay, 1000 queued messages a client. `binary` is its path. `port` asks for a certain one, as after a restart;
 * `settings` are further lines of its configuration.
 * Throws when it does not listen within 10 s.
 */
export async function startMosquitto(options: {
  readonly binary: string;
  readonly port?: number;
  readonly settings?: readonly string[];
}): Promise<Mosquitto> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-mosquitto-'));
  try {
    return await attempt({ settings: [], ...options, folder });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

interface Start {
  readonly binary: string;
  readonly folder: string;
  readonly port?: number;
  readonly settings: readonly string[];
}

/** Between finding a free port and listening on it somebody else may take it, so a free port is tried for again. */
async function attempt(start: Start): Promise<Mosquitto> {
  let reason: unknown;
  for (let count = 0; count < ATTEMPTS_MAX; count++) {
    try {
      return await launch({ ...start, port: start.port ?? (await freePort()) });
    } catch (error) {
      reason = error;
    }
  }
  throw reason;
}

async function launch({ binary, folder, port, settings }: Required<Start>): Promise<Mosquitto> {
  if (await accepts(port)) throw new Error(`port ${port}: Address already in use`);
  const config = join(folder, `${port}.conf`);
  await writeFile(config, configFor(port, settings));
  const keeper = spawn('/bin/sh', ['-c', KEEPER, binary, config], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<void>((resolve) => {
    keeper.once('exit', () => resolve());
    keeper.once('error', () => resolve());
  });
  let complaint = '';
  keeper.stderr.on('data', (text: Buffer) => {
    complaint = (complaint + withoutAdvice(text.toString())).slice(-2_000);
  });
  const stop = async (): Promise<void> => {
    keeper.stdin.end();
    await ended;
  };
  const pid = await firstNumber(keeper.stdout);
  if (!(await listening(port, () => complaint !== ''))) {
    await stop();
    throw new Error(`mosquitto does not listen on port ${port}: ${complaint.trim() || 'no word from it'}`);
  }
  const close = async (): Promise<void> => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `mqtt://127.0.0.1:${port}`, port, pid, close };
}

/** The broker's process id, the keeper's only word. */
async function firstNumber(output: Readable): Promise<number> {
  for await (const text of output) return Number(String(text));
  return Number.NaN;
}

/** It advises against some settings, and starts all the same. */
function withoutAdvice(text: string): string {
  return text.replace(/^.*\bNote: .*\n?/gm, '');
}

function configFor(port: number, settings: readonly string[]): string {
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'persistence false',
    'set_tcp_nodelay true',
    'max_queued_messages 1000',
    'log_dest stderr',
    'log_type error',
    ...settings,
  ];
  return `${lines.join('\n')}\n`;
}

async function listening(port: number, failed: () => boolean): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < START_MS_MAX && !failed(); waitedMs += POLL_MS) {
    if (await accepts(port)) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
  });
}
