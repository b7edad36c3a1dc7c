import { describe, expect, test } from 'vitest';
import {
  type AnswerContext,
  type AnswerEvent,
  type AnswerStep,
  begin,
  step,
} from '../../../../dock/link/negotiate.ts';
import type { LinkPropose } from '../../../../proto/messages.ts';
import { probePattern } from '../../../../proto/probe-pattern.ts';

const context: AnswerContext = {
  baud: 115_200,
  baudMax: 921_600,
  rtsCts: true,
  fragmentBytesMax: 8_192,
};
const ID = 7;
const heard = (message: Extract<AnswerEvent, { event: 'message' }>['message'], nowUs = 0): AnswerEvent => ({
  event: 'message',
  message,
  nowUs,
});
const propose = (change: Partial<LinkPropose> = {}): AnswerEvent =>
  heard({ type: 'link-propose', id: ID, baud: 3_000_000, rtsCts: false, fragmentBytesMax: 512, ...change });
const probe = (seq: number, nowUs: number): AnswerEvent =>
  heard({ type: 'link-probe', id: ID, seq, count: 8, pattern: probePattern(ID, seq) }, nowUs);
const report = (keep: boolean): AnswerEvent => heard({ type: 'link-report', id: ID, received: 8, keep });
const switched: AnswerEvent = { event: 'switched', isDone: true, nowUs: 40_000 };

/** The last step of these events on a port that has just been opened. */
function afterAll(...events: readonly AnswerEvent[]): AnswerStep {
  let last = begin(115_200, { nowUs: 0, context });
  for (const event of events) last = step(last[0], event, context);
  return last;
}

describe("the dock's side of a negotiation", () => {
  // Goal: the answer is the best that both can do, with the dock's own wires and the smaller fragments. Method: one proposal.
  test('commits to the fastest rate of both', () => {
    const [state, effects] = afterAll(propose());
    expect(state).toMatchObject({ at: 'switching', home: 115_200, rate: 921_600 });
    const message = { type: 'link-commit', id: ID, baud: 921_600, rtsCts: true, fragmentBytesMax: 512 };
    expect(effects).toEqual([
      { effect: 'camera', rtsCts: false, fragmentBytesMax: 512 },
      { effect: 'send', message },
      { effect: 'send', message },
      { effect: 'switch', baud: 921_600 },
    ]);
  });

  // Goal: no rate that is none. Method: proposals at, between and below the usual rates.
  test.each([
    [921_600, 921_600],
    [500_000, 460_800],
    [115_200, 115_200],
    [9_600, 115_200],
  ])('to a proposal of %d bit/s it commits %d', (baud, committed) => {
    const [, commit] = afterAll(propose({ baud }))[1];
    expect(commit).toMatchObject({ effect: 'send', message: { type: 'link-commit', baud: committed } });
  });

  // Goal: a camera that missed the Commit, or has restarted, is answered while that is possible. Method: a second proposal.
  test('answers again while it has not switched', () => {
    expect(afterAll(propose(), propose())[1]).toHaveLength(4);
    expect(afterAll(propose(), propose({ id: 8, baud: 230_400 }))[0]).toMatchObject({ id: 8, rate: 230_400 });
  });

  // Goal: the report comes with the last probe, or 150 ms after the newest. Method: all probes, and all but the last.
  test('reports what it counted', () => {
    const all = Array.from({ length: 8 }, (_, seq) => probe(seq, 50_000));
    const [, effects] = afterAll(propose(), switched, ...all);
    expect(effects.filter(({ effect }) => effect === 'send')).toHaveLength(9);
    expect(effects.at(-2)).toMatchObject({ message: { type: 'link-report', received: 8, keep: false } });
    expect(effects.at(-1)).toEqual({ effect: 'timer', atUs: 1_540_000 });
    const [state, waiting] = afterAll(propose(), switched, ...all.slice(0, 7));
    expect(waiting).toEqual([{ effect: 'timer', atUs: 200_000 }]);
    const [, late] = step(state, { event: 'timer', nowUs: 200_000, heardUs: 50_000 }, context);
    expect(late.at(-2)).toMatchObject({ message: { type: 'link-report', received: 7 } });
  });

  // Goal: a probe is counted once, and only with its own pattern. Method: the same probe twice, and one with another's pattern.
  test('counts only good probes', () => {
    const pattern = probePattern(ID, 1);
    const spoiled = heard({ type: 'link-probe', id: ID, seq: 2, count: 8, pattern }, 50_000);
    const [state] = afterAll(propose(), switched, probe(1, 50_000), probe(1, 50_000), spoiled);
    expect(state).toMatchObject({ at: 'proving', arrived: [1] });
  });

  // Goal: the camera decides, by its word or by any good frame. Method: each of them at the new rate.
  test.each<readonly [string, AnswerEvent, object]>([
    ['keep', report(true), { at: 'steady', baud: 921_600 }],
    ['do not keep', report(false), { at: 'returning', baud: 115_200 }],
    ['any good frame', { event: 'frame', nowUs: 60_000 }, { at: 'steady', baud: 921_600 }],
    ['the watchdog', { event: 'timer', nowUs: 1_540_000, heardUs: 0 }, { at: 'returning', baud: 115_200 }],
    ['another proposal', propose({ id: 9, baud: 921_600 }), { at: 'proving', home: 921_600 }],
  ])('%s', (_name, event, state) => {
    expect(afterAll(propose(), switched, event)[0]).toMatchObject(state);
  });

  // Goal: a rate at which nobody speaks is left after three seconds, and not before. Method: the timer with and without frames.
  test('goes back to where cameras look for it', () => {
    const [state] = afterAll(propose(), switched, report(true));
    const timer = (heardUs: number): AnswerEvent => ({ event: 'timer', nowUs: 3_100_000, heardUs });
    expect(step(state, timer(200_000), context)).toEqual([state, [{ effect: 'timer', atUs: 3_200_000 }]]);
    expect(step(state, timer(100_000), context)[1]).toEqual([{ effect: 'switch', baud: 115_200 }]);
  });

  // Goal: a rate that the port refuses is not agreed to twice. Method: a switch that fails, and the same proposal.
  test('remembers what its port cannot do', () => {
    const refused: AnswerEvent = { event: 'switched', isDone: false, nowUs: 40_000 };
    expect(afterAll(propose(), refused, propose())[0]).toMatchObject({ home: 115_200, rate: 460_800 });
    expect(afterAll(propose(), switched, report(false), refused)[1]).toEqual([{ effect: 'broken' }]);
  });
});
