import { expect, it } from 'vitest';
import { pingDue, ponged, startPinging } from '../../../../dock/ingest/pinging.ts';
import type { Pong } from '../../../../proto/messages.ts';

const wire = { pduBytes: 20, wireUs: () => 0 };
const pongTo = (pingSentUs: number): Pong => {
  return { type: 'pong', pingSentUs, receivedUs: 900, sentUs: 900, wallUs: 0 };
};

// Goal: four Pings at once and then one a second while an upload is under way. Method: answers that come, do not come,
// and were never asked for.
it('the first four follow each other, by answers or by a pause', () => {
  const [started, first] = startPinging(1_000);
  expect(first).toEqual({ type: 'ping', sentUs: 1_000 });
  expect(pingDue(started, { nowUs: 200_999, pace: { under: 'idle', heardUs: 0 } })[1]).toBeUndefined();
  const [two, second] = ponged(started, pongTo(1_000), { nowUs: 2_000, ...wire });
  expect(second?.sentUs).toBe(2_000);
  expect(two.clock.samples.length).toBe(1);
  const [three, third] = pingDue(two, { nowUs: 202_000, pace: { under: 'idle', heardUs: 0 } });
  expect(third?.sentUs).toBe(202_000);
  // The second is answered late, when the third is out already: it counts, and hurries nothing.
  const [late, none] = ponged(three, pongTo(2_000), { nowUs: 203_000, ...wire });
  expect([late.clock.samples.length, none]).toEqual([2, undefined]);
  const [four, fourth] = ponged(late, pongTo(202_000), { nowUs: 204_000, ...wire });
  expect(fourth?.sentUs).toBe(204_000);
  const [rest, fifth] = ponged(four, pongTo(204_000), { nowUs: 205_000, ...wire });
  expect([rest.clock.samples.length, fifth]).toEqual([4, undefined]);
  expect(pingDue(rest, { nowUs: 9_000_000, pace: { under: 'idle', heardUs: 0 } })[1]).toBeUndefined();
  expect(pingDue(rest, { nowUs: 1_204_000, pace: { under: 'serial', heardUs: 0 } })[1]?.sentUs).toBe(
    1_204_000,
  );
});

// Goal: thousands of uploads on a broker cost little: one that is heard is asked for its clock now and then, one that is not is asked soon.
it('over MQTT a camera that is heard is asked every fifteen seconds, and one that is not after five', () => {
  const rest = { ...startPinging(0)[0], left: 0 };
  const asked = (nowUs: number, heardUs: number): number | undefined =>
    pingDue(rest, { nowUs, pace: { under: 'mqtt', heardUs } })[1]?.sentUs;
  expect(asked(4_999_999, 0)).toBeUndefined();
  expect(asked(5_000_000, 0)).toBe(5_000_000);
  expect(asked(14_999_999, 14_000_000)).toBeUndefined();
  expect(asked(15_000_000, 14_000_000)).toBe(15_000_000);
});

it('an answer to no Ping of ours, or a second one, tells nothing', () => {
  const [started] = startPinging(1_000);
  expect(ponged(started, pongTo(999), { nowUs: 2_000, ...wire })).toEqual([started, undefined]);
  const [answered] = ponged(started, pongTo(1_000), { nowUs: 2_000, ...wire });
  expect(ponged(answered, pongTo(1_000), { nowUs: 3_000, ...wire })).toEqual([answered, undefined]);
});
