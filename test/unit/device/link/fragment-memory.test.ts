import { describe, expect, test } from 'vitest';
import { FragmentMemory } from '../../../../device/link/fragment-memory.ts';
import { MQTT_FRAGMENT_BYTES_MAX, MQTT_FRAGMENT_BYTES_MIN } from '../../../../proto/limits.ts';

/** A connection that carried nothing and was lost with this PDU on its way. */
const lostAt = (memory: FragmentMemory, unacknowledged: number): boolean =>
  memory.lost({ unacknowledged, acknowledged: 0 });

describe('what is remembered of fragments', () => {
  // Each loss of the length in use halves it, down to the least that the protocol knows; an idle loss says nothing.
  test('halves at each loss', () => {
    const memory = new FragmentMemory();
    expect(lostAt(memory, 0)).toBe(false);
    expect(memory.bytes).toBe(MQTT_FRAGMENT_BYTES_MAX);
    for (let round = 0; round < 10; round++) lostAt(memory, memory.bytes + 20);
    expect(memory.bytes).toBe(MQTT_FRAGMENT_BYTES_MIN);
  });

  // A connection that had carried as long a PDU was lost for another reason.
  test('stays when the length had passed before', () => {
    const memory = new FragmentMemory();
    expect(memory.lost({ unacknowledged: 200_000, acknowledged: 200_000 })).toBe(false);
    expect(memory.bytes).toBe(MQTT_FRAGMENT_BYTES_MAX);
    expect(memory.lost({ unacknowledged: 200_001, acknowledged: 200_000 })).toBe(true);
  });

  // Sixty-four long ones that passed double it, as long as the double never failed; short ones prove nothing.
  test('grows after success, below what failed', () => {
    const memory = new FragmentMemory();
    const pass = (count: number): void => {
      for (let i = 0; i < count; i++) memory.acknowledged(memory.bytes + 20);
    };
    for (let round = 0; round < 3; round++) lostAt(memory, memory.bytes + 20);
    expect(memory.bytes).toBe(32_896);
    for (let i = 0; i < 200; i++) memory.acknowledged(1_000);
    pass(63);
    expect(memory.bytes).toBe(32_896);
    pass(200);
    // The double of it, 65,792, is what failed last.
    expect(memory.bytes).toBe(32_896);
    const fresh = new FragmentMemory();
    lostAt(fresh, 263_188);
    lostAt(fresh, 20_000);
    expect(fresh.bytes).toBe(10_000);
    for (let i = 0; i < 64; i++) fresh.acknowledged(10_020);
    expect(fresh.bytes).toBe(10_000);
  });
});
