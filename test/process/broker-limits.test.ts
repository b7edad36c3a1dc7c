import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../device/clock/system.ts';
import { mqttDialer } from '../../device/link/mqtt.ts';
import type { MqttVersion } from '../../proto/mqtt.ts';
import { type Mosquitto, startMosquitto } from '../../sim/rig/mosquitto.ts';
import { PuppetCamera } from '../../sim/rig/puppet-camera.ts';
import { Site } from '../../sim/rig/site.ts';
import { cameraIdOf } from '../contract/link-rig.ts';
import { peer } from '../peer.ts';

const mosquitto = peer('mosquitto');
const CHUNK_BYTES = 256 * 1024;

// Goal: a broker that takes less than a chunk in one packet delays an upload and never stops it, whether it tells its limit,
// cuts the connection, or acknowledges and throws away. Method: a camera's own driver, a real mosquitto with such
// a limit and a real dock; the bytes in custody are compared with those that were sent.
describe.skipIf(mosquitto === undefined)('a broker that takes only short packets', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-limits-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each<[string, MqttVersion]>([
    ['max_packet_size 100000', '3'],
    ['max_packet_size 100000', '5'],
    ['message_size_limit 65536', '3'],
    ['message_size_limit 65536', '5'],
  ])('finishes an upload over %s with MQTT %s', async (setting, version) => {
    const broker = await startMosquitto({ binary: mosquitto ?? '', settings: [setting] });
    const site = await Site.prepare({
      dir: join(dir, `${setting.slice(0, 7)}-${version}`),
      dockId: 'dock-1',
      site: 'yard',
      cameras: ['cam-1'],
      people: [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }],
      password: 'x',
    });
    const policy = await site.startPolicy({ regime: 'doj' });
    const args = ['--mqtt-version', version];
    const dock = await site.startDock({ mqtt: broker.url, policyUrl: policy.url, args });
    const content = new Uint8Array(randomBytes(5 * CHUNK_BYTES + 1_000));
    const { camera, told } = puppet(site, { broker, version, content });
    try {
      await camera.upload();
      const stored = readFileSync(join(site.plan.dir, 'dock/recordings', camera.recordingId, 'chunks'));
      expect(Buffer.compare(stored, content)).toBe(0);
      expect(told.length).toBeLessThan(8);
    } finally {
      await camera.undock();
      await dock.program.stop();
      await policy.program.stop();
      await broker.close();
    }
  });
});

interface Upload {
  readonly broker: Mosquitto;
  readonly version: MqttVersion;
  readonly content: Uint8Array;
}

function puppet(
  site: Site,
  { broker, version, content }: Upload,
): { readonly camera: PuppetCamera; readonly told: readonly string[] } {
  const told: string[] = [];
  const tell = (text: string): void => void told.push(text);
  const open = mqttDialer({
    clock: systemClock(),
    url: broker.url,
    site: 'yard',
    cameraId: cameraIdOf('cam-1'),
    version,
    tell,
  });
  return { camera: new PuppetCamera({ keysDir: site.keysDir('cam-1'), content, open }), told };
}
