import { startOwnDock } from '../../fleet/own-dock.ts';
import type { LoadResult } from '../../fleet/result.ts';
import { runLoad } from '../../fleet/run.ts';
import { ownVersion } from '../../../dock/time.ts';

const CHUNK_BYTES = 16 * 1_024;
// A recording's manifest is as long as it is: of a shift's length with few cameras, and with many no longer than what is sent.
const CHUNKS_EACH_MIN = 32;
const SECONDS = 20;
// A dock lets a hundred in within a second; until all have come nothing counts.
const CAMERAS_PER_SECOND = 60;
const SETTLE_SECONDS = 8;
const PERCENT = 100;

/** One number of cameras, with the same chunks a second in all. */
export interface CameraCosts {
  readonly cameras: number;
  /** Processor time of the dock for each chunk, with all that it does meanwhile: milliseconds. */
  readonly cpuMs: number | null;
  /** From the intended time, milliseconds. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly rssMiB: number | null;
  readonly errors: number;
}

export async function cameraCosts(
  cameras: number,
  { chunksPerSecond, dir }: { readonly chunksPerSecond: number; readonly dir: string | undefined },
): Promise<CameraCosts> {
  const target = await startOwnDock({ cameras, dir });
  try {
    const rampSeconds = Math.max(1, Math.ceil(cameras / CAMERAS_PER_SECOND));
    const warmUpSeconds = rampSeconds + SETTLE_SECONDS;
    const each = (chunksPerSecond / cameras) * (warmUpSeconds + SECONDS);
    const chunksEach = Math.max(CHUNKS_EACH_MIN, Math.ceil(each));
    const result = await runLoad({
      options: {
        ...{
          cameras,
          transport: 'mqtt',
          loop: 'open',
          profile: null,
          windowChunks: 1,
          chunkBytes: CHUNK_BYTES,
        },
        ...{ durationSeconds: warmUpSeconds + SECONDS, warmUpSeconds, rampSeconds, baud: null },
        ...{ payloadScale: 1, timeWarp: 1, seed: 1 },
      },
      pace: { loop: 'steady', chunksEach, chunksPerSecond },
      ...{ target, version: ownVersion(), threads: 1 },
    });
    return costsOf(result, warmUpSeconds);
  } finally {
    await target.close();
  }
}

function costsOf(result: LoadResult, warmUpSeconds: number): CameraCosts {
  const counted = result.series.filter(({ second }) => second >= warmUpSeconds);
  const cpu = counted.flatMap(({ dock }) => dock?.cpuPercent ?? []);
  const seconds = cpu.reduce((sum, percent) => sum + percent / PERCENT, 0);
  const { p50, p99 } = result.chunkLatencyMs;
  const chunks = counted.reduce((sum, point) => sum + point.chunks, 0);
  return {
    cameras: result.options.cameras,
    cpuMs: chunks === 0 ? null : Math.round((seconds / chunks) * 1e6) / 1e3,
    ...{ p50Ms: p50, p99Ms: p99, rssMiB: result.dock.rssMiB?.max ?? null },
    errors: Object.values(result.errors).reduce((sum, times) => sum + times, 0),
  };
}
