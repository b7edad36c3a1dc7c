import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FieldError } from '../../../proto/errors.ts';
import type { Scenario } from '../../scenario/schema.ts';
import { type Planted, plant } from '../planted.ts';
import type { RunOptions, RunResult } from '../rig.d.mts';
import { erasureProblem, unsettled } from './custody.ts';
import { RunError } from './error.ts';
import { Installation } from './installation.ts';
import { accessProblems, awaitedEvents, finalProblems } from './judge.ts';
import { play, type Told } from './timeline.ts';

const LOOK_MS = 100;
const HEARD_KEPT = 12;

/**
 * Runs one scenario with real programs and ends everything it started. Never rejects for what a scenario may show: a step that
 * fails, a promise that does not hold and a program that ends are its problems. Works side by side with others.
 */
export async function runScenario(given: Scenario, options: RunOptions = {}): Promise<RunResult> {
  const startMs = performance.now();
  const scenario = { ...given, seed: options.seed ?? given.seed };
  const dir = folderFor(scenario, options.keep);
  let planted: Planted | undefined;
  const about = { name: scenario.name, seed: scenario.seed };
  try {
    if (options.plant === true) planted = plantIn(scenario);
    const ground = {
      dir,
      command: planted?.command,
      camera: options.camera,
      ports: options.ports ?? new Map(),
    };
    const { problems, heard } = await attempt(scenario, ground, options);
    const outcome = problems.length === 0 ? 'passed' : 'failed';
    return { ...about, outcome, ms: since(startMs), problems, heard, ...whatWas(scenario, planted) };
  } catch (error) {
    if (!(error instanceof FieldError)) throw error;
    const outcome = error.code === 'NEEDS' ? 'not-run' : 'failed';
    const problems = [error.message];
    return { ...about, outcome, ms: since(startMs), problems, heard: [], ...whatWas(scenario, planted) };
  } finally {
    planted?.remove();
    if (options.keep === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

function whatWas({ plant: fault }: Scenario, planted: Planted | undefined): { readonly planted?: string } {
  return planted === undefined || fault === undefined ? {} : { planted: fault.what };
}

function plantIn({ plant: fault, name }: Scenario): Planted {
  if (fault === undefined) throw new RunError('NEEDS', `${name} names no planted fault: give it plant`);
  return plant(fault.edits.map(({ file, piece, instead }) => ({ file, piece: new RegExp(piece), instead })));
}

interface Found {
  readonly problems: readonly string[];
  readonly heard: readonly string[];
}

async function attempt(
  scenario: Scenario,
  ground: Parameters<typeof Installation.open>[1],
  { tell, signal }: RunOptions,
): Promise<Found> {
  const on = await Installation.open(scenario, ground);
  const stop = (): void => on.story.end(new RunError('STOPPED', 'it was stopped'));
  const late = (): void =>
    on.story.end(new RunError('TIME', `it took longer than ${scenario.within / 1_000} s`));
  signal?.addEventListener('abort', stop, { once: true });
  // It may have been stopped while everything started.
  if (signal?.aborted === true) stop();
  const timer = setTimeout(late, scenario.within);
  try {
    const problems = await problemsOf(on, tell ?? (() => undefined));
    return { problems, heard: problems.length === 0 ? [] : lastHeard(on) };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    await on.close();
  }
}

async function problemsOf(on: Installation, tell: (told: Told) => void): Promise<readonly string[]> {
  const early = new Set<string>();
  const truthOfMs = Date.now() - performance.now();
  on.story.watch(({ event }) => {
    if (event.event !== 'erased') return;
    const problem = erasureProblem(String(event['recording']), on);
    if (problem !== undefined) early.add(problem);
  });
  const startMs = performance.now();
  const phase = (text: string): void => tell({ atMs: performance.now() - startMs, text });
  const found: string[] = [];
  try {
    await play(on.scenario, on, tell);
    phase('comes to rest');
    await settle(on);
    phase('who can open what');
    found.push(...(await accessProblems(on)));
  } catch (error) {
    if (!(error instanceof FieldError) || error.code === 'NEEDS') throw error;
    found.push(error.message);
  }
  phase('ends its programs');
  await on.stop();
  phase('what is left is looked at');
  return [
    ...early,
    ...found,
    ...on.falls.problems,
    ...unsettled(on),
    ...(await finalProblems(on, (atMs) => truthOfMs + atMs)),
  ];
}

/** Waits until everything is where it should be and what must be said has been, or patience is at its end. */
async function settle(on: Installation): Promise<void> {
  const untilMs = performance.now() + on.scenario.expect.settle;
  const isUnrest = (): boolean => unsettled(on).length > 0 || awaitedEvents(on).length > 0;
  while (isUnrest() && performance.now() < untilMs) await on.story.pause(LOOK_MS);
}

function lastHeard(on: Installation): readonly string[] {
  return on.story.heard
    .filter(({ event }) => event.event !== 'progress')
    .slice(-HEARD_KEPT)
    .map(({ of, event }) => `${of}: ${JSON.stringify(event)}`);
}

function folderFor({ name }: Scenario, keep: string | undefined): string {
  if (keep === undefined) return mkdtempSync(join(tmpdir(), `holdfast-${name}-`));
  mkdirSync(keep, { recursive: true });
  return mkdtempSync(join(keep, `${name}-`));
}

function since(startMs: number): number {
  return Math.round(performance.now() - startMs);
}
