import { describe, expect, it } from 'vitest';
import { mediaMsOf, recover } from '../../../../device/capture/recovery.ts';
import { openFlash } from '../../../../device/flash/file-flash.ts';
import { checker } from '../../../../device/keys/checker.ts';
import { concat } from '../../../../proto/bytes.ts';
import { openManifest } from '../../../../proto/manifest.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { chunkOf, headerOf, idOf, sha256, testKeys } from '../camera-kit.ts';

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

  // Goal: the length of a film is where its last fragment ends. Method: three chunks, and none.
  it('knows how long a film is', () => {
    expect(mediaMsOf([0, 1, 2].map((index) => chunkOf(index, 10).info))).toBe(2000);
    expect(mediaMsOf([])).toBe(0);
  });
});
