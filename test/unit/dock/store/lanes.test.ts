import { describe, expect, it } from 'vitest';
import { Lanes } from '../../../../dock/store/lanes.ts';

describe('Lanes', () => {
  // Goal: one at a time under a name, in order, whoever fails; others go past. Method: a slow first job in lane a.
  it('runs work of one name in order', async () => {
    const lanes = new Lanes();
    const log: string[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const slow = lanes.run('a', async () => {
      await gate;
      log.push('a1');
      throw new Error('a1 failed');
    });
    const next = lanes.run('a', async () => void log.push('a2'));
    await lanes.run('b', async () => void log.push('b'));
    expect(log).toEqual(['b']);
    open();
    await expect(slow).rejects.toThrow('a1 failed');
    await next;
    expect(log).toEqual(['b', 'a1', 'a2']);
    await lanes.idle();
  });
});
