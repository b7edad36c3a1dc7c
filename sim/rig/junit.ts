import { printable } from './printable.ts';

/** One case of a suite. */
export interface JunitCase {
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'not-run';
  readonly ms: number;
  /** Why it failed or was not run; empty when it passed. */
  readonly reason: string;
  /** What a reader of the failure wants to see besides. */
  readonly detail: string;
}

/** What stands over a suite. */
export interface JunitSuite {
  readonly name: string;
  /** What was tested. */
  readonly host: string;
  /** Type of its failures. */
  readonly kind: string;
}

/**
 * JUnit XML of one suite, in the dialect that build servers share (testsuites, testsuite, testcase, failure, skipped), and the strictest of
 * them: junit-10.xsd of the Jenkins plugin xunit knows no `skipped` at the whole.
 */
export function junitXml(suite: JunitSuite, cases: readonly JunitCase[]): string {
  const count = (outcome: JunitCase['outcome']): number =>
    cases.filter((one) => one.outcome === outcome).length;
  const counts =
    `tests="${cases.length}" failures="${count('failed')}" errors="0" ` +
    `time="${seconds(cases.reduce((sum, { ms }) => sum + ms, 0))}"`;
  const name = escaped(suite.name);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${name}" ${counts}>`,
    `  <testsuite name="${name}" hostname="${escaped(suite.host)}" skipped="${count('not-run')}" ${counts}>`,
    ...cases.map((one) => testcase(one, suite)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testcase({ name, outcome, ms, reason, detail }: JunitCase, suite: JunitSuite): string {
  const open = `    <testcase classname="${escaped(suite.name)}" name="${escaped(name)}" time="${seconds(ms)}"`;
  if (outcome === 'passed') return `${open}/>`;
  if (outcome === 'not-run') return `${open}><skipped message="${escaped(reason)}"/></testcase>`;
  return `${open}><failure type="${escaped(suite.kind)}" message="${escaped(reason)}">${escaped(detail)}</failure></testcase>`;
}

const seconds = (ms: number): string => (ms / 1_000).toFixed(3);

function escaped(text: string): string {
  return (
    printable(text)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // In an attribute a reader takes a bare line end or tab for a space.
      .replaceAll('\t', '&#9;')
      .replaceAll('\n', '&#10;')
  );
}
