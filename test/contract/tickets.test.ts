import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../../device/flash/disk.ts';
import { FlashError } from '../../device/flash/error.ts';
import { openFlash } from '../../device/flash/file-flash.ts';
import { openTickets } from '../../device/flash/tickets.ts';
import type { KeptTicket, Tickets } from '../../device/ports.ts';
import { FaultDisk } from '../../sim/fault/disk.ts';
import { MemoryTickets } from '../../sim/fault/memory-tickets.ts';
import { runs } from '../runs.ts';
import { TestLog } from '../unit/proto/log-kit.ts';

const log = new TestLog().fill(12, 'ours');
const other = log.fork(5).fill(3, 'theirs');

function ticketOf(dockId: string, size: number, of = log): KeptTicket {
  return { dockId, note: of.note(size), ...of.head(size) };
}

/** One memory under test, and a restart of it. */
interface World {
  tickets: Tickets;
  restart(): Promise<void>;
  end(): Promise<void>;
}

async function worldOn(disk: Disk, folder: string, end: () => Promise<void>): Promise<World> {
  const world: World = {
    tickets: await openTickets(folder, { disk }),
    restart: async () => {
      world.tickets = await openTickets(folder, { disk });
    },
    end,
  };
  return world;
}

const done = (): Promise<void> => Promise.resolve();
const worlds: readonly (readonly [string, () => Promise<World>])[] = [
  [
    'this machine',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'holdfast-tickets-'));
      return worldOn(systemDisk, join(folder, 'flash'), () => rm(folder, { recursive: true }));
    },
  ],
  ['a faulty disk', () => worldOn(new FaultDisk({ seed: 'tickets' }).mount(), '/flash', done)],
  [
    'what stands in for them',
    () => Promise.resolve({ tickets: new MemoryTickets(), restart: done, end: done }),
  ],
];

describe.each(worlds)('Tickets on %s', (_name, make) => {
  let world: World;
  beforeEach(async () => {
    world = await make();
  });
  afterEach(() => world.end());

  it('keep nothing of a dock that gave nothing', async () => {
    await world.tickets.keep(ticketOf('dock-1', 3));
    expect(world.tickets.kept('dock-2')).toBeUndefined();
    await world.restart();
    expect(world.tickets.kept('dock-2')).toBeUndefined();
  });

  // Goal: each dock has its own, word for word, after a restart too; the newest is the one kept last.
  it('keep the last of each dock', async () => {
    expect(world.tickets.newest()).toBeUndefined();
    for (const ticket of [ticketOf('dock-1', 3), ticketOf('dock-2', 2, other), ticketOf('dock-1', 7)])
      await world.tickets.keep(ticket);
    for (const restart of [done, () => world.restart()]) {
      await restart();
      expect(world.tickets.kept('dock-1')).toEqual(ticketOf('dock-1', 7));
      expect(world.tickets.kept('dock-2')).toEqual(ticketOf('dock-2', 2, other));
      expect(world.tickets.newest()).toEqual(ticketOf('dock-1', 7));
    }
    await world.tickets.keep(ticketOf('dock-2', 8, other));
    await world.restart();
    expect(world.tickets.newest()).toEqual(ticketOf('dock-2', 8, other));
  });

  // Goal: a dock that shows an old tree again is not taken for the newest word. Method: the same tree, other signatures.
  it('are not renewed by the same tree', async () => {
    await world.tickets.keep(ticketOf('dock-1', 3));
    await world.tickets.keep(ticketOf('dock-2', 4));
    await world.tickets.keep({ ...ticketOf('dock-1', 3), note: `${log.note(3)}— other.example AAAAAAAA\n` });
    expect(world.tickets.kept('dock-1')).toEqual(ticketOf('dock-1', 3));
    expect(world.tickets.newest()).toEqual(ticketOf('dock-2', 4));
    await world.restart();
    expect(world.tickets.newest()).toEqual(ticketOf('dock-2', 4));
  });

  // Goal: who asks while one is being written gets what was checked, and the last word wins. Method: none is waited for.
  it('take one after the other', async () => {
    const kept = [3, 4, 9].map((size) => world.tickets.keep(ticketOf('dock-1', size)));
    expect(world.tickets.kept('dock-1')?.size).toBe(9);
    await Promise.all(kept);
    await world.restart();
    expect(world.tickets.kept('dock-1')).toEqual(ticketOf('dock-1', 9));
  });
});

const PATH = '/flash/tickets/dock-1';

// Goal: a power cut at any moment leaves the old ticket or the new one, and the new one once it was promised.
// Method: the plug goes at each operation in turn, under many seeds, and once more while the draft of the last cut lies there.
it('tickets survive a power cut at any moment', async () => {
  let cuts = 0;
  for (let seed = 0; seed < runs(24); seed++) {
    for (let at = 0; ; at++) {
      const disk = new FaultDisk({ seed: `${seed} ${at}` });
      await (await openTickets('/flash', { disk: disk.mount() })).keep(ticketOf('dock-1', 3));
      let promised = 3;
      for (const size of [7, 11]) {
        const before = (await openTickets('/flash', { disk: disk.mount() })).kept('dock-1')?.size ?? 0;
        expect(before).toBeGreaterThanOrEqual(promised);
        const tickets = await openTickets('/flash', { disk: disk.mount() });
        disk.failAfter(at);
        const isKept = await tickets.keep(ticketOf('dock-1', size)).then(
          () => true,
          (error: unknown) => error instanceof FlashError && false,
        );
        disk.cutPower();
        if (isKept) promised = size;
        else cuts += 1;
        const found = await openTickets('/flash', { disk: disk.mount() });
        expect(found.damaged()).toEqual([]);
        expect([before, size]).toContain(found.kept('dock-1')?.size);
        expect(found.kept('dock-1')).toEqual(ticketOf('dock-1', found.kept('dock-1')?.size ?? 0));
        if (isKept) expect(found.kept('dock-1')?.size).toBe(size);
      }
      if (promised === 11) break;
    }
  }
  expect(cuts).toBeGreaterThan(runs(24) * 5);
});

// Goal: the same test sees a promise that is none. Method: a disk that says "synced" and does nothing.
it.each(['files', 'names'] as const)('a disk that lies about %s loses tickets', async (lie) => {
  const left: unknown[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const disk = new FaultDisk({ seed: `liar ${seed}`, lie });
    const tickets = await openTickets('/flash', { disk: disk.mount() });
    await tickets.keep(ticketOf('dock-1', 3));
    disk.cutPower();
    left.push((await openTickets('/flash', { disk: disk.mount() })).kept('dock-1')?.size);
  }
  expect(left).toContain(undefined);
});

// Goal: a damaged ticket is none, is said, and costs nothing else. Method: a flipped bit in every byte; a lost end.
describe('a ticket that rotted', () => {
  const rotten = async (damage: (disk: FaultDisk) => void) => {
    const disk = new FaultDisk({ seed: 'rot' });
    const tickets = await openTickets('/flash', { disk: disk.mount() });
    await tickets.keep(ticketOf('dock-1', 3));
    await tickets.keep(ticketOf('dock-2', 4));
    damage(disk);
    const found = await openTickets('/flash', { disk: disk.mount() });
    expect(found.kept('dock-2')).toEqual(ticketOf('dock-2', 4));
    expect(found.kept('dock-1')).toBeUndefined();
    expect(found.damaged()).toMatchObject([{ dockId: 'dock-1' }]);
    await found.keep(ticketOf('dock-1', 5));
    const again = await openTickets('/flash', { disk: disk.mount() });
    expect(again.damaged()).toEqual([]);
    expect(again.newest()).toEqual(ticketOf('dock-1', 5));
  };

  it('in one bit', async () => {
    const disk = new FaultDisk({ seed: 'length' });
    await (await openTickets('/flash', { disk: disk.mount() })).keep(ticketOf('dock-1', 3));
    const bytes = disk.peek(PATH)?.length ?? 0;
    expect(bytes).toBeGreaterThan(200);
    for (let at = 0; at < bytes; at++) await rotten((spoilt) => spoilt.flip(PATH, at));
  });

  it.each([0, 1, 100])('to its first %i bytes', (bytes) => rotten((disk) => disk.shorten(PATH, bytes)));

  it('and was put where another dock has its own', async () => {
    const disk = new FaultDisk({ seed: 'swap' });
    await (await openTickets('/flash', { disk: disk.mount() })).keep(ticketOf('dock-1', 3));
    await disk.mount().rename(PATH, '/flash/tickets/dock-2');
    const found = await openTickets('/flash', { disk: disk.mount() });
    expect(found.kept('dock-2')).toBeUndefined();
    expect(found.damaged()).toHaveLength(1);
  });
});

// Goal: a camera that is full to the last byte can still be emptied: the ticket goes before the footage. Method: a disk without
// any room but the reserve that the flash holds back; then one without even that, which must say so and keep the old ticket.
it('a full memory takes a ticket at the cost of its reserve', async () => {
  const disk = new FaultDisk({ seed: 'full' });
  await openFlash('/flash', { disk: disk.mount(), reserveBytes: 100_000 });
  const tickets = await openTickets('/flash', { disk: disk.mount() });
  disk.leaveRoom(0);
  for (const size of [3, 5]) await tickets.keep(ticketOf('dock-1', size));
  expect(disk.peek('/flash/reserve')?.length).toBeGreaterThan(50_000);
  disk.leaveRoom(0);
  await disk.mount().remove('/flash/reserve');
  await expect(tickets.keep(ticketOf('dock-1', 8))).rejects.toMatchObject({ code: 'FLASH_FULL' });
  disk.leaveRoom(Number.POSITIVE_INFINITY);
  expect((await openTickets('/flash', { disk: disk.mount() })).kept('dock-1')?.size).toBe(5);
  // The checked one is not forgotten meanwhile, and is written when there is room.
  expect(tickets.kept('dock-1')?.size).toBe(8);
  await tickets.keep(ticketOf('dock-1', 8));
  expect((await openTickets('/flash', { disk: disk.mount() })).kept('dock-1')?.size).toBe(8);
});

// Goal: what somebody wrote into the memory cannot stop the camera from recording. Method: a note with a line checksum that holds,
// longer than a manifest takes.
it('a ticket that is too long for a manifest is none', async () => {
  const disk = new FaultDisk({ seed: 'long' });
  const note = `${log.note(3)}${`— other.example ${'A'.repeat(100)}\n`.repeat(40)}`;
  await (await openTickets('/flash', { disk: disk.mount() })).keep({ ...ticketOf('dock-1', 3), note });
  const found = await openTickets('/flash', { disk: disk.mount() });
  expect(found.newest()).toBeUndefined();
  expect(found.damaged()).toMatchObject([{ dockId: 'dock-1', why: /longer/ }]);
});
