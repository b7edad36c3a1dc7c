import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../../../../sim/fault/chance.ts';
import { draw, drawTimeline } from '../../../../../sim/rig/scenario/draw.ts';
import { readScenario } from '../../../../../sim/scenario/reader.ts';
import { shippedScenarios } from '../../../../../sim/scenario/shipped.ts';

const TIMELINE = `name: drawn
about: every kind of draw
seed: 3
site:
  docks: [{ id: dock-1, bays: [{ name: bay1 }] }]
  cameras: [{ id: cam-1, officer: "4411", link: bay1 }]
timeline:
  - { at: 1s..90s, record: cam-1 }
  - { after: { carried: 1%..99%, by: cam-1 }, plus: 1s..90s, undock: cam-1 }
  - { after: { durable: 1%..99%, by: cam-1 }, plus: 5s, dock: cam-1 }
  - wait: 1s..90s
`;

// Goal: the same seed gives the same run as far as chance goes, whatever the programs do. Method: everything that is drawn of a
// timeline, which no process has a part in, drawn twice and with another seed.
describe('what is drawn of a timeline', () => {
  const drawn = (seed: string) => drawTimeline({ ...readScenario(TIMELINE, 'f.yaml'), seed });

  it('is the same for the same seed, within its bounds, and nothing where nothing is asked for', () => {
    expect(drawn('a')).toEqual(drawn('a'));
    const [first, second, third, fourth] = drawn('a');
    expect([first?.plusMs, first?.share, first?.waitMs, second?.atMs, third?.plusMs]).toEqual([
      ...[undefined, undefined, undefined, undefined],
      5_000,
    ]);
    for (const ms of [first?.atMs, second?.plusMs, fourth?.waitMs]) {
      expect(ms).toBeGreaterThanOrEqual(1_000);
      expect(ms).toBeLessThanOrEqual(90_000);
    }
  });

  it('is another for another seed and at another place, one draw at a time', () => {
    const values = ['a', 'b', 'c'].flatMap((seed) =>
      drawn(seed).flatMap(({ atMs, share, plusMs, waitMs }, index) =>
        [atMs, share, index === 2 ? undefined : plusMs, waitMs].filter((value) => value !== undefined),
      ),
    );
    expect(values).toHaveLength(15);
    expect(new Set(values).size).toBe(15);
  });

  it('does not change when a step is added behind it', () => {
    const longer = { ...readScenario(`${TIMELINE}  - wait: 1s..2s\n`, 'f.yaml'), seed: 'a' };
    expect(drawTimeline(longer).slice(0, 4)).toEqual(drawn('a'));
  });

  it('is settled for every scenario that comes along', () => {
    for (const file of shippedScenarios()) {
      const scenario = readScenario(readFileSync(file, 'utf8'), file);
      expect(drawTimeline(scenario), basename(file)).toEqual(drawTimeline(scenario));
    }
  });

  it('takes all of a span, both ends included', () => {
    const moments = Array.from({ length: 50 }, (_, seed) =>
      draw({ from: 1_000, to: 2_000 }, new Chance(String(seed))),
    );
    expect(Math.min(...moments)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...moments)).toBeLessThanOrEqual(2_000);
    expect(new Set(moments).size).toBeGreaterThan(40);
  });
});
