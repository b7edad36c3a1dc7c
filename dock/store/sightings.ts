import { text, utf8 } from '../../proto/bytes.ts';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import { formatInstant, parseInstant } from '../../proto/instant.ts';
import type { Clock } from '../ports.ts';
import { type Disk, systemDisk } from './disk.ts';
import { readWhole, replaceFile } from './whole.ts';

// With thousands of cameras coming in, a file for each of them would be as much work as letting them in.
const WRITE_EVERY_MS = 1_000;

export interface SightingsOptions {
  readonly disk?: Disk;
  /** Without one, what is noted while the file is being written is written at once. */
  readonly clock?: Pick<Clock, 'after'>;
}

/**
 * When each camera was last here, in a small file of its own. It is no evidence: a sighting that a crash takes makes a
 * camera look overdue until it docks again, and nothing worse.
 */
export class Sightings {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #clock: Pick<Clock, 'after'> | undefined;
  readonly #seenUs: Map<CameraId, number>;
  #writing: Promise<void> | undefined;
  #changed = false;
  #isClosing = false;
  /** Ends the pause between two writes. */
  #hurry: () => void = () => undefined;

  private constructor(
    path: string,
    seenUs: Map<CameraId, number>,
    { disk = systemDisk, clock }: SightingsOptions,
  ) {
    this.#path = path;
    this.#disk = disk;
    this.#clock = clock;
    this.#seenUs = seenUs;
  }

  /** Reads the file; what is damaged or missing counts as nothing seen. Throws what the disk throws. */
  static async open(path: string, options: SightingsOptions = {}): Promise<Sightings> {
    const bytes = await readWhole(options.disk ?? systemDisk, path);
    const seenUs = bytes === undefined ? new Map<CameraId, number>() : parse(bytes);
    return new Sightings(path, seenUs, options);
  }

  /** A camera is here, or has just left, at this instant of the dock's clock. */
  note(camera: CameraId, atUs: number): void {
    this.#seenUs.set(camera, Math.max(atUs, this.#seenUs.get(camera) ?? 0));
    this.#changed = true;
    this.#writing ??= this.#write();
  }

  /** Microseconds since 1970. */
  seenUs(camera: CameraId): number | undefined {
    return this.#seenUs.get(camera);
  }

  /** Resolves when all that was noted is in the file, or could not be written. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#hurry();
    await this.#writing;
    this.#isClosing = false;
  }

  async #write(): Promise<void> {
    try {
      while (this.#changed) {
        this.#changed = false;
        await replaceFile(this.#disk, this.#path, [format(this.#seenUs)]);
        await this.#pause();
      }
    } catch {
      // A disk that takes no small file shows in everything that matters; the next sighting tries again.
      this.#changed = true;
    } finally {
      this.#writing = undefined;
    }
  }

  #pause(): Promise<void> {
    const clock = this.#clock;
    if (clock === undefined || this.#isClosing) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.after(WRITE_EVERY_MS, resolve);
      this.#hurry = () => {
        cancel();
        resolve();
      };
    });
  }
}

function format(seenUs: ReadonlyMap<CameraId, number>): Uint8Array {
  const rows = [...seenUs].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return utf8(
    `${JSON.stringify(Object.fromEntries(rows.map(([camera, us]) => [camera, formatInstant(us)])), null, 2)}\n`,
  );
}

function parse(bytes: Uint8Array): Map<CameraId, number> {
  const seenUs = new Map<CameraId, number>();
  try {
    const found: unknown = JSON.parse(text(bytes));
    for (const [camera, at] of Object.entries(typeof found === 'object' && found !== null ? found : {})) {
      const us = typeof at === 'string' ? parseInstant(at) : undefined;
      if (isCameraId(camera) && us !== undefined) seenUs.set(camera, us);
    }
  } catch {
    // Not JSON: nothing was seen, as far as this file can tell.
  }
  return seenUs;
}
