import { giveWay } from '../../dock/policy/clock.ts';
import { hear, judge, type Hearing } from '../../dock/policy/hearing.ts';
import type { Question } from '../../dock/policy/facts/situation.ts';
import { asked, gatesOf, type BenchCourt } from './decide-court.ts';
import { median, percentile } from './figures.ts';

/** How much a decision may cost beside Cedar alone. */
const OVERHEAD_MAX = 2;
const WARM_UP_TURNS = 2;

/** What came of it; microseconds for one decision, and ratios of medians over the rounds. */
export interface DecideFigures {
  /** One decision at a time, each with a durable row of its own. */
  readonly alone: { readonly p50Us: number; readonly p99Us: number };
  /** Cedar alone, for the same questions. */
  readonly bare: { readonly p50Us: number; readonly p99Us: number; readonly perSecond: number };
  /** In batches as `/access/v1/evaluations` hears them, up to the entry in the service's own ledger. */
  readonly together: { readonly perSecond: number; readonly perCpuSecond: number };
  /** What a decision of a batch costs, as a multiple of Cedar alone: by the clock, and by the processor's account. */
  readonly overhead: number;
  readonly overheadCpu: number;
  readonly overheadMax: number;
  readonly allowed: number;
  readonly gates: number;
  readonly ok: boolean;
}

export interface DecidePlan {
  readonly rounds: number;
  /** Questions in a batch. */
  readonly batch: number;
}

/** What one turn of something took. */
interface Cost {
  readonly wallUs: number;
  readonly cpuUs: number;
}

/**
 * The service's decisions and Cedar alone on the same questions, in turns and with the first turn changing sides, so that a machine
 * that is busy for a while is so for both. Every round asks other questions.
 */
export async function measureDecisions(
  bench: BenchCourt,
  { rounds, batch }: DecidePlan,
): Promise<DecideFigures> {
  const tally = { allowed: 0, gates: 0, decisions: 0 };
  const ours: Cost[] = [];
  const bare: Cost[] = [];
  const [aloneUs, bareUs]: [number[], number[]] = [[], []];
  for (let round = -WARM_UP_TURNS; round < rounds; round++) {
    const questions = Array.from({ length: batch }, () => bench.agency.question());
    const isBareFirst = round % 2 === 0;
    const times = isBareFirst ? askBare(bench, questions) : undefined;
    const hearings = await hearTogether(bench, questions);
    const { each, cost, gates } = times ?? askBare(bench, questions);
    // What was asked together is remembered.
    const others = Array.from({ length: batch }, () => bench.agency.question());
    const alone = await hearAlone(bench, others);
    if (round < 0) continue;
    ours.push(hearings.cost);
    bare.push(cost);
    bareUs.push(...each);
    aloneUs.push(...alone);
    tally.allowed += hearings.allowed;
    tally.gates += gates;
    tally.decisions += batch;
  }
  return figuresOf({ ours, bare, aloneUs, bareUs, tally }, batch);
}

/** As one request of many evaluations; what it causes in the service's own ledger is part of the price. */
async function hearTogether(
  bench: BenchCourt,
  questions: readonly Question[],
): Promise<{ readonly cost: Cost; readonly allowed: number }> {
  const { court } = bench;
  const stop = start();
  const hearings: Hearing[] = [];
  for (const question of questions) {
    await giveWay();
    hearings.push(await judge(court, asked(question)));
  }
  court.journal.flushSoon();
  const answers = await Promise.all(hearings.map(({ answer }) => answer()));
  await bench.published();
  return { cost: stop(), allowed: answers.filter(({ decision }) => decision).length };
}

/** Cedar's answer to every gate of every question, none of them remembered. */
function askBare(
  bench: BenchCourt,
  questions: readonly Question[],
): { readonly each: readonly number[]; readonly cost: Cost; readonly gates: number } {
  const gates = questions.map((question) => gatesOf(bench, question));
  const each: number[] = [];
  const stop = start();
  for (const some of gates) {
    const startMs = performance.now();
    for (const gate of some) bench.rules.ask(gate);
    each.push((performance.now() - startMs) * 1_000);
  }
  return { cost: stop(), each, gates: gates.flat().length };
}

async function hearAlone(bench: BenchCourt, questions: readonly Question[]): Promise<readonly number[]> {
  const each: number[] = [];
  for (const question of questions) {
    const startMs = performance.now();
    await hear(bench.court, asked(question));
    each.push((performance.now() - startMs) * 1_000);
  }
  await bench.published();
  return each;
}

function start(): () => Cost {
  const [cpu, startMs] = [process.cpuUsage(), performance.now()];
  return () => {
    const wallUs = (performance.now() - startMs) * 1_000;
    const { user, system } = process.cpuUsage(cpu);
    return { wallUs, cpuUs: user + system };
  };
}

function figuresOf(
  {
    ours,
    bare,
    aloneUs,
    bareUs,
    tally,
  }: {
    readonly ours: readonly Cost[];
    readonly bare: readonly Cost[];
    readonly aloneUs: readonly number[];
    readonly bareUs: readonly number[];
    readonly tally: { readonly allowed: number; readonly gates: number; readonly decisions: number };
  },
  batch: number,
): DecideFigures {
  // Of neighbours in time: what slowed down one turn has mostly slowed down the other.
  const ratioOf = (cost: keyof Cost): number =>
    median(ours.map((one, round) => one[cost] / (bare[round]?.[cost] ?? Number.NaN)));
  const perSecond = (costs: readonly Cost[], cost: keyof Cost): number =>
    Math.round((batch * 1e6) / median(costs.map((one) => one[cost])));
  const percentiles = (us: readonly number[]): { readonly p50Us: number; readonly p99Us: number } => ({
    p50Us: Math.round(percentile(us, 0.5)),
    p99Us: Math.round(percentile(us, 0.99)),
  });
  const [overhead, overheadCpu] = [ratioOf('wallUs'), ratioOf('cpuUs')];
  const rounded = (value: number): number => Math.round(value * 1e3) / 1e3;
  return {
    alone: percentiles(aloneUs),
    bare: { ...percentiles(bareUs), perSecond: perSecond(bare, 'wallUs') },
    together: { perSecond: perSecond(ours, 'wallUs'), perCpuSecond: perSecond(ours, 'cpuUs') },
    overhead: rounded(overhead),
    overheadCpu: rounded(overheadCpu),
    overheadMax: OVERHEAD_MAX,
    allowed: rounded(tally.allowed / tally.decisions),
    gates: rounded(tally.gates / tally.decisions),
    ok: Math.max(overhead, overheadCpu) <= OVERHEAD_MAX,
  };
}
