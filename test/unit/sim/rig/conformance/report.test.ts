import { describe, expect, it } from 'vitest';
import { junit, row, summary, totalsOf } from '../../../../../sim/rig/conformance/report.ts';
import type { CaseResult } from '../../../../../sim/rig/conformance/run.ts';

const SUBJECT = { as: 'camera', line: '/dev/ttyUSB0' } as const;
const passed: CaseResult = {
  name: 'fresh-nonces',
  rule: 'Every other Hello gets a new nonce.',
  section: '6',
  outcome: 'passed',
  ms: 1_234,
  reason: '',
  messages: [],
};
const failed: CaseResult = {
  ...passed,
  name: 'ping-answered',
  outcome: 'failed',
  reason: 'expected "<Pong>" & no more; saw \u0000\ud800 nothing\nat all',
  messages: [
    { atMs: 10, way: 'sent', text: 'ping sent 7' },
    { atMs: 25, way: 'heard', text: 'abort <malformed>' },
  ],
};
const notRun: CaseResult = {
  ...passed,
  name: 'survives-power-cut',
  outcome: 'not-run',
  ms: 0,
  reason: 'give --reset',
};
const RESULTS = [passed, failed, notRun];

describe('the report of a run', () => {
  // Goal: build servers read it, whatever a device said. Method: what XML forbids stands in the reason; every character of the result is legal.
  it('is XML with every case, its time and its failure', () => {
    const xml = junit(RESULTS, SUBJECT);
    expect(xml).toContain('skipped="1" tests="3" failures="1" errors="0" time="2.468"');
    expect(xml).toContain(
      '<testcase classname="holdfast.conformance.dock" name="fresh-nonces" time="1.234"/>',
    );
    expect(xml).toContain(
      'expected &quot;&lt;Pong&gt;&quot; &amp; no more; saw \ufffd\ufffd nothing&#10;at all',
    );
    expect(xml).toContain('heard abort &lt;malformed&gt;');
    expect(xml).toContain('<skipped message="give --reset"/>');
    expect(
      xml.replaceAll(/<\/?[a-z]+( [a-z]+="[^"<&]*(&[a-z#0-9]+;[^"<&]*)*")*\/?>/g, '').replace(/<\?.*\?>/, ''),
    ).not.toMatch(/[<>]/);
  });

  // Goal: a person sees what failed and why without opening a file, and no control character of a device reaches the
  // terminal. Method: the row of a failure.
  it('shows a failure with its rule and its last messages', () => {
    expect(row(failed, 20).split('\n')).toEqual([
      'FAIL    ping-answered         §6     1234 ms',
      '        rule: Every other Hello gets a new nonce.',
      '        expected "<Pong>" & no more; saw \ufffd\ufffd nothing',
      '        at all',
      '              +0 ms → ping sent 7',
      '             +15 ms ← abort <malformed>',
    ]);
  });

  // Goal: a case that was not run is never mistaken for one that passed.
  it('names what was not run', () => {
    expect(totalsOf(RESULTS)).toEqual({ passed: 1, failed: 1, notRun: 1 });
    expect(summary(RESULTS, SUBJECT)).toContain('NOT RUN, so nothing is known: survives-power-cut');
    expect(summary(RESULTS, SUBJECT)).toContain('the dock on /dev/ttyUSB0 does not keep the protocol');
    expect(summary([passed], SUBJECT)).toContain('kept every rule that was tried');
  });
});
