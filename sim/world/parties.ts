import type { TrustedDock } from '../../device/ports.ts';
import type { Link as DockLink } from '../../dock/ports.ts';
import type { CameraId } from '../../proto/ids.ts';
import type { DockView } from '../check/check.ts';
import type { Scene } from './scene.ts';

/** A camera as a dock and an office know it before anything happens. */
export interface EnrolledCamera {
  readonly cameraId: CameraId;
  /** Raw Ed25519 key, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** One dock of a world: the real program's core over simulated hardware. What runs a world asks no more of it than this. */
export interface DockMachine extends DockView {
  /** What a camera that was enrolled with it knows. */
  readonly trusted: TrustedDock;
  /** One word on what it is doing, for the table of states that faults met: `off`, `idle`, `receiving`, `settling`. */
  readonly doing: string;
  /** From its disk, after a power cut as at first; resolves when it serves, or when its power goes before that. */
  boot(): Promise<void>;
  /** The plug is pulled: nothing of this life happens any more. The links that it serves are cut by whoever made them. */
  cutPower(): void;
  /** The plug goes with the disk operation after the next `operations` (`FaultDisk.failAfter`, `gone`); `gone` is told then, and what it was doing. */
  cutPowerAfter(operations: number, gone: (doing: string) => void): void;
  /** Talks with a camera until the link ends; says why. */
  serve(link: DockLink): Promise<string>;
  /** What the storm does to it, by name. Anything it cannot do now changes nothing. */
  suffer(harm: DockHarm): void;
  /** No trouble of its own from now on: room on its disk, no delay, a clock that runs. */
  calm(): void;
}

/** What can befall a dock beside the loss of power. */
export type DockHarm =
  /** So much room is left on its disk, in bytes; it gets its room back after `ms` of true time. */
  | { readonly harm: 'disk-full'; readonly roomBytes: number; readonly ms: number }
  /** Each operation of its disk takes this long, for `ms` of true time. */
  | { readonly harm: 'disk-slow'; readonly eachMs: number; readonly ms: number }
  /** A bit of one of its files is turned over; `pick` (0 to 1) chooses among those that a scrub or a reading back would find. */
  | { readonly harm: 'bit-rot'; readonly pick: number }
  /** The index is gone at the next boot. */
  | { readonly harm: 'index-lost' }
  | { readonly harm: 'clock-step'; readonly byMs: number }
  /** It scrubs what it holds, as somebody who looks after it would ask it to. */
  | { readonly harm: 'scrub' };

/** What a machine is built from. */
export interface MachineParts {
  readonly scene: Scene;
  readonly cameras: readonly EnrolledCamera[];
  /** Its oscillator, in millionths. */
  readonly driftPpm: number;
}
