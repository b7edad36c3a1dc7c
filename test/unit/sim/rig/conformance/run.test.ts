import { describe, expect, it } from 'vitest';
import { type Bench, CaseFailure, type ConformanceCase } from '../../../../../sim/rig/conformance/case.ts';
import { type CaseResult, type RunPlan, runCases } from '../../../../../sim/rig/conformance/run.ts';
import { Wire } from '../../../../../sim/rig/conformance/wire.ts';

type Run = ConformanceCase['run'];

const hooks = {
  storageOff: () => Promise.resolve(),
  storageOn: () => Promise.resolve(),
  reset: () => Promise.resolve(),
};

/** A line that goes nowhere. */
function silentWire(): Promise<Wire> {
  return Wire.open({ side: 'camera', baud: 0 }, () =>
    Promise.resolve({
      transport: 'mqtt',
      name: 'mqtt nowhere',
      pduBytesMax: 1_024,
      sendPdu: () => undefined,
      sendBytes: () => undefined,
      setBaud: () => Promise.resolve(),
      drop: () => Promise.resolve(),
      close: () => Promise.resolve(),
    }),
  );
}

function caseOf(name: string, run: Run, more: Partial<ConformanceCase> = {}): ConformanceCase {
  return { name, rule: `The rule of ${name}.`, section: '6', run, ...more };
}

async function outcomes(
  cases: readonly ConformanceCase[],
  plan: Partial<RunPlan<Bench>> = {},
): Promise<readonly CaseResult[]> {
  const told: CaseResult[] = [];
  const results = await runCases<Bench>({
    cases,
    transport: 'mqtt',
    given: new Set(),
    deadlineMs: 10_000,
    open: async () => ({ wire: await silentWire(), hooks, close: () => Promise.resolve() }),
    tell: (result) => told.push(result),
    ...plan,
  });
  expect(told).toEqual(results);
  return results;
}

describe('runCases', () => {
  // Goal: a failure says what was expected and seen, with the last messages, and the next case runs all the same.
  it('goes on after a failure', async () => {
    const results = await outcomes([
      caseOf('fails', async ({ wire }) => {
        wire.send({ type: 'ping', sentUs: 7 });
        await Promise.reject(new CaseFailure('a Pong', 'nothing'));
      }),
      caseOf('passes', () => Promise.resolve()),
    ]);
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['fails', 'failed'],
      ['passes', 'passed'],
    ]);
    expect(results[0]?.reason).toBe('expected a Pong; saw nothing');
    expect(results[0]?.messages).toMatchObject([{ way: 'sent', text: 'ping sent 7' }]);
  });

  // Goal: nothing passes that did not run, and each says why. Method: a wrong transport, a missing hook, no time left.
  it('does not run what it cannot', async () => {
    const never: Run = () => Promise.reject(new Error('it ran'));
    const cases = [
      caseOf('serial', never, { transports: ['serial'] }),
      caseOf('power', never, { needs: 'reset' }),
    ];
    expect(await outcomes(cases)).toMatchObject([
      { outcome: 'not-run', reason: 'only over serial' },
      { outcome: 'not-run', reason: 'give --reset' },
    ]);
    expect(await outcomes([caseOf('late', never)], { deadlineMs: 0 })).toMatchObject([
      { outcome: 'not-run', reason: 'the time for the whole run was up' },
    ]);
  });

  // Goal: a case that hangs is a failure in bounded time. Method: one that waits for ever.
  it('ends a case that does not end', async () => {
    const [result] = await outcomes([caseOf('hangs', () => new Promise(() => undefined), { withinMs: 20 })]);
    expect(result?.outcome).toBe('failed');
    expect(result?.reason).toContain('within 20 ms');
  });

  // Goal: whoever stops a run is not kept, and what was under way is no verdict. Method: a stop in a case that waits for ever.
  it('ends when it is stopped', async () => {
    const stop = new AbortController();
    const waits: Run = () => {
      queueMicrotask(() => stop.abort());
      return new Promise(() => undefined);
    };
    const results = await outcomes([caseOf('waits', waits), caseOf('next', waits)], { stopped: stop.signal });
    expect(results).toMatchObject([
      { outcome: 'not-run', reason: 'the run was stopped' },
      { outcome: 'not-run', reason: 'the run was stopped' },
    ]);
  });

  // Goal: a mistake of the rig does not read like one of the device, and is no pass. Method: a bug, and no line.
  it('says when the rig itself is at fault', async () => {
    const [bug] = await outcomes([
      caseOf('bug', () => Promise.reject(new TypeError('undefined is no wire'))),
    ]);
    expect(bug?.outcome).toBe('failed');
    expect(bug?.reason).toContain('the rig itself');
    const [gone] = await outcomes([caseOf('any', () => Promise.resolve())], {
      open: async () => {
        const wire = await silentWire();
        await wire.close();
        await wire.expect('pong', 10);
        throw new Error('unreachable');
      },
    });
    expect(gone?.outcome).toBe('failed');
    expect(gone?.reason).toContain('could not go on');
  });
});
