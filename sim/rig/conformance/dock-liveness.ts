import { MQTT_SESSION_SILENCE_MS, SESSION_SILENCE_MS } from '../../../proto/limits.ts';
import { ANSWER_MS, demand } from './case.ts';
import { describe } from './describe.ts';
import type { DockBench, DockCase } from './dock-bench.ts';
import { manifestSent } from './dock-flow.ts';
import { SMALL, undocked, unmoved } from './dock-proofs.ts';
import { anew, demandTimely } from './timing.ts';

const PINGS_AT_ONCE = 4;
const PINGS_AT_ONCE_MS = 1_000;
const LINE_PINGS = { ms: 3_300, least: 2 } as const;
const MQTT_PINGS = { ms: 16_500, least: 1 } as const;
const SILENCE_MS = { serial: SESSION_SILENCE_MS, mqtt: MQTT_SESSION_SILENCE_MS } as const;
const ALIVE_MS = 4_500;
/** A port that its owner closed is open again after 1 to 5 s (and a line may lose what came meanwhile). */
const REOPEN_MS = 9_000;
const STEP_MS = 500;
const STEP_SLACK_US = 60_000;
const US_PER_MS = 1_000;

/** Sections 6, 10 and 13: who is still there, and what time it is. */
export const LIVENESS_CASES: readonly DockCase[] = [
  {
    name: 'ping-answered',
    rule: 'Every Ping is answered with a Pong that copies its time.',
    section: '10',
    run: async ({ camera, wire }) => {
      await camera.dock();
      const times = [1, 2, 3].map((count) => wire.clockUs() + count);
      for (const sentUs of times) wire.send({ type: 'ping', sentUs });
      for (const sentUs of times)
        await wire.expect('pong', ANSWER_MS, ({ pingSentUs }) => pingSentUs === sentUs);
    },
  },
  {
    name: 'clock-timestamps',
    rule: "t2 is not after t3, neither is outside of the round trip, and the dock's clock runs as fast as ours.",
    section: '10',
    run: clockTimestamps,
  },
  {
    name: 'dock-pings',
    rule: 'The dock pings four times at once when a session begins and every second during an upload, over MQTT every fifteen while it hears the camera.',
    section: '10',
    run: async (bench) => {
      const { camera, wire } = bench;
      await anew(async () => {
        await camera.dock();
        await wire.pause(PINGS_AT_ONCE_MS);
        const found = wire.history('ping').length;
        const isEnough = found >= PINGS_AT_ONCE;
        demandTimely(isEnough, `${PINGS_AT_ONCE} Pings within ${PINGS_AT_ONCE_MS} ms`, String(found));
      });
      await manifestSent(bench, [...SMALL]);
      const before = wire.history('ping').length;
      const { ms, least } = wire.transport === 'mqtt' ? MQTT_PINGS : LINE_PINGS;
      await camera.stay(ms);
      const later = wire.history('ping').length - before;
      demand(later >= least, `at least ${least} Pings in ${ms} ms of an upload`, String(later));
    },
  },
  {
    name: 'telemetry-taken',
    rule: 'Telemetry is taken at any time of a session and ends nothing.',
    section: '3',
    run: async ({ camera, wire }) => {
      await camera.dock();
      const common = { type: 'telemetry', flashFreeBytes: 1, recordingsHeld: 1 } as const;
      const cameraWallUs = wire.clockUs();
      wire.send({ ...common, state: 'docked', batteryPercent: 100, officerId: '', cameraWallUs });
      wire.send({ ...common, state: 'transferring', batteryPercent: 0, officerId: 'a.b@c-1', cameraWallUs });
      await unmoved(camera);
    },
  },
  {
    name: 'ping-keeps-alive',
    rule: 'A camera that pings once a second and sends nothing else keeps its session and its upload.',
    section: '6',
    run: async (bench) => {
      const upload = await manifestSent(bench, [...SMALL]);
      await bench.camera.stay(ALIVE_MS);
      await upload.sendUpTo(upload.recording.layout.totalBytes);
      await upload.fin();
    },
  },
  {
    name: 'silence-closes',
    rule: 'With an upload under way a camera that is silent for 3 s, over MQTT for 10 s, has no session any more; for less it keeps it.',
    section: '6',
    run: silenceCloses,
  },
  {
    name: 'bye',
    rule: 'Bye ends the session and whatever it was doing.',
    section: '6',
    run: async (bench) => {
      const { camera, wire } = bench;
      const upload = await manifestSent(bench, [...SMALL]);
      wire.send({ type: 'bye', sessionId: upload.session.id, message: 'conformance' });
      await undocked(camera);
      wire.drain('ack');
      await wire.expectNone('ack', 2 * STEP_MS);
    },
  },
  {
    name: 'last-will',
    rule: "The last will of a vanished camera, a Bye with an empty session id, ends the dock's link.",
    section: '13',
    transports: ['mqtt'],
    run: async (bench) => {
      const { camera } = bench;
      await camera.dock();
      const dying = await bench.another(camera.keys.cameraId);
      await dying.drop();
      // Until the broker and the dock have come to it there still is a session.
      await undockedAtLast(bench, ANSWER_MS);
    },
  },
  {
    name: 'not-retained',
    rule: 'Over MQTT nothing is retained and nothing but Data has QoS 1.',
    section: '13',
    transports: ['mqtt'],
    run: async (bench) => {
      const { wire } = bench;
      await manifestSent(bench, [...SMALL]);
      for (const type of ['hello-ack', 'accept', 'ack', 'ping'] as const) {
        for (const { carriage, message } of wire.history(type)) {
          const isRight = carriage !== undefined && carriage.qos === 0 && !carriage.retain;
          demand(isRight, 'QoS 0, not retained', `${describe(message)}: ${JSON.stringify(carriage)}`);
        }
      }
    },
  },
];

async function clockTimestamps({ camera, wire }: DockBench): Promise<void> {
  await camera.dock();
  const samples: { t1: number; t2: number; t3: number; t4: number }[] = [];
  for (let i = 0; i < 4; i++) {
    const t1 = wire.clockUs();
    wire.send({ type: 'ping', sentUs: t1 });
    const { message, atMs } = await wire.hear('pong', ANSWER_MS, ({ pingSentUs }) => pingSentUs === t1);
    const t4 = Math.round(atMs * US_PER_MS);
    const { receivedUs: t2, sentUs: t3 } = message;
    demand(t2 <= t3, 't2 not after t3', `t2 ${t2}, t3 ${t3}`);
    demand(
      t3 - t2 <= t4 - t1,
      `an answer within the round trip of ${t4 - t1} µs`,
      `${t3 - t2} µs between t2 and t3`,
    );
    samples.push({ t1, t2, t3, t4 });
    await wire.pause(STEP_MS);
  }
  for (const [index, sample] of samples.slice(1).entries()) {
    const before = samples[index];
    if (before === undefined) continue;
    // What the dock's clock moved can differ from ours by both round trips, and little more.
    const bound = sample.t4 - sample.t1 + (before.t4 - before.t1) + STEP_SLACK_US;
    const difference = Math.abs(sample.t2 - before.t2 - (sample.t1 - before.t1));
    demand(
      difference <= bound,
      `clocks that agree within ${bound} µs over ${STEP_MS} ms`,
      `${difference} µs`,
    );
  }
}

/** A Ping is answered with Abort no-session within so long. */
async function undockedAtLast({ wire }: DockBench, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  wire.drain('abort');
  wire.drain('pong');
  for (;;) {
    wire.send({ type: 'ping', sentUs: wire.clockUs() });
    const heard = await wire.hearIfAny('abort', STEP_MS);
    if (heard !== undefined)
      return demand(heard.message.code === 'no-session', 'Abort no-session', describe(heard.message));
    demand(performance.now() < deadline, `Abort no-session within ${withinMs} ms`, 'none');
  }
}

async function silenceCloses(bench: DockBench): Promise<void> {
  const { camera, wire } = bench;
  const first = await manifestSent(bench, [...SMALL]);
  wire.manners.pong = false;
  await wire.pause(SILENCE_MS[wire.transport] - 1_200);
  await camera.ping();
  await first.sendUpTo(first.endOf(1));
  await wire.pause(SILENCE_MS[wire.transport] + 1_200);
  wire.manners.pong = true;
  // On a serial line the dock closes its port and opens it again: until then nobody answers.
  await undockedAtLast(bench, REOPEN_MS);
  const [pong] = wire.drain('pong');
  demand(pong === undefined, 'no Pong in a session that is over', pong === undefined ? '' : describe(pong));
  const again = await (await camera.dock()).offer(first.recording);
  demand(again.accept.durableTo === first.endOf(1), `durable_to ${first.endOf(1)}`, describe(again.accept));
}
