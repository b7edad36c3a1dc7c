import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import { MessageCount, type WireCounts } from './message-count.ts';
import type { KeptRecording } from '../fault/memory-vault.ts';
import { makeRecording, makeSigner, Town } from '../world/town.ts';
import type { LineConditions } from './conditions.ts';
import { goodputOf, type WireFigures } from './figures.ts';

// An hour of virtual time; nothing that works at all takes so long.
const LIMIT_MS = 3_600_000;
// The acknowledgement of the receipt is the last word, and leaves with the receipt's arrival.
const LAST_WORD_MS = 5;

export interface Upload {
  readonly line: LineConditions;
  readonly bytes: number;
  readonly seed: string;
  /** The port's queue; that of the model when absent. */
  readonly transmitBytes?: number;
}

export interface UploadRun {
  readonly figures: WireFigures;
  /** What was said, for finding out what costs what. */
  readonly counts: WireCounts;
  readonly links: number;
  readonly tookMs: number;
}

/** One recording of incompressible bytes in chunks of 256 KiB. */
export function makePayload(bytes: number, seed: string): KeptRecording {
  const sizes = Array.from({ length: Math.ceil(bytes / CHUNK_BYTES_MAX) }, (_, i) =>
    Math.min(CHUNK_BYTES_MAX, bytes - i * CHUNK_BYTES_MAX),
  );
  return makeRecording(1, sizes, { signer: makeSigner(`${seed}/camera`), seed });
}

/**
 * Uploads a recording over a modelled line in virtual time, by the drivers of both programs: from the first Hello to the
 * receipt. Undefined when it does not end, which would be a bug.
 */
export async function uploadVirtually({
  line,
  bytes,
  seed,
  transmitBytes,
}: Upload): Promise<UploadRun | undefined> {
  const count = new MessageCount();
  const town = new Town({
    seed,
    faults: { ...line, ...(transmitBytes === undefined ? {} : { transmitBytes }) },
    recordings: [makePayload(bytes, seed)],
    cameraSigner: makeSigner(`${seed}/camera`),
    watch: (seen) => count.add(seen),
  });
  town.dock();
  const isDone = await town.until(() => town.vault.receipts.size === 1, LIMIT_MS);
  const tookMs = town.clock.monoUs() / 1_000;
  await town.until(() => false, LAST_WORD_MS);
  if (!isDone || town.problems.length > 0) return undefined;
  const { toDock, toCamera } = town.wireBytes;
  return {
    figures: {
      wireRatio: toDock / bytes,
      ackRatio: toCamera / bytes,
      goodput: goodputOf(bytes, { tookMs, baud: line.baud }),
    },
    counts: count.counts,
    links: town.sessions,
    tookMs,
  };
}
