import { equal } from '../../proto/bytes.ts';
import { IDLE_SILENCE_MS, MQTT_SESSION_SILENCE_MS, SESSION_SILENCE_MS } from '../../proto/limits.ts';
import type { Bye, Ping, Pong } from '../../proto/messages.ts';
import { ackDueUs } from './acking.ts';
import { clockOf } from './clock-estimate.ts';
import { type Pace, pingDue, pingDueUs, ponged } from './pinging.ts';
import type { Docked, Heard, IngestContext, IngestEffect, IngestState, IngestStep } from './state.ts';
import { ticketDue, ticketDueUs } from './ticketing.ts';
import { uploadTick } from './upload.ts';
import { whileReceiving } from './work.ts';

type Talking = Extract<IngestState, { at: 'proving' | 'docked' }>;

/** Time passes: silence ends a session, Acks are said again, the camera's clock is asked for. */
export function tick(state: IngestState, nowUs: number, context: IngestContext): IngestStep {
  if (state.at === 'waiting' || state.at === 'ended') return [state, []];
  const isSilent = nowUs >= silentUs(state, context);
  if (isSilent && state.at === 'proving') return [{ at: 'waiting' }, []];
  if (isSilent) {
    const why = `nothing heard from ${state.session.cameraId} for ${silenceMsMax(state, context)} ms`;
    return [{ at: 'ended' }, [{ effect: 'end', why }]];
  }
  if (state.at !== 'docked') return [state, []];
  const pace = paceOf(state, context);
  const [pinging, ping] = pingDue(state.pinging, { nowUs, pace });
  const pinged: Docked = pinging === state.pinging ? state : { ...state, pinging };
  if (pinged.work.doing !== 'receiving') {
    const [ticketed, ticket] = ticketDue(pinged, nowUs);
    return [ticketed, [...sent(ping), ...ticket]];
  }
  const [next, effects] = whileReceiving(pinged, pinged.work.upload.stream, (upload) =>
    uploadTick(upload, nowUs, context.transport),
  );
  return [next, [...effects, ...sent(ping)]];
}

/** When the next tick is worth its while, by the monotonic clock; Infinity when nothing can become due. */
export function wakeUs(state: IngestState, context: IngestContext): number {
  if (state.at === 'waiting' || state.at === 'ended') return Number.POSITIVE_INFINITY;
  const silent = silentUs(state, context);
  if (state.at === 'proving') return silent;
  const ping = pingDueUs(state.pinging, paceOf(state, context));
  if (state.work.doing !== 'receiving') return Math.min(silent, ping, ticketDueUs(state));
  return Math.min(silent, ping, ackDueUs(state.work.upload.acking, context.transport));
}

function paceOf({ work, heardUs }: Docked, { transport }: IngestContext): Pace {
  return { under: work.doing === 'receiving' ? transport : 'idle', heardUs };
}

function silentUs(state: Talking, context: IngestContext): number {
  return state.heardUs + silenceMsMax(state, context) * 1000 + 1;
}

/** Over MQTT a camera leaves it to the broker to find out that it is gone; a line must not be quiet. */
function silenceMsMax(state: Talking, { transport }: IngestContext): number {
  if (state.at === 'proving' || transport === 'serial') return SESSION_SILENCE_MS;
  const { doing } = state.work;
  const isIdle = doing === 'nothing' || doing === 'settled';
  return isIdle ? IDLE_SILENCE_MS : MQTT_SESSION_SILENCE_MS;
}

/** An answer to one of our Pings: what it tells of the camera's clock is news. */
export function heardPong(
  state: Docked,
  { pong, heard }: { readonly pong: Pong; readonly heard: Heard },
  context: IngestContext,
): IngestStep {
  const { nowUs, pdu } = heard;
  const [pinging, ping] = ponged(state.pinging, pong, {
    nowUs,
    pduBytes: pdu.byteLength,
    wireUs: (bytes) => context.wireUs(bytes),
  });
  const next: Docked = { ...state, pinging };
  const clock = clockOf(pinging.clock, { monoUs: nowUs, wallUs: heard.wallUs });
  if (clock === undefined || pinging.clock === state.pinging.clock) return [next, sent(ping)];
  const { cameraId } = state.session;
  return [next, [...sent(ping), { effect: 'news', news: { news: 'clock', cameraId, clock } }]];
}

/** A camera says goodbye; without a session it is the broker that says so for one that vanished. */
export function goodbye(state: IngestState, bye: Bye, { transport }: IngestContext): IngestStep {
  if (bye.sessionId.byteLength === 0 && transport === 'mqtt')
    return [{ at: 'ended' }, [{ effect: 'end', why: 'the broker says that the camera is gone' }]];
  const isOurs = state.at === 'docked' && equal(bye.sessionId, state.session.sessionId);
  return isOurs ? [{ at: 'waiting' }, []] : [state, []];
}

function sent(ping: Ping | undefined): readonly IngestEffect[] {
  return ping === undefined ? [] : [{ effect: 'send', message: ping }];
}
