import { describe, expect, test } from 'vitest';
import {
  type NegotiateContext,
  type NegotiateEvent,
  type NegotiateState,
  type NegotiateStep,
  step,
} from '../../../../device/link/negotiate.ts';
import type { LinkCommit } from '../../../../proto/messages.ts';
import { probePattern } from '../../../../proto/probe-pattern.ts';

const ID = 7;
const context: NegotiateContext = {
  baud: 115_200,
  rtsCts: false,
  fragmentBytesMax: 8_192,
  newId: () => ID,
};
const commit = (baud: number, id = ID): LinkCommit => ({
  type: 'link-commit',
  id,
  baud,
  rtsCts: true,
  fragmentBytesMax: 512,
});
const heard = (message: Extract<NegotiateEvent, { event: 'message' }>['message']): NegotiateEvent => ({
  event: 'message',
  message,
  nowUs: 1_000,
});

const TRIALS_MAX = 20;

/** The rates that are tried with a dock that commits to `chosen` of whatever is asked for and then says nothing more. */
function triedWith(
  chosen: (asked: number) => number,
  from: Partial<NegotiateContext & { home: number }>,
): readonly number[] {
  const { home = 115_200, ...of } = from;
  const here = { ...context, ...of };
  const tried: number[] = [];
  let nowUs = 0;
  let waiting: NegotiateEvent[] = [{ event: 'begin', home, target: 921_600, nowUs }];
  let state: NegotiateState = { at: 'idle' };
  while (state.at !== 'over' && tried.length < TRIALS_MAX) {
    nowUs += 200_000;
    const [event = { event: 'timer', nowUs }, ...later] = waiting;
    const [next, effects] = step(state, event, here);
    if (next.at === 'switching' && state.at === 'proposing') tried.push(next.rate);
    waiting = [...later];
    for (const effect of effects) {
      if (effect.effect === 'switch') waiting.push({ event: 'switched', isDone: true, nowUs });
      else if (
        effect.effect === 'send' &&
        effect.message.type === 'link-propose' &&
        next.at === 'proposing' &&
        next.sent === 1
      )
        waiting.push({ event: 'message', message: commit(chosen(effect.message.baud)), nowUs });
    }
    state = next;
  }
  return tried;
}

/** The last step of these events, from the beginning. */
function afterAll(...events: readonly NegotiateEvent[]): NegotiateStep {
  const begun: NegotiateEvent = { event: 'begin', home: 115_200, target: 921_600, nowUs: 0 };
  let last: NegotiateStep = [{ at: 'idle' }, []];
  for (const event of [begun, ...events]) last = step(last[0], event, context);
  return last;
}

const toProbing: readonly NegotiateEvent[] = [
  heard(commit(921_600)),
  { event: 'switched', isDone: true, nowUs: 50_000 },
  { event: 'timer', nowUs: 80_000 },
];
const probe = (seq: number): NegotiateEvent =>
  heard({ type: 'link-probe', id: ID, seq, count: 8, pattern: probePattern(ID, seq) });
const report = (received: number): NegotiateEvent =>
  heard({ type: 'link-report', id: ID, received, keep: false });
const probes = (count: number): readonly NegotiateEvent[] =>
  Array.from({ length: count }, (_, i) => probe(i));

describe("the camera's side of a negotiation", () => {
  // Goal: it asks for what it wants and listens. Method: the first step.
  test('proposes, and again after 200 ms', () => {
    const message = { type: 'link-propose', id: ID, baud: 921_600, rtsCts: false, fragmentBytesMax: 8_192 };
    const effects = [
      { effect: 'send', message },
      { effect: 'timer', atUs: 200_000 },
    ];
    expect(afterAll()[1]).toEqual(effects);
    expect(afterAll({ event: 'timer', nowUs: 200_000 })[1][0]).toEqual(effects[0]);
  });

  // Goal: only an answer to this very question counts. Method: another id, and more than was asked for.
  test.each([commit(921_600, 8), commit(3_000_000)])('ignores %j', (message) => {
    const [state] = afterAll();
    expect(step(state, heard(message), context)).toEqual([state, []]);
  });

  // Goal: the present rate needs no proof. Method: a Commit with it.
  test('greets at once when the dock stays where it is', () => {
    expect(afterAll(heard(commit(115_200)))).toEqual([
      { at: 'over' },
      [
        { effect: 'dock', rtsCts: true, fragmentBytesMax: 512 },
        { effect: 'over', isAgreed: true },
      ],
    ]);
  });

  // Goal: at the new rate it waits the guard, sends eight probes, and has a watchdog. Method: the steps up to there.
  test('proves the new rate', () => {
    const [state, effects] = afterAll(...toProbing);
    expect(state.at).toBe('probing');
    expect(effects.map(({ effect }) => effect)).toEqual([
      ...Array.from({ length: 8 }, () => 'send'),
      'timer',
    ]);
    expect(effects.at(-1)).toEqual({ effect: 'timer', atUs: 1_550_000 });
  });

  // Goal: the rate is kept with seven of eight each way and with nothing less. Method: both counts around the limit.
  test.each([
    [8, 8, true],
    [7, 7, true],
    [6, 8, false],
    [8, 6, false],
  ])('%d probes here and %d there: keep is %s', (here, there, keep) => {
    const [state, effects] = afterAll(...toProbing, ...probes(here), report(there));
    const message = { type: 'link-report', id: ID, received: here, keep };
    expect(effects[0]).toEqual({ effect: 'send', message });
    expect(effects[1]).toEqual(
      keep ? { effect: 'over', isAgreed: true } : { effect: 'switch', baud: 115_200 },
    );
    expect(state).toEqual(
      keep ? { at: 'over' } : { at: 'returning', home: 115_200, target: 460_800, isKnown: true },
    );
  });

  // Goal: a probe is counted once, and only with its own pattern. Method: seven probes of which one is spoiled or repeated.
  test.each([
    ['spoiled', heard({ type: 'link-probe', id: ID, seq: 6, count: 8, pattern: probePattern(ID, 5) })],
    ['repeated', probe(5)],
  ])('does not count a %s probe', (_name, event) => {
    const [, effects] = afterAll(...toProbing, ...probes(6), event, report(8));
    expect(effects[0]).toMatchObject({ message: { received: 6, keep: false } });
  });

  // Goal: what fits no state changes nothing. Method: every message in states that do not wait for it.
  test('ignores what does not fit', () => {
    const states: readonly NegotiateState[] = [
      { at: 'idle' },
      { at: 'over' },
      afterAll(heard(commit(921_600)))[0],
      afterAll(...toProbing.slice(0, 2))[0],
    ];
    for (const state of states) {
      for (const event of [probe(1), report(8), heard(commit(460_800))]) {
        expect(step(state, event, context)).toEqual([state, []]);
      }
    }
  });

  // Goal: no dock keeps a camera negotiating for ever. Method: docks that commit to a rate that never works, below and above where
  // cameras begin, and from a rate that was remembered.
  test.each([
    ['300 bit/s whatever is asked', () => 300, {}],
    ['less than where cameras begin', (asked: number) => Math.min(asked, 57_600), { home: 921_600 }],
    ['the rate where cameras begin, from another', () => 115_200, { home: 921_600 }],
    [
      'the usual rate below an unusual one',
      (asked: number) => Math.min(asked, 230_400),
      { baud: 250_000, home: 921_600 },
    ],
  ])('ends with a dock that commits to %s and is not heard there', (_name, chosen, from) => {
    expect(triedWith(chosen, from).length).toBeLessThan(8);
  });
});
