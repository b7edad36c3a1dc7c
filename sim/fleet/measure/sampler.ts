import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DockSample } from '../result.ts';
import { round } from './round.ts';

// Linux counts a process's time in hundredths of a second, whatever the kernel's own tick is.
const MS_PER_TICK = 10;
const KIB_PER_MIB = 1_024;
// In /proc/PID/stat after the name: state is field 3, user and system time are 14 and 15.
const USER_FIELD = 14 - 3;
const SYSTEM_FIELD = 15 - 3;

/** What a dock says of itself, if it does; never asked of the process from outside. */
export type Published = Partial<Pick<DockSample, 'fsyncs' | 'eventLoopDelayMs' | 'queues'>>;

/** Looks at a dock's process through /proc, from outside, so that looking costs the dock nothing. Elsewhere than on Linux all is unknown. */
export class ProcessSampler {
  readonly #folder: string | undefined;
  #last: { readonly busyMs: number; readonly atMs: number } | undefined;

  /** Without a process all is unknown. */
  constructor(pid: number | undefined, proc = '/proc') {
    this.#folder = pid === undefined ? undefined : join(proc, String(pid));
  }

  /** The processor's share is of the time since the last sample, in percent of one core; the first has none. */
  async sample(atMs: number, published: Published = {}): Promise<DockSample> {
    const [stat, status, fds] = await this.#read();
    const rssKiB = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return {
      cpuPercent: this.#cpuPercent(stat, atMs),
      rssMiB: rssKiB === undefined ? null : round(Number(rssKiB) / KIB_PER_MIB),
      fds: fds?.length ?? null,
      fsyncs: published.fsyncs ?? null,
      eventLoopDelayMs: published.eventLoopDelayMs ?? null,
      queues: published.queues ?? null,
    };
  }

  async #read(): Promise<readonly [string, string, readonly string[] | undefined]> {
    const folder = this.#folder;
    if (folder === undefined) return ['', '', undefined];
    return Promise.all([
      readFile(join(folder, 'stat'), 'utf8').catch(() => ''),
      readFile(join(folder, 'status'), 'utf8').catch(() => ''),
      readdir(join(folder, 'fd')).catch(() => undefined),
    ]);
  }

  #cpuPercent(stat: string, atMs: number): number | null {
    // The name is in brackets and may itself have brackets and spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const busyMs = (Number(fields[USER_FIELD]) + Number(fields[SYSTEM_FIELD])) * MS_PER_TICK;
    if (!Number.isFinite(busyMs)) return null;
    const last = this.#last;
    this.#last = { busyMs, atMs };
    if (last === undefined || atMs <= last.atMs) return null;
    return round((100 * (busyMs - last.busyMs)) / (atMs - last.atMs));
  }
}
