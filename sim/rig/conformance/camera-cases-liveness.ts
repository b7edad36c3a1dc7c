import { equal } from '../../../proto/bytes.ts';
import type { Pong } from '../../../proto/messages.ts';
import type { CameraBench, CameraCase } from './camera-bench.ts';
import { demand } from './case.ts';
import { BACK_MS, SOON_MS } from './puppet-dock.ts';
import { anew, demandPause } from './timing.ts';

const PINGS = 4;
const PONG_MS = 500;
// Section 2: Ping after so long without a word from the other side.
const PING_MS = { serial: { min: 700, max: 1_700 }, mqtt: { min: 4_500, max: 6_500 } };
// Section 2: so much silence ends the session; then the connection is made anew.
const SILENCE_MS = { serial: { min: 2_500, max: 4_500 }, mqtt: { min: 9_000, max: 12_500 } };
// A device is measured three times at the most, and each time waits for the silence and for its own redial.
const SILENCE_CASE_MS = 90_000;
const REDIAL_MS = 2_000;
const YEAR_2020_US = 1_577_836_800_000_000;
// What the camera's clock may run apart from the rig's in a few seconds: 2 %.
const DRIFT = 0.02;
const US_PER_MS = 1_000;

export const LIVENESS_CASES: readonly CameraCase[] = [
  {
    name: 'ping-answered',
    rule: 'Ping is answered at once with the four timestamps: t1 copied, t2 ≤ t3 on the camera’s monotonic clock, and its wall clock.',
    section: '10',
    run: pingAnswered,
  },
  {
    name: 'pings-when-it-hears-nothing',
    rule: 'During an upload a camera that has heard nothing for 1 s, over MQTT for 5 s, sends Ping, and its Pong keeps the session alive.',
    section: '6',
    withinMs: SILENCE_CASE_MS,
    run: (bench) => anew(() => pingsInSilence(bench)),
  },
  {
    name: 'silence-ends-the-session',
    rule: 'A camera that hears nothing for 3 s during an upload, over MQTT for 10 s, gives the connection up and greets again, with a new nonce.',
    section: '6',
    withinMs: SILENCE_CASE_MS,
    run: (bench) => anew(() => silenceEnds(bench)),
  },
];

/** What only a device whose power can be taken shows. */
export const RESET_CASES: readonly CameraCase[] = [
  {
    name: 'power-cut',
    rule: 'After a power cut in an upload the boot id is new, and the same recording is offered again.',
    section: '6',
    needs: 'reset',
    withinMs: 60_000,
    run: async ({ dock, wire, hooks }) => {
      const { session, upload } = await dock.started();
      wire.forget();
      await hooks.reset();
      const hello = await wire.hear(
        'hello',
        2 * BACK_MS,
        ({ bootId }) => !equal(bootId, session.hello.message.bootId),
      );
      demand(!equal(hello.message.nonce, session.hello.message.nonce), 'a new nonce', 'the old one');
      const again = await dock.offered(await dock.proved(hello));
      demand(again.recordingId === upload.offer.recordingId, 'the same recording again', again.recordingId);
    },
  },
  {
    name: 'last-will',
    rule: 'When a camera vanishes, the broker says its last will: a Bye with an empty session id.',
    section: '13',
    transports: ['mqtt'],
    needs: 'reset',
    withinMs: 60_000,
    run: async ({ dock, wire, hooks }) => {
      await dock.docked();
      wire.forget();
      await hooks.reset();
      const bye = await wire.hear('bye', 2 * BACK_MS);
      demand(bye.message.sessionId.length === 0, 'an empty session id', `${bye.message.sessionId.length} B`);
      await dock.docked();
    },
  },
];

interface Answer {
  readonly pong: Pong;
  /** Monotonic, by the rig's clock: when the Ping went and when the Pong came. */
  readonly wentMs: number;
  readonly cameMs: number;
}

async function pingsInSilence({ dock, wire }: CameraBench): Promise<void> {
  await dock.started();
  wire.forget();
  const pause = PING_MS[wire.transport];
  const first = await wire.hear('ping', pause.max + SOON_MS);
  const second = await wire.hear('ping', pause.max + SOON_MS);
  const [before, after] = [first.message.sentUs, second.message.sentUs];
  demand(after > before, 'a clock that goes on', String(after));
  demand(wire.history('hello').length === 0, 'the session kept by Pongs', 'a Hello');
  demandPause(second.atMs - first.atMs, pause, 'the next Ping');
}

async function silenceEnds({ dock, wire }: CameraBench): Promise<void> {
  const { session, upload } = await dock.started();
  upload.ack();
  const fromMs = performance.now();
  wire.manners.pong = false;
  wire.forget();
  const { min, max } = SILENCE_MS[wire.transport];
  const hello = await wire.hear('hello', max + REDIAL_MS + SOON_MS);
  wire.manners.pong = true;
  demand(!equal(hello.message.nonce, session.hello.message.nonce), 'a new nonce', 'the old one');
  await dock.proved(hello);
  demandPause(hello.atMs - fromMs, { min, max: max + REDIAL_MS }, 'Hello');
}

async function pingAnswered({ dock, wire }: CameraBench): Promise<void> {
  const { hello } = await dock.docked();
  const answers: Answer[] = [];
  for (let count = 0; count < PINGS; count += 1) {
    const sentUs = wire.clockUs() + count;
    const wentMs = performance.now();
    wire.send({ type: 'ping', sentUs });
    const { message, atMs } = await wire.hear('pong', SOON_MS, ({ pingSentUs }) => pingSentUs === sentUs);
    answers.push({ pong: message, wentMs, cameMs: atMs });
    await wire.pause(PONG_MS / PINGS);
  }
  const quickest = Math.round(Math.min(...answers.map(({ wentMs, cameMs }) => cameMs - wentMs)));
  demand(quickest <= PONG_MS, `a Pong within ${PONG_MS} ms, at the best of ${PINGS}`, `${quickest} ms`);
  let last: Answer | undefined;
  for (const answer of answers) {
    const { pong } = answer;
    const sinceUs = last?.pong.sentUs ?? hello.message.cameraMonoUs;
    demand(pong.receivedUs <= pong.sentUs, 't2 ≤ t3', `${pong.receivedUs} and ${pong.sentUs}`);
    demand(pong.receivedUs >= sinceUs, 'a monotonic clock', `${pong.receivedUs} after ${sinceUs}`);
    if (last !== undefined) demandPlausible(last, answer);
    demand(pong.wallUs > YEAR_2020_US, 'wall time in the Pong', String(pong.wallUs));
    last = answer;
  }
}

/** Each Pong was made between its Ping and its arrival, so the time between two of them has bounds by the rig's clock. */
function demandPlausible(before: Answer, after: Answer): void {
  const leastUs = (after.wentMs - before.cameMs) * US_PER_MS * (1 - DRIFT);
  const mostUs = (after.cameMs - before.wentMs) * US_PER_MS * (1 + DRIFT);
  const theirsUs = after.pong.sentUs - before.pong.sentUs;
  demand(
    theirsUs >= leastUs && theirsUs <= mostUs,
    `${Math.round(leastUs)} to ${Math.round(mostUs)} µs by the camera's clock`,
    `${theirsUs} µs`,
  );
}
