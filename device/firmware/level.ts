import type { BatteryLevel } from './body-ports.ts';
import type { FirmwareEvent } from './state.ts';

/** What the machine is told when the battery comes to that level. */
export function levelEvent(level: BatteryLevel): FirmwareEvent {
  switch (level) {
    case 'good':
      return { event: 'battery-good' };
    case 'low':
      return { event: 'battery-low' };
    case 'critical':
      return { event: 'battery-critical' };
    case 'empty':
      return { event: 'battery-dead' };
    default:
      return level satisfies never;
  }
}
