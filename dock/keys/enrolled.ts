import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type CameraId, isCameraId } from '../../proto/ids.ts';
import { KeyError } from './key-error.ts';
import { readIdentity } from './registry.ts';

const US_PER_MS = 1_000;

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
