import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../device/clock/system.ts';
import { openMqttLink } from '../../../../device/link/mqtt.ts';
import { SystemClock } from '../../../../dock/clock/system.ts';
import { type Broker, startBroker } from '../../../../dock/link/broker.ts';
import type { Link } from '../../../../dock/ports.ts';
import { isCameraId } from '../../../../proto/ids.ts';

const cameraId = 'cam-1';
if (!isCameraId(cameraId)) throw new TypeError('not a camera id');
const site = 'north';

async function packetsOf(link: Link): Promise<readonly number[]> {
  const got: number[] = [];
  for await (const packet of link.packets()) got.push(packet[0] ?? -1);
  return got;
}

describe("a camera's MQTT link", () => {
  let broker: Broker;
  let links: AsyncIterator<Link>;
  beforeEach(async () => {
    broker = await startBroker({ host: '127.0.0.1', port: 0, site, clock: new SystemClock() });
    links = broker.source.links()[Symbol.asyncIterator]();
  });
  afterEach(() => broker.close());

  async function nextLink(): Promise<Link> {
    const next = await links.next();
    if (next.done === true) throw new Error('no more links');
    return next.value;
  }

  // Nobody listens; the broker refuses the subscription to another site; the site is no topic level.
  test('cannot be opened where no dock is', async () => {
    const url = await closedPort();
    await expect(openMqttLink({ clock: systemClock(), url, site, cameraId })).rejects.toMatchObject({
      code: 'LINK_OPEN',
      retry: 'later',
      facts: { url, site },
    });
    const elsewhere = openMqttLink({ clock: systemClock(), url: broker.url, site: 'south', cameraId });
    await expect(elsewhere).rejects.toMatchObject({ code: 'LINK_OPEN', retry: 'later' });
    const nowhere = openMqttLink({ clock: systemClock(), url: broker.url, site: '#', cameraId });
    await expect(nowhere).rejects.toMatchObject({ code: 'LINK_OPEN', retry: 'never' });
  });

  // A goodbye is the last thing sent before closing, and it must not be lost in the socket.
  test('still delivers what was sent right before closing', async () => {
    for (let round = 0; round < 20; round++) {
      const camera = await openMqttLink({ clock: systemClock(), url: broker.url, site, cameraId });
      await camera.send(Uint8Array.of(1), 'control');
      const dock = await nextLink();
      await camera.send(Uint8Array.of(2), 'control');
      await camera.close();
      expect(await packetsOf(dock)).toEqual([1, 2]);
    }
  });

  // A camera that lost its connection without the broker noticing comes again: the old connection and its link end.
  test('takes over from its own older connection', async () => {
    const older = await openMqttLink({ clock: systemClock(), url: broker.url, site, cameraId });
    await older.send(Uint8Array.of(1), 'control');
    const olderAtDock = await nextLink();
    const newer = await openMqttLink({ clock: systemClock(), url: broker.url, site, cameraId });
    expect(await packetsOf(olderAtDock)).toEqual([1]);
    await expect(older.send(Uint8Array.of(9), 'control')).rejects.toMatchObject({ code: 'LINK_GONE' });
    await newer.send(Uint8Array.of(2), 'control');
    const newerAtDock = await nextLink();
    await newer.close();
    expect(await packetsOf(newerAtDock)).toEqual([2]);
  });
});

/** A loopback URL where nothing listens any more. */
function closedPort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(`mqtt://127.0.0.1:${port}`));
    });
  });
}
