import { describe, expect, it } from 'vitest';
import type {
  Comparison,
  OpenCase,
  PolicyChange,
  Span,
} from '../../../../../dock/viewer/page/oversight-answers.ts';
import {
  barsOf,
  BARS_WIDTH,
  changeInWords,
  gravity,
  onFile,
  purposesInWords,
  queryOf,
  reachOf,
  spansInWords,
  stateInWords,
  wantedIn,
} from '../../../../../dock/viewer/page/oversight-words.ts';

// Goal: what the policy service says of cases, rules and comparisons is said in plain words, and drawn where it belongs.
// Method: answers as the service gives them.

const CASE: OpenCase = {
  ...{ case: 'c-1', incident: '26-203', since: '2026-11-20T15:05:00.000Z', force: 'deadly' },
  ...{ deathInCustody: false, injury: 'none', vulnerable: false, misconduct: false, barred: false },
  ...{ participants: [], recordings: [], more: 0 },
};

describe('what a case is about', () => {
  it.each<[Partial<OpenCase>, readonly string[]]>([
    [{}, ['Deadly force']],
    [{ force: 'unclassified' }, ['Force not classified: it counts as the strictest']],
    [
      { force: 'none', deathInCustody: true, injury: 'serious', vulnerable: true, misconduct: true },
      [
        ...['Death in custody', 'No force', 'Serious injury'],
        ...['Handcuffed or in a mental-health crisis', 'Misconduct alleged'],
      ],
    ],
  ])('%j', (changes, words) => {
    expect(gravity({ ...CASE, ...changes })).toEqual(words);
  });

  it('says what each person has on file', () => {
    expect(onFile({ person: '4411', report: 'none', statements: [] })).toBe('no report yet');
    const statements = [
      { kind: 'perceptual', recorded: true },
      { kind: 'supervisor_interview', recorded: false },
    ];
    expect(onFile({ person: '4411', report: 'withdrawn', statements })).toBe(
      'report taken back; perceptual statement, recorded; interview with a supervisor',
    );
  });
});

describe('a policy change', () => {
  const line = { index: 4, filedAt: '2026-11-20T15:05:00.000Z', agency: '' };
  const change: PolicyChange = {
    ...{ ...line, state: 'in-force' },
    adopted: { regime: 'doj', policySet: 'a'.repeat(64) },
  };
  const back: PolicyChange = {
    ...{ ...line, agency: 'ppb', from: '2026-11-20T15:05:00.000Z' },
    state: 'takes-back',
  };

  it('says which rules are for whom, and whether they hold', () => {
    expect(changeInWords(change)).toBe('doj for every agency without rules of its own');
    expect(changeInWords(back)).toMatch(/^Taken back: the line of ppb from .*2026/);
    expect([stateInWords(change), stateInWords(back)]).toEqual([
      'In force now',
      'Takes an earlier line back',
    ]);
  });
});

const span = (from: string, until?: string): Span => ({
  from: { at: `2026-11-20T${from}:00.000Z`, cause: 'x' },
  ...(until === undefined ? {} : { until: { at: `2026-11-20T${until}:00.000Z`, cause: 'y' } }),
});
const comparison = (spans: readonly Span[]): Comparison => ({
  ...{ incident: '26-203', regimes: [], facts: 3, recordings: [], windows: [] },
  ...{ from: '2026-11-20T10:00:00.000Z', until: '2026-11-20T20:00:00.000Z' },
  rows: [{ recording: 'r', person: 'p', part: 'made it', purposes: [], allowed: [spans, []] }],
});

describe('the bars of a comparison', () => {
  it('lie where the times are, and go to the edge while they last', () => {
    const reach = reachOf(comparison([]));
    expect(barsOf([span('11:00', '12:00'), span('15:00')], reach)).toEqual([
      { x: 100, width: 100 },
      { x: 500, width: 500 },
    ]);
  });

  it('reach as far as a leave that runs out after the last fact', () => {
    const spans = [span('11:00', '23:00')];
    expect(new Date(reachOf(comparison(spans)).untilMs).toISOString()).toBe('2026-11-20T23:00:00.000Z');
  });

  it('can always be seen, and never leave the line', () => {
    const reach = reachOf(comparison([]));
    for (const one of [span('10:00', '10:01'), span('20:00'), span('09:00', '09:30'), span('09:00', '23:00')])
      for (const { x, width } of barsOf([one], reach)) {
        expect(width).toBeGreaterThan(0);
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + width).toBeLessThanOrEqual(BARS_WIDTH);
      }
    const instant = { ...comparison([]), until: '2026-11-20T10:00:00.000Z' };
    expect(barsOf([span('10:00')], reachOf(instant))).toEqual([{ x: 0, width: BARS_WIDTH }]);
  });

  it('are said in words too', () => {
    expect(spansInWords([])).toBe('never');
    expect(spansInWords([span('11:00', '12:00'), span('15:00')])).toMatch(/ to .*; from .* on$/);
    expect(purposesInWords(['write_report', 'oversight'])).toBe('write a report, review a case');
  });
});

describe('what an address asks to compare', () => {
  it.each([
    ['incident=26-203&a=doj&b=ppa', { incident: '26-203', a: 'doj', b: 'ppa' }],
    ['incident=26%2F203&a=doj&b=ppa', { incident: '26/203', a: 'doj', b: 'ppa' }],
    ['incident=26-203&a=doj&b=doj', undefined],
    ['incident=26-203&a=doj', undefined],
    ['', undefined],
  ])('%s', (query, wanted) => {
    expect(wantedIn(query)).toEqual(wanted);
    if (wanted !== undefined) expect(wantedIn(queryOf(wanted))).toEqual(wanted);
  });
});
