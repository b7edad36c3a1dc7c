import { SerialPort } from 'serialport';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSerialLink } from '../../device/link/serial.ts';
import { SystemClock } from '../../dock/clock/system.ts';
import { serialBays } from '../../dock/link/serial.ts';
import { LinkError } from '../../proto/errors.ts';
import { encodeFrame } from '../../proto/frame.ts';
import { LINK_INBOX_BYTES_MAX } from '../../proto/limits.ts';
import { Chance } from '../../sim/fault/chance.ts';
import { noisyLine } from '../../sim/fault/noise.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { peer } from '../peer.ts';
import {
  BAUD,
  type Joined,
  joinedByBroker,
  joinedByMosquitto,
  joinedBySerial,
  joinedByWire,
  nextLink,
  pduOf,
} from './link-rig.ts';

const MEBIBYTE = 1024 * 1024;
/** The number of a packet that says: no more. */
const LAST = 999_999;
type Side = Joined['camera'] | Joined['dock'];

const mosquitto = peer('mosquitto');

keepsThePromiseOfALink('serial port', () => joinedBySerial());
keepsThePromiseOfALink('embedded broker', () => joinedByBroker());
for (const version of ['3', '5'] as const) {
  const join = (): Promise<Joined> => joinedByMosquitto(mosquitto ?? '', version);
  keepsThePromiseOfALink(`mosquitto, MQTT ${version}`, join, mosquitto === undefined);
}
keepsThePromiseOfALink('wire in memory', () => joinedByWire());

/** The promise of `Link` in both programs' ports, for a kind of transport that is given a quiet line. */
function keepsThePromiseOfALink(kind: string, join: () => Promise<Joined>, absent = false): void {
  describe.skipIf(absent)(`a link over ${kind}`, () => {
    let joined: Joined;
    beforeEach(async () => {
      joined = await join();
    });
    afterEach(() => joined.close());

    // Footage holds every byte, and framing has its edges at runs of 254: sends such packets both ways and compares.
    test('carries packets whole, whatever bytes they hold', async () => {
      const { camera, dock, atCamera, atDock } = joined;
      const packets = awkwardPackets(camera.pduBytesMax);
      for (const packet of packets) {
        await Promise.all([camera.send(packet, 'data'), dock.send(packet, 'control')]);
        expect(Buffer.compare(await taken(atDock), packet)).toBe(0);
        expect(Buffer.compare(await taken(atCamera), packet)).toBe(0);
      }
    });

    // Numbered packets in one lane, sent as fast as the link takes them, arrive in their order.
    test('keeps the order of a lane', async () => {
      const count = 200;
      const sending = (async () => {
        for (let i = 0; i < count; i++) await joined.camera.send(numbered(i, 500), 'data');
      })();
      const got: number[] = [];
      while (got.length < count) got.push(numberOf(await taken(joined.atDock)));
      await sending;
      expect(got).toEqual(Array.from({ length: count }, (_, i) => i));
    });

    // An acknowledgement must not wait for queued footage: it is given after 60 data packets and arrives before most.
    test('lets control overtake data that waits', async () => {
      const data = Array.from({ length: 60 }, (_, i) => joined.camera.send(numbered(i, 4_000), 'data'));
      const control = joined.camera.send(numbered(999, 16), 'control');
      const order: number[] = [];
      while (order.length < 61) order.push(numberOf(await taken(joined.atDock)));
      await Promise.all([...data, control]);
      expect(order.indexOf(999)).toBeLessThan(20);
      expect(order.filter((number) => number !== 999)).toEqual(Array.from({ length: 60 }, (_, i) => i));
    });

    // Nobody reads at the dock while three times what it may hold comes in: the sender is not stalled, what is held is
    // bounded, the first packets are kept, and the link still carries what comes after.
    test('holds a bounded number of packets', async () => {
      const size = 15_000;
      const count = Math.ceil((3 * LINK_INBOX_BYTES_MAX) / size);
      for (let i = 0; i < count; i++) await joined.camera.send(numbered(i, size), 'data');
      const held = [check(await taken(joined.atDock))];
      await joined.camera.send(numbered(LAST, size), 'data');
      while (held.at(-1) !== LAST) held.push(check(await taken(joined.atDock)));
      // What was still on its way when reading began came on top.
      expect(held.length * size).toBeLessThan(LINK_INBOX_BYTES_MAX + MEBIBYTE);
      expect(held.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    // A mebibyte goes to the dock while the dock sends all of it back: both directions stay full, and nothing is lost.
    test('carries a mebibyte each way at once without a stall', async () => {
      const { camera, dock, atCamera, atDock } = joined;
      const size = 8_000;
      const count = Math.ceil(MEBIBYTE / size);
      const sending = (async () => {
        for (let i = 0; i < count; i++) await camera.send(numbered(i, size), 'data');
      })();
      const echoing = (async () => {
        for (let i = 0; i < count; i++) await dock.send(await taken(atDock), 'data');
      })();
      for (let i = 0; i < count; i++) {
        expect(Buffer.compare(await taken(atCamera), numbered(i, size))).toBe(0);
      }
      await Promise.all([sending, echoing]);
    });

    // Both sides begin at once and send a mebibyte in the largest packets, so that each waits for room and for bytes together.
    test('survives both sides filling it at once', async () => {
      const { camera, dock, atCamera, atDock } = joined;
      const size = 16_000;
      const count = Math.ceil(MEBIBYTE / size);
      const flood = async (link: Side): Promise<void> => {
        for (let i = 0; i < count; i++) await link.send(numbered(i, size), 'data');
      };
      const drain = async (packets: AsyncIterator<Uint8Array>): Promise<void> => {
        for (let i = 0; i < count; i++) expect(check(await taken(packets))).toBe(i);
      };
      await Promise.all([flood(camera), flood(dock), drain(atCamera), drain(atDock)]);
    });

    // What can never pass is refused at once with a code, and the link is as good as before.
    test('refuses an oversize packet and goes on', async () => {
      const { camera, dock, atDock, atCamera } = joined;
      for (const link of [camera, dock]) {
        const oversize = pduOf(new Uint8Array(link.pduBytesMax + 1 - 4));
        await expect(link.send(oversize, 'data')).rejects.toMatchObject({
          code: 'LINK_OVERSIZE',
          retry: 'never',
        });
      }
      await Promise.all([camera.send(numbered(1, 10), 'data'), dock.send(numbered(2, 10), 'control')]);
      expect(numberOf(await taken(atDock))).toBe(1);
      expect(numberOf(await taken(atCamera))).toBe(2);
    });

    // Whoever closes a link sees its packets end, what waits is refused, and so is all that comes.
    test('ends when it is closed', async () => {
      const waiting = Array.from({ length: 60 }, (_, i) => joined.camera.send(numbered(i, 4_000), 'data'));
      const outcomes = Promise.allSettled(waiting);
      for (const link of [joined.camera, joined.dock]) {
        await link.close();
        await link.close();
        await expect(link.send(numbered(1, 10), 'control')).rejects.toSatisfy(isGone);
      }
      expect((await joined.atCamera.next()).done).toBe(true);
      for (let next = await joined.atDock.next(); next.done !== true; ) next = await joined.atDock.next();
      const refused = (await outcomes).filter((one) => one.status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      expect(refused.every(({ reason }) => isGone(reason))).toBe(true);
    });

    // A goodbye is sent right before closing, on a quiet line: closing must not swallow it.
    test('delivers what was sent right before it was closed', async () => {
      await joined.camera.send(numbered(5, 100), 'control');
      await joined.camera.close();
      expect(check(await taken(joined.atDock))).toBe(5);
    });

    // When the adapter is pulled or the broker dies, both sides end by themselves: nobody closes them here.
    test('ends on both sides when what joins them goes away', async () => {
      const ends = [joined.atCamera.next(), joined.atDock.next()];
      await joined.cut();
      for (const end of ends) expect((await end).done).toBe(true);
      await expect(joined.camera.send(numbered(1, 10), 'data')).rejects.toSatisfy(isGone);
      await expect(joined.dock.send(numbered(1, 10), 'control')).rejects.toSatisfy(isGone);
    });
  });
}

describe('a link over a serial line whose other side stops reading', () => {
  // The line is full, so the link waits for room. A packet still comes in, and once the other side reads again
  // everything goes out: neither wait may make the other one forgotten.
  test('goes on hearing and then speaking at the camera', async () => {
    const cable = await openPtyPair({ patienceMs: 60_000 });
    const link = await openSerialLink({ path: cable.cameraPath, baudRate: BAUD });
    await survivesAJam(link, cable.dockPath, () => cable.carriedBytes.toDock);
    await link.close();
    await cable.close();
  });

  // The same at the dock.
  test('goes on hearing and then speaking at the dock', async () => {
    const cable = await openPtyPair({ patienceMs: 60_000 });
    const bays = serialBays([cable.dockPath], { baudRate: BAUD, clock: new SystemClock() });
    const link = await nextLink(bays);
    await survivesAJam(link, cable.cameraPath, () => cable.carriedBytes.toCamera);
    await bays.close();
    await cable.close();
  });
});

describe('a link over a noisy serial line', () => {
  // Bits flip and bytes vanish, some ten of them in each hundred kilobytes: packets are lost, and each that arrives was
  // sent, once, and comes in order. The last word may be lost as well, so it is repeated until it arrives.
  test('loses packets and never invents one', async () => {
    const noise = noisyLine(new Chance('a noisy line'), { flip: 5e-5, drop: 5e-5 });
    const joined = await joinedBySerial({ toDock: noise });
    try {
      const count = 400;
      const got: number[] = [];
      const reading = (async () => {
        while (got.at(-1) !== LAST) got.push(check(await taken(joined.atDock)));
      })();
      for (let i = 0; i < count; i++) await joined.camera.send(numbered(i, 1_000), 'data');
      while (got.at(-1) !== LAST) await joined.camera.send(numbered(LAST, 16), 'data');
      await reading;
      const arrived = got.slice(0, -1);
      expect(arrived.length).toBeGreaterThan(count / 2);
      expect(arrived.length).toBeLessThan(count);
      expect(arrived).toEqual([...new Set(arrived)].toSorted((a, b) => a - b));
    } finally {
      await joined.close();
    }
  });
});

/** Plays the other side on a plain port that is not read at first. */
async function survivesAJam(link: Side, path: string, carriedBytes: () => number): Promise<void> {
  const port = new SerialPort({ path, baudRate: BAUD, autoOpen: false });
  await new Promise((resolve) => port.open(resolve));
  const flood = Array.from({ length: 60 }, (_, i) => link.send(numbered(i, 16_000), 'data'));
  await jammed(carriedBytes);
  port.write(encodeFrame(numbered(7, 100)));
  expect(check(await taken(link.packets()[Symbol.asyncIterator]()))).toBe(7);
  port.resume();
  await Promise.all(flood);
  await new Promise((resolve) => port.close(resolve));
}

/** Waits until nothing passes any more. */
async function jammed(carriedBytes: () => number): Promise<void> {
  for (let before = -1; before <= 0 || before !== carriedBytes(); ) {
    before = carriedBytes();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Packets that framing and transports might trip over: every byte value, runs, and lengths about the edges of COBS blocks. */
function awkwardPackets(pduBytesMax: number): readonly Uint8Array[] {
  const lengths = [1, 2, 253, 254, 255, 508, 509, 1_000, pduBytesMax - 4];
  const fills: readonly ((i: number) => number)[] = [
    () => 0,
    () => 0xff,
    (i) => i,
    (i) => 1 + (i % 255),
    (i) => Math.imul(i, 0x9e3779b1) >>> 24,
  ];
  return lengths.flatMap((length) =>
    fills.map((fill) => pduOf(Uint8Array.from({ length }, (_, i) => fill(i)))),
  );
}

/** A packet that carries its number, and after it bytes that follow from the number. */
function numbered(number: number, size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: size }, (_, i) => Math.imul(number + 1, i));
  new DataView(bytes.buffer).setUint32(0, number);
  return pduOf(bytes);
}

function check(packet: Uint8Array): number {
  const number = numberOf(packet);
  expect(Buffer.compare(packet, numbered(number, packet.length - 4))).toBe(0);
  return number;
}

function numberOf(packet: Uint8Array): number {
  return new DataView(packet.buffer, packet.byteOffset).getUint32(0);
}

function isGone(error: unknown): boolean {
  return error instanceof LinkError && error.code === 'LINK_GONE';
}

async function taken(packets: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const next = await packets.next();
  if (next.done === true) throw new Error('the link has ended');
  return next.value;
}
