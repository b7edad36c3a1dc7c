import { describe, expect, it } from 'vitest';
import type { Docked, UploadState, Work } from '../../../../device/upload/state.ts';
import type { Ticket } from '../../../../proto/messages.ts';
import { testKey } from '../../proto/fixture.ts';
import { receiptBody, TestLog, witness } from '../../proto/log-kit.ts';
import {
  DOCK,
  finishing,
  hear,
  knowing,
  named,
  recording,
  signed,
  ticketMessage,
  ticketOf,
} from './custody-kit.ts';

const past = new TestLog().fill(6, 'ours');
const idle: Work = { doing: 'backing-off', untilUs: 1e12 };
const [one, two] = [witness(1), witness(2)];
const asking = { ...DOCK, witnesses: [one.vkey, two.vkey], quorum: 1 };
const grown = past.fork(6).fill(5, 'ours');

// Goal: the newest checkpoint that holds is kept, whatever the camera is doing, and none twice.
describe('a ticket is kept', () => {
  it.each([
    ['of a dock that gave none before', undefined, ticketMessage(grown, 0)],
    ['that grew from what is kept', ticketOf(past), ticketMessage(grown, 6)],
  ])('%s', (_, kept, message) => {
    for (const work of [idle, finishing]) {
      const before = knowing(kept, { work });
      const [state, effects] = hear(before, message);
      expect(effects).toEqual([{ effect: 'keep', ticket: ticketOf(grown) }]);
      expect(state).toEqual({ ...before, heardUs: 5, kept: ticketOf(grown) });
      expect(hear(state, message)[1]).toEqual([]);
    }
  });

  it('with the witnesses that were asked for', () => {
    const before = knowing(ticketOf(past), { dock: asking });
    const [, effects] = hear(before, ticketMessage(grown, 6, [two]));
    expect(effects).toEqual([{ effect: 'keep', ticket: ticketOf(grown, 11, [two]) }]);
  });
});

// Goal: what shows nothing new changes nothing and accuses nobody.
it.each<[string, Ticket]>([
  ['of another session', { ...ticketMessage(grown, 6), sessionId: new Uint8Array(8).fill(1) }],
  ['that is kept already', ticketMessage(past, 0)],
  ['that grew from another size', ticketMessage(grown, 3)],
  ['without a proof', { ...ticketMessage(grown, 0) }],
])('a ticket %s is dropped', (_, message) => {
  const before = knowing(ticketOf(past), { work: idle });
  expect(hear(before, message)).toEqual([{ ...before, heardUs: 5 }, []]);
});

it('the ticket of an empty ledger is not kept', () => {
  const before = knowing(undefined, { work: idle });
  expect(hear(before, ticketMessage(new TestLog(), 0))).toEqual([{ ...before, heardUs: 5 }, []]);
});

// Goal: a ledger with two histories, or one nobody witnessed, is told to people, once, and what is kept stays. Method: one
// thing wrong at a time, twice, and then another.
describe('a ticket that does not hold', () => {
  const cases: readonly (readonly [name: string, message: Ticket, why: string, before?: Docked])[] = [
    ['of a ledger that is shorter', ticketMessage(past.fork(4), 6), 'has 4 entries, and had 6'],
    [
      'of another ledger of the same size',
      ticketMessage(past.fork(3).fill(3, 'theirs'), 6),
      'two different trees of 6',
    ],
    ['of another past', ticketMessage(past.fork(3).fill(9, 'theirs'), 6), 'do not begin with the 6'],
    ['of another key', ticketMessage(new TestLog(grown.entries, testKey(9)), 6), 'no known key'],
    ['that is no checkpoint', { ...ticketMessage(grown, 6), note: 'hello\n' }, 'no signatures'],
    [
      'without a witness',
      ticketMessage(grown, 6),
      '1 of 2 witnesses',
      knowing(ticketOf(past), { work: idle, dock: asking }),
    ],
  ];
  const known = knowing(ticketOf(past), { work: idle });
  const table = cases.map(([name, message, why, before = known]) => ({ name, message, why, before }));
  it.each(table)('$name is said once and not kept', ({ message, why, before }) => {
    const [state, effects] = hear(before, message);
    const said = expect.stringMatching(new RegExp(`^dock dock-1: .*${why}`, 's')) as unknown;
    expect(effects).toEqual([{ effect: 'news', news: { news: 'distrust', why: said } }]);
    expect(state).toMatchObject({ at: 'docked', work: idle, kept: ticketOf(past) });
    expect(hear(state, message)[1]).toEqual([]);
  });

  // Nobody signs the message around the note: a stranger on the line must not be able to stop an honest dock's receipts.
  it('leaves every receipt to be judged by itself', () => {
    let state: UploadState = knowing(ticketOf(past));
    [state] = hear(state, ticketMessage(past.fork(4), 6));
    const [after, effects] = hear(state, signed(receiptBody(past.fork(6), named(), { from: 6 })));
    expect(after).toMatchObject({ work: { doing: 'keeping', recording } });
    expect(effects).toMatchObject([{ effect: 'news' }, { effect: 'keep', ticket: { size: 7 } }]);
    const forged = signed(receiptBody(past.fork(4), named(), { from: 6 }));
    expect(hear(state, forged)[0]).toMatchObject({ parked: new Set([recording.recordingId]) });
  });
});
