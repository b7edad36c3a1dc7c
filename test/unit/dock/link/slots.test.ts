import { expect, test } from 'vitest';
import { Slots } from '../../../../dock/link/slots.ts';

// Goal: memory is used again once it was given back, and never while somebody may still read it. Method: takes, gives and strangers.
test('lends the same memory again, but only once it was given back', () => {
  const slots = new Slots(1_000_000);
  const first = slots.take(10_000);
  expect(first).toHaveLength(10_000);
  const second = slots.take(10_000);
  expect(second.buffer).not.toBe(first.buffer);
  slots.give(first.subarray(20, 30));
  expect(slots.take(9_000).buffer).toBe(first.buffer);
});

// Goal: a mistake of a caller lends nothing twice. Method: one slot given back twice, and memory of somebody else.
test('takes nothing twice, and nothing of others', () => {
  const slots = new Slots(1_000_000);
  const slot = slots.take(5_000);
  slots.give(slot);
  slots.give(slot);
  slots.give(new Uint8Array(8_192));
  expect(slots.keptBytes).toBe(8_192);
  expect(slots.take(5_000).buffer).toBe(slot.buffer);
  expect(slots.take(5_000).buffer).not.toBe(slot.buffer);
});

// Goal: what is kept has a bound. Method: more is given back than may be kept.
test('keeps no more than it may', () => {
  const slots = new Slots(16_384);
  const taken = Array.from({ length: 5 }, () => slots.take(8_000));
  for (const one of taken) slots.give(one);
  expect(slots.keptBytes).toBe(16_384);
});
