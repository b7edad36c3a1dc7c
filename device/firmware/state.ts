import type { StopReason } from '../../proto/manifest.ts';
import type { DockTime } from '../ports.ts';

/** What began a recording. */
export type Cause = 'command' | 'button' | Sensor | 'peer' | 'limit';
/** What begins one without anybody's hand. */
export type Sensor = 'holster' | 'light-bar' | 'taser' | 'fall';

/**
 * In a bay: what the camera is doing there. `syncing`: it takes the dock's time. `unplugged`: it lies in the bay, and the cable
 * has no contact.
 */
export type Stage = 'charging' | 'syncing' | 'transferring' | 'verifying' | 'ready' | 'unplugged';

/** Somebody has it, or may have it: empty means that nobody is assigned. */
interface Carried {
  readonly officer: string;
}

/** Out of the bay and switched on. */
interface Worn extends Carried {
  /** No light, no sound, no vibration. */
  readonly isStealthy: boolean;
}

/** A recording is under way. Whose it is was settled when it began. */
export interface Rolling extends Worn {
  /** How many recordings have begun since the start, this one included. */
  readonly number: number;
  readonly cause: Cause;
  readonly isMuted: boolean;
}

/**
 * What the camera is. A mute is of a recording, stealth of a camera that somebody wears, and in a bay it is nobody's: what
 * cannot be at the same time cannot be written down either.
 */
export type Mode =
  | (Carried & { readonly at: 'off' | 'boot' | 'recovering' | 'shutdown' })
  | (Worn & { readonly at: 'ready' | 'sleep' })
  | (Rolling & { readonly at: 'recording' | 'post-event' })
  | {
      readonly at: 'docked';
      readonly stage: Stage;
      /** Recordings that a dock took custody of since the camera came into the bay, and those that wait. */
      readonly settled: number;
      readonly waiting: number;
    };

/** The rows of the table: a mode, and in a bay its stage. */
export type Kind = Exclude<Mode['at'], 'docked'> | `docked/${Stage}`;

/** The whole camera: its mode, and beside it what may be so in any of them. */
export interface FirmwareState {
  readonly mode: Mode;
  readonly battery: 'good' | 'low' | 'critical';
  readonly clock: 'set' | 'unset';
  /** `scarce`: too little to begin with, where the camera is set to refuse then. `read-only`: worn out, for good. */
  readonly memory: 'free' | 'scarce' | 'full' | 'read-only';
  /** Recordings begun since the start. */
  readonly begun: number;
}

/** How the camera is set. */
export interface FirmwareSetting {
  /** How long a recording goes on after its stop; 0 ends it at once. */
  readonly postEventMs: number;
  /** After this long a new file begins, without a gap. */
  readonly recordingMsMax: number;
  /** Scarce memory: record until it is full, or begin no recording that could be cut short. A full one records nothing either way. */
  readonly whenFull: 'stop' | 'refuse';
  /** Cameras nearby begin together when they have the same tag. */
  readonly tag: string;
  /** What it calls cameras nearby for; without it, whatever begins a recording. */
  readonly callsFor?: readonly Cause[];
  /** It records a film in place of what it sees and hears. */
  readonly isFilm?: boolean;
}

export type FirmwareEvent =
  /** The event button; what it means is in `buttons.ts`. */
  | { readonly event: 'press' | 'double-press' | 'hold' }
  | { readonly event: Sensor }
  /** A camera nearby began to record and said so. */
  | { readonly event: 'peer'; readonly camera: string; readonly tag: string }
  | { readonly event: 'record'; readonly cause?: 'command' | 'button' }
  | { readonly event: 'stop' | 'mute' | 'unmute' | 'stealth-on' | 'stealth-off' | 'sleep' | 'wake' }
  | { readonly event: 'mark'; readonly kind?: string }
  /** Says what kind of event the recording under way is of. */
  | { readonly event: 'category'; readonly name: string }
  | { readonly event: 'assign'; readonly officer: string }
  | { readonly event: 'unassign' | 'power-on' | 'power-off' | 'dock' | 'plug' | 'unplug' }
  | { readonly event: 'undock'; readonly officer: string }
  /** A dock at the other end has proved who it is. */
  | { readonly event: 'contact'; readonly waiting: number; readonly time?: DockTime }
  /** The dock's time was taken and is kept, or is none to go by; the clock is set now, or is not. */
  | { readonly event: 'synced'; readonly isSet: boolean; readonly waiting: number }
  | {
      readonly event: 'progress';
      readonly durableBytes: number;
      readonly totalBytes: number;
      readonly waiting: number;
    }
  /** A recording is settled: `waiting` are left. */
  | { readonly event: 'receipt'; readonly waiting: number }
  /** Nothing is left to upload; or there is no dock to talk to. */
  | { readonly event: 'idle' | 'parted' }
  | { readonly event: 'battery-good' | 'battery-low' | 'battery-critical' | 'battery-dead' }
  | { readonly event: 'memory-free' | 'memory-scarce' | 'memory-full' | 'memory-read-only' }
  | { readonly event: 'clock-set' | 'clock-reset' }
  /** The time after a stop, the longest time of a file, or the film that was recorded is over. */
  | { readonly event: 'tail-over' | 'limit-reached' | 'film-over' }
  /** The memory was looked at: so many recordings were interrupted. */
  | { readonly event: 'looked'; readonly interrupted: number }
  | { readonly event: 'recovered' | 'halted' }
  /** The memory refused to begin the recording of that number. */
  | { readonly event: 'begin-failed'; readonly number: number };

export type EventName = FirmwareEvent['event'];
export type Gesture = 'press' | 'double-press' | 'hold';

export type Signal = 'on' | 'begin' | 'stop' | 'mark' | 'mute' | 'battery-low' | 'memory-full' | 'off';

/** What is to be done, in order. */
export type FirmwareEffect =
  /** Look for what was interrupted; answer `looked`. */
  | { readonly effect: 'look' }
  /** Close what was interrupted and open the eye; answer `recovered`. */
  | { readonly effect: 'open' }
  | {
      readonly effect: 'begin';
      readonly number: number;
      readonly cause: Cause;
      readonly officer: string;
      /** The camera that called; empty where nobody said which. */
      readonly peer?: string;
    }
  /** Close the file and go on in a new one, without a gap. */
  | { readonly effect: 'renew'; readonly number: number; readonly isMuted: boolean }
  | { readonly effect: 'end'; readonly reason: StopReason }
  /** Keep this moment; what a mark means for its manifest is in its name. */
  | { readonly effect: 'mark'; readonly kind: string }
  | { readonly effect: 'start-tail' | 'start-limit'; readonly afterMs: number }
  | { readonly effect: 'stop-tail' | 'stop-limit' }
  /** From here on what is seen is this officer's. */
  | { readonly effect: 'wear'; readonly officer: string }
  /** See nothing and forget what was seen; or see again. */
  | { readonly effect: 'cover' | 'uncover' }
  /** Talk to whatever dock there is; or to none. */
  | { readonly effect: 'enter-bay' | 'leave-bay' }
  | { readonly effect: 'load'; readonly load: 'idle' | 'recording' | 'docked' | 'sleep' }
  /** Take the dock's time, where it told one; answer `synced`. */
  | { readonly effect: 'sync-clock'; readonly time?: DockTime }
  /** Tell cameras nearby. */
  | { readonly effect: 'announce'; readonly tag: string; readonly cause: Cause }
  /** Light, sound and vibration; none leaves in stealth. */
  | { readonly effect: 'signal'; readonly signal: Signal }
  /** Switch off in order; answer `halted`. */
  | { readonly effect: 'halt' }
  /** The power is gone in the middle of whatever it was. */
  | { readonly effect: 'cut' };

export const FIRMWARE_START: FirmwareState = {
  mode: { at: 'off', officer: '' },
  battery: 'good',
  clock: 'set',
  memory: 'free',
  begun: 0,
};

/** The row of the table that this mode is in. */
export function kindOf(mode: Mode): Kind {
  return mode.at === 'docked' ? `docked/${mode.stage}` : mode.at;
}
