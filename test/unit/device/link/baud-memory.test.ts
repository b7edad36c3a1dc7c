import { describe, expect, test } from 'vitest';
import { BaudMemory } from '../../../../device/link/baud-memory.ts';

describe('the memory of line rates', () => {
  // Goal: a rate is worth a try only while the dock can still be at it, on that port alone. Method: ask before and after 3 s.
  test('lasts as long as a dock stays', () => {
    const memory = new BaudMemory();
    memory.note('a', 921_600, 1_000_000);
    expect(memory.recall('a', 3_999_999)).toBe(921_600);
    expect(memory.recall('a', 4_000_000)).toBeUndefined();
    expect(memory.recall('b', 1_000_000)).toBeUndefined();
    memory.forget('a');
    expect(memory.recall('a', 1_000_000)).toBeUndefined();
  });
});
