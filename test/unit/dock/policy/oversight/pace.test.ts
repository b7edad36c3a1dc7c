import { expect, test } from 'vitest';
import { Pace } from '../../../../../dock/policy/oversight/pace.ts';

// Goal: nobody holds up the service by asking, and nobody uses up what another may ask. Method: questions and comparisons that last.

const tooMany = expect.objectContaining({ code: 'TOO_MANY_TRIES' }) as Error;

test('one comparison at a time for each person, four in all, and again once they are done', async () => {
  const pace = new Pace();
  const ends: (() => void)[] = [];
  const lasting = (person: string): Promise<void> =>
    pace.compare(person, () => new Promise((resolve) => void ends.push(resolve)));
  const first = ['1', '2', '3', '4'].map(lasting);
  await expect(lasting('1')).rejects.toEqual(tooMany);
  await expect(lasting('5')).rejects.toEqual(tooMany);
  for (const end of ends.splice(0)) end();
  await Promise.all(first);
  const failing = pace.compare('1', () => Promise.reject(new RangeError('no')));
  await expect(failing).rejects.toThrow('no');
  const again = lasting('1');
  ends[0]?.();
  await again;
});

test('sixty questions a minute, also when the clock is set back', () => {
  const pace = new Pace();
  for (let asked = 0; asked < 60; asked += 1) pace.take('1', 1_000_000);
  expect(() => pace.take('1', 1_060_000)).toThrow('too many questions');
  pace.take('2', 1_000_000);
  pace.take('1', 1_060_001);
  for (let asked = 1; asked < 60; asked += 1) pace.take('1', 1_060_001);
  expect(() => pace.take('1', 1_060_001)).toThrow('too many questions');
  pace.take('1', 900_000);
});
