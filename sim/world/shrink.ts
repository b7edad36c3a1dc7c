import type { Action, Scenario } from './scenario.ts';

/** Says whether a scenario still fails as it did. */
export type StillFails = (scenario: Scenario) => Promise<boolean>;

/** How many runs a shrinking may take. */
export interface ShrinkBudget {
  readonly runs: number;
}

/**
 * A scenario that still fails, with as little in it as can be found within the budget: actions are left out in ever smaller
 * pieces, then cameras and docks that nothing is left for lose what is special about them, and the storm ends soon after the last action.
 */
export async function shrink(
  scenario: Scenario,
  stillFails: StillFails,
  { runs }: ShrinkBudget,
): Promise<Scenario> {
  const trial = new Trial(scenario, stillFails, runs);
  await dropActions(trial);
  for (const simpler of SIMPLER) await trial.take(simpler(trial.best));
  await dropActions(trial);
  return trial.best;
}

/** The best so far, and what may still be tried. */
class Trial {
  best: Scenario;
  readonly #stillFails: StillFails;
  #runsLeft: number;

  constructor(scenario: Scenario, stillFails: StillFails, runs: number) {
    this.best = scenario;
    this.#stillFails = stillFails;
    this.#runsLeft = runs;
  }

  get isOver(): boolean {
    return this.#runsLeft <= 0;
  }

  /** Makes it the best when it fails as well. */
  async take(scenario: Scenario): Promise<boolean> {
    if (this.isOver || JSON.stringify(scenario) === JSON.stringify(this.best)) return false;
    this.#runsLeft -= 1;
    if (!(await this.#stillFails(scenario))) return false;
    this.best = scenario;
    return true;
  }
}

async function dropActions(trial: Trial): Promise<void> {
  for (let piece = Math.ceil(trial.best.actions.length / 2); piece >= 1 && !trial.isOver; ) {
    let isSmaller = false;
    for (let at = 0; at < trial.best.actions.length && !trial.isOver; ) {
      const { actions } = trial.best;
      const rest: readonly Action[] = [...actions.slice(0, at), ...actions.slice(at + piece)];
      if (await trial.take({ ...trial.best, actions: rest })) isSmaller = true;
      else at += piece;
    }
    if (piece === 1 && !isSmaller) return;
    piece = piece === 1 ? 1 : Math.ceil(piece / 2);
  }
}

const AFTER_LAST_MS = 1_000;

const SIMPLER: readonly ((scenario: Scenario) => Scenario)[] = [
  (scenario) => {
    const lastMs = Math.max(0, ...scenario.actions.map(({ atMs }) => atMs));
    return { ...scenario, stormMs: Math.min(scenario.stormMs, lastMs + AFTER_LAST_MS) };
  },
  (scenario) => ({ ...scenario, docks: scenario.docks.map((dock) => ({ ...dock, driftPpm: 0 })) }),
  (scenario) => ({ ...scenario, docks: scenario.docks.map((dock) => ({ ...dock, hasMirror: false })) }),
  (scenario) => ({ ...scenario, docks: scenario.docks.map((dock) => ({ ...dock, hasTimeDaemon: false })) }),
  (scenario) => ({ ...scenario, cameras: scenario.cameras.map((one) => ({ ...one, driftPpm: 0 })) }),
  (scenario) => ({ ...scenario, cameras: scenario.cameras.map((one) => ({ ...one, preEventMs: 0 })) }),
  (scenario) => ({ ...scenario, cameras: scenario.cameras.map((one) => ({ ...one, isSealed: false })) }),
  (scenario) => ({
    ...scenario,
    cameras: scenario.cameras.map((one) => ({ ...one, wire: { ...one.wire, over: 'line' } })),
  }),
];
