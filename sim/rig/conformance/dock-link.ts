import { randomBytes } from 'node:crypto';
import {
  BAUD_START,
  GUARD_MS,
  LINK_WATCHDOG_MS,
  PROBE_COUNT,
  PROPOSE_RETRY_MS,
  PROPOSE_TRIES,
} from '../../../proto/limits.ts';
import type { LinkCommit, LinkPropose, LinkReport } from '../../../proto/messages.ts';
import { probePattern } from '../../../proto/probe-pattern.ts';
import { ANSWER_MS, CaseNotRun, demand } from './case.ts';
import { describe } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { undocked } from './dock-proofs.ts';
import { anew, demandTimely } from './timing.ts';
import type { Wire } from './wire.ts';

const FRAGMENT_BYTES = 8_192;
const ID_BYTES = 4;
/** Good probes that the rig owns up to: enough to keep the rate. */
const SPOILT_PROBES = 3;
/** Section 5: without a good frame for so long a dock is back at the rate where everything starts, whatever went before. */
const FALL_BACK_MS = 4_000;
const SWITCH_SLACK_MS = 120;
const CASE_MS = 90_000;
const serial = { section: '5', transports: ['serial'], withinMs: CASE_MS } as const;

/** Section 5: the rate of a serial line. A dock need not negotiate; one that does must do it like this. */
export const LINK_CASES: readonly DockCase[] = [
  {
    ...serial,
    name: 'link-stays',
    rule: 'A proposal of the present rate is answered with a LinkCommit of it, repeated as often as the proposal, and Hello works.',
    run: async (bench) => {
      const { camera, wire } = bench;
      const propose = await proposal(bench, wire.baud);
      const first = await committed(wire, propose);
      demand(first.baud === wire.baud, `the present rate, ${wire.baud}`, describe(first));
      wire.send(propose);
      const again = await wire.expect('link-commit', ANSWER_MS, ({ id }) => id === propose.id);
      demand(describe(again) === describe(first), `${describe(first)} again`, describe(again));
      await camera.dock();
    },
  },
  {
    ...serial,
    name: 'link-negotiated',
    rule: 'A rate that both proved with probes is kept, and an upload goes over it.',
    run: atOwnRate(async (bench, before) => {
      const { camera, wire } = bench;
      const { id } = await switched(bench);
      const report = await probed(wire, id, 0);
      demandTimely(
        report.received === PROBE_COUNT,
        `a LinkReport of ${PROBE_COUNT} probes`,
        describe(report),
      );
      const own = wire.drain('link-probe').filter((probe) => probe.id === id);
      const good = own.filter(({ seq, pattern }) => Buffer.compare(pattern, probePattern(id, seq)) === 0);
      demandTimely(
        good.length === PROBE_COUNT,
        `${PROBE_COUNT} probes of the dock with the right pattern`,
        `${good.length} of ${own.length}`,
      );
      wire.send({ type: 'link-report', id, received: PROBE_COUNT, keep: true });
      await wire.pause(LINK_WATCHDOG_MS + GUARD_MS);
      await (await camera.dock()).upload(camera.record([3_000]));
      await wire.setBaud(before);
      await wire.pause(FALL_BACK_MS);
      await camera.dock();
    }),
  },
  {
    ...serial,
    name: 'link-counts-good-probes',
    rule: 'A probe with another pattern is not counted; a report with keep false brings both back to the old rate.',
    run: atOwnRate(async (bench, before) => {
      const { camera, wire } = bench;
      const { id } = await switched(bench);
      const report = await probed(wire, id, SPOILT_PROBES);
      const good = PROBE_COUNT - SPOILT_PROBES;
      demandTimely(report.received === good, `a LinkReport of ${good} probes`, describe(report));
      wire.send({ type: 'link-report', id, received: PROBE_COUNT, keep: false });
      await wire.setBaud(before);
      await wire.pause(SWITCH_SLACK_MS);
      await camera.dock();
    }),
  },
  {
    ...serial,
    name: 'link-watchdog',
    rule: 'A dock that has switched and hears no probe is back at the old rate 1.5 s later.',
    run: async (bench) => {
      const { camera, wire } = bench;
      const propose = await proposal(bench, otherThan(wire.baud));
      const commit = await committed(wire, propose);
      if (commit.baud === wire.baud) throw new CaseNotRun('the dock stays at its rate');
      await wire.pause(LINK_WATCHDOG_MS + 5 * SWITCH_SLACK_MS);
      await camera.dock();
    },
  },
];

const otherThan = (baud: number): number => (baud === BAUD_START ? 2 * BAUD_START : BAUD_START);

/** A new proposal, on a line on which no session is left. */
async function proposal({ camera, wire }: DockBench, baud: number): Promise<LinkPropose> {
  const { id: sessionId } = await camera.dock();
  wire.send({ type: 'bye', sessionId, message: 'conformance' });
  await undocked(camera);
  const id = randomBytes(ID_BYTES).readUInt32LE() || 1;
  return { type: 'link-propose', id, baud, rtsCts: false, fragmentBytesMax: FRAGMENT_BYTES };
}

/** Proposes as often as section 5 says; a dock that does not answer does not negotiate, and that is its right. */
async function committed(wire: Wire, propose: LinkPropose): Promise<LinkCommit> {
  for (let tries = 0; tries < PROPOSE_TRIES; tries++) {
    wire.send(propose);
    const heard = await wire.hearIfAny('link-commit', PROPOSE_RETRY_MS, ({ id }) => id === propose.id);
    if (heard === undefined) continue;
    const { baud } = heard.message;
    demand(baud <= propose.baud, `a rate of at most ${propose.baud}`, describe(heard.message));
    return heard.message;
  }
  throw new CaseNotRun('the dock does not negotiate');
}

/**
 * A case that is told the rate of the line, which has that rate again afterwards: a failure must not fail those that follow. What is
 * under way while a slow side switches is lost, and no fault.
 */
function atOwnRate(run: (bench: DockBench, before: number) => Promise<void>): DockCase['run'] {
  return (bench) => {
    const { wire } = bench;
    const before = wire.baud;
    return anew(async () => {
      try {
        await run(bench, before);
      } finally {
        // A line that is gone is opened anew, at its own rate.
        if (wire.baud !== before) await wire.setBaud(before).catch(() => undefined);
      }
    });
  };
}

/** Both sides at another rate, and the guard waited. */
async function switched(bench: DockBench): Promise<LinkCommit> {
  const { wire } = bench;
  const commit = await committed(wire, await proposal(bench, otherThan(wire.baud)));
  if (commit.baud === wire.baud) throw new CaseNotRun('the dock stays at its rate');
  await wire.pause(GUARD_MS);
  await wire.setBaud(commit.baud);
  await wire.pause(GUARD_MS);
  return commit;
}

/** Sends the probes, some of them spoilt, and takes the dock's report. */
async function probed(wire: Wire, id: number, spoilt: number): Promise<LinkReport> {
  for (let seq = 0; seq < PROBE_COUNT; seq++) {
    const pattern = probePattern(id, seq);
    if (seq < spoilt) pattern[pattern.length - 1 - seq] = (pattern.at(-1 - seq) ?? 0) ^ 1;
    wire.send({ type: 'link-probe', id, seq, count: PROBE_COUNT, pattern });
  }
  const heard = await wire.hearIfAny('link-report', LINK_WATCHDOG_MS, (report) => report.id === id);
  demandTimely(heard !== undefined, 'a LinkReport', 'none');
  return heard.message;
}
