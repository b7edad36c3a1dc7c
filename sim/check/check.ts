import type { CameraId, DockId, RecordingId } from '../../proto/ids.ts';
import type { Manifest } from '../../proto/manifest.ts';
import type { Holdings, Ledger } from '../../dock/ports.ts';
import type { WorldEvent } from '../world/history.ts';
import type { Scene } from '../world/scene.ts';

/** What a check may ask of the machines of a world, beside what was written down about them. */
export interface World {
  readonly scene: Scene;
  readonly cameras: readonly CameraView[];
  readonly docks: readonly DockView[];
  /** The footage in a stored chunk of a sealed recording, as the custodian opens it; undefined when it does not open. */
  open(
    chunk: { readonly manifest: Manifest; readonly wraps: Uint8Array | undefined; readonly index: number },
    stored: Uint8Array,
  ): Uint8Array | undefined;
}

export interface CameraView {
  readonly cameraId: CameraId;
  /** Raw Ed25519 key that signs its manifests. */
  readonly publicKey: Uint8Array;
  /** The only P-256 points, 65 bytes each, that it seals what it records for; none when it seals nothing. */
  readonly sealsFor: readonly Uint8Array[];
}

export interface DockView {
  readonly dockId: DockId;
  readonly isUp: boolean;
  /** The store as the machine has it now; a check asks only while the dock is up. */
  readonly holdings: Holdings;
  /** The log as the machine has it now; a check asks only while the dock is up. */
  readonly ledger: Pick<Ledger, 'read' | 'checkpoint'>;
  /** Verifier key of that log. */
  readonly vkey: string;
  /** A file of its folder, by its path in there, as the platter has it for certain: what is left when the plug is pulled now. */
  synced(path: string): Uint8Array | undefined;
  /** Chunks of that recording that its index has: a restart goes on from there. */
  enteredChunks(recordingId: RecordingId): number;
  /** Where its index says that the recording lies; what comes again because it rotted lies aside. */
  foldersOf(recordingId: RecordingId): readonly string[];
  /** Something of that recording rotted after the dock read it back last, so that the dock cannot know. */
  isSpoilt(recordingId: RecordingId): boolean;
  /** A person's name in that log. */
  pseudonym(person: string): string;
}

/** One promise, or a part of one. A new one is made for every run, so that it may remember what it saw. */
export interface Check {
  /** What the check says, as its file is named: `no-erase-before-receipt`. */
  readonly name: string;
  /** Which promise of the product it holds the world to. */
  readonly promise: 1 | 2 | 3 | 4 | 5 | 6 | 7;
  /** Called for each event as it happens; gives a sentence when it must not have. */
  see?(event: WorldEvent, world: World): string | undefined;
  /** Called once after calm; gives a sentence for each thing that is wrong. */
  end?(world: World): Promise<readonly string[]>;
}
