import { describe, expect, it } from 'vitest';
import { wakeUs } from '../../../../device/upload/liveness.ts';
import type { Docked, UploadState, UploadStep, Work } from '../../../../device/upload/state.ts';
import { step } from '../../../../device/upload/step.ts';
import type { Message } from '../../../../proto/messages.ts';
import { ackOf, carriedOut, contextOver, docked, recordingOf, sendingOf, STREAM } from './upload-kit.ts';

const SECOND = 1_000_000;
const finishing: Work = {
  doing: 'finishing',
  recording: recordingOf('a'),
  stream: STREAM,
  sinceUs: 0,
  dueUs: 1e12,
};
const idle: Work = { doing: 'backing-off', untilUs: 1e12 };
// All that there is credit for has been sent and has arrived; the rest waits for the dock's memory.
const starved: Work = {
  doing: 'sending',
  sending: { ...carriedOut([sendingOf(100, { accept: { creditTo: 100 } }), []])[0], receivedTo: 100 },
};

/** Lets nothing but time pass, from wake to wake; says when the camera pinged and when it gave up, in seconds. */
function alone(start: Docked, transport: 'serial' | 'mqtt', hear?: { message: Message; everyUs: number }) {
  const context = contextOver(transport);
  const pings: number[] = [];
  let state: UploadState = start;
  let nextHeardUs = hear?.everyUs ?? Number.POSITIVE_INFINITY;
  for (let nowUs = 0; nowUs < 400 * SECOND; ) {
    const dueUs: number = wakeUs(state, context) ?? Number.NaN;
    nowUs = Math.min(dueUs, nextHeardUs);
    const [next, effects]: UploadStep =
      nowUs === nextHeardUs && hear !== undefined
        ? step(
            state,
            { event: 'message', nowUs, wallUs: 0, nonce: new Uint8Array(32), message: hear.message },
            context,
          )
        : step(state, { event: 'tick', nowUs }, context);
    if (nowUs === nextHeardUs) nextHeardUs += hear?.everyUs ?? 0;
    state = next;
    for (const effect of effects)
      if (effect.effect === 'send' && effect.message.type === 'ping') pings.push(nowUs / SECOND);
    if (state.at === 'ended') return { pings, because: state.because, endedS: nowUs / SECOND };
    if (pings.length >= 10) break;
  }
  return { pings };
}

// Goal: a dead dock is found out in 3 s on a line and in 10 s over MQTT, and idle cameras cost a broker nothing.
// Method: a session that hears nothing more, driven by its own wake times.
describe('a dock that says nothing', () => {
  it.each([
    ['serial', finishing],
    ['serial', idle],
    ['serial', starved],
  ] as const)('is asked every second over %s and given up after three', (transport, work) => {
    expect(alone(docked(work), transport)).toEqual({ pings: [1, 2], because: 'silent', endedS: 3 });
  });

  it.each([finishing, starved])('is asked every five seconds over MQTT and given up after ten', (work) => {
    expect(alone(docked(work), 'mqtt')).toEqual({ pings: [5], because: 'silent', endedS: 10 });
  });

  it('is asked every minute and given up after three, over MQTT with nothing to upload', () => {
    expect(alone(docked(idle), 'mqtt')).toEqual({ pings: [60, 120], because: 'silent', endedS: 180 });
  });

  it('is counted silent from the Offer on, not from a minute before it', () => {
    const listed = { event: 'listed', nowUs: 100 * SECOND, recordings: [recordingOf('a')] } as const;
    const [state] = step(docked({ doing: 'listing' }), listed, contextOver('mqtt'));
    expect(step(state, { event: 'tick', nowUs: 109 * SECOND }, contextOver('mqtt'))[0].at).toBe('docked');
    expect(step(state, { event: 'tick', nowUs: 110 * SECOND }, contextOver('mqtt'))[0].at).toBe('ended');
  });
});

// Goal: waiting is not silence, on either side. Method: Acks that give nothing, twice a second; the camera has nothing it
// may send, and still says something every second so that the dock does not give it up.
it.each([
  ['without credit', ackOf({ maxTxSeq: 1, receivedTo: 100, creditTo: 100, code: 'busy' })],
  ['while paused', ackOf({ maxTxSeq: 1, receivedTo: 100, creditTo: 1_000, pause: true })],
])('a camera %s waits as long as Acks come, and pings', (_, message) => {
  const waited = alone(docked(starved), 'serial', { message, everyUs: SECOND / 2 });
  expect(waited).toEqual({ pings: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] });
});

// Goal: a dock can measure the camera's clock by it.
it('answers a Ping at once with its monotonic clock, and its wall clock beside it', () => {
  const message = { type: 'ping', sentUs: 77 } as const;
  const event = {
    event: 'message',
    nowUs: 1_234,
    wallUs: 1_800_000_000_000_000,
    nonce: new Uint8Array(32),
    message,
  } as const;
  expect(step(docked(idle), event, contextOver('mqtt'))[1]).toEqual([
    {
      effect: 'send',
      message: {
        type: 'pong',
        pingSentUs: 77,
        receivedUs: 1_234,
        sentUs: 1_234,
        wallUs: 1_800_000_000_000_000,
      },
    },
  ]);
});

// Goal: one timer is enough. Method: the wake time of each kind of work is when its next step is due.
it('wakes when the next thing is due', () => {
  const context = contextOver('serial');
  expect(wakeUs(docked({ ...finishing, dueUs: 400_000 }), context)).toBe(400_000);
  expect(wakeUs(docked({ doing: 'backing-off', untilUs: 300_000 }), context)).toBe(300_000);
  const [sending] = carriedOut([sendingOf(100), []]);
  expect(wakeUs(docked({ doing: 'sending', sending }), context)).toBe(500_000);
  expect(wakeUs(docked({ doing: 'listing' }), context)).toBe(SECOND);
  expect(wakeUs({ at: 'ended', because: 'bye' }, context)).toBeUndefined();
});

// Goal: a camera never waits for ever on an upload that the dock has given up, or on what a forged word made it believe.
// Method: a dock that is there and says nothing of this upload, or nothing that agrees with what is known.
describe.each([
  ['serial', 3 * SECOND],
  ['mqtt', 10 * SECOND],
] as const)('over %s', (transport, patienceUs) => {
  it.each([
    ['is not heard of any more', { type: 'pong', pingSentUs: 0, receivedUs: 0, sentUs: 0, wallUs: 0 }],
    ['is acknowledged with less than before', ackOf({ maxTxSeq: 1, receivedTo: 40 })],
    ['is acknowledged with Data never sent', ackOf({ maxTxSeq: 0xffff_ffff, receivedTo: 100 })],
  ] as const)('an upload that %s is offered again', (_, message) => {
    const context = contextOver(transport);
    const nonce = new Uint8Array(32);
    let state: UploadState = docked(starved);
    for (let nowUs = SECOND; nowUs < patienceUs; nowUs += SECOND) {
      [state] = step(state, { event: 'message', nowUs, wallUs: 0, nonce, message }, context);
      [state] = step(state, { event: 'tick', nowUs }, context);
      expect(state).toMatchObject({ work: { doing: 'sending' } });
    }
    expect(wakeUs(state, context)).toBe(patienceUs);
    const [offering, effects] = step(state, { event: 'tick', nowUs: patienceUs }, context);
    expect(offering).toMatchObject({ work: { doing: 'offering' } });
    expect(effects[0]).toMatchObject({ message: { type: 'offer' } });
  });
});

// Goal: the same for a camera that believes that all is durable. Method: Acks of a dock that misses something still, soon
// after the Fin, when they may have been overtaken, and long after it.
it('an upload that is not durable long after its Fin is offered again', () => {
  const context = contextOver('mqtt');
  const hear = (nowUs: number, durableTo: number, stream = STREAM): UploadStep => {
    const message = ackOf({ stream, maxTxSeq: 1, receivedTo: 1_000, durableTo });
    const nonce = new Uint8Array(32);
    return step(docked(finishing), { event: 'message', nowUs, wallUs: 0, nonce, message }, context);
  };
  const fin = { work: { doing: 'finishing' } };
  expect(hear(2.9 * SECOND, 600)[0]).toMatchObject(fin);
  expect(hear(3 * SECOND, 1_000)[0]).toMatchObject(fin);
  expect(hear(3 * SECOND, 600, STREAM - 1)[0]).toMatchObject(fin);
  const [state, effects] = hear(3 * SECOND, 600);
  expect(state).toMatchObject({ work: { doing: 'offering' } });
  expect(effects).toMatchObject([{ message: { type: 'offer' } }]);
});
