import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ByteBudget } from '../proto/budget.ts';
import { say } from './announce.ts';
import type { DockConfig } from './config.ts';
import type { Staging } from './ingest/staging.ts';
import type { Cancel, Clock } from './ports.ts';
import { type CountingDisk, countingDisk } from './store/counting-disk.ts';
import { systemDisk } from './store/disk.ts';
import type { Store } from './store/store.ts';

const NS_PER_MS = 1e6;
const MS_PER_S = 1_000;
// How often the delay is sampled: fine enough for what a camera notices, and a hundred wakes a second.
const RESOLUTION_MS = 10;

/** What is looked at. */
export interface StatsParts {
  readonly staging: Staging;
  /** What waits in all inboxes. */
  readonly budget: ByteBudget;
  readonly store: Pick<Store, 'transactions'>;
  readonly clock: Pick<Clock, 'after'>;
}

/** How a dock is doing, said every `--stats` seconds as an event of its own; nothing is counted or said without that flag. */
export class Stats {
  readonly #config: DockConfig;
  readonly #disk: CountingDisk | undefined;
  #stop: () => void = () => undefined;

  constructor(config: DockConfig) {
    this.#config = config;
    this.#disk = config.statsSeconds === 0 ? undefined : countingDisk(systemDisk);
  }

  /** The disk for the store, when its syncs are to be counted. */
  get disk(): { readonly disk?: CountingDisk } {
    return this.#disk === undefined ? {} : { disk: this.#disk };
  }

  begin({ staging, budget, store, clock }: StatsParts): void {
    const disk = this.#disk;
    if (disk === undefined) return;
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    let cancel: Cancel = () => undefined;
    const tell = (): void => {
      say(this.#config, {
        event: 'stats',
        // Of footage and its index; the ledger's are some for each recording.
        fsyncs: disk.syncs + store.transactions(),
        eventLoopDelayMs: Math.round(delay.percentile(99) / NS_PER_MS),
        stagingBytes: staging.bytesUsed,
        inboxBytes: budget.taken,
        uploadsWaiting: staging.waiting,
      });
      delay.reset();
      cancel = clock.after(this.#config.statsSeconds * MS_PER_S, tell);
    };
    cancel = clock.after(this.#config.statsSeconds * MS_PER_S, tell);
    this.#stop = () => {
      cancel();
      delay.disable();
    };
  }

  close(): void {
    this.#stop();
  }
}
