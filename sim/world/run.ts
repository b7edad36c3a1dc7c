import { Awaited } from '../check/all-arrives-after-calm.ts';
import type { Check, World } from '../check/check.ts';
import { CHECKS } from '../check/checks.ts';
import type { Met } from './coverage.ts';
import type { WorldEvent } from './history.ts';
import { makeMachines } from './machines.ts';
import { chunkOpener } from './open-chunk.ts';
import type { Scenario } from './scenario.ts';
import { makeScene, type Scene, settle } from './scene.ts';
import { Storm } from './storm.ts';

/** A check that was failed, or a program that did what none may do. */
export interface Failure {
  /** Name of the check; `crash` for a program's own end. */
  readonly check: string;
  readonly promise: number | undefined;
  readonly problem: string;
  /** True time, microseconds since the start of the world. */
  readonly atUs: number;
}

/** What came of one run; plain data. */
export interface Outcome {
  readonly verdict: Verdict;
  readonly failures: readonly Failure[];
  readonly hash: string;
  readonly lines: number;
  readonly met: Met;
  readonly recordings: number;
  /** True time that passed in it, milliseconds. */
  readonly virtualMs: number;
}

/** `wrong`: a check failed. `crashed`: a program did. `stuck`: no check failed but that not everything arrived, or time stood still. */
export type Verdict = 'ok' | 'wrong' | 'crashed' | 'stuck';

export interface RunOptions {
  /** Names of the checks to hold it to; all when absent. */
  readonly checks?: readonly string[] | undefined;
  /** Is given every line of the trace. */
  readonly sink?: ((line: string) => void) | undefined;
}

// Far more than happens at one moment of any run; a timer that rings at once for ever would never end.
const TURNS_AT_ONCE_MAX = 20_000;

/** The name under which a world fails whose time does not go on. */
const TIME_STANDS_STILL = 'time-stands-still';
// Nothing wrong was seen in a world that only did not come to its end.
const NO_PROGRESS: ReadonlySet<string> = new Set(['all-arrives-after-calm', TIME_STANDS_STILL]);

/** Runs a scenario: storm, calm, end checks. The same scenario gives the same outcome, and the same hash. Never rejects. */
export async function run(scenario: Scenario, options: RunOptions = {}): Promise<Outcome> {
  const scene = makeScene(`run ${scenario.seed}`, options.sink);
  const failures: Failure[] = [];
  const fail = (failure: Omit<Failure, 'atUs'>): void => {
    const { check, problem } = failure;
    failures.push({ ...failure, atUs: scene.clock.monoUs() });
    scene.trace.line(`${scene.clock.monoUs()} FAILED ${check}: ${problem}`);
  };
  const crashed = (error: unknown): void => {
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    fail({ check: 'crash', promise: undefined, problem });
  };
  // Work that nobody waits for ends here when it fails: for a program that is its end.
  process.on('unhandledRejection', crashed);
  try {
    await play(scenario, { scene, failures, fail, crashed, options });
  } catch (error) {
    crashed(error);
  } finally {
    await settle();
    process.off('unhandledRejection', crashed);
  }
  const { trace, coverage, clock, history } = scene;
  return {
    ...{ verdict: verdictOf(failures), failures, met: coverage.met },
    ...{ hash: trace.hash, lines: trace.lines, virtualMs: Math.round(clock.monoUs() / 1_000) },
    recordings: history.of('recording').length,
  };
}

interface Stage {
  readonly scene: Scene;
  readonly failures: readonly Failure[];
  readonly fail: (failure: Omit<Failure, 'atUs'>) => void;
  readonly crashed: (error: unknown) => void;
  readonly options: RunOptions;
}

async function play(scenario: Scenario, stage: Stage): Promise<void> {
  const { scene, options, crashed, fail, failures } = stage;
  const machines = makeMachines(scenario, scene, crashed);
  const world: World = {
    ...{ scene, docks: machines.docks, open: chunkOpener(machines.custodian) },
    cameras: machines.cameras.map(({ machine }) => machine),
  };
  const checks = CHECKS.map((make) => make()).filter(
    ({ name }) => options.checks === undefined || options.checks.includes(name),
  );
  const awaited = new Awaited();
  scene.history.watch((event) => {
    awaited.see(event);
    watch(checks, { event, world }, fail);
  });
  const storm = new Storm(scene, machines, crashed);
  storm.begin();
  for (const action of scenario.actions) scene.clock.after(action.atMs, () => storm.act(action));
  const isBroken = (): boolean => failures.length > 0;
  const stoodStill = (): void => {
    const problem = 'something is due at once, again and again, for ever';
    fail({ check: TIME_STANDS_STILL, promise: undefined, problem });
  };
  if (!(await until(scene, isBroken, scenario.stormMs))) stoodStill();
  if (isBroken()) return;
  scene.trace.line(`${scene.clock.monoUs()} calm`);
  storm.calm();
  const isOver = (): boolean =>
    awaited.isOver &&
    machines.docks.every(({ isUp }) => isUp) &&
    machines.cameras.every(({ machine }) => machine.isReady);
  if (!(await until(scene, () => isBroken() || isOver(), scenario.calmMs))) stoodStill();
  if (isBroken()) return;
  for (const check of checks)
    for (const problem of (await check.end?.(world)) ?? [])
      fail({ check: check.name, promise: check.promise, problem });
}

function watch(
  checks: readonly Check[],
  { event, world }: { readonly event: WorldEvent; readonly world: World },
  fail: Stage['fail'],
): void {
  for (const check of checks) {
    const problem = check.see?.(event, world);
    if (problem !== undefined) fail({ check: check.name, promise: check.promise, problem });
  }
}

/** Lets true time pass, from one timer to the next, until `done` or for so long; false when it stands still. */
async function until(scene: Scene, done: () => boolean, limitMs: number): Promise<boolean> {
  const { clock } = scene;
  const endUs = clock.monoUs() + limitMs * 1_000;
  for (let turns = 0; turns < TURNS_AT_ONCE_MAX; turns++) {
    await settle();
    if (done()) return true;
    const { nextUs } = clock;
    if (nextUs > endUs) {
      clock.advanceTo(endUs);
      await settle();
      return true;
    }
    if (nextUs > clock.monoUs()) turns = 0;
    clock.advanceTo(nextUs);
  }
  return false;
}

function verdictOf(failures: readonly Failure[]): Verdict {
  if (failures.length === 0) return 'ok';
  if (failures.some(({ check }) => check === 'crash')) return 'crashed';
  return failures.every(({ check }) => NO_PROGRESS.has(check)) ? 'stuck' : 'wrong';
}
