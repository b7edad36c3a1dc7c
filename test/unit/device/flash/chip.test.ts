import { describe, expect, it } from 'vitest';
import { type Chip, type ChipOptions, openChip } from '../../../../device/flash/chip.ts';
import type { DiskFile } from '../../../../device/flash/disk.ts';
import { openFlash } from '../../../../device/flash/file-flash.ts';
import { utf8 } from '../../../../proto/bytes.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { chunkOf, headerOf, idOf, manifestOf } from '../camera-kit.ts';

const BLOCK = 16 * 1024;
const bytes = (count: number, value = 7): Uint8Array => new Uint8Array(count).fill(value);

interface Bench {
  readonly chip: Chip;
  readonly file: DiskFile;
  readonly clock: ManualClock;
  readonly disk: FaultDisk;
}

async function bench(options: Partial<ChipOptions> = {}): Promise<Bench> {
  const disk = new FaultDisk({ seed: 'chip' });
  const clock = new ManualClock();
  await disk.mount().makeFolder('/card');
  const chip = await openChip(disk.mount(), '/card', { clock, ...options });
  return { chip, file: await chip.open('/card/f', 'write'), clock, disk };
}

const eio: unknown = expect.objectContaining({ code: 'EIO' });
const erofs: unknown = expect.objectContaining({ code: 'EROFS' });

describe('a memory chip', () => {
  // Goal: a write into a bad block fails after what lies before it, and the same write holds the second time. Method: the second
  // of three blocks is bad.
  it('replaces a block that fails', async () => {
    const { chip, file, disk } = await bench({ badBlocks: [1], spares: 2 });
    await expect(file.write([bytes(BLOCK), bytes(2 * BLOCK, 8)], 0)).rejects.toEqual(eio);
    expect(disk.peek('/card/f')).toEqual(bytes(BLOCK));
    expect(chip.health).toEqual({ retired: 1, spares: 1, isReadOnly: false });
    await file.write([bytes(BLOCK), bytes(2 * BLOCK, 8)], 0);
    expect(disk.peek('/card/f')).toHaveLength(3 * BLOCK);
  });

  // Goal: a block holds so many writes and no more, and growing a file is one. Method: append, then write over it.
  it('wears out where it is written over', async () => {
    const { chip, file } = await bench({ cyclesMax: 3, spares: 1 });
    for (let at = 0; at < 100; at++) await file.write([bytes(10)], at * 10);
    for (let again = 0; again < 2; again++) await file.write([bytes(10)], 0);
    await expect(file.write([bytes(10)], 0)).rejects.toEqual(eio);
    expect(chip.health.spares).toBe(0);
  });

  // Goal: blocks that were given back are used again, the longest rested first, so a file that comes and goes wears all of them.
  // Method: eight files side by side, gone, and then as many writes as that many blocks can take, one file at a time.
  it('spreads its wear', async () => {
    const { chip } = await bench({ cyclesMax: 4 });
    const names = Array.from({ length: 8 }, (_, index) => `/card/${index}`);
    const write = async (name: string): Promise<void> => {
      const file = await chip.open(name, 'write');
      await file.write([bytes(10)], 0);
    };
    for (const name of names) await write(name);
    for (const name of names) await chip.remove(name);
    for (let turn = 0; turn < 24; turn++) {
      await write('/card/one');
      await chip.remove('/card/one');
    }
    expect(chip.health.retired).toBe(0);
    await expect(write('/card/one')).rejects.toEqual(eio);
  });

  // Goal: without spares nothing changes any more, and everything can still be read, also after a restart. Method: two bad blocks.
  it('can only be read in the end', async () => {
    const { chip, file, clock, disk } = await bench({ badBlocks: [1, 2], spares: 1 });
    await file.write([bytes(10)], 0);
    await expect(file.write([bytes(10)], BLOCK)).rejects.toEqual(eio);
    await expect(file.write([bytes(10)], BLOCK)).rejects.toEqual(eio);
    const again = await openChip(disk.mount(), '/card', { clock });
    for (const one of [chip, again]) {
      expect(one.health).toEqual({ retired: 2, spares: 0, isReadOnly: true });
      const old = await one.open('/card/f', 'write');
      await expect(old.write([bytes(1)], 0)).rejects.toEqual(erofs);
      await expect(old.truncate(0)).rejects.toEqual(erofs);
      await expect(one.remove('/card/f')).rejects.toEqual(erofs);
      await expect(one.rename('/card/f', '/card/g')).rejects.toEqual(erofs);
      await expect(one.open('/card/new', 'write')).rejects.toEqual(erofs);
      await expect(one.makeFolder('/card/folder')).rejects.toEqual(erofs);
      await one.makeFolder('/card');
      const into = bytes(10, 0);
      expect(await old.read(into, 0)).toBe(10);
      expect(into).toEqual(bytes(10));
    }
  });

  // Goal: it takes what it is given at its own speed, one write after the other. Method: two writes of a second each, side by side.
  it('takes its time', async () => {
    const { file, clock, disk } = await bench({ writeKibs: 100 });
    const writes = Promise.all([file.write([bytes(51_200)], 0), file.write([bytes(51_200)], 51_200)]);
    for (const length of [0, 51_200]) {
      await new Promise(setImmediate);
      expect(disk.peek('/card/f')).toHaveLength(length);
      clock.advance(500);
    }
    await writes;
    expect(disk.peek('/card/f')).toHaveLength(102_400);
  });
});

describe('a flash on a dying chip', () => {
  // Goal: a bad block costs nothing, and what was closed before the chip died can be read and offered after a restart. Method:
  // record, let the chip die in the middle of the next recording, start again.
  it('gives back what it has', async () => {
    const disk = new FaultDisk({ seed: 'dying' });
    const clock = new ManualClock();
    const start = async (options: Partial<ChipOptions>) => {
      const chip = await openChip(disk.mount(), '/flash', { clock, ...options });
      return { chip, flash: await openFlash('/flash', { disk: chip, reserveBytes: 100 }) };
    };
    await disk.mount().makeFolder('/flash');
    const { chip, flash } = await start({ badBlocks: [2, 9, 11, 13], spares: 3 });
    const record = async (counter: number): Promise<void> => {
      await flash.open(headerOf(counter));
      const chunks = [chunkOf(0, 100), chunkOf(1, 20_000), chunkOf(2, 3_000)];
      for (const chunk of chunks) await flash.append(idOf(counter), chunk);
      await flash.close(
        idOf(counter),
        manifestOf(
          headerOf(counter),
          chunks.map(({ info }) => info),
        ),
      );
    };
    await record(1);
    expect(chip.health.retired).toBeGreaterThan(0);
    await expect(record(2).then(() => record(3))).rejects.toMatchObject({ code: 'FLASH_IO' });
    expect(chip.health.isReadOnly).toBe(true);
    const again = await start({});
    const [closed] = await again.flash.waiting();
    expect(closed).toMatchObject({ counter: 1, contentBytes: 23_100 });
    expect(await again.flash.read(idOf(1), 100, 20_100)).toEqual(chunkOf(1, 20_000).bytes);
    await expect(again.flash.erase(idOf(1), utf8('receipt'))).rejects.toMatchObject({ code: 'FLASH_IO' });
    await expect(again.flash.open(headerOf(7))).rejects.toMatchObject({ code: 'FLASH_IO' });
    expect(await again.flash.waiting()).toHaveLength(1);
  });
});
