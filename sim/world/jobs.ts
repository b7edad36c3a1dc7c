import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SeedOutcome } from './report.ts';
import type { SeedOrder } from './worker-main.ts';

const OWN_PROGRAM = fileURLToPath(new URL('./worker-main.js', import.meta.url));

export interface JobsOptions {
  /** Worker processes side by side. */
  readonly jobs: number;
  readonly checks?: readonly string[] | undefined;
  /** Path of the worker's program; that of this build by default. */
  readonly program?: string | undefined;
  /** Hears of each seed as it is done, in no order. */
  readonly done: (outcome: SeedOutcome) => void;
}

/** Runs many seeds in processes of their own; each seed is the same wherever it runs. Rejects when a worker dies. */
export async function runSeeds(seeds: Iterable<number>, { jobs, ...options }: JobsOptions): Promise<void> {
  const left = seeds[Symbol.iterator]();
  await Promise.all(Array.from({ length: jobs }, () => work(left, options)));
}

function work(
  seeds: Iterator<number>,
  { checks, program = OWN_PROGRAM, done }: Omit<JobsOptions, 'jobs'>,
): Promise<void> {
  const worker = fork(program);
  let seed: number | undefined;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const following = seeds.next();
      seed = following.done === true ? undefined : following.value;
      if (seed === undefined) return end(worker, resolve);
      const order: SeedOrder = { seed, checks };
      worker.send(order);
    };
    worker.on('message', (outcome: SeedOutcome) => {
      done(outcome);
      next();
    });
    worker.on('error', reject);
    worker.on('exit', (code, signal) => {
      if (seed !== undefined) reject(new Error(`the worker of seed ${seed} ended with ${signal ?? code}`));
    });
    next();
  });
}

function end(worker: ChildProcess, ended: () => void): void {
  worker.once('exit', () => ended());
  worker.disconnect();
}
