import { connect as connectSocket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SystemClock } from '../../../../dock/clock/system.ts';
import { type Broker, startBroker } from '../../../../dock/link/broker.ts';
import { utf8 } from '../../../../proto/bytes.ts';
import { MQTT_PDU_BYTES_MAX } from '../../../../proto/limits.ts';
import { connectPacket, publishHead } from '../../../../sim/fleet/engine/packet.ts';

const UP = 'bwc/v1/north/cam-1/up';
const DOWN = 'bwc/v1/north/cam-1/down';
const REFUSED = 128;

describe('the embedded broker', () => {
  let broker: Broker;
  const clients: MqttClient[] = [];
  beforeEach(async () => {
    broker = await startBroker({ host: '127.0.0.1', port: 0, site: 'north', clock: new SystemClock() });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true);
    await broker.close();
  });

  /** A client of its own making, as a stranger would use; resolves when connected, or rejects with the broker's reason. */
  function stranger(clientId: string, keepalive = 30): Promise<MqttClient> {
    return new Promise((resolve, reject) => {
      const client = connect(broker.url, { clientId, keepalive, protocolVersion: 4, reconnectPeriod: 0 });
      clients.push(client);
      client.once('connect', () => resolve(client));
      client.on('error', reject);
    });
  }

  const closed = (client: MqttClient): Promise<void> =>
    new Promise((resolve) => client.once('close', resolve));

  // Only ids that name a camera come in, and only with a pulse by which a dead connection is noticed.
  test('lets in nobody but cameras', async () => {
    await expect(stranger('somebody')).rejects.toThrow(/identifier/i);
    await expect(stranger('holdfast-cam-1-x', 0)).rejects.toThrow(/refused/i);
    await stranger('holdfast-cam-1-x');
  });

  // A camera hears what is for it, and nothing that is for others, by whatever wildcard.
  test('grants each camera its own down topic alone', async () => {
    const client = await stranger('holdfast-cam-1-x');
    const qosOf = async (topic: string): Promise<number | undefined> =>
      (await client.subscribeAsync(topic, { qos: 1 }).catch(() => [{ qos: REFUSED }]))[0]?.qos;
    expect(await qosOf(DOWN)).toBe(1);
    for (const topic of ['#', 'bwc/v1/+/+/down', 'bwc/v1/north/cam-2/down', UP, '$SYS/#']) {
      expect(await qosOf(topic)).toBe(REFUSED);
    }
  });

  // Whoever publishes elsewhere is cut off, and so is a retained or an oversize message: no link is made by any of them.
  test.each<[string, (client: MqttClient) => void]>([
    ["another camera's topic", (client) => client.publish('bwc/v1/north/cam-2/up', 'x', { qos: 1 })],
    ['its own down topic', (client) => client.publish(DOWN, 'x', { qos: 1 })],
    ['a retained message', (client) => client.publish(UP, 'x', { qos: 1, retain: true })],
    ['exactly-once delivery', (client) => client.publish(UP, 'x', { qos: 2 })],
    ['an oversize message', (client) => client.publish(UP, Buffer.alloc(2 * MQTT_PDU_BYTES_MAX), { qos: 1 })],
  ])('cuts off a client for %s', async (_what, publish) => {
    const client = await stranger('holdfast-cam-1-x');
    const cut = closed(client);
    publish(client);
    await cut;
    await broker.close();
    expect((await broker.source.links()[Symbol.asyncIterator]().next()).done).toBe(true);
  });

  // The largest packet that is allowed does pass.
  test('takes a packet of the largest size', async () => {
    const client = await stranger('holdfast-cam-1-x');
    await client.publishAsync(UP, Buffer.alloc(MQTT_PDU_BYTES_MAX), { qos: 1 });
    const link = await broker.source.links()[Symbol.asyncIterator]().next();
    expect(link.done === true ? undefined : link.value.cameraId).toBe('cam-1');
  });

  // A packet that announces 200 MB is cut off at its header, long before the broker tires of waiting for the rest of it.
  test('cuts off a packet that announces too much', async () => {
    const socket = connectSocket(Number(new URL(broker.url).port), '127.0.0.1');
    const cut = new Promise((resolve) => socket.once('close', resolve));
    const startMs = performance.now();
    socket.write(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f));
    await cut;
    expect(performance.now() - startMs).toBeLessThan(5_000);
  });

  // Closing ends links, connections and the listening, also with a socket that never said a word.
  test('closes with connections of every kind open', async () => {
    const client = await stranger('holdfast-cam-1-x');
    await client.publishAsync(UP, 'x', { qos: 1 });
    const link = await broker.source.links()[Symbol.asyncIterator]().next();
    const silent = connectSocket(Number(new URL(broker.url).port), '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    const ends = [closed(client), new Promise((resolve) => silent.once('close', resolve))];
    await broker.close();
    await Promise.all(ends);
    if (link.done === true) throw new Error('no link');
    await expect(link.value.send(Uint8Array.of(1), 'control')).rejects.toMatchObject({ code: 'LINK_GONE' });
    await expect(stranger('holdfast-cam-1-y')).rejects.toThrow(/refused/i);
  });

  // A connection that has died is noticed by its silence, and one whose camera only uploads is not silent: nothing else is heard of it.
  test('cuts off who is silent for longer than it said, and nobody else', async () => {
    const [silent, busy] = ['cam-1', 'cam-2'].map((camera) => {
      const socket = connectSocket(Number(new URL(broker.url).port), '127.0.0.1');
      const [clientId, willTopic] = [`holdfast-${camera}-x`, `bwc/v1/north/${camera}/up`];
      socket.write(connectPacket({ clientId, willTopic, will: Uint8Array.of(9), keepaliveS: 1 }));
      const state = { isClosed: false, heard: 0 };
      socket.on('close', () => Object.assign(state, { isClosed: true }));
      socket.on('data', (bytes: Uint8Array) => {
        state.heard += bytes.length;
      });
      return { socket, state };
    });
    if (silent === undefined || busy === undefined) throw new Error('two sockets');
    const payload = new Uint8Array(50_000);
    const head = publishHead(utf8('bwc/v1/north/cam-2/up'), payload.length, 7);
    let cancel = (): void => undefined;
    const beat = (): void => {
      busy.socket.write(Buffer.concat([head, payload]));
      cancel = new SystemClock().after(200, beat);
    };
    beat();
    await vi.waitUntil(() => silent.state.isClosed, { timeout: 10_000, interval: 50 });
    const acknowledged = busy.state.heard;
    await vi.waitUntil(() => busy.state.heard > acknowledged + 4, { timeout: 5_000, interval: 50 });
    cancel();
    expect(busy.state.isClosed).toBe(false);
    busy.socket.destroy();
  });

  // Two brokers cannot have one port.
  test('says so when its port is taken', async () => {
    const port = Number(new URL(broker.url).port);
    const second = startBroker({ host: '127.0.0.1', port, site: 'north', clock: new SystemClock() });
    await expect(second).rejects.toMatchObject({ code: 'LINK_OPEN' });
  });
});
