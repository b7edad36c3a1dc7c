import { describe, expect, it } from 'vitest';
import { AskQueue } from '../../../../dock/release/queue.ts';

/** A queue whose work ends when the test says so. */
function handWorked(runningMax: number) {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new AskQueue(async (key) => {
    log.push(key);
    await new Promise<void>((resolve) => ends.set(key, resolve));
  }, runningMax);
  const end = async (key: string): Promise<void> => {
    ends.get(key)?.();
    await new Promise((resolve) => process.nextTick(resolve));
  };
  return { queue, log, end };
}

describe('the ask queue', () => {
  // Goal: at most so many at once, and what matters first.
  it('takes the most urgent next', async () => {
    const { queue, log, end } = handWorked(1);
    void queue.add('a', 2);
    void queue.add('b', 2);
    void queue.add('c', 1);
    void queue.add('d', 0);
    void queue.add('b', 0);
    expect(log).toEqual(['a']);
    for (const key of ['a', 'd', 'b', 'c']) await end(key);
    expect(log).toEqual(['a', 'd', 'b', 'c']);
  });

  // Goal: what is probably no news leaves room for what is. Method: more of it than may run, then a question that somebody waits for.
  it('keeps places free for what is urgent', async () => {
    const { queue, log, end } = handWorked(4);
    for (const key of ['a', 'b', 'c', 'd']) void queue.add(key, 2);
    expect(log).toEqual(['a', 'b']);
    void queue.add('e', 1);
    void queue.add('f', 0);
    expect(log).toEqual(['a', 'b', 'e', 'f']);
    await end('a');
    expect(log).toEqual(['a', 'b', 'e', 'f', 'c']);
  });

  // Goal: a question asked during an answer is asked again afterwards, never beside it.
  it('never runs one key twice at the same time', async () => {
    const { queue, log, end } = handWorked(4);
    const first = queue.add('a', 0);
    const second = queue.add('a', 0);
    expect(queue.add('a', 1)).toBe(second);
    expect(log).toEqual(['a']);
    await end('a');
    await first;
    expect(log).toEqual(['a', 'a']);
    await end('a');
    await second;
  });

  it('lets everybody go when it is closed', async () => {
    const { queue, log } = handWorked(1);
    void queue.add('a', 0);
    const waiting = queue.add('b', 0);
    queue.close();
    await waiting;
    await queue.add('c', 0);
    expect(log).toEqual(['a']);
  });
});
