import { describe, expect, it } from 'vitest';
import { timeIsHonest } from '../../../../sim/check/time-is-honest.ts';
import type { WorldEvent } from '../../../../sim/world/history.ts';
import { seenAs, shift, type Site } from '../world/dock-site.ts';

// Goal: the check speaks when a stamp, an epoch or a camera's time is not true. Method: a real upload, and then one event that lies.

type Stamped = Extract<WorldEvent, { what: 'stamped' }>;

function stampedLast(site: Site): Stamped {
  const event = site.scene.history.of('stamped').at(-1);
  if (event === undefined) throw new Error('nothing was stamped');
  return event;
}

function then(site: Site, change: (event: Stamped) => Stamped): readonly string[] {
  const check = timeIsHonest();
  const events = [...site.scene.history.events, change(stampedLast(site))];
  return events.flatMap((event) => check.see?.(event, site.world) ?? []);
}

describe('the check of time', () => {
  it('is silent about what is true', async () => {
    const site = await shift('calm', undefined, { checks: [timeIsHonest()] });
    expect(site.problems).toEqual([]);
    expect(stampedLast(site).stamp.basis).toBe('utc');
    expect(then(site, (event) => event)).toEqual([]);
  });

  it('is silent about a clock that nobody vouches for, as long as it claims nothing', async () => {
    const options = { checks: [timeIsHonest()], hasTimeDaemon: false, driftPpm: 90 };
    const wrong = async (site: Site): Promise<void> =>
      site.dock.suffer({ harm: 'clock-step', byMs: 700_000 });
    const site = await shift('wrong', wrong, options);
    expect(site.problems).toEqual([]);
    expect(stampedLast(site).stamp.basis).toBe('local');
    const { stamp } = stampedLast(site);
    expect(then(site, (event) => ({ ...event, stamp: { ...stamp, basis: 'utc' } }))).toEqual([
      expect.stringMatching(/is off by/),
    ]);
  });

  it('sees a stamp that is off, one that no clock gave, and a jump within an epoch', async () => {
    const site = await shift('calm');
    const { stamp } = stampedLast(site);
    const off = { ...stamp, receivedAtUs: stamp.receivedAtUs + 5_000 };
    expect(then(site, (event) => ({ ...event, stamp: off }))).toEqual([expect.stringMatching(/is off by/)]);
    const jumped = { ...stamp, basis: 'local', receivedAtUs: stamp.receivedAtUs + 400_000 } as const;
    expect(then(site, (event) => ({ ...event, stamp: jumped }))).toEqual([
      expect.stringMatching(/jumped by/),
    ]);
    const unmade = ({ arrivedUs: _, ...event }: Stamped): Stamped => event;
    expect(then(site, unmade)[0]).toMatch(/was not made by the clock/);
  });

  it('sees a stamp and a camera time that are not as they were', async () => {
    const site = await shift('calm');
    const check = timeIsHonest();
    for (const event of site.scene.history.events) {
      if (event.what === 'stamped' && event.index === 1) {
        const { stamp } = event;
        check.see?.({ ...event, stamp: { ...stamp, receivedAtUs: stamp.receivedAtUs + 1 } }, site.world);
      } else if (event.what === 'recording') {
        check.see?.({ ...event, triggeredWallUs: event.triggeredWallUs + 1 }, site.world);
      } else check.see?.(event, site.world);
    }
    const problems = (await check.end?.(site.world)) ?? [];
    expect(problems.filter((one) => /never made/.test(one))).toHaveLength(2);
    expect(problems.filter((one) => /its camera said/.test(one))).toHaveLength(2);
  });

  it('sees epochs that do not rise', async () => {
    const site = await shift('calm');
    const [started] = await site.dock.ledger.read(0, 1);
    const twice = started === undefined ? [] : [started, started];
    const ledger = { checkpoint: async () => ({ size: 2, note: '' }), read: async () => twice };
    const holdings = { ...site.dock.holdings, list: async () => [] };
    const dock = seenAs(site.dock, { ledger, holdings });
    const problems = await timeIsHonest().end?.({ ...site.world, docks: [dock] });
    expect(problems).toEqual([expect.stringMatching(/begins epoch 1 after 1/)]);
  });
});
