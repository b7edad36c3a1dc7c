import { TELEMETRY_GAP_MS, TELEMETRY_LOOK_MS, TELEMETRY_REPEAT_MS } from '../../proto/limits.ts';
import type { CameraState, Telemetry } from '../../proto/messages.ts';
import type { ClosedRecording, Gauge } from '../ports.ts';
import type { UploadState } from './state.ts';
import { totalBytesOf } from './work.ts';

/** What the dock was told of this camera in this session, and when to look whether that is still so. */
export type Telling =
  | { readonly at: 'silent' }
  | {
      readonly at: 'telling';
      readonly dueUs: number;
      /** While the gauges are being read nobody asks them again. */
      readonly isLooking: boolean;
      readonly state: CameraState;
      readonly told: { readonly telemetry: Telemetry; readonly atUs: number } | undefined;
    };

/** Everything that a telemetry is made of. */
export interface Look {
  readonly gauge: Gauge;
  readonly waiting: readonly ClosedRecording[];
  readonly nowUs: number;
  readonly wallUs: number;
}

/**
 * After every change of the conversation and every tick: with a session it begins, without one it ends; a recording that
 * begins or ends is looked at soon, anything else now and then. Read the gauges when `isLooking` came true.
 */
export function telling(before: Telling, upload: UploadState, nowUs: number): Telling {
  if (upload.at !== 'docked') return { at: 'silent' };
  const { doing } = upload.work;
  const state = doing === 'listing' || doing === 'backing-off' ? 'docked' : 'transferring';
  if (before.at === 'silent')
    return {
      at: 'telling',
      dueUs: nowUs + TELEMETRY_LOOK_MS * 1000,
      isLooking: true,
      state,
      told: undefined,
    };
  const soonUs = (before.told?.atUs ?? nowUs) + TELEMETRY_GAP_MS * 1000;
  const dueUs = state === before.state ? before.dueUs : Math.min(before.dueUs, Math.max(nowUs, soonUs));
  if (nowUs < dueUs || before.isLooking) return { ...before, state, dueUs };
  return { ...before, state, dueUs: nowUs + TELEMETRY_LOOK_MS * 1000, isLooking: true };
}

/** When the next look is due, by the monotonic clock; undefined when there is nobody to tell. */
export function lookUs(now: Telling): number | undefined {
  return now.at === 'telling' && !now.isLooking ? now.dueUs : undefined;
}

/** The gauges were read: what to say, if anything has changed or nothing was said for long. */
export function looked(before: Telling, look: Look): readonly [Telling, Telemetry | undefined] {
  if (before.at === 'silent') return [before, undefined];
  const { told, state } = before;
  const telemetry = telemetryOf(state, look);
  const isOld = told === undefined || look.nowUs >= told.atUs + TELEMETRY_REPEAT_MS * 1000;
  if (!isOld && isSame(told.telemetry, telemetry)) return [{ ...before, isLooking: false }, undefined];
  return [{ ...before, isLooking: false, told: { telemetry, atUs: look.nowUs } }, telemetry];
}

/** The gauges could not be read: the next look is due as ever. */
export function notLooked(before: Telling): Telling {
  return before.at === 'silent' ? before : { ...before, isLooking: false };
}

function telemetryOf(state: CameraState, { gauge, waiting, wallUs }: Look): Telemetry {
  const bytesHeld = waiting.reduce((sum, recording) => sum + totalBytesOf(recording), 0);
  return {
    type: 'telemetry',
    state,
    ...gauge,
    recordingsHeld: waiting.length,
    cameraWallUs: wallUs,
    ...(bytesHeld === 0 ? {} : { bytesHeld }),
  };
}

/** The clock always differs, and room in the memory is worth no message of its own. */
function isSame(one: Telemetry, other: Telemetry): boolean {
  return (
    one.state === other.state &&
    one.batteryPercent === other.batteryPercent &&
    one.recordingsHeld === other.recordingsHeld &&
    one.officerId === other.officerId
  );
}
