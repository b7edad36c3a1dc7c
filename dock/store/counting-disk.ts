import type { Disk, DiskFile } from './disk.ts';

/** A disk that counts how often something was made durable on it. */
export interface CountingDisk extends Disk {
  readonly syncs: number;
}

export function countingDisk(disk: Disk): CountingDisk {
  let syncs = 0;
  const counted = async (work: Promise<void>): Promise<void> => {
    await work;
    syncs += 1;
  };
  return {
    ...disk,
    open: async (path, mode) => countingFile(await disk.open(path, mode), counted),
    syncFolder: (path) => counted(disk.syncFolder(path)),
    get syncs() {
      return syncs;
    },
  };
}

function countingFile(file: DiskFile, counted: (work: Promise<void>) => Promise<void>): DiskFile {
  return {
    write: (parts, position) => file.write(parts, position),
    append: (parts, position) => counted(file.append(parts, position)),
    read: (into, position) => file.read(into, position),
    digests: (spans) => file.digests(spans),
    size: () => file.size(),
    truncate: (bytes) => file.truncate(bytes),
    sync: () => counted(file.sync()),
    close: () => file.close(),
  };
}
