import { readFile } from 'node:fs/promises';
import { type ModelBattery, openBattery } from './battery/battery.ts';
import { followTrack, readTrack, walkFrom } from './capture/track.ts';
import { type CameraClock, openCameraClock } from './clock/camera-clock.ts';
import { systemClock } from './clock/system.ts';
import { type ChipHealth, type ChipOptions, openChip } from './flash/chip.ts';
import { type ClockFile, openClockFile } from './flash/clock-file.ts';
import { type Disk, systemDisk } from './flash/disk.ts';
import type { Sensors } from './ports.ts';

/** What the simulated camera is made of. */
export interface HardwareConfig {
  /** Its memory, a folder. */
  readonly flash: string;
  /** At the start, 0 to 100. */
  readonly batteryPercent: number;
  /** How much faster its crystal runs, parts per million. */
  readonly clockPpm: number;
  /** Nobody has set its clock yet. */
  readonly clockUnset: boolean;
  /** How its memory chip is; undefined: as good as the disk of this machine. */
  readonly chip: Omit<ChipOptions, 'clock'> | undefined;
  /** A file of places, or `walk`; undefined: no receiver. */
  readonly track: string | undefined;
}

export interface Hardware {
  /** Setting it in any way is kept for the next start. */
  readonly clock: CameraClock;
  readonly battery: ModelBattery;
  readonly disk: Disk;
  readonly sensors: Sensors;
  /** Undefined of a chip that cannot fail. */
  readonly chipHealth: () => ChipHealth | undefined;
  /** Resolves when what was set last is kept. */
  readonly settled: () => Promise<void>;
}

// Where a walk begins, when nobody says otherwise.
const PORTLAND = { latitude: 45.5152, longitude: -122.6784 };

/** `walkSeed` says which way a camera goes that walks by itself. Throws FlashError when the memory cannot be read, CaptureError TRACK for a track that cannot be followed. */
export async function openHardware(config: HardwareConfig, walkSeed: number): Promise<Hardware> {
  await systemDisk.makeFolder(config.flash);
  const file = await openClockFile(config.flash);
  const { clockPpm: ppm, clockUnset: unset } = config;
  const keeper = new ClockKeeper(openCameraClock(systemClock(), { ppm, unset, setting: file.kept }), file);
  const { clock } = keeper;
  const battery = openBattery(clock, { percent: config.batteryPercent });
  const chip = config.chip && (await openChip(systemDisk, config.flash, { ...config.chip, clock }));
  const position = await receiverOf({ track: config.track, walkSeed }, () => clock.monoUs());
  const batteryPercent = (): number => battery.percent();
  return {
    clock,
    battery,
    disk: chip ?? systemDisk,
    sensors: position === undefined ? { batteryPercent } : { batteryPercent, position },
    chipHealth: () => chip?.health,
    settled: () => keeper.settled(),
  };
}

async function receiverOf(
  { track, walkSeed }: { readonly track: string | undefined; readonly walkSeed: number },
  monoUs: () => number,
): Promise<Sensors['position']> {
  if (track === undefined) return undefined;
  if (track === 'walk') return walkFrom(PORTLAND, walkSeed, monoUs);
  return followTrack(readTrack(await readFile(track, 'utf8')), monoUs);
}

/** A clock whose every setting goes into the memory, one after the other. */
class ClockKeeper {
  readonly clock: CameraClock;
  readonly #file: ClockFile;
  #kept: Promise<void> = Promise.resolve();

  constructor(clock: CameraClock, file: ClockFile) {
    this.#file = file;
    this.clock = {
      wallUs: () => clock.wallUs(),
      monoUs: () => clock.monoUs(),
      after: (delayMs, wake) => clock.after(delayMs, wake),
      get isSet() {
        return clock.isSet;
      },
      get setting() {
        return clock.setting;
      },
      set: (wallUs) => {
        clock.set(wallUs);
        this.#keep(clock);
      },
      step: (byUs) => {
        clock.step(byUs);
        this.#keep(clock);
      },
      reset: () => {
        clock.reset();
        this.#keep(clock);
      },
    };
  }

  settled(): Promise<void> {
    return this.#kept;
  }

  #keep(clock: CameraClock): void {
    const { setting } = clock;
    // A clock that cannot be kept is one that is unset after the next start, which it says itself; the camera goes on.
    this.#kept = this.#kept.then(() => this.#file.keep(setting)).catch(() => undefined);
  }
}
