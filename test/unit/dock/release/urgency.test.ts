import { describe, expect, it } from 'vitest';
import type { PolicyEvent } from '../../../../dock/ports.ts';
import { urgency, type Asked } from '../../../../dock/release/urgency.ts';
import { checked, recordingId } from '../../proto/fixture.ts';
import { isPersonId } from '../../../../proto/ids.ts';

// Goal: after a fact, whoever may be looking or waits for it is asked about first, and nobody whom it cannot concern. Method: one pair
// in each state, and facts that name recordings and facts that do not.

const OTHER = 'ff'.repeat(16);
const released: Asked['known'] = { at: 'released', reason: '', purpose: 'write_report', regime: 'doj' };
const waiting: Asked['known'] = {
  ...{ at: 'withheld', because: 'missing-facts', reason: '', regime: 'doj', purpose: '' },
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

describe('how soon a pair is asked about again', () => {
  it.each([
    ['released, and it may have to close', pair({ known: released }), filed([recordingId]), 0],
    ['waiting for just this', pair({}), filed([recordingId]), 0],
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
