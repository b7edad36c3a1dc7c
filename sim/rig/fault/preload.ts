/**
 * Read by Node before a program's own code (`--import`), in programs that the rig starts and nowhere else: the product has no
 * hook for this. Which trouble there is say two environment variables that only the rig sets.
 */
import { CLOCK_VARIABLE, DISK_VARIABLE } from './control.ts';

const disk = process.env[DISK_VARIABLE];
if (disk !== undefined) await (await import('./disk-preload.ts')).troubleDisk(disk);
const clock = process.env[CLOCK_VARIABLE];
if (clock !== undefined) (await import('./clock-preload.ts')).troubleClock(clock);
