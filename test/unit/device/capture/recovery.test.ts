import { describe, expect, it } from 'vitest';
import { FilmInHand } from '../../../../device/capture/film.ts';
import { mediaMsOf, recover } from '../../../../device/capture/recovery.ts';
import { openFlash } from '../../../../device/flash/file-flash.ts';
import { checker } from '../../../../device/keys/checker.ts';
import type { StoredChunk } from '../../../../device/ports.ts';
import { concat } from '../../../../proto/bytes.ts';
import { openManifest } from '../../../../proto/manifest.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { chunkOf, headerOf, idOf, sha256, testKeys, withHeads } from '../camera-kit.ts';
import { openFilm, recipientOf, sealingKeys } from '../open-kit.ts';

describe('recovery', () => {
  // Goal: what was interrupted is signed with what is known of it: its own header, its marks, the clocks at its last
  // whole fragment, and the digest of its bytes. Method: an open recording with a torn fragment; and again, nothing.
  it('signs what survived and nothing else', async () => {
    const disk = new FaultDisk({ seed: 'recover' });
    const keys = testKeys();
    const before = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
    const header = headerOf(1);
    await before.open(header);
    const chunks = [chunkOf(0, 50), chunkOf(1, 400), chunkOf(2, 300, false)];
    for (const chunk of chunks) await before.append(header.recordingId, chunk);
    const mark = { at: { wallUs: 1, monoUs: 2 }, kind: 'seen' };
    await before.mark(header.recordingId, mark);
    disk.cutPower();
    const flash = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
    const [film, ...others] = await recover(flash, keys);
    const bytes = concat(...chunks.slice(0, 2).map((chunk) => chunk.bytes));
    expect(others).toEqual([]);
    expect(film).toMatchObject({ recordingId: idOf(1), counter: 1, bytes: 450, chunks: 2, mediaMs: 1000 });
    expect(Buffer.from(film?.plainSha256 ?? []).toString('hex')).toBe(
      Buffer.from(sha256(bytes)).toString('hex'),
    );
    const [closed] = await flash.waiting();
    const manifest = openManifest(closed?.signedManifest ?? new Uint8Array(), keys.publicKey, checker);
    expect(manifest).toMatchObject({
      stopReason: 'power-loss',
      ended: chunks[1]?.at,
      marks: [mark],
      officerId: header.officerId,
      triggered: header.triggered,
    });
    expect(await recover(flash, keys)).toEqual([]);
  });

  // Goal: what is lost is counted by this camera's own newest head, and by no other. Method: rot in the third of five fragments;
  // then a head of another camera and one of another recording, which count for nothing.
  it('says how much is lost', async () => {
    const keys = testKeys();
    const plain = [0, 1, 2, 3, 4].map((index) => chunkOf(index, 300));
    const lost = async (recorded: readonly StoredChunk[]): Promise<number | undefined> => {
      const disk = new FaultDisk({ seed: 'lost' });
      const before = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
      await before.open(headerOf(1));
      for (const chunk of recorded) await before.append(idOf(1), chunk);
      disk.flip(`/camera/recordings/${idOf(1)}/chunks`, 700);
      const flash = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
      expect(await recover(flash, keys)).toMatchObject([{ chunks: 2 }]);
      const [closed] = await flash.waiting();
      return openManifest(closed?.signedManifest ?? new Uint8Array(), keys.publicKey, checker).lostChunks;
    };
    expect(await lost(withHeads(plain, keys))).toBe(3);
    expect(await lost(plain)).toBeUndefined();
    expect(await lost(withHeads(plain, testKeys('stranger')))).toBeUndefined();
    const [last] = withHeads(plain, keys, idOf(9)).slice(-1);
    expect(await lost([...plain.slice(0, 4), ...(last ? [last] : [])])).toBeUndefined();
  });

  // Goal: a sealed recording is closed without its key, and says what can be known of it. Method: interrupt one, recover, open it
  // as its custodian does.
  it('closes what it cannot open', async () => {
    const custodian = recipientOf();
    const keys = sealingKeys([custodian]);
    const disk = new FaultDisk({ seed: 'sealed' });
    const before = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
    const film = await FilmInHand.open(before, headerOf(1), keys);
    const chunks = [chunkOf(0, 50), chunkOf(1, 400), chunkOf(2, 300, false)];
    for (const { bytes, info, at } of chunks) await film.store({ ...info, bytes }, at);
    disk.cutPower();
    const flash = await openFlash('/camera', { disk: disk.mount(), reserveBytes: 10 });
    const [recovered] = await recover(flash, keys);
    expect(recovered).toMatchObject({ counter: 1, bytes: 450, chunks: 2 });
    expect(recovered).not.toHaveProperty('plainSha256');
    const [closed] = await flash.waiting();
    if (!closed) throw new TypeError('nothing was closed');
    const content = await flash.read(idOf(1), 0, closed.contentBytes);
    expect(content.length).toBeGreaterThan(450);
    const plain = await openFilm({ ...closed, content }, custodian);
    expect(plain).toEqual(concat(...chunks.slice(0, 2).map(({ bytes }) => bytes)));
  });

  // Goal: the length of a film is where its last fragment ends. Method: three chunks, and none.
  it('knows how long a film is', () => {
    expect(mediaMsOf([0, 1, 2].map((index) => chunkOf(index, 10).info))).toBe(2000);
    expect(mediaMsOf([])).toBe(0);
  });
});
