import { describe, expect, it } from 'vitest';
import { wakeUs } from '../../../../dock/ingest/liveness.ts';
import { startPinging } from '../../../../dock/ingest/pinging.ts';
import type { IngestContext, IngestState, Work } from '../../../../dock/ingest/state.ts';
import { step } from '../../../../dock/ingest/step.ts';
import { IDLE_SILENCE_MS, MQTT_SESSION_SILENCE_MS, SESSION_SILENCE_MS } from '../../../../proto/limits.ts';
import { begun, context, docked, hear, sampleOf, sentIn, session } from './kit.ts';

const MQTT: IngestContext = { ...context, transport: 'mqtt' };
const NOTHING: Work = { doing: 'nothing' };
const sample = sampleOf([40]);
const receiving = (): Work => ({ doing: 'receiving', upload: begun(sample)[0] });
const endsAfter = (work: Work, ms: number, on: IngestContext): boolean =>
  step(docked(work), { event: 'tick', nowUs: ms * 1_000 }, on)[0].at === 'ended';

// Goal: a dead line is found within three seconds, an upload that hangs on a broker within ten, and an idle camera on a broker is left alone. Method: silence by
// transport and by what is under way, just before and just after its limit.
describe('silence', () => {
  it.each([
    ['three seconds ends a session on a serial line', { work: NOTHING, on: context }, SESSION_SILENCE_MS],
    ['three seconds ends an upload on it', { work: receiving(), on: context }, SESSION_SILENCE_MS],
    ['ten seconds ends an upload over MQTT', { work: receiving(), on: MQTT }, MQTT_SESSION_SILENCE_MS],
    [
      'ten seconds ends one that begins',
      { work: { doing: 'leasing', offer: sample.offer } as const, on: MQTT },
      MQTT_SESSION_SILENCE_MS,
    ],
  ])('of %s', (_, { work, on }, ms) => {
    expect(endsAfter(work, ms, on)).toBe(false);
    expect(endsAfter(work, ms + 1, on)).toBe(true);
  });

  it('of three minutes ends an idle session over MQTT', () => {
    expect(endsAfter(NOTHING, IDLE_SILENCE_MS, MQTT)).toBe(false);
    expect(endsAfter(NOTHING, IDLE_SILENCE_MS + 1, MQTT)).toBe(true);
  });

  it('is not that of a camera which waits for credit: it is asked every five seconds, and answers', () => {
    let state = step(docked(receiving()), { event: 'tick', nowUs: 0 }, MQTT)[0];
    for (let ms = 50; ms < 60_000; ms += 50) {
      const [next, effects] = step(state, { event: 'tick', nowUs: ms * 1_000 }, MQTT);
      state = next;
      for (const message of sentIn(effects)) {
        if (message.type !== 'ping') continue;
        const pong = {
          type: 'pong',
          pingSentUs: message.sentUs,
          receivedUs: 1,
          sentUs: 1,
          wallUs: 0,
        } as const;
        [state] = hear(state, pong, { nowUs: ms * 1_000, context: MQTT });
      }
    }
    expect(state).toMatchObject({ at: 'docked', work: { doing: 'receiving' } });
  });
});

// Goal: a last will ends the link of a camera that vanished, and a Bye only its own session. Method: Byes of all kinds.
describe('a Bye', () => {
  const bye = (sessionId: Uint8Array) => ({ type: 'bye', sessionId, message: '' }) as const;

  it('of this session ends it, and of another does not', () => {
    expect(hear(docked(NOTHING), bye(session.sessionId))[0]).toEqual({ at: 'waiting' });
    expect(hear(docked(NOTHING), bye(new Uint8Array(8)))).toEqual([docked(NOTHING), []]);
  });

  it('without a session is the broker’s word that the camera is gone', () => {
    const [state, effects] = hear(docked(NOTHING), bye(new Uint8Array()), { context: MQTT });
    expect(state).toEqual({ at: 'ended' });
    expect(effects).toMatchObject([{ effect: 'end' }]);
    expect(hear({ at: 'waiting' }, bye(new Uint8Array()), { context: MQTT })[0]).toEqual({ at: 'ended' });
    expect(hear(docked(NOTHING), bye(new Uint8Array()))).toEqual([docked(NOTHING), []]);
  });
});

// Goal: the camera's clock is measured, over the time that messages spend on the wire, and told. Method: one Ping and
// its Pong on a line with a rate, and a Pong that answers nothing.
it('the answer to a Ping is news of the camera’s clock', () => {
  const on: IngestContext = { ...context, wireUs: (bytes) => bytes * 10 };
  const [pinged, effects] = step(docked(receiving()), { event: 'tick', nowUs: 1_000_000 }, on);
  expect(sentIn(effects)).toContainEqual({ type: 'ping', sentUs: 1_000_000 });
  const pong = { type: 'pong', pingSentUs: 1_000_000, receivedUs: 500, sentUs: 600, wallUs: 0 } as const;
  const [, news] = hear(pinged, pong, { nowUs: 1_001_000, context: on });
  // Of the 900 µs that were not the camera's, the messages themselves took 90 and 150.
  expect(news).toMatchObject([{ effect: 'news', news: { news: 'clock', clock: { boundUs: 332 } } }]);
  expect(hear(pinged, { ...pong, pingSentUs: 77 }, { nowUs: 1_001_000, context: on })[1]).toEqual([]);
});

// Goal: a dock with fifty idle cameras sleeps, and does what is due when it is. Method: in each state a tick just before the time that
// it asks to be woken at, which changes nothing, and one at that time, which does something.
it('asks to be woken when something is due, and not before', () => {
  const idle = docked(NOTHING);
  const states: readonly (readonly [string, IngestState, IngestContext])[] = [
    ['idle on a line, until it is silent', idle, context],
    ['idle on a broker, until the next ticket', idle, MQTT],
    ['the first pings', { ...idle, pinging: startPinging(7)[0], heardUs: 7 }, MQTT],
    ['leasing', docked({ doing: 'leasing', offer: sample.offer }), MQTT],
    ['idle on a broker, until it is silent', { ...idle, ticketing: { keptSize: 0, askedUs: 170e6 } }, MQTT],
  ];
  for (const [name, state, on] of states) {
    const dueUs = wakeUs(state, on);
    expect(step(state, { event: 'tick', nowUs: dueUs - 1 }, on), name).toEqual([state, []]);
    expect(step(state, { event: 'tick', nowUs: dueUs }, on)[1].length, name).toBeGreaterThan(0);
  }
  expect(wakeUs({ at: 'waiting' }, MQTT)).toBe(Number.POSITIVE_INFINITY);
  expect(wakeUs({ at: 'ended' }, MQTT)).toBe(Number.POSITIVE_INFINITY);
});
