import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../device/clock/system.ts';
import { BaudMemory } from '../../device/link/baud-memory.ts';
import { openSerialLink, type SerialOptions } from '../../device/link/serial.ts';
import { SystemClock } from '../../dock/clock/system.ts';
import { serialBays } from '../../dock/link/serial.ts';
import type { LinkSource } from '../../dock/ports.ts';
import { serialWireUs } from '../../proto/wire-time.ts';
import { Chance } from '../../sim/fault/chance.ts';
import { openPtyPair, type PtyPair } from '../../sim/rig/pty.ts';
import { BAUD, nextLink, pduOf } from './link-rig.ts';

const HELLO = pduOf(Uint8Array.of(1, 2, 3));

describe.skipIf(process.platform !== 'linux')('the rate of a real serial port', () => {
  let cable: PtyPair;
  let bays: LinkSource | undefined;
  const told: string[] = [];
  beforeEach(async () => {
    told.length = 0;
    cable = await openPtyPair();
  });
  afterEach(async () => {
    await bays?.close();
    await cable.close();
  });

  const options = (baudMax: number): SerialOptions => ({
    path: cable.cameraPath,
    baudRate: BAUD,
    negotiation: {
      baudMax,
      clock: systemClock(),
      randomBytes: (count) => new Chance('rate').bytes(count),
      memory: new BaudMemory(),
      tell: (text) => void told.push(text),
    },
  });

  // Goal: both ports are really reprogrammed, sooner than a camera would give up, and carry packets then. Method: ask the
  // terminal driver of either end.
  test('is changed at both ends', async () => {
    const clock = new SystemClock();
    bays = serialBays([cable.dockPath], { baudRate: BAUD, baudMax: 3_000_000, clock });
    const dock = await nextLink(bays);
    const startUs = clock.monoUs();
    const camera = await openSerialLink(options(921_600));
    expect((clock.monoUs() - startUs) / 1_000).toBeLessThan(1_000);
    expect(await Promise.all([rateOf(cable.cameraPath), rateOf(cable.dockPath)])).toEqual([921_600, 921_600]);
    expect([camera.wireUs(1_000), dock.wireUs(1_000)]).toEqual([
      serialWireUs(1_000, 921_600),
      serialWireUs(1_000, 921_600),
    ]);
    await Promise.all([camera.send(HELLO, 'control'), dock.send(HELLO, 'control')]);
    for (const link of [camera, dock]) {
      expect((await link.packets()[Symbol.asyncIterator]().next()).value).toEqual(HELLO);
    }
    expect(told).toEqual([`${cable.cameraPath}: 921600 bit/s`]);
    await camera.close();
  });

  // Goal: a dock that never heard of it costs no more than a second. Method: nobody at the other end.
  test('stays where it is when nobody answers', async () => {
    const clock = new SystemClock();
    const startUs = clock.monoUs();
    const camera = await openSerialLink(options(921_600));
    expect((clock.monoUs() - startUs) / 1_000).toBeLessThan(3_000);
    expect(await rateOf(cable.cameraPath)).toBe(BAUD);
    await camera.close();
  });

  // Goal: the wires are used when they are there, and a side without them is told of. Method: one side with, one without.
  test('comes with the flow control that was asked for', async () => {
    bays = serialBays([cable.dockPath], { baudRate: BAUD, baudMax: BAUD, clock: new SystemClock() });
    await nextLink(bays);
    const camera = await openSerialLink({ ...options(921_600), rtsCts: true });
    expect(await settingsOf(cable.cameraPath)).toMatch(/(^|\s)crtscts/);
    expect(await settingsOf(cable.dockPath)).toMatch(/-crtscts/);
    expect(told).toEqual([
      `${cable.cameraPath}: the camera uses RTS/CTS and the dock does not`,
      `${cable.cameraPath}: ${BAUD} bit/s`,
    ]);
    await camera.close();
  });

  // Goal: a port that goes away while the rate is agreed on is an error of the link, not a link that never comes. Method: pull it.
  test('cannot be agreed on when the port vanishes', async () => {
    const outcome = openSerialLink(options(921_600)).catch((error: unknown) => error);
    await new Promise((resolve) => setImmediate(resolve));
    await rateOf(cable.cameraPath);
    await cable.close();
    expect(await outcome).toMatchObject({ code: 'LINK_GONE' });
  });
});

/** What the terminal driver says, bit/s. */
async function rateOf(path: string): Promise<number> {
  return Number((await promisify(execFile)('stty', ['-F', path, 'speed'])).stdout);
}

async function settingsOf(path: string): Promise<string> {
  return (await promisify(execFile)('stty', ['-F', path, '-a'])).stdout;
}
