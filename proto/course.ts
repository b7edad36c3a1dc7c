import {
  bool,
  type Field,
  list,
  names,
  optional,
  rangeError,
  record,
  sint32,
  text,
  uint32,
  uint53,
} from './codec-field.ts';
import { bwc } from './gen/evidence.js';
import {
  CATEGORIES_MAX,
  CATEGORY_BYTES_MAX,
  MARK_KIND_BYTES_MAX,
  MARKS_MAX,
  MUTES_MAX,
  TRACK_POINTS_MAX,
} from './limits.ts';

/** A point in time on both of the camera's clocks, in microseconds; `wallUs` is what the camera believed. */
export interface Moment {
  readonly wallUs: number;
  readonly monoUs: number;
}

export interface Mark {
  readonly at: Moment;
  readonly kind: string;
}

export type StopReason =
  | 'button'
  | 'docked'
  | 'storage-full'
  | 'power-loss'
  | 'replay'
  | 'battery'
  | 'limit'
  | 'power-off';

/** What made the camera record; `limit`: it goes on where the recording before it was as long as one may be. */
export type RecordingCause =
  | 'button'
  | 'holster'
  | 'light-bar'
  | 'taser'
  | 'fall'
  | 'peer'
  | 'limit'
  | 'command';

/** A stretch without sound. */
export interface Mute {
  readonly from: Moment;
  readonly to: Moment;
}

/** Percent, 0 to 100. */
export interface BatteryUse {
  readonly startPercent: number;
  readonly endPercent: number;
}

/** A place on WGS 84, in 1e-7 degrees, north and east positive, and how far off it may be in decimetres; 0: not said. */
export interface Position {
  readonly latitudeE7: number;
  readonly longitudeE7: number;
  readonly accuracyDm: number;
}

export interface TrackPoint extends Position {
  readonly at: Moment;
}

/** What a camera says of the course of a recording beside its pictures; a member that is not there was not said. */
export interface Course {
  /** To be uploaded before others. */
  readonly critical?: true;
  /** In order, apart from each other. */
  readonly mutes?: readonly Mute[];
  readonly categories?: readonly string[];
  readonly battery?: BatteryUse;
  /** In order. */
  readonly track?: readonly TrackPoint[];
}

const wire = bwc.v1;

export const moment = record<Moment>({ wallUs: uint53, monoUs: uint53 });

export const marks = list(record<Mark>({ at: moment, kind: text(MARK_KIND_BYTES_MAX) }), MARKS_MAX);

export const stopReason: Field<StopReason> = names({
  button: wire.StopReason.STOP_REASON_BUTTON,
  docked: wire.StopReason.STOP_REASON_DOCKED,
  'storage-full': wire.StopReason.STOP_REASON_STORAGE_FULL,
  'power-loss': wire.StopReason.STOP_REASON_POWER_LOSS,
  replay: wire.StopReason.STOP_REASON_REPLAY,
  battery: wire.StopReason.STOP_REASON_BATTERY,
  limit: wire.StopReason.STOP_REASON_LIMIT,
  'power-off': wire.StopReason.STOP_REASON_POWER_OFF,
});

export const cause: Field<RecordingCause | undefined> = optional(
  names({
    button: wire.RecordingCause.RECORDING_CAUSE_BUTTON,
    holster: wire.RecordingCause.RECORDING_CAUSE_HOLSTER,
    'light-bar': wire.RecordingCause.RECORDING_CAUSE_LIGHT_BAR,
    taser: wire.RecordingCause.RECORDING_CAUSE_TASER,
    fall: wire.RecordingCause.RECORDING_CAUSE_FALL,
    peer: wire.RecordingCause.RECORDING_CAUSE_PEER,
    limit: wire.RecordingCause.RECORDING_CAUSE_LIMIT,
    command: wire.RecordingCause.RECORDING_CAUSE_COMMAND,
  }),
);

/** Said, or nothing: false on the wire is a field that is not there. */
const isTrue: Field<true | undefined> = {
  toWire: (value) => value,
  fromWire: (value, name) => (bool.fromWire(value, name) ? true : undefined),
};

const percent = uint32(0, 100);

/** A field for every member of a course, for the manifest's own table. */
export const courseFields = {
  critical: isTrue,
  mutes: optional(list(record<Mute>({ from: moment, to: moment }), MUTES_MAX)),
  categories: optional(list(text(CATEGORY_BYTES_MAX), CATEGORIES_MAX)),
  battery: optional(record<BatteryUse>({ startPercent: percent, endPercent: percent })),
  track: optional(
    list(
      record<TrackPoint>({
        at: moment,
        latitudeE7: sint32(900_000_000),
        longitudeE7: sint32(1_800_000_000),
        accuracyDm: uint32(),
      }),
      TRACK_POINTS_MAX,
    ),
  ),
};

/** Throws PduError PDU_RANGE for a course that contradicts itself. */
export function checkCourse({ mutes = [], categories = [], track = [] }: Course): void {
  let lastUs = 0;
  for (const { from, to } of mutes) {
    if (from.monoUs < lastUs || to.monoUs < from.monoUs) throw rangeError('mutes', 'are not in order');
    lastUs = to.monoUs;
  }
  if (categories.includes('')) throw rangeError('categories', 'has one without a name');
  if (new Set(categories).size < categories.length) throw rangeError('categories', 'has one twice');
  lastUs = 0;
  for (const { at } of track) {
    if (at.monoUs < lastUs) throw rangeError('track', 'is not in order');
    lastUs = at.monoUs;
  }
}
