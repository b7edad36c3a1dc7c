import { describe, expect, test } from 'vitest';
import { LinkError } from '../../../proto/errors.ts';
import { Outbox } from '../../../proto/outbox.ts';

describe('an outbox', () => {
  // Data and control are put in turn; control comes out first, and each lane in its own order.
  test('gives control before data and keeps each lane in order', () => {
    const outbox = new Outbox<string>(10);
    void outbox.put('d1', 'data');
    void outbox.put('c1', 'control');
    void outbox.put('d2', 'data');
    void outbox.put('c2', 'control');
    const taken = Array.from({ length: 5 }, () => outbox.take('both')?.packet);
    expect(taken).toEqual(['c1', 'c2', 'd1', 'd2', undefined]);
  });

  // While the window for data is full only control is asked for, and data stays where it is.
  test('leaves data waiting when only control may go', () => {
    const outbox = new Outbox<string>(10);
    void outbox.put('d1', 'data');
    expect(outbox.take('control')).toBeUndefined();
    void outbox.put('c1', 'control');
    expect(outbox.take('control')).toEqual({ packet: 'c1', lane: 'control' });
    expect(outbox.take('both')).toEqual({ packet: 'd1', lane: 'data' });
  });

  // The promise is what slows a sender down: it is pending until the transport takes the packet.
  test('resolves when the packet is taken and not before', async () => {
    const outbox = new Outbox<string>(10);
    let taken = false;
    const put = outbox.put('d1', 'data').then(() => {
      taken = true;
    });
    await Promise.resolve();
    expect(taken).toBe(false);
    outbox.take('both');
    await put;
    expect(taken).toBe(true);
  });

  // A sender that does not wait cannot fill the memory: the oldest packet of a full lane goes, and is counted.
  test('pushes the oldest out of a full lane', async () => {
    const outbox = new Outbox<number>(3);
    const puts = Array.from({ length: 5 }, (_, i) => outbox.put(i, 'control'));
    await Promise.all(puts.slice(0, 2));
    expect(outbox.dropped).toBe(2);
    expect(Array.from({ length: 3 }, () => outbox.take('both')?.packet)).toEqual([2, 3, 4]);
  });

  // After its end nothing is taken any more, and whoever waits or comes later hears the first reason.
  test('refuses what waits and what comes once closed', async () => {
    const outbox = new Outbox<string>(3);
    const waiting = outbox.put('d1', 'data');
    outbox.close(LinkError.gone('first'));
    outbox.close(LinkError.gone('second'));
    await expect(waiting).rejects.toThrow('first is closed');
    await expect(outbox.put('c1', 'control')).rejects.toThrow('first is closed');
    expect(outbox.take('both')).toBeUndefined();
  });
});
