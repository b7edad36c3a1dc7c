import { createHash } from 'node:crypto';
import { Coverage, FAULT_KINDS } from './coverage.ts';
import type { Outcome, Verdict } from './run.ts';

/** What came of one seed. */
export interface SeedOutcome extends Outcome {
  readonly seed: number;
}

/** Exit codes: a crash, a wrong result and no progress differ. */
export const EXIT_OF_VERDICT: Readonly<Record<Verdict, number>> = { ok: 0, wrong: 1, crashed: 2, stuck: 3 };

const STATES_SHOWN = 6;
const PROBLEMS_SHOWN = 5;

/** What all of it came to: a program that crashed is worse than a wrong result, and that is worse than no progress. */
export function worstOf(outcomes: readonly Outcome[]): Verdict {
  const order: readonly Verdict[] = ['crashed', 'wrong', 'stuck'];
  return order.find((verdict) => outcomes.some((one) => one.verdict === verdict)) ?? 'ok';
}

/** A line for each kind of fault: how often it came, and the states that it met most. */
export function faultTable(outcomes: readonly SeedOutcome[]): string {
  const coverage = coverageOf(outcomes);
  const rows = FAULT_KINDS.map((kind) => {
    const states = coverage.states(kind);
    const shown = states.slice(0, STATES_SHOWN).map(([state, times]) => `${state} ${times}`);
    const more = states.length > STATES_SHOWN ? [`and ${states.length - STATES_SHOWN} more`] : [];
    return `${kind.padEnd(20)} ${String(coverage.total(kind)).padStart(9)}  ${[...shown, ...more].join(', ')}`;
  });
  return [`${'fault'.padEnd(20)} ${'times'.padStart(9)}  states that it met`, ...rows].join('\n');
}

/** So many kinds of fault must have come at least so often each. */
export interface Least {
  readonly kinds: number;
  readonly times: number;
}

/** What is missing for that, for people; undefined when nothing is. */
export function tooRare(outcomes: readonly SeedOutcome[], { kinds, times }: Least): string | undefined {
  const coverage = coverageOf(outcomes);
  const rare = FAULT_KINDS.filter((kind) => coverage.total(kind) < times);
  const often = FAULT_KINDS.length - rare.length;
  if (often >= kinds) return undefined;
  const named = rare.map((kind) => `${kind} ${coverage.total(kind)}`).join(', ');
  return `${often} kinds of fault came ${times} times or more, and ${kinds} were to: ${named}`;
}

/** What went wrong with a seed, for people. */
export function problemsOf({ seed, verdict, failures }: SeedOutcome): string {
  const shown = failures.slice(0, PROBLEMS_SHOWN).map(({ check, promise, problem, atUs }) => {
    const of = promise === undefined ? '' : ` (promise ${promise})`;
    return `  ${(atUs / 1_000_000).toFixed(3)} s  ${check}${of}: ${problem}`;
  });
  const more = failures.length > PROBLEMS_SHOWN ? [`  and ${failures.length - PROBLEMS_SHOWN} more`] : [];
  return [`seed ${seed}: ${verdict}`, ...shown, ...more].join('\n');
}

/** The last line of `--json`. */
export function jsonOf(outcomes: readonly SeedOutcome[]): string {
  const inOrder = outcomes.toSorted((a, b) => a.seed - b.seed);
  return JSON.stringify({
    seeds: outcomes.length,
    failed: inOrder.filter(({ verdict }) => verdict !== 'ok').map(({ seed }) => seed),
    faults: coverageOf(outcomes).totals(),
    hash: hashOf(inOrder),
  });
}

/** One hash over those of all seeds, in the order of the seeds; of a single one it is its own. */
export function hashOf(outcomes: readonly SeedOutcome[]): string {
  const [first, ...others] = outcomes.toSorted((a, b) => a.seed - b.seed);
  if (first !== undefined && others.length === 0) return first.hash;
  const hash = createHash('sha256');
  for (const one of first === undefined ? [] : [first, ...others]) hash.update(`${one.seed} ${one.hash}\n`);
  return hash.digest('hex');
}

function coverageOf(outcomes: readonly SeedOutcome[]): Coverage {
  const coverage = new Coverage();
  for (const { met } of outcomes) coverage.add(met);
  return coverage;
}
