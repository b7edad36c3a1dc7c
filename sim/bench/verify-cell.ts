import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChunkIndex, checkChunks } from '../../dock/ledger/verify/chunks.ts';
import { Findings } from '../../dock/ledger/verify/finding.ts';
import { CHUNK_BYTES_MAX } from '../../proto/limits.ts';
import type { Cell } from './ratio.ts';
import { encryptWhole } from './seal-cell.ts';

const RATIO_MIN = 0.7;
const RECORDING = 'recording';

/**
 * What checking a recording costs an outsider: its content read from the disk and hashed chunk by chunk against the manifest,
 * beside AES-256-GCM and the digest over the same bytes in memory. The files go away with the process.
 */
export function verifyCell(chunkCount: number): Cell {
  const chunks = Array.from({ length: chunkCount }, () => randomBytes(CHUNK_BYTES_MAX));
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  mkdirSync(join(dir, RECORDING));
  writeFileSync(join(dir, RECORDING, 'chunks'), Buffer.concat(chunks));
  const table = chunks.map((chunk, index) => ({
    sha256: createHash('sha256').update(chunk).digest(),
    storedBytes: chunk.length,
    plainBytes: chunk.length,
    mediaStartMs: index * 1_000,
    mediaMs: 1_000,
    endOfFragment: true,
  }));
  const key = randomBytes(32);
  const ours = async (): Promise<void> => {
    const findings = new Findings();
    await checkChunks({ dir, recording: RECORDING, chunks: table }, new ChunkIndex([]), findings);
    if (findings.list.length > 0) throw new Error(`the disk lies: ${findings.list[0]?.message}`);
  };
  const plain = (): void => {
    for (const chunk of chunks) encryptWhole(key, chunk);
  };
  return { name: 'verify', bytes: chunkCount * CHUNK_BYTES_MAX, ratioMin: RATIO_MIN, ours, plain };
}
