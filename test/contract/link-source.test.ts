import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../device/clock/system.ts';
import { openMqttLink } from '../../device/link/mqtt.ts';
import { openSerialLink } from '../../device/link/serial.ts';
import { mqttLinks } from '../../dock/link/mqtt.ts';
import { serialBays } from '../../dock/link/serial.ts';
import type { Link } from '../../dock/ports.ts';
import { ManualClock } from '../../sim/fault/manual-clock.ts';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { peer } from '../peer.ts';
import { BAUD, cameraIdOf, pduOf } from './link-rig.ts';

const mosquitto = peer('mosquitto');
const HELLO = pduOf(Uint8Array.of(1));

describe('serial bays', () => {
  // The port is a link in the file system that is absent, then leads to a pseudo-terminal, then to another one.
  test('find a port again and again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-bay-'));
    const path = join(folder, 'port');
    const clock = new ManualClock();
    const told: string[] = [];
    const bays = serialBays([path], { baudRate: BAUD, clock, tell: (text) => told.push(text) });
    const links = bays.links()[Symbol.asyncIterator]();
    await nextPause(clock);
    for (let round = 0; round < 2; round++) {
      const cable = await openPtyPair();
      await rm(path, { force: true });
      await symlink(cable.dockPath, path);
      clock.advance(5_000);
      const link = await valueOf(links);
      const camera = await openSerialLink({ path: cable.cameraPath, baudRate: BAUD });
      await camera.send(HELLO, 'control');
      await cable.close();
      await ended(link);
      await nextPause(clock);
    }
    expect(told[0]).toMatch(/ENOENT|No such file/);
    expect(told[1]).toBe(`bay ${path}: open`);
    await bays.close();
    expect((await links.next()).done).toBe(true);
    expect(clock.pending).toBe(0);
    await rm(folder, { recursive: true });
  });

  // A conversation that went wrong closes its link; the bay is then opened afresh for the next camera.
  test('open again after their link was closed', async () => {
    const cable = await openPtyPair();
    const clock = new ManualClock();
    const bays = serialBays([cable.dockPath], { baudRate: BAUD, clock });
    const links = bays.links()[Symbol.asyncIterator]();
    const first = await valueOf(links);
    await first.close();
    await nextPause(clock);
    clock.advance(1_000);
    const second = await valueOf(links);
    expect(second).not.toBe(first);
    await bays.close();
    await ended(second);
    await cable.close();
  });
});

describe.skipIf(mosquitto === undefined)('links behind an outside broker', () => {
  // The broker is killed and started again on its port: all links end, and the next packet makes a new one. Nothing waits for more to send.
  test('come back with the broker', async () => {
    const binary = mosquitto ?? '';
    const first = await startMosquitto({ binary });
    const clock = new ManualClock();
    const told: string[] = [];
    const { url } = first;
    const tell = (text: string): void => void told.push(text.replace(`broker ${url}: `, ''));
    const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const source = mqttLinks({ url, site: 'north', clientId: 'dock-1', clock, tell });
    await vi.waitUntil(() => told.at(-1) === 'connected');
    expect(noDelay).toHaveBeenCalledWith(true);
    noDelay.mockRestore();
    const links = source.links()[Symbol.asyncIterator]();
    const link = await heard(links, url);
    await first.close();
    await ended(link);
    await nextPause(clock);
    // Nobody is there yet: this attempt fails and the next one comes later.
    clock.advance(1_000);
    await nextPause(clock);
    const second = await startMosquitto({ binary, port: first.port });
    clock.advance(5_000);
    await vi.waitUntil(() => told.at(-1) === 'connected');
    expect((await heard(links, url)).cameraId).toBe('cam-1');
    expect(told.some((text) => text.includes('ECONNREFUSED'))).toBe(true);

    await source.close();
    expect(clock.pending).toBe(0);
    await second.close();
  });
});

/** A camera comes, says hello and goes; the dock's link to it. */
async function heard(links: AsyncIterator<Link>, url: string): Promise<Link> {
  const camera = await openMqttLink({
    clock: systemClock(),
    url,
    site: 'north',
    cameraId: cameraIdOf('cam-1'),
  });
  await camera.send(HELLO, 'control');
  const link = await valueOf(links);
  await camera.close();
  return link;
}

/** Waits until whoever uses this clock sleeps. */
async function nextPause(clock: ManualClock): Promise<void> {
  await vi.waitUntil(() => clock.pending === 1, { timeout: 10_000 });
}

async function valueOf(links: AsyncIterator<Link>): Promise<Link> {
  const next = await links.next();
  if (next.done === true) throw new Error('no more links');
  return next.value;
}

async function ended(link: Link): Promise<void> {
  for await (const packet of link.packets()) expect(packet).toEqual(HELLO);
}
