import { join } from 'node:path';
import { plant } from '../rig/planted.ts';
import { runSeeds } from './jobs.ts';
import type { KnownCatch } from './mutant-table.ts';
import type { Mutant } from './mutants.ts';
import { plan } from './plan.ts';
import type { SeedOutcome } from './report.ts';
import type { Failure } from './run.ts';

/** How far a mutant is hunted. */
export const HUNT_SEEDS = 500;

/** The seed by which a mutant was caught, and what the check said. */
export interface Catch {
  readonly seed: number;
  readonly failure: Failure;
}

/** What came of a hunt. */
export interface Hunted {
  readonly mutant: Mutant;
  /** Undefined when it lived through every seed that was tried. */
  readonly caught: Catch | undefined;
  readonly seeds: number;
  /** Failures that count for nothing, as the table does not name them: a crash, most often. */
  readonly others: readonly string[];
}

/**
 * Plants the mutant in a copy of the build and runs worlds on it, seed after seed, until a check that its table names fails; a world
 * ends with the first thing that goes wrong. Throws PlantError when its edits do not fit the build. Rejects when the worker dies.
 */
export async function hunt(mutant: Mutant, seeds: Iterable<number>): Promise<Hunted> {
  const planted = plant(mutant.edits);
  const outcomes: SeedOutcome[] = [];
  const isOver = (): boolean => outcomes.some((outcome) => catchIn(mutant, outcome) !== undefined);
  try {
    await runSeeds(until(seeds, isOver), {
      jobs: 1,
      program: join(planted.dist, 'sim/world/worker-main.js'),
      done: (outcome) => outcomes.push(outcome),
    });
  } finally {
    planted.remove();
  }
  const [caught] = outcomes.flatMap((outcome) => catchIn(mutant, outcome) ?? []);
  const failed = outcomes.flatMap(({ failures }) => failures.map(({ check }) => check));
  const others = [...new Set(failed)].filter((check) => !mutant.checks.includes(check));
  return { mutant, caught, seeds: outcomes.length, others };
}

/** The seeds to hunt a mutant through: the known one, and then those in which most can come of it. */
export function huntingSeeds({ odds = () => 1 }: Mutant, known: KnownCatch | undefined): readonly number[] {
  const all = Array.from({ length: HUNT_SEEDS }, (_, at) => ({ seed: at + 1, odds: odds(plan(at + 1)) }));
  const worth = all.filter((one) => one.odds > 0).toSorted((a, b) => b.odds - a.odds);
  const seeds = worth.map(({ seed }) => seed);
  return known === undefined ? seeds : [known.seed, ...seeds.filter((seed) => seed !== known.seed)];
}

/** Says what is wrong with the honest build under a seed, which must be nothing; each seed is run once. Rejects when its worker dies. */
export class HonestBuild {
  readonly #known = new Map<number, readonly Failure[]>();

  async failures(seed: number): Promise<readonly Failure[]> {
    const known = this.#known.get(seed);
    if (known !== undefined) return known;
    const failures: Failure[] = [];
    await runSeeds([seed], { jobs: 1, done: (outcome) => failures.push(...outcome.failures) });
    this.#known.set(seed, failures);
    return failures;
  }
}

function catchIn({ checks }: Mutant, { seed, failures }: SeedOutcome): Catch | undefined {
  const failure = failures.find(({ check }) => checks.includes(check));
  return failure && { seed, failure };
}

function* until(seeds: Iterable<number>, isOver: () => boolean): Generator<number, void, void> {
  for (const seed of seeds) {
    if (isOver()) return;
    yield seed;
  }
}
