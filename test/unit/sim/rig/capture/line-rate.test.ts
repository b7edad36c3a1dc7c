import { describe, expect, test } from 'vitest';
import type { Message } from '../../../../../proto/messages.ts';
import { LineRate } from '../../../../../sim/rig/capture/line-rate.ts';

const commit: Message = { type: 'link-commit', id: 1, baud: 921_600, rtsCts: false, fragmentBytesMax: 8192 };
const probe: Message = { type: 'link-probe', id: 1, seq: 0, count: 8, pattern: new Uint8Array() };
const report = (keep: boolean): Message => ({ type: 'link-report', id: 1, received: 8, keep });
const ping: Message = { type: 'ping', sentUs: 0 };

// Goal: whoever stands in the middle is always at the rate of both sides. Method: the negotiation of the protocol page as the
// middle sees it, with each of its endings.
describe('the rate of a line that is listened to', () => {
  test('is what the dock commits to and the camera keeps', () => {
    const rate = new LineRate(115_200, 0);
    rate.heard('down', commit, 10);
    expect(rate.baud).toBe(921_600);
    rate.heard('up', probe, 100);
    rate.heard('down', report(false), 200);
    expect(rate.baud).toBe(921_600);
    rate.heard('up', report(true), 300);
    rate.tick(2_000);
    expect(rate.baud).toBe(921_600);
  });

  test('goes back when the camera does not keep it', () => {
    const rate = new LineRate(115_200, 0);
    rate.heard('down', commit, 10);
    rate.heard('up', report(false), 300);
    expect(rate.baud).toBe(115_200);
  });

  test('goes back when nobody confirms it in time', () => {
    const rate = new LineRate(230_400, 0);
    rate.heard('down', commit, 10);
    rate.heard('up', probe, 1_000);
    rate.tick(1_509);
    expect(rate.baud).toBe(921_600);
    rate.tick(1_510);
    expect(rate.baud).toBe(230_400);
  });

  // The report may be lost: any good frame but a probe says the same.
  test('stays when the conversation goes on', () => {
    const rate = new LineRate(115_200, 0);
    rate.heard('down', commit, 10);
    rate.heard('up', ping, 400);
    rate.tick(1_600);
    expect(rate.baud).toBe(921_600);
  });

  test('is the first one again after silence', () => {
    const rate = new LineRate(57_600, 0);
    rate.tick(10_000);
    expect(rate.baud).toBe(57_600);
    rate.heard('down', commit, 11_000);
    rate.heard('up', ping, 11_200);
    rate.tick(14_199);
    expect(rate.baud).toBe(921_600);
    rate.tick(14_200);
    expect(rate.baud).toBe(57_600);
  });

  test('does not change for a commit to the present rate, nor for one that a camera sends', () => {
    const rate = new LineRate(115_200, 0);
    rate.heard('up', commit, 10);
    rate.heard('down', { ...commit, baud: 115_200 }, 20);
    expect(rate.baud).toBe(115_200);
  });
});
