import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock/system.ts';
import { openMqttLink } from '../../device/link/mqtt.ts';
import { SystemClock } from '../../dock/clock/system.ts';
import { mqttLinks } from '../../dock/link/mqtt.ts';
import type { Link, LinkSource } from '../../dock/ports.ts';
import type { MqttVersion } from '../../proto/mqtt.ts';
import { type Mosquitto, startMosquitto } from '../../sim/rig/mosquitto.ts';
import { Site } from '../../sim/rig/site.ts';
import { cameraIdOf, nextLink, pduOf } from '../contract/link-rig.ts';
import { peer } from '../peer.ts';
import { Network } from './network.ts';

const mosquitto = peer('mosquitto');
const HELLO = pduOf(Uint8Array.of(1));
const KEEPALIVE_S = 1;
// One and a half of it is the broker's patience (MQTT 3.1.1, 3.1.2.10); mosquitto 2.0 looks every five seconds.
const NOTICED_MS_MAX = 1_500 * KEEPALIVE_S + 5_000 + 2_000;

// Goal: a dock behind a broker that is not its own sees that a camera has vanished, and that an idle one has not.
// Method: real mosquitto; a real camera killed without a word; a camera whose network goes silent; one that says nothing.
describe.skipIf(mosquitto === undefined)('a camera behind an outside broker', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-will-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('that is killed ends its link at once', async () => {
    const broker = await startMosquitto({ binary: mosquitto ?? '' });
    const site = await Site.prepare({
      dir,
      dockId: 'dock-1',
      site: 'yard',
      cameras: ['cam-1'],
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
      password: 'x',
    });
    const source = await connected(broker, 'auto');
    const camera = site.startCamera('cam-1', ['--mqtt', broker.url], { args: [] });
    try {
      await camera.until('ready');
      camera.say('dock');
      const link = await nextLink(source);
      const ended = endOf(link);
      await camera.kill();
      await ended;
    } finally {
      await camera.kill();
      await source.close();
      await broker.close();
    }
  });

  it.each<MqttVersion>(['3', '5'])('that goes silent ends its link (MQTT %s)', async (version) => {
    const broker = await startMosquitto({ binary: mosquitto ?? '' });
    const network = await Network.before(broker);
    const source = await connected(broker, version);
    const dial = { site: 'yard', version, keepaliveS: KEEPALIVE_S };
    const idle = await openMqttLink({
      clock: systemClock(),
      ...dial,
      url: broker.url,
      cameraId: cameraIdOf('cam-2'),
    });
    await idle.send(HELLO, 'control');
    const idleAtDock = await nextLink(source);
    const silent = await openMqttLink({
      clock: systemClock(),
      ...dial,
      url: network.url,
      cameraId: cameraIdOf('cam-1'),
    });
    await silent.send(HELLO, 'control');
    const link = await nextLink(source);
    const startMs = performance.now();
    network.freeze();
    await endOf(link);
    expect(performance.now() - startMs).toBeLessThan(NOTICED_MS_MAX);
    // The other camera said nothing either, but its broker hears its pulse.
    await idle.send(HELLO, 'control');
    const heard = idleAtDock.packets()[Symbol.asyncIterator]();
    for (let i = 0; i < 2; i++) expect((await heard.next()).done).toBe(false);
    await Promise.all([idle.close(), silent.close(), source.close()]);
    await network.close();
    await broker.close();
  });
});

/** A dock's side that listens already. */
function connected({ url }: Mosquitto, version: MqttVersion): Promise<LinkSource> {
  return new Promise((resolve) => {
    const clock = new SystemClock();
    const tell = (): void => resolve(source);
    const source = mqttLinks({ url, version, site: 'yard', clientId: 'dock-1', clock, tell });
  });
}

async function endOf(link: Link): Promise<void> {
  for await (const packet of link.packets()) expect(packet.length).toBeGreaterThan(0);
}
