import { equal } from '../../../proto/bytes.ts';
import { GUARD_MS, PROBE_BYTES, PROBE_COUNT, PROBES_GOOD_MIN } from '../../../proto/limits.ts';
import type { Hello, LinkPropose } from '../../../proto/messages.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { ANSWER_MS, CaseFailure, CaseNotRun, demand } from './case.ts';
import { BACK_MS, SOON_MS } from './puppet-dock.ts';
import { anew, demandPause, demandTimely } from './timing.ts';
import type { Heard, Wire } from './wire.ts';

// Section 2: propose again after 200 ms, five times in all.
const PROPOSE_AGAIN_MS = { min: 150, max: 400 };
const PROPOSALS = 5;
// Section 5: 1.5 s after it switched the camera is back; a port takes its time.
const FALLEN_BACK_MS = 3_500;
const FULLY_UNANSWERED_MS = 3_000;
const TIMED_CASE_MS = 90_000;
const COUNTING_BYTES = 64;
const POLL_MS = 20;

export const LINK_CASES: readonly CameraCase[] = [
  {
    name: 'link-stays',
    rule: 'LinkCommit with the present rate means: stay. No probes; the camera says Hello at this rate.',
    section: '5',
    transports: ['serial'],
    run: async ({ dock, wire }) => {
      await proposal({ dock, wire });
      const hello = await wire.hear('hello', SOON_MS);
      demand(wire.history('link-probe').length === 0, 'no probes', 'LinkProbe');
      await dock.proved(hello);
    },
  },
  {
    name: 'link-proposal-unanswered',
    rule: 'LinkPropose is repeated unchanged every 200 ms, five times in all; then the camera says Hello at the present rate.',
    section: '5',
    transports: ['serial'],
    withinMs: TIMED_CASE_MS,
    run: ({ dock, wire }) => anew(() => proposedAgain({ dock, wire })),
  },
  {
    name: 'link-falls-back',
    rule: 'Without the dock’s report 1.5 s after it switched, the camera goes back to the rate before and is heard there.',
    section: '5',
    transports: ['serial'],
    run: async (bench) => {
      const { wire } = bench;
      wire.manners.linkCommit = false;
      const message = await fasterProposal(bench);
      commit(wire, message, message.baud);
      // The rig stays where it is, as a dock does whose line does not carry the rate.
      wire.manners.linkCommit = true;
      await greetedAtLast(bench, message.id);
    },
  },
  {
    name: 'link-refuses-bad-probes',
    rule: 'A probe whose pattern is another is not counted: the camera does not keep a rate that spoils them.',
    section: '5',
    transports: ['serial'],
    withinMs: TIMED_CASE_MS,
    run: async (bench) => {
      const { wire } = bench;
      wire.manners.linkCommit = false;
      const id = await atItsRate(bench, async () => {
        const message = await fasterProposal(bench);
        const report = await trial(bench, message, { baud: message.baud, spoil: true });
        demand(!report.keep, 'keep: false after probes of another pattern', 'keep: true');
        return message.id;
      });
      wire.manners.linkCommit = true;
      await greetedAtLast(bench, id);
    },
  },
  {
    name: 'link-negotiates',
    rule: 'Both switch, prove the rate with eight probes each way, and the camera keeps it and says Hello at it.',
    section: '5',
    transports: ['serial'],
    withinMs: TIMED_CASE_MS,
    run: async (bench) => {
      const { wire, dock } = bench;
      const start = wire.baud;
      wire.manners.linkCommit = false;
      await atItsRate(bench, async () => {
        const up = await fasterProposal(bench);
        await kept(bench, up, up.baud);
        // And down again, so that the line is as it was for what comes after.
        const down = await proposal(bench);
        await kept(bench, down.message, start);
        await dock.docked();
      });
    },
  },
];

type Ends = Pick<CameraBench, 'dock' | 'wire'>;

/** Lets the camera make its connection anew; the LinkPropose it begins with. Throws a CaseNotRun when it begins with Hello. */
async function proposal({ dock, wire }: Ends): Promise<Heard<LinkPropose>> {
  const { body } = await dock.docked();
  wire.forget();
  wire.send({ type: 'bye', sessionId: body.sessionId, message: 'conformance' });
  for (const deadline = performance.now() + BACK_MS; performance.now() < deadline; ) {
    const propose = await wire.hearIfAny('link-propose', POLL_MS);
    if (propose !== undefined) return propose;
    const hello = await wire.hearIfAny('hello', 0);
    if (hello === undefined) continue;
    await dock.proved(hello);
    break;
  }
  throw new CaseNotRun('the camera does not negotiate, which it need not; start it so that it does');
}

async function proposedAgain({ dock, wire }: Ends): Promise<void> {
  wire.manners.linkCommit = false;
  let last = await proposal({ dock, wire });
  const pauses: number[] = [];
  while (pauses.length < PROPOSALS - 1) {
    const again = await wire.hear('link-propose', PROPOSE_AGAIN_MS.max + SOON_MS);
    demand(equal(again.pdu, last.pdu), 'the same LinkPropose', 'another');
    pauses.push(again.atMs - last.atMs);
    last = again;
  }
  await dock.proved(await wire.hear('hello', FULLY_UNANSWERED_MS));
  for (const ms of pauses) demandPause(ms, PROPOSE_AGAIN_MS, 'LinkPropose again');
}

/**
 * A proposal of more than the present rate. A camera may remember that this one was agreed on last and ask for no more;
 * left without an answer once, it forgets.
 */
async function fasterProposal(bench: Ends): Promise<LinkPropose> {
  const { wire, dock } = bench;
  for (let count = 0; count < 2; count += 1) {
    const { message } = await proposal(bench);
    if (message.baud > wire.baud) return message;
    await dock.proved(await wire.hear('hello', FULLY_UNANSWERED_MS));
  }
  throw new CaseNotRun(`the camera never proposes more than the present ${wire.baud} bit/s`);
}

function commit(wire: Wire, { id, fragmentBytesMax }: LinkPropose, baud: number): void {
  wire.send({ type: 'link-commit', id, baud, rtsCts: false, fragmentBytesMax });
}

/** The line has its own rate again after each try: what was under way while a slow side switched is lost, and no fault. */
function atItsRate<Found>({ wire }: Ends, run: () => Promise<Found>): Promise<Found> {
  const start = wire.baud;
  return anew(async () => {
    try {
      return await run();
    } finally {
      await wire.setBaud(start);
    }
  });
}

interface Trial {
  readonly baud: number;
  /** The rig's probes have another pattern. */
  readonly spoil: boolean;
}

/** The dock's part at the new rate; the camera's last word on it. */
async function trial(
  { wire }: Ends,
  propose: LinkPropose,
  { baud, spoil }: Trial,
): Promise<{ readonly keep: boolean; readonly received: number }> {
  const { id } = propose;
  commit(wire, propose, baud);
  await wire.pause(GUARD_MS);
  await wire.setBaud(baud);
  for (let seq = 0; seq < PROBE_COUNT; seq += 1) {
    const heard = await wire.hearIfAny('link-probe', ANSWER_MS, (found) => found.id === id);
    demandTimely(heard !== undefined, `probe ${seq} of ${PROBE_COUNT}`, 'none');
    const probe = heard.message;
    demandTimely(
      probe.seq === seq && probe.count === PROBE_COUNT,
      `probe ${seq} of ${PROBE_COUNT}`,
      `${probe.seq} of ${probe.count}`,
    );
    demand(equal(probe.pattern, patternOf(id, seq)), `the pattern of id ${id} and seq ${seq}`, 'another');
  }
  for (let seq = 0; seq < PROBE_COUNT; seq += 1) {
    const pattern = patternOf(id, spoil ? seq + 1 : seq);
    wire.send({ type: 'link-probe', id, seq, count: PROBE_COUNT, pattern });
  }
  wire.send({ type: 'link-report', id, received: PROBE_COUNT, keep: false });
  return wire.expect('link-report', SOON_MS, (found) => found.id === id);
}

async function kept(bench: Ends, propose: LinkPropose, baud: number): Promise<void> {
  const { keep, received } = await trial(bench, propose, { baud, spoil: false });
  demandTimely(
    keep && received >= PROBES_GOOD_MIN,
    `keep: true and ${PROBES_GOOD_MIN} or more received`,
    `${String(keep)}, ${received}`,
  );
  await bench.dock.proved(await bench.wire.hear('hello', SOON_MS));
}

/** Whatever the camera proposes next, it greets at the rate that is; the rig says so to every LinkPropose. */
async function greetedAtLast({ dock, wire }: Ends, id: number): Promise<Heard<Hello>> {
  const hello = await wire.hear('hello', FALLEN_BACK_MS + BACK_MS);
  const again = wire.history('link-propose').find(({ message }) => message.id !== id);
  if (again !== undefined && again.atMs > hello.atMs)
    throw new CaseFailure('Hello after the negotiation', 'LinkPropose after it');
  await dock.proved(hello);
  return hello;
}

/** Section 5's pattern, written apart from the product's own so that a mistake there shows here. */
function patternOf(id: number, seq: number): Uint8Array {
  const bytes = new Uint8Array(PROBE_BYTES);
  const signs = [0x00, 0xff, 0x55, 0xaa];
  let x = (id + seq + 1) >>> 0 || 1;
  for (let at = 0; at < PROBE_BYTES; at += 1) {
    if (at < COUNTING_BYTES) {
      bytes[at] = signs[at % signs.length] ?? 0;
      continue;
    }
    x = (x ^ (x << 13)) >>> 0;
    x = (x ^ (x >>> 17)) >>> 0;
    x = (x ^ (x << 5)) >>> 0;
    bytes[at] = x & 0xff;
  }
  return bytes;
}
