import { describe, expect, it } from 'vitest';
import { type FileFlash, openFlash } from '../../../../device/flash/file-flash.ts';
import { encodeEntry } from '../../../../device/flash/journal.ts';
import type { StoredChunk } from '../../../../device/ports.ts';
import { ownHead } from '../../../../device/seal/own-head.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { chunkOf, headerOf, idOf, testKeys, withHeads } from '../camera-kit.ts';

const pathOf = (counter: number, name: string): string => `/camera/recordings/${idOf(counter)}/${name}`;
const open = (disk: FaultDisk): Promise<FileFlash> =>
  openFlash('/camera', { disk: disk.mount(), reserveBytes: 1000 });

// Goal: a memory card that was in other hands has no say in what the camera signs. Method: on a card with an interrupted recording
// whoever has it exchanges or adds footage, with lines and checksums that hold and with heads of his own, or none, or old ones.
describe("heads of this camera's own", () => {
  const signer = testKeys();
  const thief = testKeys('thief');
  const plain = [0, 1, 2, 3].map((index) => chunkOf(index, 200));
  const own = withHeads(plain, signer);
  const start = (disk: FaultDisk): Promise<FileFlash> =>
    openFlash('/camera', {
      disk: disk.mount(),
      reserveBytes: 1000,
      headOf: (signed) => ownHead(signed, signer),
    });

  async function cardWith(chunks: readonly (StoredChunk | undefined)[]): Promise<FaultDisk> {
    const disk = new FaultDisk({ seed: 'card' });
    const flash = await open(disk);
    await flash.open(headerOf(1));
    for (const chunk of chunks) if (chunk) await flash.append(idOf(1), chunk);
    return disk;
  }

  async function chunksOn(disk: FaultDisk): Promise<readonly Uint8Array[]> {
    const [found] = await (await start(disk)).interrupted();
    return (found?.chunks ?? []).map(({ sha256 }) => sha256);
  }

  const digests = (count: number): readonly Uint8Array[] =>
    plain.slice(0, count).map(({ info }) => info.sha256);

  it('bring back all of it', async () => {
    expect(await chunksOn(await cardWith(own))).toEqual(digests(4));
  });

  it.each([
    ['footage added with no head', [own[0], own[1], chunkOf(7, 200)]],
    [
      'footage added with a head of his own',
      [own[0], own[1], withHeads([...plain.slice(0, 2), chunkOf(7, 200)], thief)[2]],
    ],
    ['footage added twice with no head', [own[0], own[1], chunkOf(7, 200), chunkOf(8, 200)]],
    ['footage that lost its head when the power went', [own[0], own[1], plain[2]]],
  ])('leave out %s', async (_what, chunks) => {
    expect(await chunksOn(await cardWith(chunks))).toEqual(digests(2));
  });

  // Kept for a person to look at: nothing is signed, and nothing is removed.
  it.each([
    ['its heads taken away', plain],
    [
      'all of it exchanged',
      withHeads(
        [5, 6, 7, 8].map((index) => chunkOf(index, 200)),
        thief,
      ),
    ],
  ])('and a recording with %s is set aside', async (_what, chunks) => {
    const disk = await cardWith(chunks);
    const flash = await start(disk);
    expect(flash.damaged()).toMatchObject([{ recordingId: idOf(1), why: /none of the footage/ }]);
    expect(await flash.interrupted()).toEqual([]);
    expect(disk.peek(pathOf(1, 'chunks'))?.length).toBe(800);
  });

  // A power cut in the very first fragment leaves nothing that anybody was told of.
  it('and a first fragment without its head was never there', async () => {
    const flash = await start(await cardWith([own[0], plain[1]]));
    expect(await flash.interrupted()).toMatchObject([{ chunks: [] }]);
    expect(flash.damaged()).toEqual([]);
  });

  it('still say what is lost when an older one, or one of somebody else, is written behind them', async () => {
    const longer = withHeads([...plain, chunkOf(4, 200), chunkOf(5, 200)], thief);
    for (const late of [own[1]?.head, longer.at(-1)?.head, withHeads(plain, signer, idOf(9))[3]?.head]) {
      const disk = await cardWith([
        ...own.slice(0, 3),
        { ...chunkOf(3, 200), head: own[3]?.head ?? new Uint8Array() },
      ]);
      disk.flip(pathOf(1, 'chunks'), 450);
      const journal = disk.peek(pathOf(1, 'journal')) ?? new Uint8Array();
      const file = await disk.mount().open(pathOf(1, 'journal'), 'write');
      await file.write([encodeEntry({ entry: 'head', head: late ?? new Uint8Array() })], journal.length);
      await file.sync();
      const [found] = await (await start(disk)).interrupted();
      expect(found?.chunks).toHaveLength(2);
      expect(ownHead(found?.head ?? new Uint8Array(), signer)).toMatchObject({ chunks: 4 });
    }
  });
});
