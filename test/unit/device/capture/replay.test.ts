import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ALL_FORMATS,
  BufferSource,
  BufferTarget,
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  Input,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gop } from '../../../../device/capture/footage/footage.ts';
import { encodeGop } from '../../../../device/capture/footage/gop.ts';
import { makeScene } from '../../../../device/capture/footage/picture.ts';
import { openMuxer } from '../../../../device/capture/fragment.ts';
import { openReplay } from '../../../../device/capture/replay.ts';
import type { PlainChunk } from '../../../../device/ports.ts';
import { concat, utf8 } from '../../../../proto/bytes.ts';
import { CHUNK_BYTES_MAX } from '../../../../proto/limits.ts';
import { folder, SMALL } from '../camera-kit.ts';
import { bodyRig } from '../firmware/body-rig.ts';
import { developed, rig } from './camera-rig.ts';

const gops: Gop[] = [];
beforeAll(async () => {
  const scene = makeScene(SMALL);
  for (let index = 0; index < 4; index++) {
    gops.push(
      await encodeGop(scene, {
        firstFrame: index * 5,
        frames: 5,
        startWallUs: 0,
        cameraId: 'cam-9',
        officerId: '1',
      }),
    );
  }
});

/** A fragmented MP4 as a camera makes it. */
async function fragmented(): Promise<Uint8Array> {
  const muxer = await openMuxer(SMALL);
  const chunks: PlainChunk[] = [];
  for (const gop of gops) chunks.push(...(await muxer.add(gop)));
  chunks.push(...(await muxer.finish()));
  return concat(...chunks.map(({ bytes }) => bytes));
}

/** The same pictures in a file with one index and one heap of media, as most files are. */
async function plain(format: Mp4OutputFormat | MovOutputFormat): Promise<Uint8Array> {
  const target = new BufferTarget();
  const output = new Output({ format, target });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source);
  await output.start();
  for (const [index, { data, key }] of frames().entries()) {
    const { codec, description } = gops[0] ?? {};
    const decoderConfig = {
      codec,
      description,
      codedWidth: SMALL.width,
      codedHeight: SMALL.height,
    } as VideoDecoderConfig;
    await source.add(new EncodedPacket(data, key ? 'key' : 'delta', index / 5, 1 / 5), { decoderConfig });
  }
  await output.finalize();
  return new Uint8Array(target.buffer ?? new ArrayBuffer());
}

function frames(): readonly { readonly data: Uint8Array; readonly key: boolean }[] {
  return gops.flatMap(({ bytes, frameSizes }) => {
    let offset = 0;
    return frameSizes.map((size, index) => {
      offset += size;
      return { data: bytes.subarray(offset - size, offset), key: index === 0 };
    });
  });
}

async function save(bytes: Uint8Array): Promise<string> {
  const path = join(await folder(), 'film.mp4');
  await writeFile(path, bytes);
  return path;
}

/** Everything a replay gives, closed again. */
async function play(
  path: string,
): Promise<{ chunks: readonly PlainChunk[]; asIs: boolean; mediaType: string }> {
  const replay = await openReplay(path);
  const chunks: PlainChunk[] = [];
  for await (const chunk of replay.chunks()) chunks.push(chunk);
  await replay.close();
  return { chunks, asIs: replay.asIs, mediaType: replay.mediaType };
}

const joined = (chunks: readonly PlainChunk[]): Uint8Array => concat(...chunks.map(({ bytes }) => bytes));
const times = (chunks: readonly PlainChunk[]): unknown =>
  chunks
    .filter(({ endOfFragment }) => endOfFragment)
    .map(({ mediaStartMs, mediaMs }) => [mediaStartMs, mediaMs]);
const SECONDS = [
  [0, 0],
  [0, 1000],
  [1000, 1000],
  [2000, 1000],
  [3000, 1000],
];
const box = (type: string, body: Uint8Array): Uint8Array => {
  const size = body.length + 8;
  return concat(Uint8Array.of(size >>> 24, size >>> 16, size >>> 8, size), utf8(type), body);
};

describe('replaying a fragmented MP4', () => {
  // Goal: the recording is the file, byte for byte, cut where its fragments end. Method: a camera's own film, plain and
  // with what other makers put between and behind fragments.
  it.each(['as a camera makes it', 'with an index at its end', 'with marks between its fragments'])(
    '%s',
    async (kind) => {
      let file = await fragmented();
      if (kind === 'with an index at its end')
        file = concat(file, box('free', new Uint8Array(7)), box('mfra', new Uint8Array(20)));
      if (kind === 'with marks between its fragments') file = withMarks(file);
      const { chunks, asIs, mediaType } = await play(await save(file));
      expect(asIs).toBe(true);
      expect(Buffer.compare(joined(chunks), file)).toBe(0);
      expect(times(chunks)).toEqual(SECONDS);
      expect(mediaType).toBe(`video/mp4; codecs="${gops[0]?.codec}"`);
    },
  );

  // Goal: chunks keep their limit in a fragment of any size. Method: pad the second fragment to three chunks.
  it('cuts a large fragment into chunks', async () => {
    const file = await fragmented();
    const padded = concat(file, box('mdat', new Uint8Array(2 * CHUNK_BYTES_MAX)));
    const { chunks } = await play(await save(padded));
    expect(Buffer.compare(joined(chunks), padded)).toBe(0);
    expect(Math.max(...chunks.map(({ bytes }) => bytes.length))).toBe(CHUNK_BYTES_MAX);
    expect(chunks.slice(-3).map(({ endOfFragment }) => endOfFragment)).toEqual([false, false, true]);
    expect(times(chunks)).toEqual(SECONDS);
  });
});

/** Puts a `styp` in front of each `moof`, as files made for streaming have. */
function withMarks(file: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < file.length; ) {
    const end = at + new DataView(file.buffer, file.byteOffset).getUint32(at);
    if (Buffer.from(file.subarray(at + 4, at + 8)).toString() === 'moof')
      parts.push(box('styp', utf8('msdh\0\0\0\0')));
    parts.push(file.subarray(at, end));
    at = end;
  }
  return concat(...parts);
}

describe('replaying any other MP4', () => {
  // Goal: it becomes fragments of a second without a frame being touched. Method: read the result with a demuxer and
  // compare every frame's bytes and time.
  it.each([
    ['with its index in front', () => plain(new Mp4OutputFormat({ fastStart: 'in-memory' }))],
    ['with its index behind', () => plain(new Mp4OutputFormat({ fastStart: false }))],
    ['that is QuickTime', () => plain(new MovOutputFormat({ fastStart: 'in-memory' }))],
  ])('%s', async (_kind, make) => {
    const { chunks, asIs, mediaType } = await play(await save(await make()));
    expect([asIs, mediaType]).toEqual([false, `video/mp4; codecs="${gops[0]?.codec}"`]);
    expect(times(chunks)).toEqual(SECONDS);
    const input = new Input({
      formats: ALL_FORMATS,
      source: new BufferSource(Uint8Array.from(joined(chunks))),
    });
    const track = await input.getPrimaryVideoTrack();
    if (!track) throw new TypeError('no track');
    const found: { data: string; time: number }[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) {
      found.push({
        data: Buffer.from(packet.data).toString('hex'),
        time: Math.round(packet.timestamp * 1000),
      });
    }
    expect(found).toEqual(
      frames().map(({ data }, index) => ({ data: Buffer.from(data).toString('hex'), time: index * 200 })),
    );
  });
});

const fault = (code: string, message: RegExp): unknown =>
  expect.objectContaining({
    name: 'CaptureError',
    code,
    message: expect.stringMatching(message) as unknown,
  });

describe('a file that cannot be replayed', () => {
  // Goal: the message says which file and what is wrong with it. Method: one fault each.
  it.each([
    { kind: 'text', make: () => utf8('hello, this is no film at all'), why: /film\.mp4: it is not an MP4/ },
    { kind: 'empty', make: () => new Uint8Array(), why: /it is empty/ },
    {
      kind: 'cut off',
      make: async () => (await fragmented()).slice(0, -10),
      why: /breaks off in the box at byte \d+ of \d+/,
    },
    {
      kind: 'without a video',
      make: () => box('ftyp', utf8('isom\0\0\0\0')),
      why: /it has no video/,
      code: 'MEDIA_UNSUITABLE',
    },
  ])('$kind', async ({ make, why, code = 'MEDIA_UNREADABLE' }) => {
    const path = await save(await make());
    await expect(openReplay(path)).rejects.toEqual(fault(code, why));
  });

  it('that is not there', async () => {
    await expect(openReplay('/nowhere/film.mp4')).rejects.toEqual(
      fault('MEDIA_MISSING', /cannot open \/nowhere\/film\.mp4/),
    );
    await expect(openReplay(await folder())).rejects.toEqual(fault('MEDIA_UNREADABLE', /./));
  });

  // Goal: a film that breaks while it is recorded leaves no recording and no gap. Method: shorten it once it is open.
  it('that breaks while it is recorded leaves nothing behind', async () => {
    const file = await fragmented();
    const path = await save(file);
    const world = await rig({ film: path });
    await world.camera.ready();
    const replay = await openReplay(path);
    await writeFile(path, file.slice(0, 3000));
    const read = async (): Promise<void> => {
      for await (const chunk of replay.chunks()) expect(chunk.bytes.length).toBeGreaterThan(0);
    };
    await expect(read()).rejects.toEqual(fault('MEDIA_UNREADABLE', /shorter/));
    await replay.close();
    await writeFile(path, utf8('no film'));
    await expect(world.camera.trigger()).rejects.toEqual(fault('MEDIA_UNREADABLE', /./));
    expect(world.camera.recording).toBeUndefined();
    expect(await world.flash.next()).toMatchObject({ counter: 1 });
    await world.camera.close();
  });
});

describe('a camera that replays', () => {
  // Goal: a replayed film is a recording like any other: same bytes, signed, with its own stop reason. Method: replay
  // a file and compare it with what the flash holds.
  it('records the file', async () => {
    const path = await save(await fragmented());
    const world = await rig({ preEventMs: 1000, film: path });
    await world.camera.ready();
    const films = world.camera.closed()[Symbol.asyncIterator]();
    world.clock.advance(2000);
    await world.camera.trigger('taser');
    const first = await films.next();
    const film = first.done === true ? undefined : first.value;
    const { manifest, bytes } = await developed(world, film);
    expect(Buffer.compare(bytes, await readFile(path))).toBe(0);
    expect(film).toMatchObject({ stopReason: 'replay', mediaMs: 4000, counter: 1 });
    expect(manifest).toMatchObject({ cause: 'taser', critical: true });
    expect(manifest.chunks.map(({ endOfFragment }) => endOfFragment)).toEqual([true, true, true, true, true]);
    await world.camera.trigger();
    expect(await films.next()).toMatchObject({
      value: { counter: 2, stopReason: 'replay', mediaMs: 4000 },
    });
    await world.camera.close();
  });

  // Goal: a stop ends a film where a player can end, and what is said meanwhile is in the manifest. Method: mark and stop it in
  // the moment that it begins.
  it('stops where it is told to, at a whole fragment', async () => {
    const path = await save(await fragmented());
    const world = await rig({ film: path });
    await world.camera.ready();
    const begun = world.camera.trigger();
    const marked = world.camera.mark('weapon');
    const [, , film] = await Promise.all([begun, marked, world.camera.stop('button')]);
    const { manifest, bytes } = await developed(world, film);
    expect(film).toMatchObject({ stopReason: 'button', mediaMs: 1000 });
    expect(manifest.marks).toMatchObject([{ kind: 'weapon' }]);
    expect(Buffer.compare(bytes, (await readFile(path)).subarray(0, bytes.length))).toBe(0);
    await world.camera.close();
  });

  // Goal: half of a broken film is no evidence of anything, and a camera without its film has ended. Method: a file that is cut
  // short when its recording has begun.
  it('of a film that breaks leaves no recording', async () => {
    const file = await fragmented();
    const path = await save(file);
    const world = await rig({ film: path });
    await world.camera.ready();
    const films = world.camera.closed()[Symbol.asyncIterator]();
    await world.camera.trigger();
    await writeFile(path, file.slice(0, 1500));
    await expect(films.next()).rejects.toEqual(fault('MEDIA_UNREADABLE', /shorter/));
    expect(await world.flash.waiting()).toEqual([]);
    expect(await world.flash.interrupted()).toEqual([]);
    await world.camera.close();
  });
});

describe('a whole camera that replays', () => {
  // Goal: its recording goes through the machine: what it is told meanwhile is done or refused with a reason, and at the film's end
  // it is ready for the next. Method: commands in the moment that it begins, then a dock in the middle of one.
  it('hears commands meanwhile, and is ready again at the end', async () => {
    const rig = await bodyRig({ film: await save(await fragmented()), setting: { recordingMsMax: 1000 } });
    await rig.body.start();
    const begun = rig.desk.answer('taser');
    const said = await Promise.all(
      ['mark weapon', 'category fire', 'mute', 'assign 9', 'record', 'status'].map((line) =>
        rig.desk.answer(line),
      ),
    );
    await begun;
    expect(said.map(({ came }) => came)).toEqual(['done', 'done', 'refused', 'refused', 'refused', 'done']);
    expect(said[2]).toMatchObject({ why: /cannot be muted/ });
    expect(said[5]?.status).toMatchObject({ state: 'recording', officer: '4411' });
    await vi.waitFor(() => expect(rig.body.state.mode.at).toBe('ready'));
    const film = { cause: 'taser', officerId: '4411', stopReason: 'replay', categories: ['fire'] };
    expect(await rig.manifests()).toMatchObject([{ ...film, marks: [{ kind: 'weapon' }] }]);
    expect((await rig.manifests())[0]?.mutes).toBeUndefined();
    void rig.desk.answer('record');
    await rig.desk.answer('dock');
    expect(rig.body.state.mode.at).toBe('docked');
    expect((await rig.manifests()).map(({ stopReason }) => stopReason)).toEqual(['replay', 'docked']);
    await rig.tell('quit');
    await rig.body.ended;
  });
});
