import { describe, expect, it } from 'vitest';
import type { Listing } from '../../../../../dock/viewer/page/answers.ts';
import { entriesOf, type Absent, type Entry } from '../../../../../dock/viewer/page/entry.ts';
import { parseFilter } from '../../../../../dock/viewer/page/filter.ts';
import { select, sorted } from '../../../../../dock/viewer/page/selection.ts';
import { at, rowOf } from './rows.ts';

// Goal: the list shows what the filter says and nothing else, in the order that was asked for, and counts what the other choices would
// show. Method: one list with a line of every state.

const ME = '4411';
const REPORT = 'initial report of Officer 4411 on 24-118842, not yet filed';
const listing: Listing = {
  recordings: [
    rowOf('a1', { startedAt: at(4), receivedAt: at(30), missing: [{ fact: 'report.filed', text: REPORT }] }),
    rowOf('a2', { startedAt: at(3), status: 'released', officer: '520', incident: '24-7' }),
    rowOf('a3', { startedAt: at(2), status: 'released', viewed: true, camera: 'cam-2' }),
    rowOf('a4', { startedAt: at(1), receivedAt: at(20), viewed: true, reason: 'a court has sealed it' }),
  ],
  quarantined: [
    { id: 'b1', camera: 'cam-3', transport: 'mqtt', reason: 'bad-manifest', bytes: 9, receivedAt: at(9) },
  ],
  purposes: [],
};
const absent: Absent = {
  missing: [
    { camera: 'cam-1', kind: 'gap', since: at(10), recording: 'a1', text: 'Recording 2 never came.' },
    { camera: 'cam-4', kind: 'partial', since: at(11), recording: 'c1', text: 'The upload stopped.' },
  ],
  arriving: [{ camera: 'cam-5', recording: 'c2', officer: ME, durableBytes: 500_000, totalBytes: 1_000_000 }],
};
const entries = entriesOf(listing, absent);
const keys = (of: readonly Entry[]): readonly string[] => of.map(({ key }) => key);
const found = (query: string): readonly string[] => {
  const filter = parseFilter(query);
  const { shown } = select(sorted(entries, filter.sort), filter, { me: ME, scope: filter.scope ?? 'all' });
  return keys(shown);
};

describe('the lines of the list', () => {
  it('say what each is', () => {
    expect(entries.map(({ state, sentence }) => `${state}: ${sentence}`)).toEqual([
      `held: Held: waiting for the ${REPORT}`,
      'released: Released',
      'viewed: Released, and viewed by you',
      'held: Held: a court has sealed it',
      'partial: On its way: 500 kB of 1.0 MB are here, 50 %',
      'missing: Recording 2 never came.',
      'partial: The upload stopped.',
      'quarantined: Refused: bad-manifest. Kept aside, never released.',
    ]);
  });

  it('do not call an upload stopped that goes on, or has ended', () => {
    const partial = (recording: string) =>
      ({ camera: 'cam-5', kind: 'partial', since: at(1), recording, text: 'stopped' }) as const;
    const gone = entriesOf(listing, { ...absent, missing: [partial('c2'), partial('a1')] });
    expect(gone.filter(({ sentence }) => sentence === 'stopped')).toEqual([]);
    const here = entriesOf(listing, {
      missing: [],
      arriving: [{ ...absent.arriving[0], recording: 'a1' }] as Absent['arriving'],
    });
    expect(here.filter(({ state }) => state === 'partial')).toEqual([]);
  });

  it('have a key each, also where the dock says two things of one recording', () => {
    const [one] = listing.quarantined;
    const twice = entriesOf({ ...listing, quarantined: one === undefined ? [] : [one, one] }, absent);
    expect(new Set(keys(twice)).size).toBe(twice.length);
  });

  it('stay the same object while their row does', () => {
    expect(entriesOf(listing, undefined)[0]).toBe(entries[0]);
  });
});

describe('a selection', () => {
  it.each([
    ['scope=all', 8],
    ['scope=mine', 4],
    ['status=held', 2],
    ['status=released', 1],
    ['status=viewed', 1],
    ['status=partial', 2],
    ['status=missing,quarantined', 2],
    ['scope=mine&status=released', 0],
  ])('by "%s" leaves %i', (query, count) => {
    expect(found(query)).toHaveLength(count);
  });

  it.each([
    ['4411 CAM-2', ['a3']],
    ['cam-2 4411', ['a3']],
    ['officer 520', ['a2']],
    ['24-7', ['a2']],
    ['a4', ['a4']],
    ['court sealed', ['a4']],
    ['initial report', ['a1']],
    ['not yet filed doj', ['a1']],
    ['bad-manifest', ['quarantined/b1']],
    ['court 520', []],
    ['  ', keys(sorted(entries, 'newest'))],
  ])('finds "%s"', (words, expected) => {
    expect(found(`q=${encodeURIComponent(words)}`)).toEqual(expected);
  });

  it('counts each state as the scope and the search leave it, whichever are shown', () => {
    const counts = (query: string) => {
      const filter = parseFilter(query);
      return select(entries, filter, { me: ME, scope: filter.scope ?? 'all' }).counts;
    };
    const all = { held: 2, released: 1, viewed: 1, partial: 2, missing: 1, quarantined: 1 };
    expect(counts('')).toEqual(all);
    expect(counts('status=held')).toEqual(all);
    expect(counts('scope=mine')).toEqual({ ...all, released: 0, partial: 1, missing: 0, quarantined: 0 });
    expect(counts('q=cam-1')).toEqual({
      held: 2,
      released: 1,
      viewed: 0,
      partial: 0,
      missing: 1,
      quarantined: 0,
    });
  });
});

describe('the order', () => {
  it.each([
    ['newest', ['missing/cam-4', 'missing/cam-1', 'quarantined', 'a1', 'a2', 'a3', 'a4', 'partial']],
    ['oldest', ['partial', 'a4', 'a3', 'a2', 'a1', 'quarantined', 'missing/cam-1', 'missing/cam-4']],
    ['waiting', ['missing/cam-1', 'missing/cam-4', 'a4', 'a1', 'quarantined', 'a2', 'a3', 'partial']],
    ['officer', ['a2', 'a1', 'a3', 'a4', 'partial', 'missing/cam-4', 'missing/cam-1', 'quarantined']],
    ['status', ['a1', 'a4', 'a2', 'a3', 'missing/cam-4', 'partial', 'missing/cam-1', 'quarantined']],
  ] as const)('is %s', (sort, expected) => {
    const order = keys(sorted(entries, sort));
    expect(order.map((key) => expected.find((start) => key.startsWith(start)))).toEqual(expected);
  });
});
