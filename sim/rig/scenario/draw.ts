import { Chance } from '../../fault/chance.ts';
import type { Span } from '../../scenario/moment.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { Step } from '../../scenario/step-schema.ts';

/** What chance decides of one step: milliseconds and a share; undefined where nothing is asked for. */
export interface Drawn {
  readonly atMs: number | undefined;
  readonly share: number | undefined;
  readonly plusMs: number | undefined;
  readonly waitMs: number | undefined;
}

/**
 * All that is to be drawn of a timeline, before anything happens: from the seed and each step's place alone, so that it is the
 * same however long programs take.
 */
export function drawTimeline({ timeline, seed }: Pick<Scenario, 'timeline' | 'seed'>): readonly Drawn[] {
  return timeline.map(({ at, after, plus, wait }, index) => {
    const chance = new Chance(`${seed}/timeline/${index}`);
    const of = (span: Span | undefined, name: string): number | undefined =>
      span === undefined ? undefined : draw(span, chance.split(name));
    return {
      atMs: of(at, 'at'),
      share: of(shareOf(after), 'after'),
      plusMs: of(plus, 'plus'),
      waitMs: of(wait, 'wait'),
    };
  });
}

/** Some moment or share in between, both ends included. */
export function draw({ from, to }: Span, chance: Chance): number {
  return from + (to - from) * chance.fraction();
}

function shareOf(after: Step['after']): Span | undefined {
  if (after === undefined || 'of' in after) return undefined;
  return 'carried' in after ? after.carried : after.durable;
}
