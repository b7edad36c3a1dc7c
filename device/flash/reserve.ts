import { cutFile, type Disk } from './disk.ts';
import { FlashError } from './error.ts';
import { writeWhole } from './shelf.ts';

// A few blocks for the name and the end of a file, on any file system.
const FILE_OVERHEAD_BYTES = 16 * 1024;

/**
 * Writes a small file whole, also when the memory is full: then the reserve, a file that only holds room back, gives up as much
 * as this needs. The rest stays, for whatever must be written before the next erasure makes room. Throws FlashError.
 */
export async function writeWithReserve(
  disk: Disk,
  path: string,
  { bytes, reserve }: { readonly bytes: Uint8Array; readonly reserve: string },
): Promise<void> {
  try {
    await writeWhole(disk, path, bytes);
  } catch (error) {
    if (!(error instanceof FlashError && error.code === 'FLASH_FULL')) throw error;
    const left = ((await disk.size(reserve)) ?? 0) - bytes.length - FILE_OVERHEAD_BYTES;
    await cutFile(disk, reserve, Math.max(0, left));
    await writeWhole(disk, path, bytes);
  }
}
