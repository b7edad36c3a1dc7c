import { junitXml } from '../junit.ts';
import { printable } from '../printable.ts';
import type { CaseResult, Outcome } from './run.ts';

const SIGN: Readonly<Record<Outcome, string>> = { passed: 'pass', failed: 'FAIL', 'not-run': 'NOT RUN' };

/** What was tested, for headings. */
export interface Subject {
  /** The side that the rig played. */
  readonly as: 'camera' | 'dock';
  /** `serial /dev/ttyUSB0` or `mqtt HOST:PORT`. */
  readonly line: string;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

export function totalsOf(results: readonly CaseResult[]): Totals {
  const count = (outcome: Outcome): number => results.filter((result) => result.outcome === outcome).length;
  return { passed: count('passed'), failed: count('failed'), notRun: count('not-run') };
}

/** One case as a row of the table, and under a failure what was expected, seen and said. */
export function row(result: CaseResult, nameWidth: number): string {
  const { name, section, outcome, ms, reason, messages } = result;
  const time = outcome === 'not-run' ? '' : `${ms} ms`;
  const head = `${SIGN[outcome].padEnd(8)}${name.padEnd(nameWidth)}  ${`§${section}`.padEnd(5)}${time.padStart(9)}`;
  if (outcome === 'passed') return head;
  if (outcome === 'not-run') return `${head}  ${printable(reason)}`;
  const startMs = messages[0]?.atMs ?? 0;
  const heard = messages.map(
    ({ atMs, way, text }) =>
      `          ${`+${Math.round(atMs - startMs)} ms`.padStart(9)} ${way === 'sent' ? '→' : '←'} ${printable(text)}`,
  );
  return [head, `        rule: ${result.rule}`, ...indented(reason), ...heard].join('\n');
}

/** A reason may have lines, such as a stack. */
function indented(reason: string): readonly string[] {
  return printable(reason)
    .split('\n')
    .map((line) => `        ${line}`);
}

/** The last lines of the table. Cases that did not run are named, as they prove nothing. */
export function summary(results: readonly CaseResult[], subject: Subject): string {
  const { passed, failed, notRun } = totalsOf(results);
  const left = results.filter(({ outcome }) => outcome === 'not-run').map(({ name }) => name);
  const verdict = failed > 0 ? 'does not keep the protocol' : 'kept every rule that was tried';
  const lines = [
    '',
    `${passed} passed, ${failed} failed, ${notRun} not run: the ${other(subject)} on ${subject.line} ${verdict}`,
  ];
  if (notRun > 0) lines.push(`NOT RUN, so nothing is known: ${left.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** JUnit XML of one suite. */
export function junit(results: readonly CaseResult[], subject: Subject): string {
  const cases = results.map(({ name, outcome, ms, reason, rule, messages }) => ({
    ...{ name, outcome, ms, reason },
    detail: [rule, ...messages.map(({ way, text }) => `${way} ${text}`)].join('\n'),
  }));
  return junitXml(
    { name: `holdfast.conformance.${other(subject)}`, host: subject.line, kind: 'CASE_FAILED' },
    cases,
  );
}

/** The side under test. */
function other({ as }: Subject): string {
  return as === 'camera' ? 'dock' : 'camera';
}
