import { text, utf8 } from '../../proto/bytes.ts';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import { formatInstant, parseInstant } from '../../proto/instant.ts';
import { type Disk, systemDisk } from './disk.ts';
import { readWhole, replaceFile } from './whole.ts';

/**
 * When each camera was last here, in a small file of its own. It is no evidence: a sighting that a crash takes makes a
 * camera look overdue until it docks again, and nothing worse.
 */
export class Sightings {
  readonly #path: string;
  readonly #disk: Disk;
  readonly #seenUs: Map<CameraId, number>;
  #writing: Promise<void> | undefined;
  #changed = false;

  private constructor(path: string, disk: Disk, seenUs: Map<CameraId, number>) {
    this.#path = path;
    this.#disk = disk;
    this.#seenUs = seenUs;
  }

  /** Reads the file; what is damaged or missing counts as nothing seen. Throws what the disk throws. */
  static async open(path: string, disk: Disk = systemDisk): Promise<Sightings> {
    const bytes = await readWhole(disk, path);
    return new Sightings(path, disk, bytes === undefined ? new Map<CameraId, number>() : parse(bytes));
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
    await this.#writing;
  }

  async #write(): Promise<void> {
    try {
      while (this.#changed) {
        this.#changed = false;
        await replaceFile(this.#disk, this.#path, [format(this.#seenUs)]);
      }
    } catch {
      // A disk that takes no small file shows in everything that matters; the next sighting tries again.
      this.#changed = true;
    } finally {
      this.#writing = undefined;
    }
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
