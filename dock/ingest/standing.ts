import { type CameraId, isPersonId, type PersonId, type RecordingId } from '../../proto/ids.ts';
import type { Bay } from '../ports.ts';
import type { Place } from './place.ts';
import { bitsPerSecond } from './rate.ts';

/** A bay or MQTT camera as a display on the wall shows it; nothing in custody reads it. Wall times are microseconds since 1970. */
export interface BayStanding extends Bay {
  /** When it came into this state, by the dock's wall clock. */
  readonly sinceUs: number;
  /** Of the recording under way, by its signed manifest; else to whom the camera says that it is assigned. */
  readonly officer?: PersonId;
  /** What the camera last said of itself; a percentage, and what is closed in it and has no receipt yet. */
  readonly batteryPercent?: number;
  readonly queue?: BayQueue;
  /** Of durable bytes; absent while it is unknown or nothing comes. */
  readonly bitsPerSecond?: number;
  /** Until the recording under way is durable; absent without a rate. */
  readonly secondsLeft?: number;
  /** Until everything that waits in the camera is; absent when the camera does not say how much that is. */
  readonly queueSecondsLeft?: number;
  readonly fault?: BayFault;
  readonly lastReceipt?: BayReceipt;
}

export interface BayQueue {
  readonly recordings: number;
  readonly bytes?: number;
}

/** The last thing that went wrong in a bay. Durable bytes or an accepted recording end it, by what it was. */
export interface BayFault {
  /** An error code of the protocol, or `quarantined`, `ledger-behind`, `interrupted`, `line-noise`. */
  readonly code: string;
  /** For those who tend the dock: may name a recording. */
  readonly text: string;
  readonly camera?: CameraId;
  readonly atUs: number;
}

export interface BayReceipt {
  readonly recording: RecordingId;
  readonly camera: CameraId;
  readonly outcome: 'accepted' | 'quarantined';
  readonly atUs: number;
}

/** A place in full, at this moment of the monotonic clock. */
export function standingOf(
  place: Place,
  { nowUs, isReopening }: { readonly nowUs: number; readonly isReopening: boolean },
): BayStanding {
  const { live, sinceUs, fault, lastReceipt, said } = place;
  const officer = place.officer ?? said?.officerId ?? '';
  return {
    ...(live?.bay ?? goneBay(place, isReopening)),
    sinceUs,
    ...(isPersonId(officer) ? { officer } : {}),
    ...(said === undefined ? {} : { batteryPercent: said.batteryPercent, queue: said.queue }),
    ...paceOf(place, nowUs),
    ...(fault === undefined ? {} : { fault }),
    ...(lastReceipt === undefined ? {} : { lastReceipt }),
  };
}

function goneBay({ name, transport, camera }: Place, isReopening: boolean): Bay {
  if (transport === 'mqtt') return { name, transport, state: 'away', ...(camera && { camera }) };
  return { name, transport, state: isReopening ? 'empty' : 'closed' };
}

type Pace = Pick<BayStanding, 'bitsPerSecond' | 'secondsLeft' | 'queueSecondsLeft'>;

/** Only of what is coming in: between two recordings there is nothing to wait for. */
function paceOf({ live, rate, said }: Place, nowUs: number): Pace {
  const { durableBytes, totalBytes } = live?.bay ?? {};
  const pace = bitsPerSecond(rate, nowUs);
  if (durableBytes === undefined || totalBytes === undefined || pace === undefined) return {};
  const secondsFor = (bytes: number): number => Math.ceil((Math.max(0, bytes) * 8) / pace);
  const waiting = said?.queue.bytes;
  return {
    bitsPerSecond: Math.round(pace),
    secondsLeft: secondsFor(totalBytes - durableBytes),
    ...(waiting === undefined ? {} : { queueSecondsLeft: secondsFor(waiting - durableBytes) }),
  };
}
