import { describe, expect, it } from 'vitest';
import { isCameraId, isDockId, isRecordingId } from '../../../../proto/ids.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { recipientThumbprint } from '../../../../proto/identity.ts';
import { encodeWraps } from '../../../../proto/wraps.ts';
import type { World } from '../../../../sim/check/check.ts';
import { dockCannotLook } from '../../../../sim/check/dock-cannot-look.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import { wrapPair } from '../../../../sim/fault/hpke.ts';
import type { WorldEvent } from '../../../../sim/world/history.ts';
import { makeScene } from '../../../../sim/world/scene.ts';
import { checked } from '../../proto/fixture.ts';

const camera = checked('cam-1', isCameraId);
const dockId = checked('dock-1', isDockId);
const recordingId = checked('11'.repeat(16), isRecordingId);
const chance = new Chance('look');
const PLAIN = chance.bytes(200);
const CUSTODIAN = wrapPair(chance.split('custodian')).point;
const STRANGER = wrapPair(chance.split('stranger')).point;
const CAPTURED: WorldEvent = {
  ...{ what: 'captured', atUs: 1, camera, recordingId, index: 3, plain: PLAIN, isFragmentEnd: true },
};
const NEXT: WorldEvent = { what: 'booted', atUs: 2, machine: dockId };

function wrapsFor(...points: readonly Uint8Array[]): Uint8Array {
  const wrap = { enc: chance.bytes(65), ciphertext: chance.bytes(48) };
  return encodeWraps(
    points.map((point) => ({ ...wrap, recipient: recipientThumbprint(point, nodeChecker.sha256) })),
  );
}

function worldWith(wraps: Uint8Array, sealsFor: readonly Uint8Array[] = [CUSTODIAN]): World {
  const holdings = { list: async () => [{ recordingId, cameraId: camera, wraps }] };
  return {
    ...{ scene: makeScene('look'), open: () => undefined },
    cameras: [{ cameraId: camera, publicKey: PLAIN.subarray(0, 32), sealsFor }],
    // No more is asked of a dock.
    docks: [{ dockId, isUp: true, holdings } as never],
  };
}

/*
 * Goal: whatever shows a dock something of a sealed recording is told, wherever in its hands it is, and so is a wrap for a stranger.
 * Method: one captured chunk of chance, shown, written, given away or not.
 */
describe('dock-cannot-look', () => {
  const look = (show: (world: World) => void, world = worldWith(wrapsFor(CUSTODIAN))): string | undefined => {
    const check = dockCannotLook();
    expect(check.see?.(CAPTURED, world)).toBe(undefined);
    show(world);
    return check.see?.(NEXT, world);
  };

  it('says nothing of bytes that show nothing', () => {
    expect(look(({ scene }) => scene.onlookers.show('the wire', chance.bytes(2_000)))).toBe(undefined);
  });

  it.each([0, 128, 188])('tells of a piece of plaintext from byte %i in a packet', (at) => {
    const packet = new Uint8Array([...chance.bytes(33), ...PLAIN.subarray(at, at + 12), ...chance.bytes(9)]);
    expect(look(({ scene }) => scene.onlookers.show('the wire of cam-1', packet))).toMatch(
      /the wire of cam-1 shows chunk 3/,
    );
  });

  it.each([3_000, 4_090, 4_095, 4_096, 5_000])(
    'tells of it from byte %i on, in a file that is written again with more behind',
    (at) => {
      const before = chance.bytes(4_096);
      const after = new Uint8Array([
        ...before.subarray(0, at),
        ...(at > before.length ? chance.bytes(at - before.length) : []),
        ...PLAIN.subarray(0, 12),
        ...chance.bytes(700),
      ]);
      const shown = look(({ scene }) => {
        for (const bytes of [before, before, after]) scene.onlookers.show('the disk', bytes);
      });
      expect(shown).toMatch(/the disk shows chunk 3/);
    },
  );

  it('tells of it when a file ends in the middle of it and is written again with the rest', () => {
    const before = new Uint8Array([...chance.bytes(4_090), ...PLAIN.subarray(0, 6)]);
    const after = new Uint8Array([...before, ...PLAIN.subarray(6, 12), ...chance.bytes(30)]);
    const shown = look(({ scene }) => {
      for (const bytes of [before, after]) scene.onlookers.show('the disk', bytes);
    });
    expect(shown).toMatch(/the disk shows chunk 3/);
  });

  it('tells of it wherever in a packet it begins, and at its very end', () => {
    for (let before = 0; before < 16; before++) {
      const packet = new Uint8Array([...chance.bytes(before), ...PLAIN.subarray(128, 140)]);
      expect(
        look(({ scene }) => scene.onlookers.show('the wire', packet)),
        `${before} B before`,
      ).toMatch(/shows chunk 3/);
    }
  });

  it('tells of what is written to a disk, also when it is taken away again', async () => {
    const world = worldWith(wrapsFor(CUSTODIAN));
    const check = dockCannotLook();
    check.see?.(CAPTURED, world);
    const wrote = (bytes: Uint8Array): void => world.scene.onlookers.show('the disk', bytes);
    const disk = new FaultDisk({ seed: 'look', wrote }).mount();
    const file = await disk.open('/a', 'write');
    await file.write([PLAIN], 0);
    await file.close();
    await disk.remove('/a');
    expect(check.see?.(NEXT, world)).toMatch(/the disk shows chunk 3/);
  });

  it('tells of a chunk that leaves as it was captured', () => {
    const world = worldWith(wrapsFor(CUSTODIAN));
    const check = dockCannotLook();
    check.see?.(CAPTURED, world);
    const about = { dock: dockId, person: '4411', recordingId, index: 3, session: 's', published: 1 };
    expect(check.see?.({ what: 'delivered', atUs: 3, ...about, stored: PLAIN }, world)).toMatch(
      /shows chunk 3/,
    );
  });

  it('says nothing of a camera that seals nothing', () => {
    const world = worldWith(wrapsFor(CUSTODIAN), []);
    expect(look(({ scene }) => scene.onlookers.show('the wire', PLAIN), world)).toBe(undefined);
  });

  it('tells of a wrap for somebody whom the camera does not know', async () => {
    const ended = async (wraps: Uint8Array): Promise<readonly string[]> =>
      (await dockCannotLook().end?.(worldWith(wraps))) ?? [];
    expect(await ended(wrapsFor(CUSTODIAN))).toEqual([]);
    expect((await ended(wrapsFor(CUSTODIAN, STRANGER))).join()).toMatch(/whom its camera does not know/);
  });
});
