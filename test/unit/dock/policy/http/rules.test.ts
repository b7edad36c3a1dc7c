import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RegimeLine } from '../../../../../dock/policy/config.ts';
import { city, doj, fact, NOW_MS } from '../story.ts';
import { LINKED, RECORDER, RECORDS_TOKEN, REGISTERED, TestService } from './service.ts';

// Goal: the service follows its lines by itself: who is under which, and from which moment on, without a restart and without a
// fact. Method: the whole service, whose clock and ticks the test moves; force none, so that `city` allows before a report.

const LINES: readonly RegimeLine[] = [
  { agency: '', regime: 'doj', fromMs: 0 },
  { agency: 'PPB', regime: 'city', fromMs: 0 },
  { agency: 'PPB', regime: 'doj', fromMs: NOW_MS + 60_000 },
];

let town: TestService;
beforeEach(async () => {
  town = await TestService.start({ lines: LINES });
  await town.tell(REGISTERED, LINKED, fact('force.classified'));
});
afterEach(() => town.stop());

const enrol = (org: string) => town.tell(fact('person.enrolled', { person: RECORDER, org }));
const ask = async () => {
  const { decision, context } = await town.evaluate(RECORDER, { purpose: 'write_report' });
  return { decision, regime: context['regime'], policySet: context['policySet'] };
};
const BY_CITY = { decision: true, regime: 'city', policySet: city.hash };
const BY_DOJ = { decision: false, regime: 'doj', policySet: doj.hash };

describe('the rules in force', () => {
  test('are those of the agency of the officer who recorded', async () => {
    expect(await ask()).toEqual(BY_DOJ);
    await enrol('PPB');
    expect(await ask()).toEqual(BY_CITY);
    await enrol('Salem');
    expect(await ask()).toEqual(BY_DOJ);
  });

  test('change at their moment and not before', async () => {
    await enrol('PPB');
    town.time.nowMs = NOW_MS + 59_999;
    expect(await ask()).toEqual(BY_CITY);
    town.time.nowMs = NOW_MS + 60_000;
    expect(await ask()).toEqual(BY_DOJ);
    const rows = town.service.journal.about(
      String(REGISTERED.type === 'recording.registered' && REGISTERED.recording),
    );
    expect(rows.map(({ regime, policySet, allowed }) => ({ decision: allowed, regime, policySet }))).toEqual([
      BY_CITY,
      BY_DOJ,
    ]);
  });
});

describe('the event `rules`', () => {
  // Goal: docks hear of the change once, also of a clock that was set back, and of nothing else.
  test('is sent when a moment has come', async () => {
    await town.app.listen({ port: 0, host: '127.0.0.1' });
    const address = town.app.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const response = await fetch(`http://127.0.0.1:${port}/v1/events`, {
      headers: { authorization: `Bearer ${RECORDS_TOKEN}` },
      signal: AbortSignal.timeout(10_000),
    });
    const tick = (nowMs: number): void => {
      town.time.nowMs = nowMs;
      for (const due of town.ticks) due();
    };
    tick(NOW_MS + 59_999);
    tick(NOW_MS + 60_000);
    tick(NOW_MS + 61_000);
    tick(NOW_MS);
    await enrol('PPB');
    let heard = '';
    for await (const part of response.body ?? []) {
      heard += Buffer.from(part as Uint8Array).toString();
      if (heard.includes('person.enrolled')) break;
    }
    const kinds = [...heard.matchAll(/^event: (\w+)$/gm)].map(([, kind]) => kind);
    expect(kinds).toEqual(['rules', 'rules', 'fact']);
  });
});
