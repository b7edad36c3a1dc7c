import type { Gauges } from '../../device/ports.ts';

/** Gauges of a camera that nobody uses: they always say the same. */
export const steadyGauges: Gauges = {
  read: () => Promise.resolve({ batteryPercent: 71, flashFreeBytes: 4_000_000_000, officerId: '4411' }),
};
