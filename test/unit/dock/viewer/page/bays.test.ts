import { expect, it } from 'vitest';
import {
  announcement,
  lookOf,
  minutesInWords,
  summaryOf,
  titleOf,
} from '../../../../../dock/viewer/page/bay-words.ts';
import { boardAfter } from '../../../../../dock/viewer/page/bays-board.ts';
import type { ShownBay } from '../../../../../dock/viewer/schema/bays.ts';

// Goal: a card says the one thing that matters, and a screen reader hears of faults and receipts but not of progress.
const at = '2026-10-29T12:00:00.000000Z';
const bay = (fields: Partial<ShownBay> = {}): ShownBay => ({
  ...{ name: 'bay /dev/ttyUSB1', transport: 'serial', state: 'receiving', since: at },
  ...fields,
});

it('shows a fault before anything else', () => {
  expect(lookOf(bay()).word).toBe('Uploading');
  expect(lookOf(bay({ fault: { code: 'quarantined', at } }))).toMatchObject({
    tone: 'bad',
    word: 'Set aside',
  });
  expect(lookOf(bay({ state: 'refused: busy' })).tone).toBe('bad');
  expect(lookOf(bay({ state: 'idle' })).word).toBe('Docked');
  const lastReceipt = { camera: 'cam-1', outcome: 'accepted', at } as const;
  expect(lookOf(bay({ state: 'idle', lastReceipt })).word).toBe('Done');
});

it('names the camera, or else the bay', () => {
  expect(titleOf(bay({ camera: 'cam-1' }))).toBe('cam-1');
  expect(titleOf(bay())).toBe('Bay ttyUSB1');
});

it('counts bays by what they do', () => {
  const bays = [
    bay({ bitsPerSecond: 2_000_000 }),
    bay({ fault: { code: 'busy', at } }),
    bay({ state: 'empty' }),
  ];
  expect(summaryOf(bays)).toEqual({ total: 3, uploading: 2, done: 0, faults: 1, bitsPerSecond: 2_000_000 });
});

it('says faults and receipts aloud, once, and no progress', () => {
  const before = bay({ camera: 'cam-1', durableBytes: 1 });
  expect(announcement(before, { ...before, durableBytes: 2 })).toBeUndefined();
  const faulty = { ...before, fault: { code: 'interrupted', at } };
  expect(announcement(before, faulty)).toMatch(/^cam-1: Interrupted/);
  expect(announcement(faulty, faulty)).toBeUndefined();
  const settled = { ...before, lastReceipt: { camera: 'cam-1', outcome: 'accepted', at } } as const;
  expect(announcement(before, settled)).toBe('cam-1: Taken into custody.');
  expect(announcement(undefined, settled)).toBeUndefined();
});

it('puts what has changed where it was, and what is new where its name belongs', () => {
  const seen = ['bay 2', 'bay 10'].map((name) => ({ bay: bay({ name }), atMs: 1 }));
  const change = { bays: [bay({ name: 'bay 10', state: 'idle' }), bay({ name: 'bay 3' })], gone: [] };
  const next = boardAfter(seen, change, 9);
  expect(next.map(({ bay: { name, state }, atMs }) => [name, state, atMs])).toEqual([
    ['bay 2', 'receiving', 1],
    ['bay 3', 'receiving', 9],
    ['bay 10', 'idle', 9],
  ]);
  expect(boardAfter(next, { bays: [], gone: ['bay 2'] }, 10)).toHaveLength(2);
});

it.each([
  [20, 'under 1 min'],
  [250, '4 min'],
  [7_500, '2 h 5 min'],
])('says %d s as %s', (seconds, words) => {
  expect(minutesInWords(seconds)).toBe(words);
});
