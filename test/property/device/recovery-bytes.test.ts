import { createHash } from 'node:crypto';
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny';
import { beforeAll, describe, expect, it } from 'vitest';
import { childrenOf } from '../../../device/capture/box.ts';
import type { PlainChunk } from '../../../device/ports.ts';
import { Chance } from '../../../sim/fault/chance.ts';
import { runs } from '../../runs.ts';
import { testKeys } from '../../unit/device/camera-kit.ts';
import {
  type Aftermath,
  type Camera,
  type FlashWrite,
  interrupt,
  shoot,
  type ShotFilm,
  writesOf,
} from '../../unit/device/interruption-kit.ts';
import { recipientOf, sealingKeys } from '../../unit/device/open-kit.ts';

// Goal: a recording interrupted at any byte of what it writes into the flash recovers to its last whole fragment, and plays.
// Method: a film that the real encoder and muxer made, recorded through the real sealing and flash onto a disk that keeps, loses
// or tears what was not synced; the power goes at two hundred random bytes of all that is written, and at twenty more in each
// kind of file. What comes back is held against the film byte for byte, its custodian opens what was sealed, and a demuxer of
// another make reads every frame of it.

const custodian = recipientOf();
const cameras: Readonly<Record<string, Camera>> = {
  plain: { keys: testKeys() },
  sealed: { keys: sealingKeys([custodian]), custodian },
};

let film: ShotFilm;
beforeAll(async () => {
  film = await shoot();
}, 60_000);

/** Bytes of the chunks up to the last that ends a fragment; none without a fragment after the init segment. */
function whole(chunks: readonly PlainChunk[]): readonly PlainChunk[] {
  const count = chunks.findLastIndex(({ endOfFragment }) => endOfFragment) + 1;
  return chunks.slice(0, count < 2 ? 0 : count);
}

const bytesOf = (chunks: readonly PlainChunk[]): Buffer => Buffer.concat(chunks.map(({ bytes }) => bytes));

const fragmentsIn = (chunks: readonly PlainChunk[]): number =>
  chunks.slice(1).filter(({ endOfFragment }) => endOfFragment).length;

/** Bytes after which to cut the power: anywhere, and some in each kind of file, however short it is. */
function positions(writes: readonly FlashWrite[], seed: string): readonly number[] {
  const chance = new Chance(seed);
  const total = writes.reduce((sum, { bytes }) => sum + bytes, 0);
  const anywhere = Array.from({ length: runs(200) }, () => chance.below(total));
  const kinds = [...new Set(writes.map(({ file }) => file))];
  const within = kinds.flatMap((kind) => {
    const own = placesOf(writes, kind);
    return Array.from({ length: runs(20) }, () => own[chance.below(own.length)] ?? 0);
  });
  return [...anywhere, ...within];
}

function placesOf(writes: readonly FlashWrite[], kind: string): readonly number[] {
  let start = 0;
  return writes.flatMap(({ file, bytes }) => {
    const from = start;
    start += bytes;
    return file === kind ? Array.from({ length: Math.min(bytes, 4_096) }, (_, at) => from + at) : [];
  });
}

/** What a player makes of it; the same bytes are looked at once. */
const seen = new Map<string, Promise<void>>();

function plays(bytes: Uint8Array, fragments: number): Promise<void> {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const look = seen.get(digest) ?? play(bytes, fragments);
  seen.set(digest, look);
  return look;
}

async function play(bytes: Uint8Array, fragments: number): Promise<void> {
  const kinds = childrenOf(bytes, 0, bytes.length).map(({ type }) => type);
  expect(kinds).toEqual([
    'ftyp',
    'moov',
    ...Array.from({ length: fragments }, () => ['moof', 'mdat']).flat(),
  ]);
  const input = new Input({ source: new BufferSource(Uint8Array.from(bytes)), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new TypeError('no video in what was recovered');
  const types: string[] = [];
  for await (const packet of new EncodedPacketSink(track).packets(undefined, undefined, {
    verifyKeyPackets: true,
  }))
    types.push(packet.type);
  expect(types).toHaveLength(fragments * film.framesPerFragment);
  // Each fragment can be begun with: its first frame needs none before it.
  expect(types.filter((type, at) => (type === 'key') !== (at % film.framesPerFragment === 0))).toEqual([]);
}

/** Everything that is promised of a recovered recording. */
async function check({ promised, recovered, earlierRoot, next }: Aftermath): Promise<void> {
  const kept = whole(film.chunks.slice(0, promised));
  if (!recovered) {
    expect(fragmentsIn(kept)).toBe(0);
    expect(next).toEqual({ counter: 2, previousRoot: earlierRoot });
    return;
  }
  const { manifest, plain } = recovered;
  expect(manifest).toMatchObject({ counter: 2, previousRoot: earlierRoot });
  expect(next).toEqual({ counter: 3, previousRoot: manifest.root });
  const fragments = fragmentsIn(film.chunks.slice(0, manifest.chunks.length));
  expect([fragmentsIn(kept), fragmentsIn(kept) + 1]).toContain(fragments);
  expect(manifest.chunks.at(-1)?.endOfFragment).toBe(true);
  expect(manifest.lostChunks).toBeUndefined();
  expect(Buffer.from(plain).equals(bytesOf(film.chunks.slice(0, manifest.chunks.length)))).toBe(true);
  const isWhole = manifest.chunks.length === film.chunks.length;
  expect(isWhole ? ['button', 'power-loss'] : ['power-loss']).toContain(manifest.stopReason);
  await plays(plain, fragments);
}

describe.each(Object.entries(cameras))('a %s recording that is cut off', (name, camera) => {
  it('recovers to its last whole fragment, wherever that was, and plays', async () => {
    const writes = await writesOf(film, camera);
    const lengths = new Set<number>();
    for (const bytes of positions(writes, `bytes ${name}`)) {
      const aftermath = await interrupt(film, camera, { seed: `${name} ${bytes}`, bytes });
      await check(aftermath).catch((cause: unknown) => {
        throw new Error(`fails at byte ${bytes}`, { cause });
      });
      lengths.add(aftermath.recovered?.manifest.chunks.length ?? 0);
    }
    // The film was met at each of its fragments, and before the first.
    expect(lengths.size).toBe(1 + fragmentsIn(film.chunks));
  }, 120_000);

  // Goal: the writes that were cut are all there are. Method: the kinds of files, by name; cut after the last byte.
  it('was cut in every file that it has', async () => {
    const writes = await writesOf(film, camera);
    const files = [...new Set(writes.map(({ file }) => file))].toSorted();
    const sealed = camera.custodian ? ['wraps'] : [];
    expect(files).toEqual(['chunks', 'header', 'journal', 'manifest', ...sealed]);
    const all = writes.reduce((sum, { bytes }) => sum + bytes, 0);
    const { promised, recovered } = await interrupt(film, camera, { seed: name, bytes: all });
    expect(promised).toBe(film.chunks.length);
    expect(recovered?.manifest.stopReason).toBe('button');
    expect(bytesOf(film.chunks).equals(recovered?.plain ?? new Uint8Array())).toBe(true);
  });
});
