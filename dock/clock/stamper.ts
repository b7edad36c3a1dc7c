import type { Stamper } from '../ports.ts';
import type { EpochClock } from './epoch.ts';
import type { TimeSync } from './time-sync.ts';

// `Date.now()` tells whole milliseconds.
const GRAIN_US = 1_000;

export interface StamperOptions {
  readonly clock: EpochClock;
  /** Evidence of UTC; without it every stamp is against this machine's own clock. */
  readonly sync?: Pick<TimeSync, 'boundUs'>;
  /** Resolves once the ledger has every epoch up to now. */
  readonly recorded: () => Promise<void>;
}

/**
 * Stamps by a watched clock. The bound covers the time from the bytes' arrival in this program to now and the clock's
 * grain, and in basis `utc` what the evidence leaves open.
 */
export function makeStamper({ clock, sync, recorded }: StamperOptions): Stamper {
  return {
    stamp: (sinceUs) => {
      const now = clock.read();
      const ownUs = Math.ceil(now.monoUs - sinceUs) + GRAIN_US;
      const boundUs = sync?.boundUs(now);
      return {
        receivedAtUs: now.wallUs,
        uncertaintyUs: ownUs + (boundUs ?? 0),
        basis: boundUs === undefined ? 'local' : 'utc',
        epoch: now.epoch,
      };
    },
    recorded,
  };
}
