import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../../device/clock/system.ts';
import { type MqttAddress, mqttDialer } from '../../../../device/link/mqtt.ts';
import type { Link } from '../../../../device/ports.ts';
import { isCameraId } from '../../../../proto/ids.ts';
import { type Script, ScriptedBroker } from './scripted-broker.ts';

const WELCOME_4 = [0x20, 2, 0, 0];
const WELCOME_5 = [0x20, 3, 0, 0, 0];
const UP = 'bwc/v1/north/cam-1/up';

/** A CONNACK of version 5 with these properties. */
const terms = (...properties: readonly number[]): readonly number[] => [
  0x20,
  3 + properties.length,
  0,
  0,
  properties.length,
  ...properties,
];
const receiveMaximum = (count: number): readonly number[] => terms(0x21, 0, count);
const maximumPacketSize = (bytes: number): readonly number[] =>
  terms(0x27, bytes >>> 24, (bytes >>> 16) & 255, (bytes >>> 8) & 255, bytes & 255);

describe("a broker's terms", () => {
  const open: (Link | ScriptedBroker)[] = [];
  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  async function dialTo(
    script: Script,
    address: Partial<MqttAddress> = {},
  ): Promise<{ broker: ScriptedBroker; dial: () => Promise<Link> }> {
    const broker = await ScriptedBroker.start(script);
    open.push(broker);
    const cameraId = 'cam-1';
    if (!isCameraId(cameraId)) throw new TypeError('not a camera id');
    const dialer = mqttDialer({ clock: systemClock(), url: broker.url, site: 'north', cameraId, ...address });
    const dial = async (): Promise<Link> => {
      const link = await dialer();
      open.push(link);
      return link;
    };
    return { broker, dial };
  }

  // A broker that does not know version 5 says so in its own version, in version 5, or cuts the connection. The camera
  // comes back with 3.1.1, and the next time it comes with that at once.
  test.each<[string, readonly number[]]>([
    ['return code 1', [0x20, 2, 0, 1]],
    ['reason code 0x84', [0x20, 3, 0, 0x84, 0]],
    ['a cut', []],
  ])('are learnt from a refusal of version 5 by %s', async (_how, refusal) => {
    const { broker, dial } = await dialTo({ connack: (level) => (level === 5 ? refusal : WELCOME_4) });
    await dial();
    await dial();
    expect(broker.levels).toEqual([5, 4, 4]);
  });

  // A version that was asked for is the only one tried, and a refusal for another reason is no matter of versions.
  test('are not guessed at where the version is no matter', async () => {
    const cut = await dialTo({ connack: () => [] }, { version: '5' });
    await expect(cut.dial()).rejects.toMatchObject({ code: 'LINK_OPEN', retry: 'later' });
    expect(cut.broker.levels).toEqual([5]);
    const banned = await dialTo({ connack: () => [0x20, 3, 0, 0x8a, 0] });
    await expect(banned.dial()).rejects.toThrow(/Banned/);
    expect(banned.broker.levels).toEqual([5]);
    const old = await dialTo({ connack: () => WELCOME_4 }, { version: '3' });
    await old.dial();
    expect(old.broker.levels).toEqual([4]);
  });

  // A broker that takes the connection and never answers the subscription would hold whoever waits for the link for ever.
  test('are not waited for without end', async () => {
    const { dial } = await dialTo({ connack: () => WELCOME_5, isDeaf: true }, { answerMs: 50 });
    await expect(dial()).rejects.toThrow(/does not answer the subscription/);
  });

  // Nothing is acknowledged, so that what arrives is all that may be under way: 8, or what Receive Maximum says.
  test.each<[readonly number[], number]>([
    [WELCOME_5, 8],
    [receiveMaximum(3), 3],
    [receiveMaximum(200), 8],
  ])('bound what is unacknowledged (%j)', async (connack, most) => {
    const { broker, dial } = await dialTo({ connack: () => connack });
    const link = await dial();
    for (let i = 0; i < 12; i++) void link.send(new Uint8Array(100), 'data').catch(() => undefined);
    await vi.waitUntil(() => broker.published.length >= most);
    await link.send(new Uint8Array(100), 'control');
    expect(broker.published).toHaveLength(most);
  });

  // The largest fragment in its packet is exactly as long as the broker takes; what is longer is refused here.
  test('bound what is sent by Maximum Packet Size', async () => {
    const { broker, dial } = await dialTo({ connack: () => maximumPacketSize(20_000), puback: 0 });
    const link = await dial();
    const room = 20_000 - 10 - UP.length;
    expect(link.fragmentBytes.max).toBe(room - 40);
    await expect(link.send(new Uint8Array(room + 1), 'data')).rejects.toMatchObject({
      code: 'LINK_OVERSIZE',
    });
    await link.send(new Uint8Array(room), 'data');
    await vi.waitUntil(() => broker.published.length === 1);
    expect(broker.published[0]).toBeLessThanOrEqual(20_000 - 4);
  });

  // Fragments of less than 8 KiB are not worth a connection: one error that says so, and no sending again and again.
  test('that leave no room are an error', async () => {
    const { dial } = await dialTo({ connack: () => maximumPacketSize(8_000) });
    await expect(dial()).rejects.toMatchObject({ code: 'LINK_OVERSIZE', retry: 'never' });
  });

  // The broker takes two Data for nobody: that is told once.
  test('include that nobody listens', async () => {
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text);
    const { broker, dial } = await dialTo({ connack: () => WELCOME_5, puback: 0x10 }, { tell });
    const link = await dial();
    for (let i = 0; i < 2; i++) await link.send(new Uint8Array(100), 'data');
    await vi.waitUntil(() => broker.published.length === 2 && told.length > 0);
    expect(told).toEqual([`no dock listens on ${UP}`]);
  });

  // A broker cuts the connection at a long packet, and another refuses it by a PUBACK that no broker may send: each next
  // link has halves of what failed, and shorter ones pass.
  test.each<[string, Script]>([
    ['cut', { connack: () => WELCOME_4, cutsAbove: 100_000 }],
    ['refusal', { connack: () => WELCOME_5, puback: 0x95 }],
  ])('are learnt from a %s', async (_how, script) => {
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text);
    const { dial } = await dialTo(script, { tell });
    const sizes: number[] = [];
    for (let round = 0; round < 3; round++) {
      const link = await dial();
      sizes.push(link.fragmentBytes.max);
      await link.send(new Uint8Array(link.fragmentBytes.max), 'data');
      if (sizes.length < 3) for await (const packet of link.packets()) expect(packet).toBeUndefined();
    }
    expect(sizes).toEqual([263_168, 131_584, 65_792]);
    expect(told[0]).toContain('fragments of 131584 B from now on');
  });

  // The connection breaks while Data is unacknowledged, but it had carried as long ones: their length was not the reason.
  test('are not doubted for a connection that breaks', async () => {
    const { broker, dial } = await dialTo({ connack: () => WELCOME_5, puback: 0, pubacksMax: 1 });
    const link = await dial();
    await link.send(new Uint8Array(150_000), 'data');
    await vi.waitUntil(() => broker.published.length === 1);
    for (let i = 0; i < 3; i++) await link.send(new Uint8Array(100_000), 'data');
    await vi.waitUntil(() => broker.published.length === 4);
    broker.cut();
    expect((await link.packets()[Symbol.asyncIterator]().next()).done).toBe(true);
    expect((await dial()).fragmentBytes.max).toBe(263_168);
  });
});
