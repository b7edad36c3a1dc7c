import { Worker } from 'node:worker_threads';
import type { FleetJob, JobReport, RunningJob } from './job.ts';
import type { JobNews, JobOrder } from './job-worker.ts';

/** One part of a fleet, on whatever thread. */
export interface Party {
  readonly done: Promise<void>;
  report(): Promise<JobReport>;
  /** Ends it; resolves to what its end had to tell. */
  close(): Promise<JobReport>;
}

/**
 * A part of the fleet on a thread of its own. Where the source runs as TypeScript, as under vitest, no worker can be loaded, and the
 * calling thread does it.
 */
export async function startParty(job: FleetJob): Promise<Party> {
  if (!import.meta.url.endsWith('.ts')) return ownThread(job);
  const { startJob } = await import('./job.ts');
  return sameThread(startJob(job));
}

function sameThread(job: RunningJob): Party {
  return {
    done: job.done,
    report: () => Promise.resolve(job.report()),
    close: () => {
      job.close();
      return Promise.resolve(job.report());
    },
  };
}

function ownThread(job: FleetJob): Party {
  const worker = new Worker(new URL('./job-worker.js', import.meta.url), { workerData: job });
  const asked: ((report: JobReport) => void)[] = [];
  const rejecting: ((error: Error) => void)[] = [];
  let ended: Error | undefined;
  const done = new Promise<void>((resolve, reject) => {
    rejecting.push(reject);
    worker.on('message', (news: JobNews) => {
      if ('done' in news) resolve();
      else asked.shift()?.(news.report);
    });
  });
  worker.on('error', (error: unknown) => {
    ended = error instanceof Error ? error : new Error(String(error));
    for (const reject of rejecting) reject(ended);
  });
  const ask = (order: JobOrder): Promise<JobReport> =>
    new Promise((resolve, reject) => {
      if (ended !== undefined) return reject(ended);
      rejecting.push(reject);
      asked.push(resolve);
      worker.postMessage(order);
    });
  return { done, report: () => ask('report'), close: () => ask('close') };
}
