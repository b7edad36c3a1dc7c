import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JunitCase, junitXml } from '../../sim/rig/junit.ts';
import { printable } from '../../sim/rig/printable.ts';
import { python, readJunit } from './junit-reader.ts';

const SUITE = { name: 'a <suite> & "more"', host: '/dev/tty<USB>"0"', kind: 'CASE_FAILED' };
const NASTY = [
  '<&"',
  "it's ]]> over",
  'a\u0000b\u001b[31m\u007f\u0085',
  'half \ud800 a pair',
  'one\n\ttwo\r\n',
  '\ufffe\uffff',
  '\u{1f3a5}',
  '&#0; &amp;',
];
const said = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 30 }));
const aCase: fc.Arbitrary<JunitCase> = fc.record({
  name: said,
  outcome: fc.constantFrom('passed', 'failed', 'not-run'),
  ms: fc.nat({ max: 10_000_000 }),
  reason: said,
  detail: said,
});
const CAME = { passed: 'passed', failed: 'failure', 'not-run': 'skipped' } as const;

// Goal: every build server can read a report, whatever a device or a file said. Method: a strict parser of somebody else's and the
// rules of the strictest schema over reports full of what XML forbids, gives a meaning, or swallows; what comes out is what went in.
describe.skipIf(python === undefined)('a JUnit report', () => {
  it('is valid and says what was said, whatever that is', () => {
    const nasty = NASTY.map(
      (text): JunitCase => ({ name: text, outcome: 'failed', ms: 1, reason: text, detail: text }),
    );
    const cases = [...nasty, ...fc.sample(aCase, 500)];
    const read = readJunit(junitXml(SUITE, cases));
    expect(read).toEqual(
      cases.map(({ name, outcome, reason, detail }) => ({
        name: printable(name),
        came: CAME[outcome],
        message: outcome === 'passed' ? '' : printable(reason),
        text: outcome === 'failed' ? printable(detail) : '',
      })),
    );
  });

  it('of nothing is valid too', () => {
    expect(readJunit(junitXml(SUITE, []))).toEqual([]);
  });

  it.each([
    ['a bare ampersand', '<testsuites name="a & b"/>', /not well-formed/],
    ['a control character', '<testsuites name="\u0001"/>', /not well-formed/],
    ['a foreign attribute', '<testsuites skipped="0"/>', /<testsuites> has skipped/],
    ['a wrong count', '<testsuites tests="1"/>', /says 1 where there are 0/],
    [
      'a case without a name',
      '<testsuites><testsuite name="" tests="1" failures="0" errors="0"><testcase/></testsuite></testsuites>',
      /<testcase> lacks name/,
    ],
  ])('with %s would be seen', (_, xml, wrong) => {
    expect(() => readJunit(xml)).toThrow(wrong);
  });
});
