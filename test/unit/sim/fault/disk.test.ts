import { describe, expect, it } from 'vitest';
import type { DiskFile } from '../../../../dock/store/disk.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import type { Mount } from '../../../../sim/fault/disk.ts';

const bytes = (count: number, value: number): Uint8Array => new Uint8Array(count).fill(value);

async function write(mount: Mount, path: string, content: Uint8Array): Promise<DiskFile> {
  const file = await mount.open(path, 'write');
  await file.write([content], 0);
  return file;
}

async function put(mount: Mount, path: string, content: Uint8Array): Promise<void> {
  await (await write(mount, path, content)).sync();
}

/** What is left of a file after a power cut, over many seeds. */
async function leftovers(prepare: (mount: Mount) => Promise<void>): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const disk = new FaultDisk({ seed: String(seed) });
    await prepare(disk.mount());
    disk.cutPower();
    const left = disk.peek('/a/f');
    const values = new Set(left);
    seen.add(
      left === undefined ? 'missing' : `${left.length} of ${[...values].toSorted((a, b) => a - b).join()}`,
    );
  }
  return seen;
}

describe('FaultDisk', () => {
  // Goal: what is synced in content and in name always survives. Method: two hundred power cuts.
  it('keeps what was synced', async () => {
    const seen = await leftovers(async (mount) => {
      await mount.makeFolder('/a');
      await put(mount, '/a/f', bytes(2_000, 7));
      await mount.syncFolder('/a');
      await mount.syncFolder('/');
    });
    expect(seen).toEqual(new Set(['2000 of 7']));
  });

  // Goal: what is not synced may be there, gone, or torn at a sector. Method: as above, without the file's sync.
  it('keeps, loses or tears what was not', async () => {
    const seen = await leftovers(async (mount) => {
      await mount.makeFolder('/a');
      await write(mount, '/a/f', bytes(2_000, 7));
      await mount.syncFolder('/a');
      await mount.syncFolder('/');
    });
    expect(seen).toContain('2000 of 7');
    expect(seen).toContain('0 of ');
    expect(seen).toContain('2000 of 0,7');
    expect(seen).toContain('1536 of 7');
  });

  // Goal: a name is not durable because its content is. Method: sync the file and not its folder.
  it('keeps or loses names that were not synced', async () => {
    const seen = await leftovers(async (mount) => {
      await mount.makeFolder('/a');
      await put(mount, '/a/f', bytes(10, 7));
    });
    expect(seen).toEqual(new Set(['missing', '10 of 7']));
  });

  // Goal: where a rename leads counts, and the old name may stay. Method: sync the folder it leads to, on disks of both kinds.
  it.each([
    ['journalled', ['new']],
    ['apart', ['new', 'old and new']],
  ] as const)('may keep the old name of a rename that is %s', async (renames, expected) => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const disk = new FaultDisk({ seed: String(seed), renames });
      const mount = disk.mount();
      for (const folder of ['/a', '/b']) await mount.makeFolder(folder);
      await put(mount, '/a/f', bytes(10, 7));
      for (const folder of ['/a', '/b', '/']) await mount.syncFolder(folder);
      await mount.rename('/a/f', '/b/f');
      await mount.syncFolder('/b');
      disk.cutPower();
      const names = Object.entries({ old: '/a/f', new: '/b/f' }).filter(
        ([, path]) => disk.peek(path)?.length === 10,
      );
      seen.add(names.map(([name]) => name).join(' and '));
    }
    expect([...seen].toSorted()).toEqual(expected);
  });

  // Goal: a rename is all or nothing, and never loses the file. Method: rename over an older one, sync nothing.
  it('renames whole', async () => {
    const seen = await leftovers(async (mount) => {
      await mount.makeFolder('/a');
      await put(mount, '/a/f', bytes(10, 1));
      await put(mount, '/a/g', bytes(20, 2));
      await mount.syncFolder('/a');
      await mount.syncFolder('/');
      await mount.rename('/a/g', '/a/f');
    });
    expect(seen).toEqual(new Set(['10 of 1', '20 of 2']));
  });

  // Goal: a program that outlives the power can do nothing. Method: use old file and old mount after the cut.
  it('is dead to whoever was there before the cut', async () => {
    const disk = new FaultDisk({ seed: 's' });
    const mount = disk.mount();
    const file = await mount.open('/f', 'write');
    disk.cutPower();
    const eio: unknown = expect.objectContaining({ code: 'EIO' });
    await expect(file.write([bytes(1, 1)], 0)).rejects.toEqual(eio);
    await expect(mount.open('/f', 'write')).rejects.toEqual(eio);
    await disk.mount().open('/f', 'write');
  });

  // Goal: the fuse cuts the power in the middle of work. Method: count the operations that went through.
  it('fails after the given number of operations', async () => {
    const disk = new FaultDisk({ seed: 's' });
    const mount = disk.mount();
    disk.failAfter(2);
    await mount.size('/f');
    await mount.size('/f');
    await expect(mount.size('/f')).rejects.toThrow('the power went');
    await expect(mount.size('/f')).rejects.toThrow('the power is off');
  });

  // Goal: the power goes in the middle of a write, and no byte behind that place is ever seen. Method: cut at each byte of three
  // writes, with a sync after the first; what is left is what was synced and some of what came before the cut.
  it('fails after the given number of bytes', async () => {
    for (let cut = 0; cut < 30; cut++) {
      const disk = new FaultDisk({ seed: String(cut) });
      const mount = disk.mount();
      const file = await mount.open('/f', 'write');
      await mount.syncFolder('/');
      disk.failAfterBytes(cut);
      const work = (async (): Promise<void> => {
        await file.write([bytes(10, 1)], 0);
        await file.sync();
        await file.write([bytes(10, 2), bytes(10, 3)], 10);
      })();
      await expect(work).rejects.toThrow('the power went');
      await expect(mount.size('/f')).rejects.toThrow('the power is off');
      disk.cutPower();
      const left = disk.peek('/f') ?? bytes(0, 0);
      expect(left.length).toBeLessThanOrEqual(cut);
      if (cut >= 10) expect(left.subarray(0, 10)).toEqual(bytes(10, 1));
    }
  });

  // Goal: a full disk takes what fits and gives room back. Method: overfill, cut the file short, write again.
  it('fills up', async () => {
    const disk = new FaultDisk({ seed: 's' });
    const mount = disk.mount();
    const file = await mount.open('/f', 'write');
    disk.leaveRoom(100);
    await file.write([bytes(60, 1)], 0);
    await expect(file.write([bytes(60, 2)], 60)).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await file.size()).toBe(100);
    expect(disk.isFull).toBe(true);
    await file.write([bytes(100, 3)], 0);
    await file.truncate(60);
    await file.write([bytes(40, 4)], 60);
    expect(await file.size()).toBe(100);
  });

  // Goal: rot changes what is at rest. Method: flip a bit and cut the end off, then cut the power.
  it('rots', async () => {
    const disk = new FaultDisk({ seed: 's' });
    const mount = disk.mount();
    await put(mount, '/f', bytes(10, 0));
    await mount.syncFolder('/');
    disk.flip('/f', 3);
    disk.shorten('/f', 5);
    disk.cutPower();
    expect(disk.peek('/f')).toEqual(Uint8Array.of(0, 0, 0, 1, 0));
  });
});
