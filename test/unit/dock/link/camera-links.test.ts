import { describe, expect, test } from 'vitest';
import { CameraLinks } from '../../../../dock/link/camera-links.ts';
import type { Link } from '../../../../dock/ports.ts';
import { type CameraId, isCameraId } from '../../../../proto/ids.ts';
import { MQTT_PDU_BYTES_MAX, SESSIONS_MAX } from '../../../../proto/limits.ts';

const BYTE = Uint8Array.of(1);

async function foundBy(cameras: CameraLinks): Promise<readonly Link[]> {
  cameras.close();
  const found: Link[] = [];
  for await (const link of cameras.links()) found.push(link);
  return found;
}

function cameraIdOf(text: string): CameraId {
  if (!isCameraId(text)) throw new TypeError(`${text} is no camera id`);
  return text;
}

const neverPublish = (): Promise<void> => Promise.reject(new Error('not expected'));

describe('links of cameras', () => {
  // One link a camera, whoever else speaks; strangers' topics and oversize packets make none.
  test('are made by the first packet of each camera', async () => {
    const cameras = new CameraLinks('north', neverPublish);
    for (const camera of ['cam-1', 'cam-2', 'cam-1']) cameras.receive(`bwc/v1/north/${camera}/up`, BYTE);
    cameras.receive('bwc/v1/south/cam-3/up', BYTE);
    cameras.receive('bwc/v1/north/cam-4/up', new Uint8Array(MQTT_PDU_BYTES_MAX + 1));
    const found = await foundBy(cameras);
    expect(found.map(({ cameraId }) => cameraId)).toEqual(['cam-1', 'cam-2']);
    expect(found.map(({ name }) => name)).toEqual(['mqtt cam-1', 'mqtt cam-2']);
  });

  // A link that its reader closed is forgotten: the camera's next packet starts afresh.
  test('begin again after they were closed', async () => {
    const cameras = new CameraLinks('north', neverPublish);
    cameras.receive('bwc/v1/north/cam-1/up', BYTE);
    const first = await cameras.links()[Symbol.asyncIterator]().next();
    if (first.done !== true) await first.value.close();
    cameras.receive('bwc/v1/north/cam-1/up', BYTE);
    expect(await foundBy(cameras)).toHaveLength(1);
  });

  // However many ids a stranger makes up, the number of links is bounded, and one that ends makes room for another.
  test('are limited in number', async () => {
    const cameras = new CameraLinks('north', neverPublish);
    const found = cameras.links()[Symbol.asyncIterator]();
    for (let i = 0; i < SESSIONS_MAX; i++) {
      cameras.receive(`bwc/v1/north/cam-${i}/up`, BYTE);
      await found.next();
    }
    cameras.receive('bwc/v1/north/one-more/up', BYTE);
    cameras.end(cameraIdOf('cam-7'));
    cameras.receive('bwc/v1/north/another/up', BYTE);
    expect((await foundBy(cameras)).map(({ cameraId }) => cameraId)).toEqual(['another']);
  });

  // A broker that cannot take a packet ends the link of that camera, so that nobody goes on talking to it.
  test('end when publishing fails', async () => {
    const cameras = new CameraLinks('north', () => Promise.reject(new Error('no connection')));
    cameras.receive('bwc/v1/north/cam-1/up', BYTE);
    const next = await cameras.links()[Symbol.asyncIterator]().next();
    if (next.done === true) throw new Error('no link');
    await next.value.send(BYTE, 'control');
    const packets: Uint8Array[] = [];
    for await (const packet of next.value.packets()) packets.push(packet);
    expect(packets).toEqual([BYTE]);
    await expect(next.value.send(BYTE, 'control')).rejects.toMatchObject({ code: 'LINK_GONE' });
  });
});
