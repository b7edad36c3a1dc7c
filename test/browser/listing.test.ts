import { describe, expect, it } from 'vitest';
import type { Listing, Row } from '../../dock/viewer/page/answers.ts';
import { CurrentListing } from '../../dock/viewer/page/listing.ts';

// Goal: the list always shows the newest that the dock has said of each row, however loads and changes overtake each other. Method: the
// orders in which they can arrive; this needs no browser.

const row = (id: string, changes: Partial<Row> = {}): Row => ({
  ...{ id, camera: 'cam-1', transport: 'mqtt', officer: '4411', incident: '26-1', endedAt: '' },
  ...{
    startedAt: `2026-11-21T08:0${id}:00Z`,
    bytes: 1,
    chunks: 1,
    durationMs: 1,
    regime: 'doj',
    purpose: '',
  },
  ...{ status: 'held', reason: '', missing: [], viewed: false },
  ...changes,
});
const listing = (...recordings: readonly Row[]): Listing => ({ recordings, quarantined: [], purposes: [] });
const shown = (current: CurrentListing): readonly string[] =>
  current.now?.recordings.map(({ id, status }) => `${id} ${status}`) ?? [];

describe('the list of a page', () => {
  it('takes a row in, changes it and lets it go, newest first', () => {
    const current = new CurrentListing();
    expect(current.loading()(listing(row('1')))).toBe(true);
    current.change({ recording: '2', row: row('2') });
    current.change({ recording: '1', row: row('1', { status: 'released' }) });
    expect(shown(current)).toEqual(['2 held', '1 released']);
    current.change({ recording: '2' });
    expect(shown(current)).toEqual(['1 released']);
  });

  it('keeps what changed while it was being loaded', () => {
    const current = new CurrentListing();
    const take = current.loading();
    current.change({ recording: '1', row: row('1', { status: 'released' }) });
    current.change({ recording: '2' });
    take(listing(row('1'), row('2'), row('3')));
    expect(shown(current)).toEqual(['3 held', '1 released']);
  });

  it('does not go back to an older answer that comes later', () => {
    const current = new CurrentListing();
    const older = current.loading();
    const newer = current.loading();
    expect(newer(listing(row('1', { status: 'released' })))).toBe(true);
    expect(older(listing(row('1')))).toBe(false);
    expect(shown(current)).toEqual(['1 released']);
  });
});
