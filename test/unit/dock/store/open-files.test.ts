import { describe, expect, it } from 'vitest';
import type { Disk, DiskFile } from '../../../../dock/store/disk.ts';
import { OpenFiles } from '../../../../dock/store/open-files.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';

/** A disk that writes down what is opened and closed. */
function watchedDisk(): { disk: Disk; log: string[] } {
  const log: string[] = [];
  const mount = new FaultDisk({ seed: 'open' }).mount();
  const watch = (path: string, file: DiskFile): DiskFile => ({
    write: (parts, position) => file.write(parts, position),
    append: (parts, position) => file.append(parts, position),
    digests: (spans) => file.digests(spans),
    read: (into, position) => file.read(into, position),
    size: () => file.size(),
    truncate: (bytes) => file.truncate(bytes),
    sync: () => file.sync(),
    close: async () => void log.push(`close ${path}`),
  });
  const disk: Disk = {
    open: async (path, mode) => {
      log.push(`open ${path}`);
      return watch(path, await mount.open(path, mode));
    },
    makeFolder: (path) => mount.makeFolder(path),
    list: (folder) => mount.list(folder),
    size: (path) => mount.size(path),
    rename: (from, to) => mount.rename(from, to),
    remove: (path) => mount.remove(path),
    syncFolder: (path) => mount.syncFolder(path),
  };
  return { disk, log };
}

const size = (file: DiskFile): Promise<number> => file.size();

describe('OpenFiles', () => {
  // Goal: a busy file is opened once. Method: use it three times, twice at once.
  it('keeps a file open between uses', async () => {
    const { disk, log } = watchedDisk();
    const files = new OpenFiles(disk, 2);
    await Promise.all([files.use('/a', 'write', size), files.use('/a', 'write', size)]);
    await files.use('/a', 'write', size);
    expect(log).toEqual(['open /a']);
    await files.close();
    expect(log).toEqual(['open /a', 'close /a']);
  });

  // Goal: descriptors are bounded. Method: one file more than may stay open; the one not used for longest goes.
  it('closes what was used longest ago', async () => {
    const { disk, log } = watchedDisk();
    const files = new OpenFiles(disk, 2);
    for (const path of ['/a', '/b', '/a', '/c']) await files.use(path, 'write', size);
    expect(log).toEqual(['open /a', 'open /b', 'open /c', 'close /b']);
  });

  // Goal: a file in use is never closed under its user. Method: crowd it out, and forget it, while it is used.
  it('lets users finish', async () => {
    const { disk, log } = watchedDisk();
    const files = new OpenFiles(disk, 1);
    await files.use('/a', 'write', async (file) => {
      await files.use('/b', 'write', size);
      await files.forget('/a');
      expect(log).not.toContain('close /a');
      expect(await file.size()).toBe(0);
    });
    expect(log).toContain('close /a');
    await files.use('/a', 'write', size);
    expect(log.filter((line) => line === 'open /a')).toHaveLength(2);
  });

  // Goal: after an error the next use starts afresh, as a descriptor reports a failed sync only once. Method: fail.
  it('opens again after a failure', async () => {
    const { disk, log } = watchedDisk();
    const files = new OpenFiles(disk, 2);
    await expect(files.use('/a', 'read', size)).rejects.toMatchObject({ code: 'ENOENT' });
    const broken = files.use('/a', 'write', () => Promise.reject(new Error('EIO')));
    await expect(broken).rejects.toThrow('EIO');
    await files.use('/a', 'write', size);
    expect(log).toEqual(['open /a', 'open /a', 'close /a', 'open /a']);
  });
});
