import { rm, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openChip } from '../../device/flash/chip.ts';
import { type Disk, systemDisk } from '../../device/flash/disk.ts';
import { type FileFlash, openFlash } from '../../device/flash/file-flash.ts';
import type { Flash, Note, Vault } from '../../device/ports.ts';
import { openSealing } from '../../device/seal/seal.ts';
import { concat, utf8 } from '../../proto/bytes.ts';
import { peekManifest, type RecordingCause } from '../../proto/manifest.ts';
import { FaultDisk } from '../../sim/fault/disk.ts';
import { ManualClock } from '../../sim/fault/manual-clock.ts';
import { MemoryVault } from '../../sim/fault/memory-vault.ts';
import { chunkOf, headerOf, idOf, manifestOf } from '../unit/device/camera-kit.ts';
import { kept, recipientOf, sealingKeys } from '../unit/device/open-kit.ts';

/** One memory under test, and a restart of it. */
interface World {
  flash: Flash & Vault & { shut(): Promise<void> };
  restart(): Promise<void>;
  end(): Promise<void>;
}

async function worldOn(disk: Disk, folder: string, end: () => Promise<void>): Promise<World> {
  const start = (): Promise<FileFlash> => openFlash(folder, { disk, reserveBytes: 1000 });
  const world: World = {
    flash: await start(),
    restart: async () => {
      await world.flash.shut();
      world.flash = await start();
    },
    end,
  };
  return world;
}

const worlds: readonly (readonly [string, () => Promise<World>])[] = [
  [
    'this machine',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'holdfast-flash-'));
      return worldOn(systemDisk, join(folder, 'flash'), () => rm(folder, { recursive: true }));
    },
  ],
  [
    'a faulty disk',
    () => worldOn(new FaultDisk({ seed: 'flash' }).mount(), '/flash', () => Promise.resolve()),
  ],
  [
    'a chip with bad blocks',
    async () => {
      const disk = new FaultDisk({ seed: 'chip' }).mount();
      const badBlocks = [3, 5];
      const chip = await openChip(disk, '/flash', { clock: new ManualClock(), badBlocks, cyclesMax: 1_000 });
      return worldOn(chip, '/flash', () => Promise.resolve());
    },
  ],
];

const sizes = [700, 1000, 300] as const;

/** Opens, fills and closes recording `counter`. */
async function record({ flash }: World, counter: number, cause?: RecordingCause): Promise<Uint8Array> {
  const header = headerOf(counter, cause === undefined ? {} : { cause });
  await flash.open(header);
  const chunks = sizes.map((size, index) => chunkOf(index, size));
  for (const chunk of chunks) await flash.append(header.recordingId, chunk);
  const manifest = manifestOf(
    header,
    chunks.map(({ info }) => info),
  );
  await flash.close(header.recordingId, manifest);
  return manifest;
}

describe.each(worlds)('Flash and Vault on %s', (_name, make) => {
  let world: World;
  beforeEach(async () => {
    world = await make();
  });
  afterEach(() => world.end());

  // Goal: a new camera starts at 1, without a previous root. Method: ask an empty memory.
  it('counts from one', async () => {
    expect(await world.flash.next()).toEqual({ counter: 1, previousRoot: new Uint8Array() });
    expect(await world.flash.waiting()).toEqual([]);
    expect(await world.flash.interrupted()).toEqual([]);
  });

  // Goal: what was closed waits, oldest counter first, and is given byte for byte, before and after a restart.
  // Method: two recordings, closed out of order; every range that touches a chunk's edge.
  it('keeps what was closed', async () => {
    const second = await record(world, 2);
    const first = await record(world, 1);
    for (const restart of [false, true]) {
      if (restart) await world.restart();
      const waiting = await world.flash.waiting();
      expect(waiting.map(({ signedManifest }) => signedManifest)).toEqual(
        [first, second].map((bytes) => Uint8Array.from(bytes)),
      );
      expect(waiting[0]).toMatchObject({ counter: 1, contentBytes: 2000, root: peekManifest(first).root });
      const whole = concat(...sizes.map((size, index) => chunkOf(index, size).bytes));
      for (const [start, end] of [
        [0, 2000],
        [0, 0],
        [699, 701],
        [1700, 2000],
        [1999, 2000],
      ] as const) {
        expect(await world.flash.read(idOf(1), start, end)).toEqual(whole.slice(start, end));
      }
    }
  });

  // Goal: what is critical waits in front, whenever it was recorded, before and after a restart. Method: four, two of them critical.
  it('offers what is critical first', async () => {
    const causes = ['button', 'taser', 'peer', 'fall'] as const;
    for (const [index, cause] of causes.entries()) await record(world, index + 1, cause);
    for (const restart of [false, true]) {
      if (restart) await world.restart();
      const waiting = await world.flash.waiting();
      expect(waiting.map(({ counter }) => counter)).toEqual([2, 4, 1, 3]);
      expect(waiting.map(({ critical }) => critical)).toEqual([true, true, undefined, undefined]);
    }
    expect(await world.flash.next()).toMatchObject({ counter: 5 });
  });

  // Goal: the next recording names the last one's root, whatever has become of that. Method: close, erase, restart.
  it('chains counters and roots past an erasure', async () => {
    const root = peekManifest(await record(world, 1)).root;
    expect(await world.flash.next()).toEqual({ counter: 2, previousRoot: root });
    await world.flash.erase(idOf(1), utf8('receipt'));
    expect(await world.flash.next()).toEqual({ counter: 2, previousRoot: root });
    await world.restart();
    expect(await world.flash.next()).toEqual({ counter: 2, previousRoot: root });
  });

  // Goal: what was erased does not wait, and a receipt that comes twice is no error. Method: erase twice, restart.
  it('erases once and for all', async () => {
    await record(world, 1);
    await world.flash.erase(idOf(1), utf8('receipt'));
    await world.flash.erase(idOf(1), utf8('receipt'));
    expect(await world.flash.waiting()).toEqual([]);
    await world.restart();
    expect(await world.flash.waiting()).toEqual([]);
    await expect(world.flash.read(idOf(1), 0, 1)).rejects.toThrow(/not closed/);
  });

  // Goal: what was open when the camera stopped comes back with its chunks up to the last whole fragment, its marks and notes,
  // and the clocks at that chunk. Method: stop after half a fragment, restart.
  it('gives back what was interrupted', async () => {
    const header = headerOf(1, { cause: 'light-bar' });
    const notes: readonly Note[] = [
      { note: 'battery', at: { wallUs: 7, monoUs: 8 }, percent: 0 },
      { note: 'place', at: { wallUs: 7, monoUs: 9 }, latitudeE7: -1, longitudeE7: 2, accuracyDm: 0 },
    ];
    const mark = { at: { wallUs: 7_000_000, monoUs: 7_000 }, kind: 'late' };
    await world.flash.open(header);
    const chunks = [chunkOf(0, 100), chunkOf(1, 300, false), chunkOf(2, 200), chunkOf(3, 400, false)];
    for (const chunk of chunks) await world.flash.append(header.recordingId, chunk);
    await world.flash.mark(header.recordingId, mark);
    for (const note of notes) await world.flash.note(header.recordingId, note);
    expect(await world.flash.interrupted()).toEqual([]);
    await world.restart();
    const whole = chunks.slice(0, 3).map(({ info }) => info);
    expect(await world.flash.interrupted()).toEqual([
      { header, chunks: whole, marks: [mark], notes, lastWritten: chunks[2]?.at },
    ]);
    await world.flash.close(header.recordingId, manifestOf(header, whole, { stopReason: 'power-loss' }));
    await world.restart();
    expect(await world.flash.waiting()).toMatchObject([{ counter: 1, contentBytes: 600 }]);
    const bytes = concat(...chunks.slice(0, 3).map((chunk) => chunk.bytes));
    expect(await world.flash.read(header.recordingId, 0, 600)).toEqual(bytes);
  });

  // Goal: what a sealed recording needs to be opened, and what the camera said of it last, is there as long as its content is.
  // Method: record, interrupt, close, restart; a ticket in the header.
  it('keeps wraps, ticket and the newest head', async () => {
    const keys = sealingKeys([recipientOf()]);
    const ticket = 'log.test\n7\n\n— log.test AAAA\n';
    const sealing = await openSealing(headerOf(1, { ticket }), keys);
    const { header, wraps = new Uint8Array() } = sealing;
    await world.flash.open(header, wraps);
    const stored = sizes.map((size, index) => {
      const { info, bytes, at } = chunkOf(index, size);
      return kept(sealing.seal({ ...info, bytes }, at));
    });
    for (const chunk of stored) await world.flash.append(idOf(1), chunk);
    await world.restart();
    const [found] = await world.flash.interrupted();
    expect(found).toMatchObject({ header, wraps });
    expect(found?.head).toEqual(Uint8Array.from(stored.at(-1)?.head ?? []));
    const chunks = stored.map(({ info }) => info);
    await world.flash.close(idOf(1), manifestOf(header, chunks, { keys, wraps }));
    for (const restart of [false, true]) {
      if (restart) await world.restart();
      expect(await world.flash.waiting()).toMatchObject([{ wraps }]);
    }
    await expect(world.flash.open(headerOf(2))).rejects.toThrow(/must not record unsealed/);
  });

  // Goal: an interruption before the first fragment leaves no footage and no gap. Method: nothing, or the init
  // segment alone; restart, discard, and look which counter is next.
  it.each([0, 1])('reports an interruption after %i chunks as empty', async (count) => {
    await record(world, 1);
    await world.flash.open(headerOf(2));
    for (let index = 0; index < count; index++) await world.flash.append(idOf(2), chunkOf(index, 50));
    await world.restart();
    expect(await world.flash.interrupted()).toMatchObject([
      { header: { counter: 2 }, chunks: [], marks: [] },
    ]);
    await world.flash.discard(idOf(2));
    expect(await world.flash.next()).toMatchObject({ counter: 2 });
    await world.restart();
    expect(await world.flash.interrupted()).toEqual([]);
    expect(await world.flash.next()).toMatchObject({ counter: 2 });
  });

  // Goal: chunks that the manifest does not name are gone after closing. Method: close with one chunk less.
  it('cuts off what the manifest does not name', async () => {
    const header = headerOf(1);
    await world.flash.open(header);
    const chunks = sizes.map((size, index) => chunkOf(index, size));
    for (const chunk of chunks) await world.flash.append(header.recordingId, chunk);
    await world.flash.close(
      header.recordingId,
      manifestOf(
        header,
        chunks.slice(0, 2).map(({ info }) => info),
      ),
    );
    await expect(world.flash.read(header.recordingId, 0, 1701)).rejects.toThrow(/no bytes/);
    await world.restart();
    expect(await world.flash.waiting()).toMatchObject([{ contentBytes: 1700 }]);
  });
});

// Goal: the stand-in that other tests upload from keeps the same promise. Method: the vault's side of it.
describe('Vault in memory', () => {
  it('waits, reads and erases as the flash does', async () => {
    const make = (counter: number) => {
      const chunk = chunkOf(counter, 100);
      const signedManifest = manifestOf(headerOf(counter), [chunk.info]);
      const { recordingId, chunks, root, contentBytes } = peekManifest(signedManifest);
      return {
        recording: { recordingId, counter, signedManifest, chunks, root, contentBytes },
        content: chunk.bytes,
      };
    };
    const critical = make(3);
    const urgent = { ...critical, recording: { ...critical.recording, critical: true as const } };
    const vault = new MemoryVault([make(2), make(1), urgent]);
    expect((await vault.waiting()).map(({ counter }) => counter)).toEqual([3, 1, 2]);
    expect(await vault.read(idOf(1), 10, 20)).toEqual(chunkOf(1, 100).bytes.slice(10, 20));
    await vault.erase(idOf(1), utf8('receipt'));
    expect((await vault.waiting()).map(({ counter }) => counter)).toEqual([3, 2]);
  });
});
