import { describe, expect, test } from 'vitest';
import {
  agencyOf,
  edition,
  lineInForce,
  ruleBook,
  standingLines,
} from '../../../../../dock/policy/decide/rule-book.ts';
import type { Rules } from '../../../../../dock/policy/decide/rules.ts';
import type { Adoption, Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import { city, doj, fact, NOW_MS, RECORDING, Story } from '../story.ts';

// Method throughout: adoptions as facts, asked about at moments around their own.
const SET = 'd'.repeat(64);
const adoption = (...line: readonly [number, string, string, number]): Adoption => {
  const [index, agency, regime, fromMs] = line;
  return { index, agency, regime, policySet: SET, fromMs };
};
const FROM_MS = NOW_MS;

describe('the line in force', () => {
  const lines = [
    adoption(1, '', 'doj', 0),
    adoption(2, 'PPB', 'city', FROM_MS),
    adoption(3, '', 'osp', FROM_MS + 1_000),
  ];
  const at = (agency: string, nowMs: number): number | undefined => lineInForce(lines, agency, nowMs)?.index;

  // Goal: a line holds at its own moment and not a millisecond before it.
  test('begins at the very moment', () => {
    expect(at('PPB', FROM_MS - 1)).toBe(1);
    expect(at('PPB', FROM_MS)).toBe(2);
  });

  // Goal: an agency with a line of its own keeps it, whatever later comes for everybody; the others follow that.
  test('of an agency goes before one for everybody', () => {
    expect(at('PPB', FROM_MS + 1_000)).toBe(2);
    expect(at('Salem', FROM_MS + 999)).toBe(1);
    expect(at('Salem', FROM_MS + 1_000)).toBe(3);
    expect(at('', FROM_MS + 1_000)).toBe(3);
  });

  // Goal: the order of the facts decides between two of one moment, and nothing else does.
  test('is the newer fact of two with one moment', () => {
    const again = [...lines, adoption(4, 'PPB', 'ppa', FROM_MS)];
    expect(lineInForce(again, 'PPB', FROM_MS)?.regime).toBe('ppa');
    expect(lineInForce([...again, adoption(5, 'PPB', 'osp', 5)], 'PPB', FROM_MS)?.regime).toBe('ppa');
  });

  // Goal: a line that was taken back is as if it had not been said; the one before it holds again.
  test('is none that was taken back', () => {
    const taken = [...lines, adoption(4, 'PPB', '', FROM_MS)];
    expect(lineInForce(taken, 'PPB', FROM_MS)?.index).toBe(1);
    expect(standingLines(taken).map(({ index }) => index)).toEqual([1, 3]);
    expect(lineInForce([adoption(1, '', '', 0)], 'PPB', FROM_MS)).toBeUndefined();
  });

  // Goal: what tells docks to ask again changes at each moment that matters and at no other.
  test('gives another edition at its moment', () => {
    const editions = [0, 1, FROM_MS - 1, FROM_MS, FROM_MS + 999, FROM_MS + 1_000, FROM_MS * 2].map((nowMs) =>
      edition(lines, nowMs),
    );
    expect(editions).toEqual(['1 0', '1 0', '1 0', '1 2', '1 2', '3 2', '3 2']);
  });
});

describe('the agency of a recording', () => {
  const known = (...facts: readonly ReturnType<typeof fact>[]): Knowledge => {
    const story = new Story(doj);
    for (const one of facts) story.take(one);
    return story.known;
  };

  // Goal: it is the recorder's, by the newest enrolment; whoever asks has no say in it.
  test('is that of the officer who recorded', () => {
    const registered = fact('recording.registered');
    const portland = fact('person.enrolled', { org: 'PPB' });
    const salem = fact('person.enrolled', { org: 'Salem' });
    expect(agencyOf(known(registered, portland), RECORDING)).toBe('PPB');
    expect(agencyOf(known(portland, registered, salem), RECORDING)).toBe('Salem');
    expect(agencyOf(known(portland, registered, fact('person.enrolled')), RECORDING)).toBe('');
  });

  // Goal: of what nobody knows the agency is nobody's.
  test('is empty when recording, officer or agency is unknown', () => {
    expect(agencyOf(known(), RECORDING)).toBe('');
    expect(agencyOf(known(fact('recording.registered')), RECORDING)).toBe('');
    expect(agencyOf(known(fact('recording.registered', { officer: '' })), RECORDING)).toBe('');
  });
});

describe('the rule book', () => {
  const adopted = (rules: Rules, agency = '', from = '1970-01-01T00:00:00Z') =>
    fact('regime.adopted', { agency, regime: rules.regime, policySet: rules.hash, from });
  const at = { recording: RECORDING, nowMs: NOW_MS };
  const book = ruleBook([doj, city]);

  // Goal: two agencies on one service are each under their own rules.
  test('gives each recording the rules of its agency', () => {
    const story = new Story(doj).take(adopted(doj)).take(adopted(city, 'PPB')).tell('recording.registered');
    expect(book.inForce(story.known, at)).toBe(doj);
    story.tell('person.enrolled', { org: 'PPB' });
    expect(book.inForce(story.known, at)).toBe(city);
    expect(book.inForce(story.known, { ...at, recording: 'another' })).toBe(doj);
  });

  // Goal: rules that were loaded and not adopted decide nothing, nor do adopted ones of another text.
  test('decides nothing without a fact, or by other texts than the fact names', () => {
    const none: unknown = expect.objectContaining({ code: 'NONE_IN_FORCE' });
    const story = new Story(doj);
    expect(() => book.inForce(story.known, at)).toThrow(none);
    story.take(adopted(doj));
    expect(book.inForce(story.known, at)).toBe(doj);
    story.tell('regime.adopted', { from: '1970-01-01T00:00:00Z', policySet: SET });
    expect(() => book.inForce(story.known, at)).toThrow(none);
  });
});
