import { describe, expect, it } from 'vitest';
import { type FileFlash, openFlash } from '../../../../device/flash/file-flash.ts';
import type { RecordingHeader, StoredChunk } from '../../../../device/ports.ts';
import { openSealing } from '../../../../device/seal/seal.ts';
import { utf8 } from '../../../../proto/bytes.ts';
import { openHead } from '../../../../proto/head.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { checker } from '../../../../device/keys/checker.ts';
import { chunkOf, headerOf, idOf, manifestOf, testKeys, withHeads } from '../camera-kit.ts';
import { kept, recipientOf, sealingKeys } from '../open-kit.ts';

// Goal: what a flash keeps so that a sealed recording can be opened, and shows that it was cut short, is there and whole, or the
// recording is set aside. Method: a disk in memory that a test spoils between two starts.

const keys = sealingKeys([recipientOf()]);
const pathOf = (counter: number, name: string): string => `/camera/recordings/${idOf(counter)}/${name}`;
const open = (disk: FaultDisk): Promise<FileFlash> =>
  openFlash('/camera', { disk: disk.mount(), reserveBytes: 1000 });

interface Sealed {
  readonly header: RecordingHeader;
  readonly wraps: Uint8Array;
  readonly chunks: readonly StoredChunk[];
}

/** Records three fragments, sealed, and leaves the recording open. */
async function fill(flash: FileFlash, counter: number): Promise<Sealed> {
  const sealing = await openSealing(headerOf(counter), keys);
  const { header, wraps = new Uint8Array() } = sealing;
  await flash.open(header, wraps);
  const chunks = [0, 1, 2].map((index) => {
    const { bytes, info, at } = chunkOf(index, 300);
    return kept(sealing.seal({ ...info, bytes }, at));
  });
  for (const chunk of chunks) await flash.append(header.recordingId, chunk);
  return { header, wraps, chunks };
}

async function close(flash: FileFlash, { header, wraps, chunks }: Sealed): Promise<void> {
  const infos = chunks.map(({ info }) => info);
  await flash.close(header.recordingId, manifestOf(header, infos, { keys, wraps }));
}

describe('wraps', () => {
  it('come back with a recording, interrupted or closed, and go with its content', async () => {
    const disk = new FaultDisk({ seed: 'wraps' });
    const sealed = await fill(await open(disk), 1);
    let flash = await open(disk);
    expect(await flash.interrupted()).toMatchObject([{ header: sealed.header, wraps: sealed.wraps }]);
    await close(flash, sealed);
    expect(await flash.waiting()).toMatchObject([{ wraps: sealed.wraps }]);
    flash = await open(disk);
    expect(await flash.waiting()).toMatchObject([{ wraps: sealed.wraps }]);
    await flash.erase(idOf(1), utf8('receipt'));
    for (const name of ['wraps', 'chunks', 'journal']) expect(disk.peek(pathOf(1, name))).toBeUndefined();
    for (const name of ['manifest', 'receipt']) expect(disk.peek(pathOf(1, name))).toBeDefined();
  });

  // The first fragment may follow at once: it would be sealed for ever without them.
  it('are durable once the recording is open', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const disk = new FaultDisk({ seed: `open ${seed}` });
      const flash = await open(disk);
      const { header, wraps = new Uint8Array() } = await openSealing(headerOf(1), keys);
      await flash.open(header, wraps);
      disk.cutPower();
      expect(await (await open(disk)).interrupted()).toMatchObject([{ header, wraps }]);
    }
  });

  // A film that turned out to be broken is taken away; half taken away it is neither footage nor damage.
  it('and footage that are being discarded leave no damage when the power goes', async () => {
    for (let operations = 0, isCut = true; isCut; operations++) {
      const disk = new FaultDisk({ seed: `discard ${operations}` });
      const flash = await open(disk);
      await fill(flash, 1);
      disk.failAfter(operations);
      isCut = await flash.discard(idOf(1)).then(
        () => false,
        () => true,
      );
      disk.cutPower();
      const again = await open(disk);
      expect(again.damaged()).toEqual([]);
      for (const { header, chunks } of await again.interrupted()) {
        expect([0, 3]).toContain(chunks.length);
        await again.discard(header.recordingId);
      }
      expect(await again.next()).toMatchObject({ counter: 1 });
    }
  });

  // An erasure that lost power before the wraps were gone is finished by the next start.
  it('that outlived an erasure go at the next start', async () => {
    const disk = new FaultDisk({ seed: 'erasing' });
    const flash = await open(disk);
    await close(flash, await fill(flash, 1));
    const wraps = disk.peek(pathOf(1, 'wraps')) ?? new Uint8Array();
    await flash.erase(idOf(1), utf8('receipt'));
    const file = await disk.mount().open(pathOf(1, 'wraps'), 'write');
    await file.write([wraps], 0);
    await open(disk);
    expect(disk.peek(pathOf(1, 'wraps'))).toBeUndefined();
  });

  // Nobody could open it, so nobody is told that it is there to be had; the counter stays used.
  it.each([
    ['flipped', (disk: FaultDisk) => Promise.resolve(disk.flip(pathOf(1, 'wraps'), 70))],
    ['gone', (disk: FaultDisk) => disk.mount().remove(pathOf(1, 'wraps'))],
  ])('that are %s set the recording aside', async (_how, spoil) => {
    for (const isClosed of [false, true]) {
      const disk = new FaultDisk({ seed: 'rot' });
      const flash = await open(disk);
      const sealed = await fill(flash, 1);
      if (isClosed) await close(flash, sealed);
      await spoil(disk);
      const again = await open(disk);
      expect(again.damaged()).toMatchObject([{ recordingId: idOf(1), why: /wraps/ }]);
      expect([await again.waiting(), await again.interrupted()]).toEqual([[], []]);
      expect(await again.next()).toMatchObject({ counter: 2 });
      expect(again.takesSealedOnly).toBe(true);
    }
  });

  it('and suite must fit, and so must the manifest', async () => {
    const flash = await open(new FaultDisk({ seed: 'bug' }));
    await expect(flash.open(headerOf(1, { suite: 1 }))).rejects.toThrow(/wraps belong/);
    await expect(flash.open(headerOf(1), Uint8Array.of(1))).rejects.toThrow(/wraps belong/);
    const sealed = await fill(flash, 1);
    await expect(close(flash, { ...sealed, wraps: Uint8Array.of(1) })).rejects.toThrow(/other wraps/);
  });
});

// Goal: sealing is not switched off by taking a file out of a camera. Method: after a sealed recording that is open, closed,
// erased, damaged, or discarded because it held no whole fragment, try to open an unsealed one; then a sealed one, which works.
describe('a flash that has sealed', () => {
  it.each(['closed', 'erased', 'manifest damaged', 'header damaged', 'discarded'])(
    'refuses what is unsealed (%s)',
    async (how) => {
      const disk = new FaultDisk({ seed: how });
      let flash = await open(disk);
      expect(flash.takesSealedOnly).toBe(false);
      const sealed = await fill(flash, 1);
      if (how === 'discarded') await flash.discard(idOf(1));
      else if (how !== 'header damaged') await close(flash, sealed);
      if (how === 'erased') await flash.erase(idOf(1), utf8('receipt'));
      if (how === 'manifest damaged') disk.flip(pathOf(1, 'manifest'), 0);
      if (how === 'header damaged') disk.flip(pathOf(1, 'header'), 20);
      for (const restart of [false, true]) {
        if (restart) flash = await open(disk);
        await expect(flash.open(headerOf(2))).rejects.toMatchObject({
          code: 'FLASH_SEALED',
          retry: 'never',
          message: expect.stringMatching(/custodian\.json/) as unknown,
        });
      }
      expect(disk.peek(pathOf(2, 'header'))).toBeUndefined();
      await fill(flash, 2);
    },
  );

  it('is one that has: an unsealed recording before does not bind it', async () => {
    const flash = await open(new FaultDisk({ seed: 'before' }));
    await flash.open(headerOf(1));
    for (const index of [0, 1]) await flash.append(idOf(1), chunkOf(index, 50));
    await flash.close(
      idOf(1),
      manifestOf(
        headerOf(1),
        [0, 1].map((index) => chunkOf(index, 50).info),
      ),
    );
    expect(flash.takesSealedOnly).toBe(false);
    await fill(flash, 2);
    expect(flash.takesSealedOnly).toBe(true);
  });
});

describe('heads', () => {
  const signer = testKeys();
  const recorded = withHeads(
    [chunkOf(0, 100), chunkOf(1, 300, false), chunkOf(2, 200), chunkOf(3, 150)],
    signer,
  );

  async function interrupted(disk: FaultDisk): Promise<void> {
    const flash = await open(disk);
    await flash.open(headerOf(1));
    for (const chunk of recorded) await flash.append(idOf(1), chunk);
  }

  it('come back, the newest one', async () => {
    const disk = new FaultDisk({ seed: 'heads' });
    await interrupted(disk);
    const [found] = await (await open(disk)).interrupted();
    expect(found?.chunks).toHaveLength(4);
    expect(openHead(found?.head ?? new Uint8Array(), signer.publicKey, checker).chunks).toBe(4);
  });

  // Rot takes the end of the footage; the head that names it is still read, from behind the line that does not hold.
  it.each([
    ['the bytes of the third chunk', (disk: FaultDisk) => disk.flip(pathOf(1, 'chunks'), 450)],
    [
      'the journal line of the third chunk',
      (disk: FaultDisk) => {
        const journal = Buffer.from(disk.peek(pathOf(1, 'journal')) ?? []).toString();
        disk.flip(pathOf(1, 'journal'), journal.indexOf('"index":2'));
      },
    ],
  ])('outlive rot in %s', async (_what, spoil) => {
    const disk = new FaultDisk({ seed: 'rot' });
    const flash = await open(disk);
    await flash.open(headerOf(1));
    const longer = withHeads(
      [0, 1, 2, 3].map((index) => chunkOf(index, 200)),
      signer,
    );
    for (const chunk of longer) await flash.append(idOf(1), chunk);
    spoil(disk);
    const [found] = await (await open(disk)).interrupted();
    expect(found?.chunks).toHaveLength(2);
    expect(openHead(found?.head ?? new Uint8Array(), signer.publicKey, checker).chunks).toBe(4);
  });

  // Whoever changes bytes and the journal's digest of them cannot change what was signed.
  it('cut off footage that was exchanged', async () => {
    const disk = new FaultDisk({ seed: 'forged' });
    const flash = await open(disk);
    await flash.open(headerOf(1));
    const forged = { ...chunkOf(7, 200), head: recorded[2]?.head ?? new Uint8Array() };
    for (const chunk of [recorded[0], recorded[1], forged, recorded[3]])
      if (chunk) await flash.append(idOf(1), chunk);
    const again = await open(disk);
    expect(again.damaged()).toMatchObject([{ why: /none of the footage/ }]);

    const other = new FaultDisk({ seed: 'forged later' });
    const second = await open(other);
    await second.open(headerOf(1));
    for (const chunk of [
      ...recorded.slice(0, 3),
      { ...chunkOf(8, 99), head: recorded[3]?.head ?? new Uint8Array() },
    ])
      await second.append(idOf(1), chunk);
    const [found] = await (await open(other)).interrupted();
    expect(found?.chunks).toHaveLength(3);
  });

  // A recording whose footage is gone is not one that never had any: its counter must not be used again.
  it('keep a recording from being forgotten when all its footage is gone', async () => {
    for (const spoil of [
      (disk: FaultDisk) => disk.shorten(pathOf(1, 'chunks'), 10),
      (disk: FaultDisk) => disk.flip(pathOf(1, 'journal'), 3),
    ]) {
      const disk = new FaultDisk({ seed: 'gone' });
      await interrupted(disk);
      spoil(disk);
      const flash = await open(disk);
      expect(flash.damaged()).toMatchObject([{ recordingId: idOf(1), why: /none of the footage/ }]);
      expect(await flash.next()).toMatchObject({ counter: 2 });
    }
  });
});
