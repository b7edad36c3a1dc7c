import {
  FIN_RETRY_MS,
  IDLE_PING_EVERY_MS,
  IDLE_SILENCE_MS,
  MQTT_PING_EVERY_MS,
  MQTT_SESSION_SILENCE_MS,
  PING_EVERY_MS,
  SESSION_SILENCE_MS,
} from '../../proto/limits.ts';
import { greetAgain } from './greeting.ts';
import { offerAgain } from './offering.ts';
import { probeDueUs, sendingTick } from './sending.ts';
import type { Docked, Sending, UploadContext, UploadEvent, UploadState, UploadStep, Work } from './state.ts';
import { finOf, whileSending } from './uploading.ts';
import { ended } from './work.ts';

type Tick = Extract<UploadEvent, { event: 'tick' }>;

/** Does whatever is due by now. */
export function tick(state: UploadState, event: Tick, context: UploadContext): UploadStep {
  const { nowUs } = event;
  if (state.at === 'greeting') return nowUs >= state.dueUs ? greetAgain(state, nowUs) : [state, []];
  if (state.at !== 'docked') return [state, []];
  if (nowUs >= silentUs(state, context)) return ended('silent');
  const [next, effects] = nowUs >= workDueUs(state, context) ? workTick(state, nowUs, context) : [state, []];
  if (next.at !== 'docked' || nowUs < pingDueUs(next, context)) return [next, effects];
  return [
    { ...next, pingedUs: nowUs },
    [...effects, { effect: 'send', message: { type: 'ping', sentUs: nowUs } }],
  ];
}

/** When the next tick is worth its while, by the monotonic clock; undefined when nothing can become due. */
export function wakeUs(state: UploadState, context: UploadContext): number | undefined {
  if (state.at === 'greeting') return state.dueUs;
  if (state.at !== 'docked') return undefined;
  return Math.min(silentUs(state, context), workDueUs(state, context), pingDueUs(state, context));
}

/** A line says nothing of its ends. Over MQTT the broker notices a dead one; with nothing to upload a rare word is enough. */
const PULSE = {
  line: { pingUs: PING_EVERY_MS * 1000, silenceUs: SESSION_SILENCE_MS * 1000 },
  upload: { pingUs: MQTT_PING_EVERY_MS * 1000, silenceUs: MQTT_SESSION_SILENCE_MS * 1000 },
  idle: { pingUs: IDLE_PING_EVERY_MS * 1000, silenceUs: IDLE_SILENCE_MS * 1000 },
} as const;

function pulseOf({ work }: Docked, { transport }: UploadContext): (typeof PULSE)[keyof typeof PULSE] {
  if (transport === 'serial') return PULSE.line;
  return work.doing === 'listing' || work.doing === 'backing-off' ? PULSE.idle : PULSE.upload;
}

function silentUs(state: Docked, context: UploadContext): number {
  return state.heardUs + pulseOf(state, context).silenceUs;
}

/** A side asks when it has heard nothing for a while, and speaks when it has said nothing, so that the other need not ask. */
function pingDueUs(state: Docked, context: UploadContext): number {
  return Math.min(Math.max(state.heardUs, state.pingedUs), state.spokeUs) + pulseOf(state, context).pingUs;
}

function workDueUs({ work }: Docked, context: UploadContext): number {
  switch (work.doing) {
    case 'backing-off':
      return work.untilUs;
    case 'offering':
    case 'finishing':
      return work.dueUs;
    case 'sending':
      return Math.min(probeDueUs(work.sending) ?? Number.POSITIVE_INFINITY, strayedUs(work.sending, context));
    case 'listing':
    case 'keeping':
    case 'examining':
    case 'erasing':
      return Number.POSITIVE_INFINITY;
    default:
      return work satisfies never;
  }
}

/**
 * A dock that takes an upload in says so again and again. One that no longer does, and whose Abort was lost, still answers
 * Pings; and one whose Acks contradict what was heard of it before can only be believed on a new stream.
 */
function strayedUs({ agreedUs }: Sending, { transport }: UploadContext): number {
  return agreedUs + (transport === 'serial' ? PULSE.line : PULSE.upload).silenceUs;
}

function workTick(state: Docked, nowUs: number, context: UploadContext): UploadStep {
  const { work } = state;
  switch (work.doing) {
    case 'backing-off':
      return [{ ...state, work: { doing: 'listing' } }, [{ effect: 'list' }]];
    case 'offering':
      return offerAgain(state, work, { nowUs, context });
    case 'finishing': {
      const again: Work = { ...work, dueUs: nowUs + FIN_RETRY_MS * 1000 };
      return [{ ...state, work: again }, [finOf(state, work)]];
    }
    case 'sending':
      return nowUs < strayedUs(work.sending, context)
        ? whileSending(state, nowUs, (sending) => sendingTick(sending, nowUs))
        : offerAgain(state, work.sending, { nowUs, context });
    case 'listing':
    case 'keeping':
    case 'examining':
    case 'erasing':
      return [state, []];
    default:
      return work satisfies never;
  }
}
