import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { recover } from '../../../../device/capture/recovery.ts';
import type { Disk, DiskFile } from '../../../../device/flash/disk.ts';
import { type FileFlash, openFlash } from '../../../../device/flash/file-flash.ts';
import { encodeEntry, encodeHeader } from '../../../../device/flash/journal.ts';
import { utf8 } from '../../../../proto/bytes.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { chunkOf, folder, headerOf, idOf, manifestOf, testKeys } from '../camera-kit.ts';

const code = (expected: string): unknown => expect.objectContaining({ name: 'FlashError', code: expected });
const pathOf = (counter: number, name: string): string => `/camera/recordings/${idOf(counter)}/${name}`;

const open = (disk: FaultDisk, reserveBytes = 50_000): Promise<FileFlash> =>
  openFlash('/camera', { disk: disk.mount(), reserveBytes });

/** Records `sizes` as recording `counter` and leaves it open. */
async function fill(flash: FileFlash, counter: number, sizes: readonly number[]): Promise<Uint8Array> {
  const header = headerOf(counter);
  await flash.open(header);
  const chunks = sizes.map((size, index) => chunkOf(index, size));
  for (const chunk of chunks) await flash.append(header.recordingId, chunk);
  return manifestOf(
    header,
    chunks.map(({ info }) => info),
  );
}

describe('a full flash', () => {
  // Goal: a chunk that does not fit is refused and changes nothing: what fits later goes where it would have gone.
  // Method: leave room for half a chunk, then make room again.
  it('refuses a chunk and stays whole', async () => {
    const disk = new FaultDisk({ seed: 'full' });
    const flash = await open(disk);
    await fill(flash, 1, [100, 500]);
    disk.leaveRoom(250);
    await expect(flash.append(idOf(1), chunkOf(2, 500))).rejects.toEqual(code('FLASH_FULL'));
    disk.leaveRoom(Infinity);
    await flash.append(idOf(1), chunkOf(2, 300));
    await flash.close(
      idOf(1),
      manifestOf(
        headerOf(1),
        [chunkOf(0, 100), chunkOf(1, 500), chunkOf(2, 300)].map(({ info }) => info),
      ),
    );
    const reopened = await open(disk);
    expect(reopened.damaged()).toEqual([]);
    expect(await reopened.read(idOf(1), 600, 900)).toEqual(chunkOf(2, 300).bytes);
  });

  // Goal: with no room at all, a recording can still be closed and one can still be erased. Method: fill the disk to
  // the last byte before each.
  it('closes and erases from its reserve', async () => {
    const disk = new FaultDisk({ seed: 'reserve' });
    const flash = await open(disk);
    const manifest = await fill(flash, 1, [100, 500]);
    disk.leaveRoom(0);
    await flash.close(idOf(1), manifest);
    disk.leaveRoom(0);
    await flash.erase(idOf(1), utf8('receipt'));
    expect(await flash.waiting()).toEqual([]);
    disk.leaveRoom(Infinity);
    await flash.keepReserve();
    expect(disk.peek('/camera/reserve')).toHaveLength(50_000);
  });

  // Goal: no room to begin is an error that leaves no trace. Method: open with no room, restart.
  it('does not begin what it cannot hold', async () => {
    const disk = new FaultDisk({ seed: 'begin' });
    const flash = await open(disk);
    disk.leaveRoom(10);
    await expect(flash.open(headerOf(1))).rejects.toEqual(code('FLASH_FULL'));
    expect(await flash.next()).toMatchObject({ counter: 1 });
    disk.leaveRoom(Infinity);
    const reopened = await open(disk);
    expect([await reopened.interrupted(), reopened.damaged()]).toEqual([[], []]);
  });

  // Goal: a chip smaller than the disk fills up too, and says how much is left. Method: a capacity of 1000 bytes.
  it('keeps to the capacity it was given', async () => {
    const disk = new FaultDisk({ seed: 'capacity' });
    const flash = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10, capacityBytes: 1000 });
    const manifest = await fill(flash, 1, [100, 500]);
    expect(await flash.freeBytes()).toBe(400);
    await expect(flash.append(idOf(1), chunkOf(2, 400))).rejects.toEqual(code('FLASH_FULL'));
    await flash.close(idOf(1), manifest);
    await flash.erase(idOf(1), utf8('receipt'));
    expect(await flash.freeBytes()).toBe(1000);
  });
});

/** A disk whose chunks files fail to read from that byte on. */
function unreadableFrom(disk: Disk, from: number): Disk {
  return new Proxy(disk, {
    get: (target, name: keyof Disk) =>
      name === 'open'
        ? async (path: string, mode: 'read' | 'write'): Promise<DiskFile> => {
            const file = await target.open(path, mode);
            const isBad = path.endsWith('/chunks') && mode === 'read';
            return isBad ? failingFile(file, from) : file;
          }
        : target[name].bind(target),
  });
}

function failingFile(file: DiskFile, from: number): DiskFile {
  return {
    write: (...what) => file.write(...what),
    read: async (into, position) => {
      if (position < from) return file.read(into, position);
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    },
    truncate: (bytes) => file.truncate(bytes),
    sync: () => file.sync(),
    close: () => file.close(),
  };
}

describe('a flash that rots', () => {
  // Goal: what cannot be read is neither offered nor erased nor in the way, and its counter is not used again.
  // Method: spoil one file each of a closed recording between two others.
  it.each([
    ['manifest', (disk: FaultDisk) => disk.flip(pathOf(2, 'manifest'), 0)],
    ['chunks', (disk: FaultDisk) => disk.shorten(pathOf(2, 'chunks'), 599)],
  ])('sets a recording with damaged %s aside', async (_name, spoil) => {
    const disk = new FaultDisk({ seed: 'rot' });
    const flash = await open(disk);
    for (const counter of [1, 2]) await flash.close(idOf(counter), await fill(flash, counter, [100, 500]));
    spoil(disk);
    const reopened = await open(disk);
    expect(reopened.damaged()).toMatchObject([{ recordingId: idOf(2) }]);
    expect(await reopened.waiting()).toMatchObject([{ counter: 1 }]);
    expect(await reopened.next()).toMatchObject({ counter: 3 });
  });

  // Goal: a header nobody can read costs its counter, so that no two recordings share one. Method: spoil the header
  // of a recording that was open.
  it('leaves a gap for a header that cannot be read', async () => {
    const disk = new FaultDisk({ seed: 'header' });
    const flash = await open(disk);
    await flash.close(idOf(1), await fill(flash, 1, [100, 500]));
    await fill(flash, 2, [100, 500]);
    disk.flip(pathOf(2, 'header'), 20);
    const reopened = await open(disk);
    expect(reopened.damaged()).toMatchObject([{ recordingId: idOf(2), why: /header/ }]);
    expect(await reopened.next()).toMatchObject({ counter: 3 });
  });

  // Goal: an open recording is kept up to the rot. Method: flip a bit in its third chunk.
  it('cuts an interrupted recording before the first bad chunk', async () => {
    const disk = new FaultDisk({ seed: 'open' });
    await fill(await open(disk), 1, [100, 500, 400, 300]);
    disk.flip(pathOf(1, 'chunks'), 700);
    const [found] = await (await open(disk)).interrupted();
    expect(found?.chunks).toHaveLength(2);
  });

  // Goal: a medium that fails to read once costs nothing. Method: an open recording whose third chunk gives EIO at one start
  // and comes back at the next; nothing may be cut, closed or removed in between.
  it('leaves everything as it is when its content cannot be read', async () => {
    const disk = new FaultDisk({ seed: 'eio' });
    const keys = testKeys();
    await fill(await open(disk), 1, [100, 500, 400, 300]);
    const failing = await openFlash('/camera', {
      disk: unreadableFrom(disk.mount(), 600),
      reserveBytes: 1000,
    });
    expect(failing.damaged()).toMatchObject([{ recordingId: idOf(1), why: /cannot be read.*EIO/ }]);
    expect(await recover(failing, keys)).toEqual([]);
    expect(await failing.next()).toMatchObject({ counter: 2 });
    const flash = await open(disk);
    expect((await flash.interrupted())[0]?.chunks).toHaveLength(4);
    expect(await recover(flash, keys)).toMatchObject([{ chunks: 4, bytes: 1300 }]);
  });

  // Goal: a header that holds and says what no manifest may say stops no start. Method: a counter below zero, an incident of a
  // kilobyte, each with its checksum.
  it.each([
    ['a counter below zero', { counter: -1 }],
    ['an incident of a kilobyte', { incidentTag: 'x'.repeat(1_000) }],
  ])('sets a recording whose header has %s aside', async (_what, change) => {
    const disk = new FaultDisk({ seed: 'range' });
    await fill(await open(disk), 1, [100, 500]);
    const lie = encodeHeader({ header: { ...headerOf(1), ...change } });
    const file = await disk.mount().open(pathOf(1, 'header'), 'write');
    await file.truncate(0);
    await file.write([lie], 0);
    await file.sync();
    const flash = await open(disk);
    expect(await recover(flash, testKeys())).toEqual([]);
    expect(flash.damaged()).toMatchObject([{ recordingId: idOf(1), why: /header/ }]);
    expect(disk.peek(pathOf(1, 'chunks'))?.length).toBe(600);
  });

  // Goal: a journal that holds and says what no manifest may say stops no start either. Method: lines with their checksums that a
  // camera never writes, before and behind footage; the footage stays, and the next recording begins.
  const at = { wallUs: 7_000_000, monoUs: 7_000 };
  it.each([
    ['a mark of a kilobyte', [{ at, kind: 'x'.repeat(1_000) }]],
    ['a mark before time began', [{ at: { wallUs: -1, monoUs: -1 }, kind: 'seen' }]],
    ['more marks than there may be', Array.from({ length: 1_001 }, () => ({ at, kind: 'seen' }))],
  ])('sets a recording with %s aside', async (_what, marks) => {
    const disk = new FaultDisk({ seed: 'marks' });
    const before = await open(disk);
    await fill(before, 1, [100, 500]);
    for (const mark of marks) await before.mark(idOf(1), mark);
    const flash = await open(disk);
    expect(await recover(flash, testKeys())).toEqual([]);
    expect(flash.damaged()).toMatchObject([{ recordingId: idOf(1), why: /no camera can sign/ }]);
    expect(await flash.next()).toMatchObject({ counter: 2 });
    expect(disk.peek(pathOf(1, 'chunks'))?.length).toBe(600);
  });

  // Goal: a line that names a chunk of any size asks for no memory of that size. Method: such a line behind a whole fragment.
  it.each([-1, 0, 2 ** 52])('does not believe in a chunk of %d bytes', async (storedBytes) => {
    const disk = new FaultDisk({ seed: 'size' });
    await fill(await open(disk), 1, [100, 500]);
    const { info: chunk, at: when } = chunkOf(2, 10);
    const line = encodeEntry({ entry: 'chunk', index: 2, chunk: { ...chunk, storedBytes }, at: when });
    const journal = await disk.mount().open(pathOf(1, 'journal'), 'write');
    await journal.write([line], disk.peek(pathOf(1, 'journal'))?.length ?? 0);
    await journal.sync();
    const [found] = await (await open(disk)).interrupted();
    expect(found?.chunks).toHaveLength(2);
  });

  // Goal: content that vanished while the camera runs is an error, not short bytes. Method: shorten after opening.
  it('does not give fewer bytes than it was asked for', async () => {
    const disk = new FaultDisk({ seed: 'short' });
    const flash = await open(disk);
    await flash.close(idOf(1), await fill(flash, 1, [100, 500]));
    disk.shorten(pathOf(1, 'chunks'), 300);
    await expect(flash.read(idOf(1), 200, 400)).rejects.toEqual(code('FLASH_CORRUPT'));
  });

  // Goal: a failing medium is FLASH_IO. Method: the power goes.
  it('says FLASH_IO when the medium fails', async () => {
    const disk = new FaultDisk({ seed: 'io' });
    const flash = await open(disk);
    await flash.open(headerOf(1));
    disk.cutPower();
    await expect(flash.append(idOf(1), chunkOf(0, 10))).rejects.toEqual(code('FLASH_IO'));
  });
});

describe('a flash in use', () => {
  // Goal: a bug in the caller ends the process rather than a recording. Method: calls that fit no state.
  it('asserts that calls fit', async () => {
    const flash = await open(new FaultDisk({ seed: 'bug' }));
    const manifest = await fill(flash, 1, [100, 500]);
    await expect(flash.open(headerOf(1))).rejects.toThrow(/already/);
    await expect(flash.append(idOf(2), chunkOf(0, 1))).rejects.toThrow(/not open/);
    await expect(flash.append(idOf(1), { ...chunkOf(0, 5), bytes: new Uint8Array(4) })).rejects.toThrow(
      /4 !== 5/,
    );
    await expect(flash.erase(idOf(1), utf8('x'))).rejects.toThrow(/not closed/);
    await expect(flash.next()).rejects.toThrow(/close what is open/);
    const other = manifestOf(
      headerOf(1),
      [chunkOf(0, 100), chunkOf(5, 500)].map(({ info }) => info),
    );
    await expect(flash.close(idOf(1), other)).rejects.toThrow(/other chunks/);
    await flash.close(idOf(1), manifest);
    await expect(flash.close(idOf(1), manifest)).rejects.toThrow(/not open/);
  });

  // Goal: other accounts of the machine see nothing. Method: modes on the real disk.
  it('keeps its files to itself', async () => {
    const path = join(await folder(), 'flash');
    const flash = await openFlash(path, { reserveBytes: 10 });
    await flash.close(idOf(1), await fill(flash, 1, [100, 500]));
    const modes = [
      '',
      'recordings',
      `recordings/${idOf(1)}`,
      `recordings/${idOf(1)}/chunks`,
      `recordings/${idOf(1)}/manifest`,
    ];
    const found = await Promise.all(
      modes.map(async (name) => ((await stat(join(path, name))).mode & 0o777).toString(8)),
    );
    expect(found).toEqual(['700', '700', '700', '600', '600']);
    expect(await flash.freeBytes()).toBeGreaterThan(0);
  });
});
