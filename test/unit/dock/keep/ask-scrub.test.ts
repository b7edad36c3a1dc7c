import { beforeEach, describe, expect, it } from 'vitest';
import { askScrub } from '../../../../dock/keep/ask-scrub.ts';
import type { ScrubStanding } from '../../../../dock/keep/progress.ts';

// Goal: an operator's word reaches the scrub, and one that makes no sense does nothing. Method: a scrub that notes what it was told.
describe('the scrub of a running dock', () => {
  let told: string[];
  let reported: unknown[];
  let state: ScrubStanding['state'];
  let ending: Promise<unknown>;
  beforeEach(() => {
    [told, reported, state, ending] = [[], [], 'resting', Promise.resolve()];
  });

  const ask = (body: unknown): Promise<ScrubStanding> =>
    askScrub(body, {
      upkeep: {
        standing: () => ({ state, begun: 0 }),
        pause: () => {
          state = 'paused';
        },
        resume: () => {
          state = 'resting';
        },
        scrub: () => {
          told.push('pass');
          return ending;
        },
      },
      report: (problem) => void reported.push(problem),
    });

  it('answers how it stands, and does what it is told', async () => {
    expect(await ask(undefined)).toEqual({ state: 'resting', begun: 0 });
    expect(await ask({ act: 'look' })).toEqual({ state: 'resting', begun: 0 });
    expect(told).toEqual([]);
    expect(await ask({ act: 'pass' })).toEqual({ state: 'resting', begun: 0 });
    expect(told).toEqual(['pass']);
    expect(await ask({ act: 'pause' })).toMatchObject({ state: 'paused' });
    await expect(ask({ act: 'pass' })).rejects.toMatchObject({ code: 'BUSY', retry: 'later' });
    expect(told).toEqual(['pass']);
    expect(await ask({ act: 'resume' })).toMatchObject({ state: 'resting' });
  });

  it.each([{ act: 'stop' }, { act: 1 }, { act: null }])('refuses %j', async (body) => {
    await expect(ask(body)).rejects.toMatchObject({ code: 'BAD_REQUEST' });
    expect(told).toEqual([]);
  });

  it('reports a pass that fails, to whom nobody listens any more', async () => {
    ending = Promise.reject(new Error('no index'));
    await ask({ act: 'pass' });
    await Promise.resolve();
    expect(reported).toEqual([new Error('no index')]);
  });
});
