import { expect, it } from 'vitest';
import { Turns } from '../../../../device/upload/turns.ts';

/** Work that ends when the test says so. */
function work(): { readonly done: Promise<string>; end(result: string): void; fail(why: Error): void } {
  let end: (result: string) => void = () => undefined;
  let fail: (why: Error) => void = () => undefined;
  const done = new Promise<string>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { done, end, fail };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

// Goal: what a flash answers out of order leaves in order. Method: three reads that end last to first, and one that fails.
it('hands over in the order of asking', async () => {
  const turns = new Turns();
  const reads = [work(), work(), work()];
  const handed: string[] = [];
  for (const { done } of reads) void turns.take(done).then((result) => handed.push(result));
  reads[2]?.end('third');
  reads[1]?.end('second');
  await settle();
  expect(handed).toEqual([]);
  reads[0]?.end('first');
  await settle();
  expect(handed).toEqual(['first', 'second', 'third']);
});

it('rejects as the work does, and goes on with the next', async () => {
  const turns = new Turns();
  const [bad, good] = [work(), work()];
  const first = turns.take(bad.done);
  const second = turns.take(good.done);
  good.end('second');
  bad.fail(new Error('unreadable'));
  await expect(first).rejects.toThrow('unreadable');
  expect(await second).toBe('second');
});
