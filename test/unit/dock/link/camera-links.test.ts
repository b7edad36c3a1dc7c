import { describe, expect, test } from 'vitest';
import { type BrokerPort, CameraLinks } from '../../../../dock/link/camera-links.ts';
import type { Link } from '../../../../dock/ports.ts';
import { ByteBudget } from '../../../../proto/budget.ts';
import { encodeMessage } from '../../../../proto/codec.ts';
import { type CameraId, isCameraId } from '../../../../proto/ids.ts';
import { MQTT_PDU_BYTES_MAX, SESSIONS_MAX } from '../../../../proto/limits.ts';

const MEBIBYTE = 1024 * 1024;
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

const refusing: BrokerPort = {
  publish: () => Promise.reject(new Error('no connection')),
  pduBytesMax: () => 1_000,
};

function linksOf(budgetBytes = MEBIBYTE): CameraLinks {
  return new CameraLinks({ site: 'north', broker: refusing, budget: new ByteBudget(budgetBytes) });
}

async function firstOf(cameras: CameraLinks): Promise<Link> {
  const next = await cameras.links()[Symbol.asyncIterator]().next();
  if (next.done === true) throw new Error('no link');
  return next.value;
}

async function readAll(link: Link): Promise<readonly Uint8Array[]> {
  const packets: Uint8Array[] = [];
  for await (const packet of link.packets()) packets.push(packet);
  return packets;
}

describe('links of cameras', () => {
  // One link a camera, whoever else speaks; strangers' topics and oversize packets make none.
  test('are made by the first packet of each camera', async () => {
    const cameras = linksOf();
    for (const camera of ['cam-1', 'cam-2', 'cam-1']) cameras.receive(`bwc/v1/north/${camera}/up`, BYTE);
    cameras.receive('bwc/v1/south/cam-3/up', BYTE);
    cameras.receive('bwc/v1/north/cam-4/up', new Uint8Array(MQTT_PDU_BYTES_MAX + 1));
    const found = await foundBy(cameras);
    expect(found.map(({ cameraId }) => cameraId)).toEqual(['cam-1', 'cam-2']);
    expect(found.map(({ name }) => name)).toEqual(['mqtt cam-1', 'mqtt cam-2']);
  });

  // A link that its reader closed is forgotten: the camera's next packet starts afresh.
  test('begin again after they were closed', async () => {
    const cameras = linksOf();
    cameras.receive('bwc/v1/north/cam-1/up', BYTE);
    const first = await cameras.links()[Symbol.asyncIterator]().next();
    if (first.done !== true) await first.value.close();
    cameras.receive('bwc/v1/north/cam-1/up', BYTE);
    expect(await foundBy(cameras)).toHaveLength(1);
  });

  // However many ids a stranger makes up, the number of links is bounded, and one that ends makes room for another.
  test('are limited in number', async () => {
    const cameras = linksOf();
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
    const cameras = linksOf();
    cameras.receive('bwc/v1/north/cam-1/up', BYTE);
    const link = await firstOf(cameras);
    await link.send(BYTE, 'control');
    expect(await readAll(link)).toEqual([BYTE]);
    await expect(link.send(BYTE, 'control')).rejects.toMatchObject({ code: 'LINK_GONE' });
  });

  // A camera vanished: the broker says Bye for no session. The link ends with what it held, and none is made by such a Bye.
  // An ordinary goodbye names its session and is for the conversation to read.
  test('end with the last will of their camera', async () => {
    const cameras = linksOf();
    const bye = (length: number): Uint8Array =>
      encodeMessage({ type: 'bye', sessionId: new Uint8Array(length), message: '' });
    cameras.receive('bwc/v1/north/cam-1/up', bye(0));
    cameras.receive('bwc/v1/north/cam-2/up', BYTE);
    cameras.receive('bwc/v1/north/cam-2/up', bye(8));
    cameras.receive('bwc/v1/north/cam-2/up', bye(0));
    const link = await firstOf(cameras);
    expect(link.cameraId).toBe('cam-2');
    expect(await readAll(link)).toEqual([BYTE, bye(8)]);
    expect(await foundBy(cameras)).toHaveLength(0);
  });

  // Two cameras share a budget of three packets: a fourth is dropped whoever sends it, until one has been read.
  test('hold a bounded number of bytes together', async () => {
    const budget = new ByteBudget(3_000);
    const cameras = new CameraLinks({ site: 'north', broker: refusing, budget });
    const packet = (fill: number): Uint8Array => new Uint8Array(1_000).fill(fill);
    for (const fill of [1, 2]) cameras.receive('bwc/v1/north/cam-1/up', packet(fill));
    for (const fill of [3, 4]) cameras.receive('bwc/v1/north/cam-2/up', packet(fill));
    expect(budget.taken).toBe(3_000);
    const link = await firstOf(cameras);
    const reading = link.packets()[Symbol.asyncIterator]();
    await reading.next();
    cameras.receive('bwc/v1/north/cam-2/up', packet(5));
    const [other] = await foundBy(cameras);
    expect((await readAll(other ?? link)).map(([fill]) => fill)).toEqual([3, 5]);
    expect(await reading.next()).toEqual({ done: false, value: packet(2) });
    expect((await reading.next()).done).toBe(true);
    expect(budget.taken).toBe(0);
  });

  // What a broker does not take is refused before it is sent: it would cut off all cameras for one packet.
  test('refuse what is longer than their broker takes', async () => {
    const cameras = linksOf();
    cameras.receive('bwc/v1/north/cam-1/up', BYTE);
    const link = await firstOf(cameras);
    await expect(link.send(new Uint8Array(1_001), 'control')).rejects.toMatchObject({
      code: 'LINK_OVERSIZE',
    });
  });
});
