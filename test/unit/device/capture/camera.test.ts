import { ALL_FORMATS, BufferSource, Input } from 'mediabunny';
import { describe, expect, it } from 'vitest';
import type { Film } from '../../../../device/capture/recovery.ts';
import { checker } from '../../../../device/keys/checker.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { openManifest } from '../../../../proto/manifest.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { FOOTAGE_DEFAULT } from '../../../../device/capture/footage/footage.ts';
import { sha256, SMALL, testKeys } from '../camera-kit.ts';
import { openFilm, recipientOf, sealingKeys } from '../open-kit.ts';
import { developed, look, rig } from './camera-rig.ts';

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

const durationMs = async (bytes: Uint8Array<ArrayBuffer>): Promise<number> =>
  Math.round(
    (await new Input({ formats: ALL_FORMATS, source: new BufferSource(bytes) }).computeDuration()) * 1000,
  );

async function all(films: AsyncIterable<Film>): Promise<readonly Film[]> {
  const found: Film[] = [];
  for await (const film of films) found.push(film);
  return found;
}

describe('a camera', () => {
  // Goal: from the button to the signed manifest: media, moments, marks and names are all there. Method: 3.5 seconds.
  it('records what it saw between trigger and stop', async () => {
    const world = await rig();
    const { camera, clock } = world;
    await camera.ready();
    expect(camera.recording).toBeUndefined();
    clock.advance(1000);
    const recordingId = await camera.trigger();
    expect(camera.recording).toBe(recordingId);
    clock.advance(1500);
    await camera.mark('weapon');
    clock.advance(2000);
    const film = await camera.stop('button');
    const { manifest, bytes } = await developed(world, film);
    expect(film).toMatchObject({ recordingId, counter: 1, stopReason: 'button', mediaMs: 3400 });
    expect(await durationMs(bytes)).toBe(3400);
    const epoch = clock.wallUs() - clock.monoUs();
    const moment = (monoUs: number): object => ({ monoUs, wallUs: epoch + monoUs });
    expect(manifest).toMatchObject({
      recordingId,
      cameraId: 'cam-1',
      officerId: '4411',
      incidentTag: '24-118842',
      mediaType: film?.mediaType,
      suite: 0,
      triggered: moment(1_000_000),
      started: moment(1_000_000),
      ended: moment(4_500_000),
      marks: [{ kind: 'weapon', at: moment(2_500_000) }],
    });
    expect(manifest.chunks.map(({ mediaStartMs }) => mediaStartMs)).toEqual([0, 0, 1000, 2000, 3000]);
    await camera.close();
  });

  // Goal: the pre-event buffer is in the recording, and trigger and start are moments apart. Method: look for four
  // seconds, then trigger with a buffer of two and a half.
  it('reaches back before the trigger', async () => {
    const world = await rig({ preEventMs: 2500 });
    await world.camera.ready();
    world.clock.advance(4000);
    await world.camera.trigger();
    world.clock.advance(1000);
    const film = await world.camera.stop('docked');
    const { manifest } = await developed(world, film);
    expect(manifest.triggered.monoUs - manifest.started.monoUs).toBe(2_000_000);
    expect(film).toMatchObject({ mediaMs: 3000, stopReason: 'docked' });
    await world.camera.close();
  });

  // Goal: recordings are chained: counters without gaps, each naming the root before it, across a restart. Method: two
  // recordings, a new camera on the same flash, a third.
  it('chains its recordings', async () => {
    const disk = new FaultDisk({ seed: 'chain' });
    const keys = testKeys();
    const roots: Uint8Array[] = [];
    const previous: Uint8Array[] = [];
    for (const counters of [[1, 2], [3]]) {
      const world = await rig({}, { disk, keys });
      await world.camera.ready();
      for (const counter of counters) {
        await world.camera.trigger();
        world.clock.advance(1000);
        const { manifest } = await developed(world, await world.camera.stop('button'));
        expect(manifest.counter).toBe(counter);
        roots.push(manifest.root);
        previous.push(manifest.previousRoot);
      }
      await world.camera.close();
    }
    expect(previous.map((root) => Buffer.from(root).toString('hex'))).toEqual(
      [new Uint8Array(), ...roots.slice(0, 2)].map((root) => Buffer.from(root).toString('hex')),
    );
  });

  // Goal: a press on and off at once leaves one frame rather than nothing. Method: stop at the moment of the trigger.
  it('keeps at least one frame', async () => {
    const world = await rig();
    await world.camera.ready();
    await world.camera.trigger();
    const film = await world.camera.stop('button');
    expect(film).toMatchObject({ mediaMs: 200, chunks: 2 });
    expect(await durationMs((await developed(world, film)).bytes)).toBe(200);
    await world.camera.close();
  });

  // Goal: commands hold for the moment they were given and are carried out in order, however fast they come. Method:
  // three at once.
  it('takes commands faster than it works', async () => {
    const world = await rig();
    await world.camera.ready();
    const triggered = world.camera.trigger();
    world.clock.advance(1000);
    const marked = world.camera.mark('first');
    world.clock.advance(1000);
    const [, , film] = await Promise.all([triggered, marked, world.camera.stop('button')]);
    expect((await developed(world, film)).manifest.marks).toMatchObject([{ at: { monoUs: 1_000_000 } }]);
    expect(film?.mediaMs).toBe(2000);
    await world.camera.close();
  });

  // Goal: what does not fit the moment is refused and harms nothing. Method: each such command, then a good recording.
  it('refuses commands that do not fit', async () => {
    const world = await rig();
    const { camera, clock } = world;
    await camera.ready();
    await expect(camera.mark('x')).rejects.toEqual(code('CAPTURE_BUSY'));
    expect(await camera.stop('button')).toBeUndefined();
    await camera.trigger();
    await expect(camera.trigger()).rejects.toEqual(code('CAPTURE_BUSY'));
    await expect(camera.mark('')).rejects.toEqual(code('CAPTURE_BUSY'));
    await expect(camera.mark('x'.repeat(65))).rejects.toEqual(code('CAPTURE_BUSY'));
    clock.advance(1000);
    expect(await camera.stop('button')).toMatchObject({ mediaMs: 1000 });
    await camera.close();
    await expect(camera.trigger()).rejects.toEqual(code('CAPTURE_BUSY'));
    await camera.close();
  });

  // Goal: switching off keeps what is being recorded, and `closed` gave every film. Method: close while recording.
  it('closes its recording when it is switched off', async () => {
    const world = await rig();
    await world.camera.ready();
    const films = all(world.camera.closed());
    await world.camera.trigger();
    world.clock.advance(2000);
    await world.camera.stop('button');
    await world.camera.trigger();
    world.clock.advance(1000);
    await world.camera.close();
    expect((await films).map(({ counter, mediaMs }) => [counter, mediaMs])).toEqual([
      [1, 2000],
      [2, 1000],
    ]);
    expect(await world.flash.waiting()).toHaveLength(2);
  });

  // Goal: a camera that falls behind for long drops pictures instead of chasing its clock. Method: ten seconds at once.
  it('drops pictures when it was held up for long', async () => {
    const world = await rig();
    await world.camera.ready();
    await world.camera.trigger();
    world.clock.advance(10_000);
    const film = await world.camera.stop('button');
    expect(film?.mediaMs).toBe(1000);
    await world.camera.close();
  });

  // Goal: settings out of range are an error that names the setting. Method: a picture with an odd width.
  it('refuses footage it cannot make', async () => {
    const world = await rig({ preEventMs: 1000, footage: { ...FOOTAGE_DEFAULT, width: 641 } });
    await expect(world.camera.ready()).rejects.toThrow(/even width and height, not 641x360/);
  });
});

describe('a camera whose flash fills up', () => {
  // Goal: the recording ends by itself with what was whole, says why, and the camera goes on once there is room.
  // Method: a chip that holds a few seconds.
  it('closes what is whole and says storage-full', async () => {
    const world = await rig({}, { capacityBytes: 14_000 });
    const { camera, clock, flash } = world;
    await camera.ready();
    const films = camera.closed()[Symbol.asyncIterator]();
    await camera.trigger();
    const closed = films.next();
    while (camera.recording !== undefined) {
      clock.advance(1000);
      await camera.mark('tick').catch(() => undefined);
    }
    const film = (await closed).value as Film;
    expect(film).toMatchObject({ stopReason: 'storage-full' });
    const { manifest, bytes } = await developed(world, film);
    expect(manifest.chunks.at(-1)?.endOfFragment).toBe(true);
    expect(await durationMs(bytes)).toBe(film.mediaMs);
    expect(await camera.stop('button')).toBeUndefined();
    await flash.erase(film.recordingId, Uint8Array.of(1));
    await camera.trigger();
    clock.advance(1000);
    expect(await camera.stop('button')).toMatchObject({ counter: 2, mediaMs: 1000 });
    await camera.close();
  });

  // Goal: no room for a single fragment: the trigger or the stop says so, and nothing stays behind. Method: a disk with
  // no room at all, then room for the header alone.
  it('refuses to begin without room', async () => {
    const world = await rig();
    const { camera, clock, disk, flash } = world;
    await camera.ready();
    disk.leaveRoom(0);
    await expect(camera.trigger()).rejects.toEqual(code('FLASH_FULL'));
    disk.leaveRoom(1100);
    await camera.trigger();
    clock.advance(1000);
    expect(await camera.stop('button')).toBeUndefined();
    disk.leaveRoom(Infinity);
    expect(await flash.next()).toMatchObject({ counter: 1 });
    await camera.trigger();
    clock.advance(1000);
    expect(await camera.stop('button')).toMatchObject({ counter: 1 });
    await camera.close();
  });
});

describe('a camera that loses its power', () => {
  // Goal: what was durable is signed as far as its last whole fragment and offered, with the counter it had. Method:
  // cut the power after some seconds, start again on the same disk.
  it('recovers its recording at the next start', async () => {
    const disk = new FaultDisk({ seed: 'power' });
    const keys = testKeys();
    const first = await rig({}, { disk, keys });
    await first.camera.ready();
    const recordingId = await first.camera.trigger();
    for (let second = 0; second < 4; second++) {
      await look(first.clock, 1);
      await first.camera.mark(`second ${second}`);
    }
    disk.cutPower();
    const second = await rig({}, { disk, keys });
    const [film] = await second.camera.ready();
    const { manifest, bytes } = await developed(second, film);
    expect(film).toMatchObject({ recordingId, counter: 1, stopReason: 'power-loss' });
    // The fourth second is held back until the fifth is whole.
    expect([await durationMs(bytes), film?.mediaMs]).toEqual([3000, 3000]);
    expect(manifest.marks).toHaveLength(4);
    expect((await second.camera.closed()[Symbol.asyncIterator]().next()).value).toEqual(film);
    await second.camera.close();
  });

  // Goal: a recording without a whole fragment leaves neither a trace nor a gap. Method: cut right after the trigger.
  it('forgets a recording in which it saw nothing', async () => {
    const disk = new FaultDisk({ seed: 'nothing' });
    const first = await rig({}, { disk });
    await first.camera.ready();
    await first.camera.trigger();
    disk.cutPower();
    const second = await rig({}, { disk });
    expect(await second.camera.ready()).toEqual([]);
    expect(await second.flash.next()).toMatchObject({ counter: 1 });
    await second.camera.close();
  });

  // Goal: a medium that fails ends the camera loudly: every call and `closed` say the cause. Method: cut the power while
  // it records and go on.
  it('ends with the cause when the flash fails under it', async () => {
    const world = await rig({ footage: SMALL });
    await world.camera.ready();
    await world.camera.trigger();
    world.disk.cutPower();
    world.clock.advance(1000);
    await expect(world.camera.mark('x')).rejects.toEqual(code('FLASH_IO'));
    await expect(world.camera.stop('button')).rejects.toEqual(code('FLASH_IO'));
    await expect(all(world.camera.closed())).rejects.toEqual(code('FLASH_IO'));
    await world.camera.close();
  });
});

describe('a camera that seals', () => {
  // Goal: from button to manifest, sealed: its custodian sees the film, the header carries the newest ticket, and the key is gone
  // when the film is closed. Method: two seconds, opened with the custodian's key; then the same by switching off.
  it('records what only its custodian can see', async () => {
    const custodian = recipientOf();
    const keys = sealingKeys([custodian]);
    let note: string | undefined;
    const world = await rig({ ticket: () => note }, { keys });
    await world.camera.ready();
    for (const [index, ticket] of [undefined, 'log.test\n7\n\n— log.test AAAA\n'].entries()) {
      note = ticket;
      await world.camera.trigger();
      const drawn = keys.drawn[index];
      expect(drawn?.is).toEqual(drawn?.was);
      world.clock.advance(2000);
      const film = await world.camera.stop('button');
      expect(drawn?.is).toEqual(new Uint8Array(32));
      const closed = (await world.flash.waiting())[index];
      if (!closed || !film) throw new TypeError('there is no film');
      const manifest = openManifest(closed.signedManifest, keys.publicKey, checker);
      expect(manifest).toMatchObject({ suite: 1, counter: index + 1 });
      expect(manifest.ticket).toBe(ticket);
      const content = await world.flash.read(film.recordingId, 0, closed.contentBytes);
      const seen = Uint8Array.from(await openFilm({ ...closed, content }, custodian));
      expect(await durationMs(seen)).toBe(2000);
      expect(sha256(seen)).toEqual(Uint8Array.from(film.plainSha256 ?? []));
      expect(film.bytes).toBe(seen.length);
      expect(Buffer.from(content).includes('mdat')).toBe(false);
    }
    await world.camera.trigger();
    await world.camera.close();
    expect(keys.drawn.map(({ is }) => toHex(is))).toEqual(keys.drawn.map(() => '00'.repeat(32)));
  });

  // Goal: the key goes with the camera, however that ends. Method: the power of its flash goes while it records.
  it('forgets its key when the flash fails under it', async () => {
    const keys = sealingKeys([recipientOf()]);
    const world = await rig({}, { keys });
    await world.camera.ready();
    await world.camera.trigger();
    world.disk.cutPower();
    await expect(world.camera.mark('x')).rejects.toEqual(code('FLASH_IO'));
    expect(keys.drawn.map(({ is }) => toHex(is))).toEqual(['00'.repeat(32)]);
    await world.camera.close();
  });

  // Goal: once sealed, always sealed: without its custodian it refuses to record, says what to do, and goes on when it has one again.
  // Method: record sealed, then start the same flash with keys that have no sealer, then with them.
  it('does not record unsealed afterwards', async () => {
    const keys = sealingKeys([recipientOf()]);
    const disk = new FaultDisk({ seed: 'once sealed' });
    const first = await rig({}, { disk, keys });
    await first.camera.ready();
    await first.camera.trigger();
    first.clock.advance(1000);
    await first.camera.stop('button');
    await first.camera.close();
    const second = await rig({}, { disk, keys: testKeys('unsealed') });
    await second.camera.ready();
    await expect(second.camera.trigger()).rejects.toEqual(code('FLASH_SEALED'));
    expect(second.camera.recording).toBeUndefined();
    second.clock.advance(1000);
    await expect(second.camera.trigger()).rejects.toThrow(/custodian\.json/);
    await second.camera.close();
    expect(await second.flash.waiting()).toHaveLength(1);
    const third = await rig({}, { disk, keys });
    await third.camera.ready();
    await third.camera.trigger();
    third.clock.advance(1000);
    expect(await third.camera.stop('button')).toMatchObject({ counter: 2 });
    await third.camera.close();
  });
});
