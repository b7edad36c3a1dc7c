import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../../proto/bytes.ts';
import type { ChunkInfo, Manifest } from '../../../proto/manifest.ts';
import { codeOf } from '../errors.ts';
import type { Findings } from './finding.ts';

/** Where each accepted chunk belongs, by digest: a chunk that is found elsewhere was moved, not made. */
export class ChunkIndex {
  readonly #home = new Map<string, string>();

  constructor(recordings: readonly { readonly recording: string; readonly manifest: Manifest }[]) {
    for (const { recording, manifest } of recordings) {
      manifest.chunks.forEach(({ sha256 }, index) => {
        const digest = toHex(sha256);
        if (!this.#home.has(digest)) this.#home.set(digest, `chunk ${index} of ${recording}`);
      });
    }
  }

  homeOf(digest: string): string | undefined {
    return this.#home.get(digest);
  }
}

// A recording whose file was replaced differs in every chunk; the first few say it.
const FINDINGS_PER_RECORDING = 8;

interface Content {
  readonly dir: string;
  readonly recording: string;
  readonly chunks: readonly ChunkInfo[];
}

/** Hashes a recording's `chunks` file chunk by chunk against its manifest; returns how many bytes it read. */
export async function checkChunks(content: Content, known: ChunkIndex, findings: Findings): Promise<number> {
  const file = `${content.recording}/chunks`;
  const handle = await openIfThere(join(content.dir, file));
  if (handle === undefined) {
    findings.add({
      code: 'chunk-missing',
      file,
      index: 0,
      message: `all ${content.chunks.length} chunks are missing`,
    });
    return 0;
  }
  try {
    return await readChunks(handle, { ...content, file }, { known, findings });
  } finally {
    await handle.close();
  }
}

async function readChunks(
  handle: FileHandle,
  { chunks, file }: Content & { readonly file: string },
  { known, findings }: { readonly known: ChunkIndex; readonly findings: Findings },
): Promise<number> {
  const buffer = Buffer.alloc(chunks.reduce((most, { storedBytes }) => Math.max(most, storedBytes), 0));
  let [offset, wrong] = [0, 0];
  for (const [index, { sha256, storedBytes }] of chunks.entries()) {
    const stored = buffer.subarray(0, await readFully(handle, buffer.subarray(0, storedBytes), offset));
    offset += stored.length;
    if (stored.length < storedBytes) {
      const message = `the file ends in chunk ${index} of ${chunks.length}, at byte ${offset}`;
      findings.add({ code: 'chunk-missing', file, index, message });
      return offset;
    }
    const digest = createHash('sha256').update(stored).digest('hex');
    if (digest === toHex(sha256)) continue;
    wrong += 1;
    if (wrong > FINDINGS_PER_RECORDING) continue;
    const home = known.homeOf(digest);
    const message = home === undefined ? 'is not the chunk that was accepted' : `holds ${home}`;
    findings.add({ code: 'chunk-mismatch', file, index, message });
  }
  const { size } = await handle.stat();
  if (wrong > FINDINGS_PER_RECORDING) {
    findings.add({ code: 'chunk-mismatch', file, message: `${wrong} of ${chunks.length} chunks are wrong` });
  }
  if (size > offset)
    findings.add({ code: 'chunk-surplus', file, message: `has ${size - offset} bytes too many` });
  return offset;
}

/** Fills the buffer from `offset` as far as the file goes; returns how far. */
async function readFully(handle: FileHandle, buffer: Buffer, offset: number): Promise<number> {
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return undefined;
    throw cause;
  }
}
