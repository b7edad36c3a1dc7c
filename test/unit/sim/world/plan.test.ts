import { expect, test } from 'vitest';
import { FAULT_KINDS } from '../../../../sim/world/coverage.ts';
import { plan } from '../../../../sim/world/plan.ts';

// Goal: a scenario is pure data that a seed decides. Method: the same seed twice, a way through JSON, and what many seeds have in common.

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

test('the same seed gives the same scenario, another seed another one, and JSON changes nothing', () => {
  expect(plan(7)).toEqual(plan(7));
  expect(plan(7)).not.toEqual(plan(8));
  expect(JSON.parse(JSON.stringify(plan(7)))).toEqual(plan(7));
});

test('actions come in the order of time, within the storm, and name machines that are there', () => {
  for (const seed of SEEDS) {
    const { actions, cameras, docks, stormMs } = plan(seed);
    const times = actions.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const action of actions) {
      expect(action.atMs).toBeGreaterThanOrEqual(0);
      expect(action.atMs).toBeLessThan(stormMs);
      if ('camera' in action) expect(cameras[action.camera]).toBeDefined();
      if ('dock' in action) expect(docks[action.dock]).toBeDefined();
    }
  }
});

test('worlds stay small', () => {
  for (const seed of SEEDS) {
    const { actions, cameras, docks } = plan(seed);
    expect(cameras.length).toBeLessThanOrEqual(4);
    expect(docks.length).toBeLessThanOrEqual(2);
    const recordings = actions.filter((action) => action.do === 'record').length;
    expect(recordings).toBeGreaterThan(0);
    expect(recordings).toBeLessThanOrEqual(16);
  }
});

test('swarm: every kind of harm is in some worlds, and none is in all', () => {
  const kinds = new Map<string, number>();
  for (const seed of SEEDS)
    for (const name of new Set(plan(seed).actions.map((action) => action.do)))
      kinds.set(name, (kinds.get(name) ?? 0) + 1);
  const harms = ['camera-cut', 'dock-cut', 'dock-harm', 'hang-up', 'half-close', 'part', 'broker', 'weary'];
  for (const harm of [...harms, 'clock-step', 'flash-room', 'pull', 'assign']) {
    expect(kinds.get(harm) ?? 0, harm).toBeGreaterThan(0);
    expect(kinds.get(harm) ?? 0, harm).toBeLessThan(SEEDS.length);
  }
  expect(FAULT_KINDS.length).toBeGreaterThanOrEqual(20);
});
