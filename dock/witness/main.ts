import { resolve } from 'node:path';
import type { Answer, WitnessPorts } from './add-checkpoint.ts';
import { nowS } from './clock.ts';
import { readConfig, type WitnessConfig } from './config.ts';
import { ConfigError } from './errors.ts';
import { lockFolder, makeFolder } from './folder.ts';
import { openHeads } from './heads.ts';
import { openIdentity } from './identity.ts';
import { nodeChecker } from './keys.ts';
import { buildServer } from './server.ts';

type Say = (event: Readonly<Record<string, unknown>> & { readonly event: string }) => void;

/** `holdfast witness`: runs until SIGTERM or SIGINT. Resolves with the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  const config = readConfig(argv, nodeChecker.sha256);
  // Heard from the first moment on, so that a stop during start-up is a stop too.
  const stopped = stopSignal();
  const dir = resolve(config.data);
  await makeFolder(dir);
  const unlock = lockFolder(dir);
  try {
    await serve(config, dir, stopped);
  } finally {
    unlock();
  }
  return 0;
}

async function serve(config: WitnessConfig, dir: string, stopped: Promise<void>): Promise<void> {
  const key = await openIdentity(dir, config.name);
  const ports: WitnessPorts = {
    logs: config.logs,
    heads: await openHeads(dir, key.vkey),
    key,
    checker: nodeChecker,
    nowS,
  };
  const say = speaker(config);
  const app = buildServer(ports, {
    answered: (answer) => say(newsOf(answer)),
    failed: (error) => {
      const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.stderr.write(`holdfast witness: ${detail}\n`);
    },
  });
  try {
    const url = await app.listen({ port: config.port, host: config.host });
    say({ event: 'listening', url, vkey: key.vkey });
    await stopped;
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
    throw new ConfigError(`--http: cannot listen on ${config.host}:${config.port}: ${cause.message}`, cause);
  } finally {
    await app.close();
  }
}

function newsOf({ status, body, about, evidence }: Answer): Parameters<Say>[0] {
  if (status === 200) return { event: 'cosigned', ...about };
  const refused = { event: 'refused', status, ...about, why: body.trim() };
  return evidence === undefined ? refused : { ...refused, evidence };
}

function speaker({ json }: WitnessConfig): Say {
  return (event) => {
    const { event: name, ...rest } = event;
    const words = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
    process.stdout.write(`${json ? JSON.stringify(event) : [name, ...words].join(' ')}\n`);
  };
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    process.once('SIGINT', () => resolve());
  });
}
