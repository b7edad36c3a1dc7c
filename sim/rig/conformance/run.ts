import {
  type Bench,
  CaseFailure,
  CaseNotRun,
  type ConformanceCase,
  type Need,
  type Transport,
} from './case.ts';
import { LineError } from './line.ts';
import type { LogLine } from './wire.ts';

const CASE_MS_MAX = 60_000;
const MESSAGES_SHOWN = 16;
const STOPPED = 'the run was stopped';

const NEED_IN_WORDS: Readonly<Record<Need, string>> = {
  storage: 'give --storage-off and --storage-on',
  reset: 'give --reset',
  'second-camera': 'give --second-keys',
};

export type Outcome = 'passed' | 'failed' | 'not-run';

export interface CaseResult {
  readonly name: string;
  readonly rule: string;
  readonly section: string;
  readonly outcome: Outcome;
  readonly ms: number;
  /** Why it was not run, or how it failed; empty when it passed. */
  readonly reason: string;
  /** The last messages both ways before a failure, oldest first. */
  readonly messages: readonly LogLine[];
}

export interface RunPlan<B extends Bench> {
  readonly cases: readonly ConformanceCase<B>[];
  readonly transport: Transport;
  /** What the operator gave. */
  readonly given: ReadonlySet<Need>;
  /** No case is begun after so long; those left are not run. */
  readonly deadlineMs: number;
  /** Ends the case under way and begins no other. */
  readonly stopped?: AbortSignal | undefined;
  /** A fresh bench for each case. */
  open(): Promise<B>;
  tell(result: CaseResult): void;
}

/**
 * Runs the cases in order. A failure never stops the rest. Never rejects for what a device does; rejects with LineError
 * LINE_OPEN when not even the first case has a line, since nothing is known of the device then.
 */
export async function runCases<B extends Bench>(plan: RunPlan<B>): Promise<readonly CaseResult[]> {
  const deadline = performance.now() + plan.deadlineMs;
  const results: CaseResult[] = [];
  for (const one of plan.cases) {
    const isFirst = results.every(({ outcome }) => outcome === 'not-run');
    const result = await judge(one, plan, { deadline, isFirst });
    results.push(result);
    plan.tell(result);
  }
  return results;
}

async function judge<B extends Bench>(
  one: ConformanceCase<B>,
  plan: RunPlan<B>,
  { deadline, isFirst }: { readonly deadline: number; readonly isFirst: boolean },
): Promise<CaseResult> {
  const { name, rule, section } = one;
  const notRun = (reason: string): CaseResult => ({
    ...{ name, rule, section, reason },
    outcome: 'not-run',
    ms: 0,
    messages: [],
  });
  if (one.transports !== undefined && !one.transports.includes(plan.transport))
    return notRun(`only over ${one.transports.join(' or ')}`);
  if (one.needs !== undefined && !plan.given.has(one.needs)) return notRun(NEED_IN_WORDS[one.needs]);
  if (plan.stopped?.aborted === true) return notRun(STOPPED);
  if (performance.now() >= deadline) return notRun('the time for the whole run was up');
  const startMs = performance.now();
  const { reason, messages, isNotRun } = await attempt(one, plan, isFirst);
  if (isNotRun) return notRun(reason);
  const ms = Math.round(performance.now() - startMs);
  return { name, rule, section, outcome: reason === '' ? 'passed' : 'failed', ms, reason, messages };
}

async function attempt<B extends Bench>(
  one: ConformanceCase<B>,
  plan: RunPlan<B>,
  isFirst: boolean,
): Promise<{
  readonly reason: string;
  readonly messages: readonly LogLine[];
  readonly isNotRun: boolean;
}> {
  let bench: B | undefined;
  try {
    bench = await plan.open();
    await inTime(one.run(bench), one.withinMs ?? CASE_MS_MAX, plan.stopped);
    return { reason: '', messages: [], isNotRun: false };
  } catch (error) {
    if (isFirst && bench === undefined && error instanceof LineError && error.code === 'LINE_OPEN')
      throw error;
    const messages = bench?.wire.recent(MESSAGES_SHOWN) ?? [];
    return { reason: said(error), messages, isNotRun: error instanceof CaseNotRun };
  } finally {
    await bench?.close();
  }
}

/** Rejects when the time is up or the run is stopped; what still runs then ends with the bench it stands on. */
async function inTime(
  running: Promise<void>,
  withinMs: number,
  stopped: AbortSignal | undefined,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new CaseFailure(`the case to end within ${withinMs} ms`, 'it still runs')),
      withinMs,
    );
    stop = () => reject(new CaseNotRun(STOPPED));
    stopped?.addEventListener('abort', stop);
  });
  try {
    await Promise.race([running, late]);
  } finally {
    clearTimeout(timer);
    stopped?.removeEventListener('abort', stop);
  }
}

function said(error: unknown): string {
  if (error instanceof CaseFailure || error instanceof CaseNotRun) return error.message;
  if (error instanceof Error && 'code' in error) return `the rig could not go on: ${error.message}`;
  return `the rig itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
