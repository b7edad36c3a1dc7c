import { describe, expect, it } from 'vitest';
import type { TrustedDock } from '../../../../device/ports.ts';
import type { Docked, UploadEffect, Work } from '../../../../device/upload/state.ts';
import { step } from '../../../../device/upload/step.ts';
import { formatVkey } from '../../../../proto/note.ts';
import type { Receipt } from '../../../../proto/messages.ts';
import { signReceipt } from '../../../../proto/receipt.ts';
import { LEDGER_KEY, ORIGIN, sha256, testKey } from '../../proto/fixture.ts';
import { receiptBody, TestLog, witness } from '../../proto/log-kit.ts';
import {
  custodyContext as context,
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
import { recordingOf, sendingOf } from './upload-kit.ts';

const past = new TestLog().fill(6, 'ours');
const [one, two] = [witness(1), witness(2)];
const asking: TrustedDock = { ...DOCK, witnesses: [one.vkey, two.vkey], quorum: 2 };
const { recordingId } = recording;

const kinds = (effects: readonly UploadEffect[]): readonly string[] => effects.map(({ effect }) => effect);

/** Carries the receipt through to the erasure; says what was done, in order. */
function carried(state: Docked, receipt: Receipt): readonly string[] {
  const [keeping, first] = hear(state, receipt);
  const asked = first.flatMap((effect) => (effect.effect === 'keep' ? [effect.ticket.size] : []));
  const done = [...kinds(first)];
  for (const size of asked)
    done.push(...kinds(step(keeping, { event: 'kept', nowUs: 6, recordingId, size }, context)[1]));
  return done;
}

// Goal: footage goes when the dock's ledger holds it, grew from what is kept, and was seen by whom it should be. Method: one
// good receipt for each thing that a camera may know before.
describe('a receipt frees a recording', () => {
  const grown = (): TestLog => past.fork(6).fill(2, 'ours');
  it.each<[string, Docked, () => Receipt]>([
    [
      'at a dock that it meets for the first time',
      knowing(undefined),
      () => signed(receiptBody(grown(), named())),
    ],
    ['whose ledger grew', knowing(ticketOf(past)), () => signed(receiptBody(grown(), named(), { from: 6 }))],
    [
      'whose ledger grew by this entry alone',
      knowing(ticketOf(past)),
      () => signed(receiptBody(past.fork(6), named(), { from: 6 })),
    ],
    [
      'with the witnesses that were asked for',
      knowing(ticketOf(past), { dock: asking }),
      () => signed(receiptBody(grown(), named(), { from: 6, cosigners: [one, two] })),
    ],
    [
      'while it is offered, since it was settled before',
      knowing(ticketOf(past), { work: { doing: 'offering', recording, sinceUs: 0, dueUs: 9 } }),
      () => signed(receiptBody(grown(), named(), { from: 6 })),
    ],
    [
      'while it is sent, since somebody else settled it',
      knowing(ticketOf(past), { work: { doing: 'sending', sending: { ...sendingOf(80), recording } } }),
      () => signed(receiptBody(grown(), named(), { from: 6 })),
    ],
  ])('%s', (_, state, receipt) => {
    expect(carried(state, receipt())).toEqual(['news', 'keep', 'erase']);
  });

  it('with a checkpoint that is kept already, after a power cut between keeping and erasing', () => {
    const log = past.fork(6);
    const receipt = signed(receiptBody(log, named(), { from: 6 }));
    expect(carried(knowing(ticketOf(log)), receipt)).toEqual(['news', 'keep', 'erase']);
  });
});

// Goal: anything else erases nothing, tells the dock and says why. Method: the good receipt, and one thing wrong with it or
// with the ledger behind it.
describe('a receipt frees nothing', () => {
  const good = (log: TestLog, from = 6) => receiptBody(log, named(), { from });
  const stranger = testKey(77);
  const otherLedger = formatVkey(ORIGIN, stranger.publicKey, sha256);
  const cases: readonly (readonly [name: string, receipt: () => Receipt, why: string, dock?: TrustedDock])[] =
    [
      [
        'of another dock key',
        () => signReceipt(good(past.fork(6)), stranger.sign),
        'signature does not hold',
      ],
      [
        'of the ledger key',
        () => signReceipt(good(past.fork(6)), LEDGER_KEY.sign),
        'signature does not hold',
      ],
      [
        'of another ledger',
        () => signed(good(past.fork(6))),
        'no known key',
        { ...DOCK, ledgerVkey: otherLedger },
      ],
      [
        'with the entry of another recording',
        () => {
          const log = past.fork(6);
          const { entry, proof, ...growth } = receiptBody(log, named(recordingOf('b')), { from: 6 });
          return signed({ ...growth, entry, proof, ...named() });
        },
        'another recording',
      ],
      [
        'with the proof of another entry',
        () => {
          const log = past.fork(6);
          const body = receiptBody(log, named(), { from: 6 });
          return signed({ ...body, proof: log.prove(2) });
        },
        'does not lead',
      ],
      ['of a ledger that is shorter', () => signed(good(past.fork(2))), 'has 3 entries, and had 6'],
      [
        'of a ledger that is shorter, without a proof',
        () => signed(good(past.fork(2), 0)),
        'has 3 entries, and had 6',
      ],
      ['of another ledger of the same size', () => signed(good(past.fork(5))), 'two different trees of 6'],
      [
        'of a longer ledger with another past',
        () => signed(good(past.fork(5).fill(3, 'theirs'))),
        'do not begin with the 6',
      ],
      [
        'with the proof of the past that was kept',
        () => signed({ ...good(past.fork(5).fill(3, 'theirs')), ...past.fork(6).fill(3, 'ours').growth(6) }),
        'do not begin with the 6',
      ],
      ['without a witness', () => signed(good(past.fork(6))), '2 of 2 witnesses', asking],
      [
        'with too few witnesses',
        () => signed(receiptBody(past.fork(6), named(), { from: 6, cosigners: [one] })),
        '2 of 2 witnesses',
        asking,
      ],
    ];
  const table = cases.map(([name, receipt, why, dock = DOCK]) => ({ name, receipt, why, dock }));
  it.each(table)('$name', ({ receipt, why, dock }) => {
    const [state, effects] = hear(knowing(ticketOf(past), { dock }), receipt());
    expect(kinds(effects)).toEqual(['send', 'news', 'list']);
    expect(effects).toMatchObject([
      { message: { type: 'abort', code: 'bad-receipt', class: 'never', recordingId } },
      { news: { news: 'distrust', why: expect.stringContaining(why) as unknown } },
      {},
    ]);
    expect(state).toMatchObject({
      work: { doing: 'listing' },
      parked: new Set([recordingId]),
      kept: ticketOf(past),
    });
  });

  it('that is about another recording, and is dropped', () => {
    const state = knowing(ticketOf(past));
    const late = signed(receiptBody(past.fork(6), named(recordingOf('b')), { from: 6 }));
    expect(hear(state, late)).toEqual([{ ...state, heardUs: 5 }, []]);
  });
});

// Goal: an honest dock that answered what the camera said before is asked again, not accused, and not for ever. Method:
// proofs from another size, and a checkpoint that a newer ticket overtook.
describe('a receipt that crossed a ticket', () => {
  const late = (from: number): Receipt =>
    signed(receiptBody(past.fork(6).fill(3, 'ours'), named(), { from }));

  it.each([0, 4])(
    'with the growth from %i entries is dropped, and the Fin says the kept size again',
    (from) => {
      const before = knowing(ticketOf(past));
      const [state, effects] = hear(before, late(from));
      expect([state, effects]).toEqual([{ ...before, heardUs: 5 }, []]);
      expect(step(state, { event: 'tick', nowUs: 999_999 }, context)[1]).toEqual([]);
      const [, again] = step(state, { event: 'tick', nowUs: 1_000_000 }, context);
      expect(again[0]).toMatchObject({ message: { type: 'fin', ledgerSize: 6 } });
    },
  );

  it('with a checkpoint below that of the ticket is dropped, if the dock may not have known', () => {
    const ours = past.fork(6).fill(9, 'ours');
    const receipt = signed(receiptBody(past.fork(6).fill(1, 'ours'), named(), { from: 6 }));
    const overtaken = knowing(ticketOf(ours), { toldSize: 6 });
    expect(hear(overtaken, receipt)).toEqual([{ ...overtaken, heardUs: 5 }, []]);
    expect(kinds(hear(knowing(ticketOf(ours)), receipt)[1])).toEqual(['send', 'news', 'list']);
  });

  it('is waited for half a minute and no longer', () => {
    const settled: Work = { doing: 'offering', recording, sinceUs: 0, dueUs: 30_500_000 };
    for (const work of [finishing, settled]) {
      const state = knowing(ticketOf(past), { work });
      expect(hear(state, late(0), 29_999_999)[1]).toEqual([]);
      const [next, effects] = hear(state, late(0), 30_000_000);
      expect(next).toMatchObject({ parked: new Set([recordingId]) });
      expect(effects[1]).toMatchObject({
        news: {
          news: 'distrust',
          why: 'no receipt shows that the ledger of dock-1 grew from the 6 entries that were kept',
        },
      });
    }
  });

  it('is waited for from the first Offer on', () => {
    const offering: Work = { doing: 'offering', recording, sinceUs: 7, dueUs: 1_000_000 };
    const [state, effects] = step(
      knowing(ticketOf(past), { work: offering }),
      { event: 'tick', nowUs: 1_000_000 },
      context,
    );
    expect(state).toMatchObject({ work: { sinceUs: 7, dueUs: 2_000_000 } });
    expect(effects[0]).toMatchObject({ message: { type: 'offer', ledgerSize: 6 } });
  });
});

// Goal: nothing goes before the checkpoint that proves it is durable. Method: the answer of the flash, none, that of another
// ticket, and its failure.
describe('between the receipt and the erasure', () => {
  const log = past.fork(6);
  const receipt = signed(receiptBody(log, named(), { from: 6 }));
  const [keeping] = hear(knowing(ticketOf(past)), receipt);

  it('the checkpoint is kept', () => {
    expect(keeping).toMatchObject({ work: { doing: 'keeping' }, kept: ticketOf(log) });
    const [erasing, effects] = step(keeping, { event: 'kept', nowUs: 6, recordingId, size: 7 }, context);
    expect(erasing).toMatchObject({ work: { doing: 'erasing' } });
    expect(effects).toEqual([{ effect: 'erase', recordingId, receipt, outcome: 'accepted' }]);
  });

  it.each([
    ['an older ticket', { event: 'kept', nowUs: 6, recordingId, size: 6 }],
    [
      'the ticket of another recording',
      { event: 'kept', nowUs: 6, recordingId: recordingOf('b').recordingId, size: 7 },
    ],
    ['time', { event: 'tick', nowUs: 900_000 }],
  ] as const)('%s does not count', (_, event) => {
    expect(step(keeping, event, context)).toEqual([keeping, []]);
  });

  it('a flash that cannot keep it keeps the recording', () => {
    const [state, effects] = step(keeping, { event: 'unreadable', nowUs: 6, recordingId }, context);
    expect(state).toMatchObject({
      work: { doing: 'listing' },
      resting: new Map([[recordingId, 30_000_006]]),
    });
    expect(effects).toEqual([{ effect: 'list' }]);
  });

  it('a quarantine is kept before the own copy is examined', () => {
    const set = past.fork(6);
    const quarantine = signed(receiptBody(set, named(), { from: 6, outcome: 'quarantined' }));
    const [state, effects] = hear(knowing(ticketOf(past)), quarantine);
    expect(kinds(effects)).toEqual(['news', 'keep']);
    expect(step(state, { event: 'kept', nowUs: 6, recordingId, size: 7 }, context)).toMatchObject([
      { work: { doing: 'examining' } },
      [{ effect: 'examine' }],
    ]);
  });

  it('the next receipt must grow from it', () => {
    const next = knowing(keeping.at === 'docked' ? keeping.kept : undefined);
    expect(
      kinds(hear(next, signed(receiptBody(past.fork(6).fill(1, 'theirs'), named(), { from: 7 })))[1]),
    ).toEqual(['send', 'news', 'list']);
    expect(hear(next, ticketMessage(log.fork(7).fill(2, 'ours'), 7))[1]).toMatchObject([
      { effect: 'keep', ticket: { size: 9 } },
    ]);
  });
});
