import { beforeAll, describe, expect, it } from 'vitest';
import { otherNode } from '../other-node.ts';
import { isWhole } from '../runs.ts';
import { type Summary, summaryOf } from './run-world.ts';

// Goal: a seed is the same run for whoever replays it, whatever Node they have: the same trace hash, and with it the same faults.
// Method: the same seeds in processes of their own, once in one process and once spread over two, and by a Node of another major version.
const FROM_1_TO = isWhole() ? 12 : 4;
const MS_MAX = 300_000;
const NO_OTHER_NODE = 'no Node of another major version is on PATH, and HOLDFAST_OTHER_NODE names none';

const seeds = (to: number): readonly string[] => ['--seeds', `1..${to}`];

describe('the same seeds', () => {
  let first: Summary;
  beforeAll(async () => {
    first = await summaryOf([...seeds(FROM_1_TO), '--jobs', '1']);
  }, MS_MAX);

  it('a second time are the same run', { timeout: MS_MAX }, async () => {
    expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await summaryOf([...seeds(FROM_1_TO), '--jobs', '2'])).toEqual(first);
  });

  it('by another Node are the same run', { timeout: MS_MAX }, async ({ skip }) => {
    const node = otherNode();
    if (node === undefined) return skip(NO_OTHER_NODE);
    expect(await summaryOf([...seeds(FROM_1_TO), '--jobs', '2'], node)).toEqual(first);
  });

  it('are another run with one left out', { timeout: MS_MAX }, async () => {
    expect((await summaryOf(seeds(FROM_1_TO - 1))).hash).not.toBe(first.hash);
  });
});
