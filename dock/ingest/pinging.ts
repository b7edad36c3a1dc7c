import { encodeMessage } from '../../proto/codec.ts';
import { MQTT_CLOCK_EVERY_MS, MQTT_PING_EVERY_MS, PING_EVERY_MS } from '../../proto/limits.ts';
import type { Ping, Pong } from '../../proto/messages.ts';
import { type ClockRecord, NO_CLOCK, recorded } from './clock-estimate.ts';

// At the beginning of a session: one good round trip among them is likely, whatever else the line carries.
const FIRST_PINGS = 4;
const FIRST_PING_WAIT_US = 200_000;
const PING_EVERY_US = PING_EVERY_MS * 1000;
const MQTT_PING_EVERY_US = MQTT_PING_EVERY_MS * 1000;
const MQTT_CLOCK_EVERY_US = MQTT_CLOCK_EVERY_MS * 1000;

/** What decides when the next Ping goes. */
export interface Pace {
  /** Over what an upload is under way; `idle` when none is. */
  readonly under: 'serial' | 'mqtt' | 'idle';
  readonly heardUs: number;
}
const UNANSWERED_MAX = 4;

/** The Pings of one session, and what their answers told of the camera's clock. */
export interface Pinging {
  /** Of the first ones, still to be sent. */
  readonly left: number;
  readonly pingedUs: number;
  /** `sent_us` of Pings without an answer, the newest last. */
  readonly unanswered: readonly number[];
  readonly clock: ClockRecord;
}

/** The first Ping of a session. */
export function startPinging(nowUs: number): readonly [Pinging, Ping] {
  return ping({ left: FIRST_PINGS, pingedUs: nowUs, unanswered: [], clock: NO_CLOCK }, nowUs);
}

/** The next Ping if one is due: the first ones follow each other, later ones go only while an upload is under way. */
export function pingDue(
  before: Pinging,
  { nowUs, pace }: { readonly nowUs: number; readonly pace: Pace },
): readonly [Pinging, Ping | undefined] {
  return nowUs >= pingDueUs(before, pace) ? ping(before, nowUs) : [before, undefined];
}

/** When that is; Infinity while none will be. */
export function pingDueUs({ left, pingedUs }: Pinging, { under, heardUs }: Pace): number {
  if (left > 0) return pingedUs + FIRST_PING_WAIT_US;
  if (under === 'idle') return Number.POSITIVE_INFINITY;
  if (under === 'serial') return pingedUs + PING_EVERY_US;
  return Math.min(pingedUs + MQTT_CLOCK_EVERY_US, Math.max(pingedUs, heardUs) + MQTT_PING_EVERY_US);
}

/** An answer. One to no Ping of ours, or a second one to the same, tells nothing. */
export function ponged(
  before: Pinging,
  pong: Pong,
  heard: { readonly nowUs: number; readonly pduBytes: number; readonly wireUs: (pduBytes: number) => number },
): readonly [Pinging, Ping | undefined] {
  const { pingSentUs: t1 } = pong;
  if (!before.unanswered.includes(t1)) return [before, undefined];
  const pingBytes = encodeMessage({ type: 'ping', sentUs: t1 }).byteLength;
  const answered: Pinging = {
    ...before,
    unanswered: before.unanswered.filter((sentUs) => sentUs !== t1),
    clock: recorded(before.clock, {
      t1,
      t2: pong.receivedUs,
      t3: pong.sentUs,
      t4: heard.nowUs,
      w1: heard.wireUs(pingBytes),
      w2: heard.wireUs(heard.pduBytes),
      cameraWallUs: pong.wallUs,
    }),
  };
  return before.left > 0 && t1 === before.unanswered.at(-1)
    ? ping(answered, heard.nowUs)
    : [answered, undefined];
}

/** `sent_us` is the monotonic clock: it names the Ping, and a step of UTC between Ping and Pong must not count as delay. */
function ping(before: Pinging, nowUs: number): readonly [Pinging, Ping] {
  const next: Pinging = {
    ...before,
    left: Math.max(0, before.left - 1),
    pingedUs: nowUs,
    unanswered: [...before.unanswered, nowUs].slice(-UNANSWERED_MAX),
  };
  return [next, { type: 'ping', sentUs: nowUs }];
}
