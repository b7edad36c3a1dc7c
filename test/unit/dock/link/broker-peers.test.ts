import { connect as connectSocket, Socket } from 'node:net';
import { connect } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../device/clock/system.ts';
import { openMqttLink } from '../../../../device/link/mqtt.ts';
import type { Link as CameraLink } from '../../../../device/ports.ts';
import { SystemClock } from '../../../../dock/clock/system.ts';
import { type Broker, startBroker } from '../../../../dock/link/broker.ts';
import type { Link } from '../../../../dock/ports.ts';
import { encodeMessage } from '../../../../proto/codec.ts';
import { type CameraId, isCameraId } from '../../../../proto/ids.ts';

const HELLO = Uint8Array.of(1);

describe('cameras of the embedded broker', () => {
  let broker: Broker;
  let links: AsyncIterator<Link>;
  const cameras: CameraLink[] = [];
  beforeEach(async () => {
    broker = await startBroker({
      host: '127.0.0.1',
      port: 0,
      site: 'north',
      clock: new SystemClock(),
      drainTimeoutMs: 1_000,
    });
    links = broker.source.links()[Symbol.asyncIterator]();
  });
  afterEach(async () => {
    await Promise.all(cameras.splice(0).map((camera) => camera.close()));
    await broker.close();
  });

  async function camera(id: string): Promise<CameraLink> {
    const link = await openMqttLink({
      clock: systemClock(),
      url: broker.url,
      site: 'north',
      cameraId: cameraIdOf(id),
    });
    cameras.push(link);
    return link;
  }

  async function nextLink(): Promise<Link> {
    const next = await links.next();
    if (next.done === true) throw new Error('no more links');
    return next.value;
  }

  // A camera takes nothing in any more, and its socket is full. Another camera goes on hearing what is for it, and in the end
  // the frozen one is cut off, which ends its link.
  test('do not wait for one that is frozen', async () => {
    const frozen = await frozenClient(broker.url);
    const frozenAtDock = await nextLink();
    let isEnded = false;
    void (async () => {
      for await (const packet of frozenAtDock.packets()) expect(packet).toEqual(HELLO);
      isEnded = true;
    })();
    const flood = new Uint8Array(300_000);
    for (let i = 0; i < 40; i++) void frozenAtDock.send(flood, 'control').catch(() => undefined);
    const other = await camera('cam-2');
    await other.send(HELLO, 'control');
    const otherAtDock = await nextLink();
    const heard = other.packets()[Symbol.asyncIterator]();
    const startMs = performance.now();
    for (let i = 0; i < 20; i++) {
      await otherAtDock.send(Uint8Array.of(i), 'control');
      expect(await heard.next()).toEqual({ done: false, value: Buffer.of(i) });
    }
    expect(performance.now() - startMs).toBeLessThan(3_000);
    await vi.waitUntil(() => isEnded, { timeout: 15_000, interval: 50 });
    frozen.destroy();
  });

  // Every socket of a broker and of its cameras sends at once: fifty answers in turn take no fifty times 40 ms.
  test('are answered without delay', async () => {
    const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const one = await camera('cam-1');
    expect(noDelay).toHaveBeenCalledWith(true);
    noDelay.mockRestore();
    await one.send(HELLO, 'control');
    const atDock = await nextLink();
    const asked = atDock.packets()[Symbol.asyncIterator]();
    const answered = one.packets()[Symbol.asyncIterator]();
    await asked.next();
    const startMs = performance.now();
    for (let i = 0; i < 50; i++) {
      await one.send(Uint8Array.of(i), 'data');
      await asked.next();
      await atDock.send(Uint8Array.of(i), 'control');
      await answered.next();
    }
    expect(performance.now() - startMs).toBeLessThan(50 * 30);
  });

  // A camera comes with a will and vanishes; its newer connection is there before the will is said, and keeps its link.
  test('are not thrown out by the will of an older connection', async () => {
    const will = Buffer.from(encodeMessage({ type: 'bye', sessionId: new Uint8Array(), message: '' }));
    const older = connect(broker.url, {
      clientId: 'holdfast-cam-1-old',
      reconnectPeriod: 0,
      will: { topic: 'bwc/v1/north/cam-1/up', payload: will, qos: 0, retain: false },
    });
    await new Promise((resolve) => older.once('connect', resolve));
    const newer = await camera('cam-1');
    await newer.send(HELLO, 'control');
    const atDock = await nextLink();
    const gone = new Promise<void>((resolve) => older.once('close', () => resolve()));
    if (older.stream instanceof Socket) older.stream.resetAndDestroy();
    await gone;
    const asked = atDock.packets()[Symbol.asyncIterator]();
    await asked.next();
    for (let i = 0; i < 5; i++) {
      await newer.send(Uint8Array.of(9), 'data');
      expect((await asked.next()).done).toBe(false);
    }
  });
});

/** A client that says who it is, subscribes, says hello once, and then never reads its socket again. */
function frozenClient(url: string): Promise<Socket> {
  const text = (value: string): number[] => [0, value.length, ...Buffer.from(value)];
  const packet = (head: number, body: readonly number[]): number[] => [head, body.length, ...body];
  const topic = text('bwc/v1/north/cam-1/up');
  const bytes = [
    ...packet(0x10, [...text('MQTT'), 4, 2, 0, 60, ...text('holdfast-cam-1-x')]),
    ...packet(0x82, [0, 1, ...text('bwc/v1/north/cam-1/down'), 0]),
    ...packet(0x30, [...topic, ...HELLO]),
  ];
  return new Promise((resolve, reject) => {
    const socket = connectSocket(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(Uint8Array.from(bytes), () => resolve(socket));
    });
    socket.pause();
    socket.once('error', reject);
  });
}

function cameraIdOf(text: string): CameraId {
  if (!isCameraId(text)) throw new TypeError(`${text} is no camera id`);
  return text;
}
