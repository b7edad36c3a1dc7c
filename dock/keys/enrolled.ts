import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import type { Clock } from '../ports.ts';
import { KeyError } from './key-error.ts';
import { readIdentity } from './registry.ts';

const US_PER_MS = 1_000;
const LOOK_EVERY_US = 10_000_000;
// Thousands of files take a moment, in which the dock does nothing else.
const READ_EVERY_US = 600_000_000;
const MOMENT_US = 30_000_000;

/** A camera on file, and since when, microseconds since 1970. */
export interface EnrolledCamera {
  readonly camera: CameraId;
  readonly enrolledUs: number;
}

/** Every camera in a registry folder, by id. A file that cannot be believed is passed over here: it is told of when that camera comes. */
export function enrolledCameras(registry: string): readonly EnrolledCamera[] {
  return namesIn(registry).flatMap((name) => {
    const camera = name.slice(0, -'.json'.length);
    const path = join(registry, name);
    if (!name.endsWith('.json') || !isCameraId(camera) || !isCamera(path, camera)) return [];
    return [{ camera, enrolledUs: Math.trunc(statSync(path).mtimeMs * US_PER_MS) }];
  });
}

/**
 * The same, as it was found a while ago: looked at again when somebody was enrolled or removed, ten seconds apart at the most, and read
 * anew every ten minutes, since a file that was edited in its place does not show in its folder.
 */
export function enrolledReader(
  registry: string,
  clock: Pick<Clock, 'monoUs' | 'wallUs'>,
): () => readonly EnrolledCamera[] {
  let known:
    | { readonly cameras: readonly EnrolledCamera[]; readonly mtimeMs: number; readonly readUs: number }
    | undefined;
  let lookedUs = 0;
  return () => {
    const nowUs = clock.monoUs();
    if (known !== undefined && nowUs - lookedUs < LOOK_EVERY_US) return known.cameras;
    lookedUs = nowUs;
    const mtimeMs = statSync(registry, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    // A folder that changed twice within a moment shows one time: it is read once more when the moment is over.
    const isFresh = clock.wallUs() - mtimeMs * US_PER_MS < MOMENT_US;
    if (isFresh || known?.mtimeMs !== mtimeMs || nowUs - known.readUs >= READ_EVERY_US)
      known = { cameras: enrolledCameras(registry), mtimeMs, readUs: nowUs };
    return known.cameras;
  };
}

function isCamera(path: string, camera: CameraId): boolean {
  try {
    const identity = readIdentity(path);
    return identity?.kind === 'camera' && identity.id === camera;
  } catch (error) {
    if (error instanceof KeyError) return false;
    throw error;
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    // A dock without a registry knows no cameras, and says so when one comes.
    return [];
  }
}
