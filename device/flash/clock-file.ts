import { join } from 'node:path';
import { type Disk, flashDisk, readWhole, systemDisk } from './disk.ts';
import { decodeLines, encodeLine } from './line.ts';
import { writeWhole } from './shelf.ts';

/** How a camera's wall clock was set; see device/clock. */
export interface KeptClock {
  readonly isSet: boolean;
  readonly offsetUs: number;
  readonly atWallUs: number;
}

/**
 * Where a camera keeps how its clock is set, as the battery of a real one does: the file `clock` in its memory. What cannot be read is a
 * clock that was never set. Throws FlashError FLASH_IO.
 */
export async function openClockFile(folder: string, disk: Disk = systemDisk): Promise<ClockFile> {
  const path = join(folder, 'clock');
  const safe = flashDisk(disk);
  const [line] = decodeLines((await readWhole(safe, path)) ?? new Uint8Array());
  return {
    kept: settingIn(line?.record),
    keep: ({ isSet, offsetUs, atWallUs }) =>
      writeWhole(safe, path, encodeLine({ isSet, offsetUs, atWallUs })),
  };
}

export interface ClockFile {
  /** What was kept when the camera was last on; undefined: nothing. */
  readonly kept: KeptClock | undefined;
  /** Resolves when it survives a pulled battery. Calls come one after the other. */
  keep(setting: KeptClock): Promise<void>;
}

function settingIn(record: Readonly<Record<string, unknown>> = {}): KeptClock | undefined {
  const { isSet, offsetUs, atWallUs } = record;
  if (typeof isSet !== 'boolean' || !Number.isSafeInteger(offsetUs) || !Number.isSafeInteger(atWallUs))
    return undefined;
  return { isSet, offsetUs: Number(offsetUs), atWallUs: Number(atWallUs) };
}
