import { describe, expect, it } from 'vitest';
import { checkGrowth } from '../../../proto/growth.ts';
import type { Growth } from '../../../proto/messages.ts';
import { checker } from './fixture.ts';
import { TestLog } from './log-kit.ts';

const log = new TestLog().fill(21, 'ours');
const forked = log.fork(9).fill(12, 'theirs');

const bad = (why: string): unknown =>
  expect.objectContaining({ code: 'BAD_GROWTH', message: expect.stringContaining(why) as unknown });
const from = (growth: Growth, of = log, size = of.size) => ({ checkpoint: of.head(size), growth });

// Goal: a log is believed only as the continuation of what is known of it. Method: every pair of sizes of one history, then
// each way in which a second history, or a shorter one, may be shown.
describe('a log that only grew', () => {
  it('is believed from any size to any other', () => {
    for (let old = 1; old < log.size; old++)
      for (let now = old + 1; now <= log.size; now++)
        expect(checkGrowth(log.head(old), from(log.growth(old, now), log, now), checker)).toBe('grown');
  });

  it('is new to whoever keeps nothing of it, or only its empty beginning', () => {
    expect(checkGrowth(undefined, from({}), checker)).toBe('grown');
    expect(checkGrowth(log.head(0), from({}), checker)).toBe('grown');
  });

  it('may stand still, whatever proof comes with that', () => {
    expect(checkGrowth(log.head(), from({}), checker)).toBe('same');
    expect(checkGrowth(log.head(), from(log.growth(5)), checker)).toBe('same');
  });
});

describe('a log with two histories', () => {
  it('is known by another tree of the same size', () => {
    expect(() => checkGrowth(log.head(), from({}, forked), checker)).toThrow(
      bad('two different trees of 21'),
    );
  });

  it.each([
    ['the proof of its own past', forked.growth(15)],
    ['the proof of our past', log.growth(15)],
    ['no proof', { consistencyFrom: 15 }],
  ])('is known by its growth, with %s', (_, growth) => {
    expect(() => checkGrowth(log.head(15), from(growth, forked), checker)).toThrow(
      bad('do not begin with the 15'),
    );
  });

  it('is known by being shorter', () => {
    for (const growth of [{}, { consistencyFrom: 21 }, log.growth(5, 20)])
      expect(() => checkGrowth(log.head(), from(growth, log, 20), checker)).toThrow(
        bad('has 20 entries, and had 21'),
      );
  });
});

// Goal: an honest log is not accused because two of its words crossed. Method: proofs from sizes that were kept before, and
// checkpoints older than the kept one, on either side of what its owner was told for sure.
describe('a late word', () => {
  it.each([0, 5, 14, 16])('is a proof from %i entries for whoever keeps 15', (start) => {
    expect(checkGrowth(log.head(15), from(log.growth(start)), checker)).toBe('other-start');
  });

  it('is a checkpoint that the kept one overtook, and none below what was told', () => {
    const kept = { ...log.head(), toldSize: 15 };
    for (const size of [15, 20])
      expect(checkGrowth(kept, from(log.growth(5, size), log, size), checker)).toBe('other-start');
    expect(() => checkGrowth(kept, from({}, log, 14), checker)).toThrow(bad('has 14 entries'));
  });
});
