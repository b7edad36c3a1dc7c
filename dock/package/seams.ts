import type { Entry, LocalFileHeader } from 'yauzl';

// In front of the directory's names, and behind the last of them; the longer end is that of ZIP64 (APPNOTE 4.3).
const RECORD_BYTES = 46;
const END_BYTES = [22, 22 + 56 + 20];
// Behind content whose length was not known when it began: signature, CRC-32 and both lengths, of 4 or 8 bytes each.
const DESCRIPTOR_BYTES = [16, 24];
const HAS_DESCRIPTOR = 0x8;

/**
 * The places where the files of an archive meet. Programs read an archive from its directory or from its first byte on; what
 * stands between files, or is said twice and differs, is read by one of them and not by the other. So there may be no such
 * thing: the files lie one behind the other from the first byte on, then the directory, then the end.
 */
export class Seams {
  /** Where the next file may begin. */
  #next: readonly number[] = [0];
  #directoryBytes = 0;

  /** What is wrong with this file's place or with what stands in front of it, or undefined. Files come as in the directory. */
  problemOf(entry: Entry, local: LocalFileHeader): string | undefined {
    const starts = this.#next;
    const end = local.fileDataStart + entry.compressedSize;
    const isOpen = (entry.generalPurposeBitFlag & HAS_DESCRIPTOR) !== 0;
    this.#next = isOpen ? DESCRIPTOR_BYTES.map((bytes) => end + bytes) : [end];
    this.#directoryBytes +=
      RECORD_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (!starts.includes(entry.relativeOffsetOfLocalHeader))
      return 'does not begin where the file before it ends';
    if (!local.fileName.equals(entry.fileNameRaw) || local.extraFieldLength > 0) return 'has a second name';
    const isSame =
      local.compressionMethod === entry.compressionMethod &&
      local.generalPurposeBitFlag === entry.generalPurposeBitFlag &&
      local.crc32 === (isOpen ? 0 : entry.crc32) &&
      local.compressedSize === (isOpen ? 0 : entry.compressedSize) &&
      local.uncompressedSize === (isOpen ? 0 : entry.uncompressedSize);
    return isSame ? undefined : 'is described in two ways';
  }

  /** What is wrong behind the last file, or undefined. */
  problemAtEnd(archive: { readonly directoryStart: number; readonly bytes: number }): string | undefined {
    if (!this.#next.includes(archive.directoryStart)) return 'has bytes that belong to no file';
    const end = archive.directoryStart + this.#directoryBytes;
    const isWhole = END_BYTES.some((bytes) => end + bytes === archive.bytes);
    return isWhole ? undefined : 'has bytes behind its directory, or files that its end does not count';
  }
}
