import { describe, expect, it } from 'vitest';
import { newsOf } from '../../../../../dock/viewer/page/news.ts';
import { moved } from '../../../../../dock/viewer/page/list-moves.ts';
import { rulesInWords } from '../../../../../dock/viewer/page/words.ts';
import { rowOf } from './rows.ts';

// Goal: who cannot see the list change hears which line did, and nothing of the others; keys lead where they should. Method: lists before
// and after.

const held = rowOf('1');
const released = rowOf('1', { status: 'released' });

describe('what is said when the list changes', () => {
  it('names the one that is released, or held again', () => {
    expect(newsOf([held, rowOf('2')], [released, rowOf('2')], undefined)).toMatch(
      /^Recording of 24-118842 by Officer 4411, .*2026.*, is released now\.$/,
    );
    expect(newsOf([released], [held], undefined)).toMatch(/is held again\.$/);
  });

  it('counts where there are many', () => {
    const two = rowOf('2', { status: 'released' });
    expect(newsOf([held, rowOf('2')], [released, two], undefined)).toBe('2 recordings are released now.');
  });

  it('is nothing for a row that came, went, was viewed, or says so itself', () => {
    expect(newsOf([], [released], undefined)).toBe('');
    expect(newsOf([held], [], undefined)).toBe('');
    expect(newsOf([released], [{ ...released, viewed: true }], undefined)).toBe('');
    expect(newsOf([held], [released], '1')).toBe('');
  });
});

describe('a key in the list', () => {
  it.each([
    ['ArrowDown', 3, 4],
    ['ArrowUp', 3, 2],
    ['ArrowUp', 0, 0],
    ['Home', 3, 0],
    ['PageDown', 3, 13],
    ['PageUp', 3, 0],
    ['End', 3, 19],
    ['End', 19, 20],
    ['Enter', 3, undefined],
    ['constructor', 3, undefined],
  ])('%s from %i leads to %s', (key, from, to) => {
    expect(moved(key, from, 19)).toBe(to);
  });
});

describe('the rules in words', () => {
  it.each([
    [{ regime: 'doj', policySet: 'a3'.repeat(32) }, 'doj, version a3a3a3a3a3a3'],
    [{ regime: 'doj' }, 'doj'],
    [{ regime: '' }, ''],
  ])('%j', (row, words) => {
    expect(rulesInWords(row)).toBe(words);
  });
});
