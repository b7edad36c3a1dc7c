import { junitXml } from '../junit.ts';
import { printable } from '../printable.ts';
import type { RunResult } from '../rig.d.mts';

const SIGN: Readonly<Record<RunResult['outcome'], string>> = {
  passed: 'pass',
  failed: 'FAIL',
  'not-run': 'NOT RUN',
};

/** One scenario as a row of the table; under a failure what was wrong and what was said last. */
export function row(result: RunResult, nameWidth: number): string {
  const { name, outcome, ms, seed, problems, heard, planted } = result;
  const time = `${(ms / 1_000).toFixed(1)} s`;
  const head = `${SIGN[outcome].padEnd(8)}${name.padEnd(nameWidth)}${time.padStart(9)}  seed ${printable(seed)}`;
  const lines = [
    ...(planted === undefined ? [] : [`planted: ${planted}`]),
    ...problems,
    ...heard.map((line) => `  ${line}`),
  ];
  return [head, ...lines.flatMap(indented)].join('\n');
}

/** The last line of the table. */
export function summary(results: readonly RunResult[]): string {
  const { passed, failed, notRun } = totals(results);
  const left = notRun === 0 ? '' : `, ${notRun} not run, of which nothing is known`;
  return `\n${passed} passed, ${failed} failed${left}\n`;
}

/** What `--json` says of all together, as its last line. */
export function totals(results: readonly RunResult[]): {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
} {
  const count = (outcome: RunResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), notRun: count('not-run') };
}

/** JUnit XML of one run of scenarios. */
export function junit(results: readonly RunResult[]): string {
  const cases = results.map(({ name, outcome, ms, problems, heard, seed }) => ({
    ...{ name, outcome, ms, reason: problems.join('; ') },
    detail: [`seed ${seed}`, ...problems, ...heard].join('\n'),
  }));
  return junitXml({ name: 'holdfast.scenarios', host: 'localhost', kind: 'SCENARIO_FAILED' }, cases);
}

/** A problem may have lines, such as the end of a program's stderr. */
function indented(text: string): readonly string[] {
  return printable(text)
    .split('\n')
    .map((line) => `        ${line}`);
}
