import assert from 'node:assert/strict';
import { parentPort, workerData } from 'node:worker_threads';
import { type FleetJob, type JobReport, startJob } from './job.ts';

/** What the thread is told: to say what happened, or to end. */
export type JobOrder = 'report' | 'close';
/** What it says: a report for each order of one, and that no camera has anything left. */
export type JobNews = { readonly report: JobReport } | { readonly done: true };

const port = parentPort;
assert(port, 'job-worker.ts runs only as a worker thread');
const job = startJob(workerData as FleetJob);
const say = (news: JobNews): void => port.postMessage(news);
void job.done.then(() => say({ done: true }));
port.on('message', (order: JobOrder) => {
  if (order === 'close') {
    job.close();
    // What ends with the run is told once more.
    say({ report: job.report() });
    return port.close();
  }
  say({ report: job.report() });
});
