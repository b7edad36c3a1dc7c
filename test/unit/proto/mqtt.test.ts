import { describe, expect, test } from 'vitest';
import { ByteBudget } from '../../../proto/budget.ts';
import { connectOptions, isLevelRefusal, LevelChoice, senderLimits } from '../../../proto/mqtt.ts';

const TOPIC = 'bwc/v1/north/cam-1/up';

describe('what an MQTT broker allows', () => {
  // Without terms the protocol's own limits hold; terms only ever narrow them, and the packet around a PDU is counted.
  test('narrows our own limits', () => {
    expect(senderLimits(TOPIC, {})).toEqual({
      unacknowledgedMax: 8,
      pduBytesMax: 327_680,
      fragmentBytesMax: 263_168,
    });
    expect(senderLimits(TOPIC, { receiveMaximum: 65_535, maximumPacketSize: 1e9 })).toEqual(
      senderLimits(TOPIC, {}),
    );
    expect(senderLimits(TOPIC, { receiveMaximum: 1, maximumPacketSize: 10_000 })).toEqual({
      unacknowledgedMax: 1,
      pduBytesMax: 10_000 - 10 - TOPIC.length,
      fragmentBytesMax: 10_000 - 10 - TOPIC.length - 40,
    });
    expect(senderLimits(TOPIC, { maximumPacketSize: 5 }).pduBytesMax).toBe(0);
  });

  // The library does not follow a refused level; these are the errors it gives, from its own source.
  test('is not confused with a network that fails', () => {
    const coded = (message: string, code: number | string): Error =>
      Object.assign(new Error(message), { code });
    const reached = { isReached: true, isAnswered: false };
    expect(isLevelRefusal(coded('Connection refused', 1), { isReached: true, isAnswered: true })).toBe(true);
    expect(isLevelRefusal(coded('Connection refused', 132), reached)).toBe(true);
    expect(isLevelRefusal(coded('Connection refused', 5), reached)).toBe(false);
    expect(isLevelRefusal(coded('read ECONNRESET', 'ECONNRESET'), reached)).toBe(true);
    expect(isLevelRefusal(new Error('the broker closed the connection'), reached)).toBe(true);
    expect(isLevelRefusal(new Error('connack timeout'), reached)).toBe(false);
    expect(isLevelRefusal(coded('timed out', 'ETIMEDOUT'), reached)).toBe(false);
    expect(isLevelRefusal(coded('refused', 'ECONNREFUSED'), { isReached: false, isAnswered: false })).toBe(
      false,
    );
    expect(isLevelRefusal(new Error('closed'), { isReached: true, isAnswered: true })).toBe(false);
  });

  // A level that stands is the first to be tried from then on, and one that was refused before it is not tried again.
  test('is tried from the newest level down', () => {
    const choice = new LevelChoice('auto');
    expect(choice.tries).toEqual([5, 4]);
    choice.stands(5);
    expect(choice.tries).toEqual([5, 4]);
    choice.stands(4);
    expect(choice.tries).toEqual([4]);
    expect([new LevelChoice('3').tries, new LevelChoice('5').tries]).toEqual([[4], [5]]);
  });

  // Our own terms are told in version 5 alone: a packet of the largest PDU fits what we announce.
  test('is told of ours', () => {
    expect(connectOptions(4).properties).toBeUndefined();
    const { properties } = connectOptions(5);
    expect(properties?.maximumPacketSize).toBeGreaterThan(327_680);
    expect(properties?.sessionExpiryInterval).toBe(0);
    expect(properties?.receiveMaximum).toBeGreaterThan(8);
  });
});

describe('a budget of bytes', () => {
  // What does not fit takes nothing, and what is given back can be taken again.
  test('is never exceeded', () => {
    const budget = new ByteBudget(10);
    expect([budget.take(6), budget.take(5), budget.take(4)]).toEqual([true, false, true]);
    expect(budget.taken).toBe(10);
    budget.give(6);
    expect([budget.take(7), budget.take(6)]).toEqual([false, true]);
  });
});
