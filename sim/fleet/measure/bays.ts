import type { Bay, Bays, CameraCount, LineUse } from '../result.ts';
import { round } from './round.ts';

const EACH_MAX = 64;
const SPREAD_STEPS = 20;
const BYTES_PER_MB = 1e6;
const US_PER_MS = 1_000;
// 8N1: a start bit, eight data bits, a stop bit.
const BITS_PER_BYTE = 10;
const NOTHING = { bytes: 0, recordings: 0, errors: 0, retransmits: 0, worstUs: 0 };

/** How evenly the dock served its cameras. A camera that was planned and got nothing counts with nothing. */
export function baysOf(counts: ReadonlyMap<number, CameraCount>, cameras: number, seconds: number): Bays {
  const all = Array.from({ length: cameras }, (_, camera) =>
    bayOf({ ...NOTHING, camera, ...counts.get(camera) }, seconds),
  );
  const slowest = all.toSorted((a, b) => a.bytes - b.bytes || a.camera - b.camera);
  const rateAt = (share: number): number => slowest[Math.round(share * (cameras - 1))]?.MBps ?? 0;
  const meanBytes = all.reduce((sum, { bytes }) => sum + bytes, 0) / Math.max(1, cameras);
  return {
    count: cameras,
    meanMBps: seconds === 0 ? 0 : round(meanBytes / BYTES_PER_MB / seconds),
    minMBps: rateAt(0),
    maxMBps: rateAt(1),
    minOverMean: meanBytes === 0 ? null : round((slowest[0]?.bytes ?? 0) / meanBytes),
    spread: Array.from({ length: SPREAD_STEPS + 1 }, (_, step) => rateAt(step / SPREAD_STEPS)),
    each: cameras <= EACH_MAX ? all : slowest.slice(0, EACH_MAX),
  };
}

/** How much of what its line carries each bay carried as payload. */
export function lineOf(baud: number | null, { each }: Bays, seconds: number): LineUse | null {
  if (baud === null || seconds === 0) return null;
  const shares = each.map(({ bytes }) => bytes / seconds / (baud / BITS_PER_BYTE));
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return { baud, slowest: round(Math.min(...shares)), mean: round(mean) };
}

function bayOf(count: CameraCount, seconds: number): Bay {
  const { camera, bytes, recordings, errors, retransmits, worstUs } = count;
  return {
    camera,
    bytes,
    MBps: seconds === 0 ? 0 : round(bytes / BYTES_PER_MB / seconds),
    recordings,
    errors,
    retransmits,
    worstMs: worstUs === 0 ? null : worstUs / US_PER_MS,
  };
}
