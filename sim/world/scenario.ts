import type { Message } from '../../proto/messages.ts';
import type { Weariness } from '../fault/weary-disk.ts';
import type { CameraSetting } from './camera.ts';
import type { Cast, Deed } from './deeds.ts';
import type { DockHarm } from './parties.ts';
import type { WireSetting, WireWeather } from './wires.ts';

/** Everything that one run is made of. Plain data: it goes through JSON unchanged, and the same scenario is the same run. */
export interface Scenario {
  readonly seed: number;
  /** How long the storm lasts, true milliseconds. */
  readonly stormMs: number;
  /** How long after it everything must have arrived. */
  readonly calmMs: number;
  readonly cameras: readonly CameraOption[];
  readonly docks: readonly DockOption[];
  readonly cast: Cast;
  /** In the order of their times. */
  readonly actions: readonly Action[];
}

export interface CameraOption extends CameraSetting {
  readonly wire: WireSetting;
  /** The bay that it is put into in calm. */
  readonly home: number;
}

export interface DockOption {
  readonly driftPpm: number;
  /** A second disk, which must have a recording before its camera gets a receipt. */
  readonly hasMirror: boolean;
  /** A daemon disciplines its clock, so that its stamps are against UTC. */
  readonly hasTimeDaemon: boolean;
}

/**
 * Something that happens at its time, whatever came of what happened before, or, where there is a cue, as soon from then on as a message of
 * that name is sent by or to the camera or dock that it is about. `camera` and `dock` count from 0.
 */
export type Action = { readonly atMs: number; readonly on?: Message['type'] } & (
  | { readonly do: 'record' | 'stop' | 'undock'; readonly camera: number }
  | { readonly do: 'mark'; readonly camera: number; readonly kind: string }
  | { readonly do: 'dock'; readonly camera: number; readonly dock: number }
  | { readonly do: 'assign'; readonly camera: number; readonly officer: string }
  | { readonly do: 'deed'; readonly deed: Deed }
  | Harm
);

/** What makes a storm of it. */
export type Harm =
  /** Pulled out of the bay without a word. */
  | { readonly do: 'pull'; readonly camera: number; readonly isNoticed: boolean }
  /** The plug goes, with the disk operation after the next so many where that is given. */
  | CameraCut
  | { readonly do: 'dock-cut'; readonly dock: number; readonly offMs: number; readonly operations?: number }
  | { readonly do: 'dock-harm'; readonly dock: number; readonly harm: DockHarm }
  | { readonly do: 'weather'; readonly weather: WireWeather }
  | { readonly do: 'hang-up'; readonly camera: number }
  | { readonly do: 'half-close'; readonly camera: number; readonly heldMs?: number }
  | { readonly do: 'part'; readonly camera: number; readonly ms: number }
  | { readonly do: 'broker'; readonly dock: number }
  | { readonly do: 'clock-step'; readonly camera: number; readonly byMs: number }
  | { readonly do: 'weary'; readonly camera: number; readonly weariness: Weariness; readonly ms: number }
  | { readonly do: 'flash-room'; readonly camera: number; readonly bytes: number; readonly ms: number };

export interface CameraCut {
  readonly do: 'camera-cut';
  readonly camera: number;
  readonly offMs: number;
  readonly operations?: number;
  /** The battery is quite empty, and the time is lost with it. */
  readonly isBattery: boolean;
}
