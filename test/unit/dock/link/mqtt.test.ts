import { afterEach, describe, expect, test, vi } from 'vitest';
import { mqttLinks } from '../../../../dock/link/mqtt.ts';
import type { LinkSource } from '../../../../dock/ports.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { ScriptedBroker } from '../../device/link/scripted-broker.ts';

const WELCOME_4 = [0x20, 2, 0, 0];
const REFUSED_4 = [0x20, 2, 0, 1];

describe("a dock's connection to an outside broker", () => {
  const open: (ScriptedBroker | LinkSource)[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close();
  });

  // A broker of 3.1.1 refuses version 5 in words, or by cutting the connection: the dock is connected at the second attempt,
  // which comes at once, and the next connection is made with 3.1.1 straight away.
  test.each([[REFUSED_4], [[]]])('falls back to MQTT 3.1.1 after %j', async (refusal) => {
    const broker = await ScriptedBroker.start({ connack: (level) => (level === 5 ? refusal : WELCOME_4) });
    const clock = new ManualClock();
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text.replace(`broker ${broker.url}: `, ''));
    open.push(broker, mqttLinks({ url: broker.url, site: 'north', clientId: 'dock-1', clock, tell }));
    await vi.waitUntil(() => told.length === 1);
    expect(told).toEqual(['connected']);
    expect(broker.levels).toEqual([5, 4]);
    broker.cut();
    await vi.waitUntil(() => clock.pending === 1);
    clock.advance(1_000);
    await vi.waitUntil(() => told.at(-1) === 'connected' && told.length === 3);
    expect(broker.levels).toEqual([5, 4, 4]);
  });

  // The version that was asked for is the only one: what the broker says about it is told, and no other is tried.
  test('keeps to the version that was asked for', async () => {
    const broker = await ScriptedBroker.start({ connack: () => REFUSED_4 });
    const clock = new ManualClock();
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text);
    const { url } = broker;
    open.push(broker, mqttLinks({ url, site: 'north', clientId: 'dock-1', version: '5', clock, tell }));
    await vi.waitUntil(() => told.length === 1);
    expect(told[0]).toMatch(/protocol version/i);
    expect(broker.levels).toEqual([5]);
  });

  // A broker that takes the connection and never answers the subscription is left, said to be so, and tried again.
  test('does not wait for a subscription without end', async () => {
    const broker = await ScriptedBroker.start({ connack: () => WELCOME_4, isDeaf: true });
    const clock = new ManualClock();
    const told: string[] = [];
    const tell = (text: string): void => void told.push(text);
    const { url } = broker;
    open.push(broker, mqttLinks({ url, site: 'north', clientId: 'dock-1', version: '3', clock, tell }));
    await vi.waitUntil(() => clock.pending === 1);
    clock.advance(5_000);
    await vi.waitUntil(() => told.length === 1 && clock.pending === 1);
    expect(told[0]).toContain('does not answer the subscription');
    clock.advance(1_000);
    await vi.waitUntil(() => broker.levels.length === 2);
  });
});
