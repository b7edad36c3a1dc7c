import type { Span } from '../../scenario/moment.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { Step } from '../../scenario/step-schema.ts';
import { Chance } from '../../fault/chance.ts';
import { act } from './act.ts';
import { flashBytes } from './cables.ts';
import { RunError } from './error.ts';
import type { Installation } from './installation.ts';

const LOOK_MS = 5;

/** A step of which the runner tells whoever watches. */
export interface Told {
  readonly atMs: number;
  readonly text: string;
}

/**
 * Plays the timeline to its end. What is to be drawn comes from the seed and the step's place, so that it is the same however
 * long programs take. Rejects with RunError at the first step that could not be carried out, and says which.
 */
export async function play(
  { timeline, seed }: Pick<Scenario, 'timeline' | 'seed'>,
  on: Installation,
  tell: (told: Told) => void,
): Promise<void> {
  const startMs = performance.now();
  const seen = new Map<string, number>();
  for (const [index, step] of timeline.entries()) {
    const chance = new Chance(`${seed}/timeline/${index}`);
    try {
      await moment(step, { on, chance, startMs, seen });
      tell({ atMs: performance.now() - startMs, text: inWords(step) });
      await act(step, on, chance);
    } catch (error) {
      if (error instanceof RunError && error.code !== 'STEP') throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new RunError('STEP', `step ${index + 1} (${inWords(step)}): ${why}`, error);
    }
  }
}

interface Now {
  readonly on: Installation;
  readonly chance: Chance;
  readonly startMs: number;
  /** How often an event has been waited for. */
  readonly seen: Map<string, number>;
}

async function moment({ at, after, plus }: Step, { on, chance, startMs, seen }: Now): Promise<void> {
  const { story } = on;
  if (at !== undefined) await story.pause(startMs + draw(at, chance.split('at')) - performance.now());
  if (after !== undefined && 'of' in after) {
    const key = JSON.stringify(after);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    await story.until(after, nth);
  } else if (after !== undefined && 'carried' in after) {
    await carried(on, after.by, draw(after.carried, chance.split('after')));
  } else if (after !== undefined) {
    await durable(on, after.by, draw(after.durable, chance.split('after')));
  }
  if (plus !== undefined) await story.pause(draw(plus, chance.split('plus')));
}

/** Resolves when this share of what the camera holds has gone over its cable. */
async function carried(on: Installation, camera: string, share: number): Promise<void> {
  if (on.cables.isReal(camera))
    throw new RunError('STEP', `nobody counts what goes over the real port of ${camera}`);
  const bytes = share * flashBytes(on.site.flashDir(camera));
  while (on.cables.carriedBytes(camera) < bytes) await on.story.pause(LOOK_MS);
}

/** Resolves when its dock has acknowledged this share of the recording under way. */
async function durable(on: Installation, camera: string, share: number): Promise<void> {
  const progress = { of: camera, event: 'progress', having: {} };
  const from = on.story.all(progress).length;
  for (let nth = from + 1; ; nth += 1) {
    const { event } = await on.story.until(progress, nth);
    if (Number(event['durableBytes']) >= share * Number(event['totalBytes'])) return;
  }
}

/** Some moment or share in between, both ends included. */
export function draw({ from, to }: Span, chance: Chance): number {
  return from + (to - from) * chance.fraction();
}

/** What a step does, in a line for people. */
function inWords(step: Step): string {
  const [[key, value] = ['nothing', '']] = Object.entries(step).filter(
    ([name, given]) => !['at', 'after', 'plus', 'about'].includes(name) && given !== undefined,
  );
  if (typeof value !== 'object' || value === null) return `${key} ${String(value)}`;
  const rest = Object.entries(value).flatMap(([name, one]) =>
    one === undefined ? [] : [`${name} ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`],
  );
  return `${key} ${rest.join(', ')}`;
}
