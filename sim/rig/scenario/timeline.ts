import type { Scenario } from '../../scenario/schema.ts';
import type { Step } from '../../scenario/step-schema.ts';
import { act } from './act.ts';
import { flashBytes } from './cables.ts';
import { type Drawn, drawTimeline } from './draw.ts';
import { RunError } from './error.ts';
import type { Installation } from './installation.ts';

const LOOK_MS = 5;
const MS_PER_S = 1_000;
const PERCENT = 100;

/** A step of which the runner tells whoever watches. */
export interface Told {
  readonly atMs: number;
  readonly text: string;
}

/**
 * Plays the timeline to its end. Rejects with RunError at the first step that could not be carried out, or whose moment never came,
 * and says which, where it stands and what it waited for.
 */
export async function play(
  { timeline, seed, places }: Pick<Scenario, 'timeline' | 'seed' | 'places'>,
  on: Installation,
  tell: (told: Told) => void,
): Promise<void> {
  const startMs = performance.now();
  const seen = new Map<string, number>();
  const draws = drawTimeline({ timeline, seed });
  for (const [index, step] of timeline.entries()) {
    const drawn = draws[index] ?? { atMs: undefined, share: undefined, plusMs: undefined, waitMs: undefined };
    const text = inWords(step, drawn);
    let waitsFor = awaited(step, drawn);
    try {
      await moment(step, { on, drawn, startMs, seen });
      waitsFor = '';
      tell({ atMs: performance.now() - startMs, text });
      // Some of what a step waits for knows nothing of the end of the run.
      await Promise.race([act(step, on, drawn), on.story.over]);
    } catch (error) {
      if (error instanceof RunError && error.code === 'NEEDS') throw error;
      const place = places?.[index] === undefined ? '' : `${places[index]}: `;
      const why = error instanceof Error ? error.message : String(error);
      throw new RunError('STEP', `${place}step ${index + 1} (${text})${waitsFor}: ${why}`, error);
    }
  }
}

interface Now {
  readonly on: Installation;
  readonly drawn: Drawn;
  readonly startMs: number;
  /** How often an event has been waited for. */
  readonly seen: Map<string, number>;
}

async function moment({ after }: Step, { on, drawn, startMs, seen }: Now): Promise<void> {
  const { story } = on;
  const { atMs, share = 0, plusMs } = drawn;
  if (atMs !== undefined) await story.pause(startMs + atMs - performance.now());
  if (after !== undefined && 'of' in after) {
    const key = JSON.stringify(after);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    await story.until(after, nth);
  } else if (after !== undefined && 'carried' in after) {
    await carried(on, after.by, share);
  } else if (after !== undefined) {
    await durable(on, after.by, share);
  }
  if (plusMs !== undefined) await story.pause(plusMs);
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

/** What a step waits for, for whoever reads that it did not come. */
function awaited({ after }: Step, { share = 0 }: Drawn): string {
  if (after === undefined) return '';
  if (!('of' in after)) {
    const kind = 'carried' in after ? 'carried' : 'durable';
    return ` waits until ${(share * PERCENT).toFixed(0)} % of what ${after.by} holds is ${kind}, which did not come`;
  }
  const fields = Object.entries(after.having).map(([key, value]) => ` with ${key} ${String(value)}`);
  return ` waits for "${after.of} ${after.event}"${fields.join(' and')}, which did not come`;
}

/** What a step does, in a line for people. */
function inWords(step: Step, { waitMs }: Drawn): string {
  if (waitMs !== undefined) return `wait ${(waitMs / MS_PER_S).toFixed(1)} s`;
  const [[key, value] = ['nothing', '']] = Object.entries(step).filter(
    ([name, given]) => !['at', 'after', 'plus', 'about'].includes(name) && given !== undefined,
  );
  if (typeof value !== 'object' || value === null) return `${key} ${String(value)}`;
  const rest = Object.entries(value).flatMap(([name, one]) =>
    one === undefined ? [] : [`${name} ${typeof one === 'object' ? JSON.stringify(one) : String(one)}`],
  );
  return `${key} ${rest.join(', ')}`;
}
