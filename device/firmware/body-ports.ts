import type { RecordingId } from '../../proto/ids.ts';
import type { Camera } from '../capture/camera.ts';
import type { Film } from '../capture/recovery.ts';
import type { Battery, Cancel, Clock, DockTime, Gauge, Vault } from '../ports.ts';
import type { CradleNews, CradleOptions } from '../upload/cradle.ts';
import type { Cause, FirmwareSetting, Signal } from './state.ts';

/** What is left in a battery, in the steps that matter. */
export type BatteryLevel = 'good' | 'low' | 'critical' | 'empty';

export interface LevelledBattery extends Battery {
  readonly level: BatteryLevel;
  /** Calls `tell` each time the level is another, until `Cancel`. */
  onLevel(tell: (level: BatteryLevel) => void): Cancel;
}

export interface BodyOptions {
  readonly setting: FirmwareSetting;
  /** Who has the camera as it is switched on. */
  readonly officer: string;
  /** Not made ready yet: the body does that. */
  readonly camera: Camera;
  readonly clock: Clock;
  readonly battery: LevelledBattery;
  readonly vault: Vault;
  readonly memory: {
    /** How many recordings were interrupted; asked before the camera is made ready, and again for those that it could not close. */
    interrupted(): Promise<number>;
    freeBytes(): Promise<number>;
    /** It is worn out, and takes nothing any more; absent where none wears out. */
    isReadOnly?(): boolean;
    /** With less room than this the memory counts as scarce. */
    readonly scarceBytes: number;
  };
  readonly cradle: Pick<CradleOptions, 'open' | 'tickets' | 'context'>;
  /** Tells cameras nearby what began here. Must return at once. */
  readonly announce?: (began: { readonly tag: string; readonly cause: Cause }) => void;
  /** Takes the dock's time as far as it is to be taken; resolves when that is kept, with whether the clock is set. Absent: it is. */
  readonly syncClock?: (time: DockTime | undefined) => Promise<boolean>;
  /** For people and the rig. Must not throw. */
  readonly tell: (news: BodyNews) => void;
  /** The power is gone: nothing may run after this. */
  readonly cut: () => void;
}

export type BodyNews =
  | CradleNews
  | {
      readonly news: 'recording';
      readonly recordingId: RecordingId;
      readonly cause: Cause;
      readonly officer: string;
      /** The camera that called; empty where nobody said which. */
      readonly peer?: string;
    }
  | { readonly news: 'closed'; readonly film: Film }
  | { readonly news: 'signal'; readonly signal: Signal }
  /** Something that nobody asked for at this moment could not be done. */
  | { readonly news: 'trouble'; readonly why: string };

/** What came of an event. */
export type Outcome =
  | { readonly came: 'done'; readonly recordingId?: RecordingId; readonly film?: Film }
  | { readonly came: 'ignored'; readonly why: string }
  /** The error where it was the camera that could not, and not its table that would not. */
  | { readonly came: 'refused'; readonly why: string; readonly error?: Error };

/** What a display shows besides the state. */
export interface BodyFacts extends Gauge {
  /** How long the recording under way is by now, without what was before its trigger; undefined when there is none. */
  readonly recordingMs: number | undefined;
}
