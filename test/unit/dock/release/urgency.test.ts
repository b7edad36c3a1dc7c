import { describe, expect, it } from 'vitest';
import type { PolicyEvent } from '../../../../dock/ports.ts';
import { knownAfter, urgency, type Asked } from '../../../../dock/release/urgency.ts';
import { checked, recordingId } from '../../proto/fixture.ts';
import { isPersonId } from '../../../../proto/ids.ts';

// Goal: after a fact, whoever may be looking or waits for it is asked about first, and nobody whom it cannot concern. Method: one pair
// in each state, and facts that name recordings and facts that do not.

const OTHER = 'ff'.repeat(16);
const released: Asked['known'] = { at: 'released', reason: '', purpose: 'write_report', regime: 'doj' };
const withheld = {
  at: 'withheld',
  because: 'missing-facts',
  reason: '',
  regime: 'doj',
  purpose: '',
} as const;
const waiting: Asked['known'] = {
  ...withheld,
  missing: [{ fact: 'report.filed', incident: '24-1', text: '' }],
};
const pair = (changes: Partial<Asked>): Asked => ({
  ...{ recordingId, person: checked('4411', isPersonId), known: waiting, stake: false, live: false },
  ...changes,
});
const filed = (recordings?: readonly string[]): PolicyEvent => ({
  ...{ event: 'fact', index: 7, type: 'report.filed', incident: '24-1', person: '5522' },
  ...(recordings === undefined ? {} : { recordings }),
});

const MORE = { fact: 'officer.involved' };
function waitingFor(...missing: readonly object[]): Asked['known'] {
  const report = { fact: 'report.filed', incident: '24-1', text: '' };
  return { ...withheld, missing: missing.map((one) => ({ ...report, ...one })) };
}

describe('how soon a pair is asked about again', () => {
  it.each([
    ['released, and it may have to close', pair({ known: released }), filed([recordingId]), 0],
    ['waiting for just this', pair({}), filed([recordingId]), 0],
    [
      'waiting for this of somebody else',
      pair({ known: waitingFor({ person: '6633' }) }),
      filed([recordingId]),
      undefined,
    ],
    [
      'waiting for this and more, with no part',
      pair({ known: waitingFor({}, MORE) }),
      filed([recordingId]),
      undefined,
    ],
    [
      'waiting for this and more, with a part',
      pair({ known: waitingFor({}, MORE), stake: true }),
      filed([recordingId]),
      0,
    ],
    [
      'waiting for other things, with a part',
      pair({ known: waitingFor(MORE), stake: true }),
      filed([recordingId]),
      1,
    ],
    [
      'waiting for other things, and named',
      pair({ known: waitingFor(MORE), person: checked('5522', isPersonId) }),
      filed(),
      1,
    ],
    ['with a session open', pair({ known: waiting, live: true }), filed([recordingId, OTHER]), 0],
    ['not among those that are named', pair({}), filed([OTHER]), undefined],
    ['released, and not among those that are named', pair({ known: released }), filed([OTHER]), undefined],
    ['open, and not among those that are named', pair({ live: true }), filed([]), undefined],
    ['nothing named, so any', pair({ known: released }), filed(), 0],
    ['other rules, so any', pair({ known: released }), { event: 'rules' } as const, 0],
    ['a gap, so any', pair({}), { event: 'reconnected' } as const, 2],
  ])('%s', (...[, asked, event, level]) => {
    expect(urgency(asked, event)).toBe(level);
  });
});

// Goal: a pair that is left alone after one of the facts it waits for is asked about when the last of them comes.
describe('what is known of a pair that was not asked about', () => {
  it('is that it waits for the rest', () => {
    const after = knownAfter(pair({ known: waitingFor({}, MORE) }), filed([recordingId]));
    expect(after).toEqual(waitingFor(MORE));
    const last: PolicyEvent = {
      event: 'fact',
      index: 8,
      type: 'officer.involved',
      incident: '24-1',
      person: '6633',
    };
    expect(urgency(pair({ known: after }), last)).toBe(0);
  });

  it('stays as it is where the fact is none of these', () => {
    for (const known of [waitingFor(MORE), released])
      expect(knownAfter(pair({ known }), filed())).toBe(known);
  });

  // Method: facts of the kind that it waits for, about another recording; the page would say that nothing is missing.
  it('stays as it is where the fact is about another recording', () => {
    const known = waitingFor({ fact: 'access.authorised', incident: undefined });
    const authorised = {
      event: 'fact',
      index: 9,
      type: 'access.authorised',
      person: '4411',
      recording: OTHER,
    } as const;
    expect(knownAfter(pair({ known }), authorised)).toBe(known);
    expect(knownAfter(pair({ known: waiting }), filed([OTHER]))).toBe(waiting);
  });
});
