import type { Link, Keys, TrustedDock } from '../../device/ports.ts';
import { FieldError } from '../../proto/errors.ts';
import type { CameraId } from '../../proto/ids.ts';
import type { RecipientIdentity } from '../../proto/identity.ts';
import type { CameraView } from '../check/check.ts';
import { FaultDisk } from '../fault/disk.ts';
import { promptSealer } from '../fault/hpke.ts';
import { FRESH, type Weariness, WearyDisk } from '../fault/weary-disk.ts';
import type { Chance } from '../fault/chance.ts';
import { CameraLife } from './camera-life.ts';
import type { FaultKind } from './coverage.ts';
import { MachineClock, TELLING_DRIFT_US } from './machine-clock.ts';
import type { FootageSize } from './optics.ts';
import type { Scene } from './scene.ts';
import { makeSigner, type Signer } from './town.ts';

// What a clock chip shows that lost its battery: 2000-01-01.
const RESET_WALL_US = 946_684_800_000_000;
const RESTART_MS = 1_500;

/** What a camera is like, from the scenario. */
export interface CameraSetting {
  readonly cameraId: CameraId;
  readonly officer: string;
  readonly driftPpm: number;
  readonly preEventMs: number;
  readonly capacityBytes: number;
  readonly footage: FootageSize;
  /** Seals what it records, as one does that was enrolled with a custodian. */
  readonly isSealed: boolean;
}

export interface CameraParts {
  readonly scene: Scene;
  readonly setting: CameraSetting;
  readonly recipients: readonly RecipientIdentity[];
  readonly trusts: (dockId: string) => TrustedDock | undefined;
  /** A link to the dock in whose bay it is. Rejects with a FieldError when there is none. */
  readonly openLink: () => Promise<Link>;
  /** Its links vanish, in the middle of whatever is said. */
  readonly unplug: () => void;
  /** Something happened that must not happen in any camera. */
  readonly crashed: (error: unknown) => void;
}

/** A camera of a world: the product's program over a disk, a clock, light and wires that can fail. It lives many times. */
export class WorldCamera implements CameraView {
  readonly cameraId: CameraId;
  readonly disk: FaultDisk;
  readonly #parts: CameraParts;
  readonly #chance: Chance;
  readonly #signer: Signer;
  #officer: string;
  #life: CameraLife | undefined;
  #disk: WearyDisk | undefined;
  #weariness: Weariness = FRESH;
  #lives = 0;
  #wallAheadUs = 0;
  #isPowered = false;
  /** Where a person has put it; it goes on there after a restart. */
  #isDocked = false;
  #told: ((doing: string) => void) | undefined;
  /** What befell it and shows in the next thing that it signs. */
  readonly #pending = new Set<FaultKind>();

  constructor(parts: CameraParts) {
    const { cameraId, officer } = parts.setting;
    this.#parts = parts;
    this.cameraId = cameraId;
    this.#officer = officer;
    this.#chance = parts.scene.chance.split(cameraId);
    this.#signer = makeSigner(`${cameraId} of ${parts.scene.chance.split('keys').uint32()}`);
    this.disk = new FaultDisk({
      seed: `flash ${this.#chance.split('flash').uint32()}`,
      gone: () => this.#gone(),
    });
  }

  get publicKey(): Uint8Array {
    return this.#signer.publicKey;
  }

  get sealsFor(): readonly Uint8Array[] {
    const { setting, recipients } = this.#parts;
    return setting.isSealed ? recipients.map(({ publicKey }) => publicKey) : [];
  }

  get doing(): string {
    return this.#life?.doing ?? 'off';
  }

  get isReady(): boolean {
    return this.#life?.isReady ?? false;
  }

  get isPowered(): boolean {
    return this.#isPowered;
  }

  /** Switches it on; no change when it is on. */
  powerOn(): void {
    if (this.#isPowered) return;
    this.#isPowered = true;
    this.#start();
  }

  /** The battery is pulled, or empty. */
  cutPower(): void {
    if (!this.#isPowered) return;
    const { scene } = this.#parts;
    scene.history.record({ what: 'power-cut', machine: this.cameraId });
    const { doing } = this;
    this.#end();
    this.#isPowered = false;
    const { tornWrites, lostWrites, lostNames } = this.disk.cutPower();
    for (let n = 0; n < tornWrites; n++) scene.fault('torn-write', this.cameraId, doing);
    for (let n = 0; n < lostWrites; n++) scene.fault('lost-write', this.cameraId, doing);
    for (let n = 0; n < lostNames; n++) scene.fault('lost-name', this.cameraId, doing);
  }

  /** The power goes with the disk operation after the next `operations`; `gone` is told then, and what it found. */
  cutPowerAfter(operations: number, gone: (doing: string) => void): void {
    this.#told = gone;
    this.disk.failAfter(operations);
  }

  /** Room on its flash, which is as good as new, and a plug that stays where it is. */
  calm(): void {
    this.weary(FRESH);
    this.disk.leaveRoom(Number.POSITIVE_INFINITY);
    this.disk.failAfter(Number.POSITIVE_INFINITY);
  }

  record(): void {
    this.#isDocked = false;
    this.#life?.record();
  }

  stop(): void {
    this.#life?.stop();
  }

  mark(kind: string): void {
    this.#life?.mark(kind);
  }

  /** Into a bay: what it records ends, and it uploads for as long as it is there. */
  dock(): void {
    this.#isDocked = true;
    this.#life?.dock();
  }

  undock(): void {
    this.#isDocked = false;
    this.#life?.undock();
  }

  /** Another officer takes it: it is switched off and on for that, and records for them from then on. */
  assign(officer: string): void {
    this.#life?.shut(() => {
      if (officer !== this.#officer) this.#pending.add('reassigned');
      this.#end();
      this.#officer = officer;
      this.#start();
    });
  }

  stepClock(byMs: number): void {
    this.#pending.add('camera-clock-step');
    // A manifest ends with another reading of the clock than it began with.
    if (this.doing === 'recording') this.#met('in mid-recording');
    this.#life?.clock.step(byMs * 1_000);
    if (this.#life === undefined) this.#wallAheadUs += byMs * 1_000;
  }

  /** A battery that is quite empty loses the time as well; of use while it is off. */
  resetClock(): void {
    this.#pending.add('camera-clock-reset');
    this.#wallAheadUs = RESET_WALL_US - this.#parts.scene.clock.wallUs();
  }

  #met(state: string): void {
    const { scene } = this.#parts;
    for (const kind of this.#pending) scene.fault(kind, this.cameraId, state);
    this.#pending.clear();
  }

  weary(weariness: Weariness): void {
    this.#weariness = weariness;
    if (this.#disk !== undefined) this.#disk.weariness = weariness;
  }

  #start(): void {
    const { scene, setting, openLink } = this.#parts;
    this.#lives += 1;
    const chance = this.#chance.split(`life ${this.#lives}`);
    const wallUs = scene.clock.wallUs() + this.#wallAheadUs;
    const clock = new MachineClock({ time: scene.clock, driftPpm: setting.driftPpm, wallUs });
    const disk = new WearyDisk(this.disk.mount(), {
      ...{ clock, chance: chance.split('wear') },
      met: (what) => scene.coverage.count(what === 'slow' ? 'flash-slow' : 'flash-worn', this.doing),
    });
    disk.weariness = this.#weariness;
    this.#disk = disk;
    const { footage, preEventMs, capacityBytes } = setting;
    const life = new CameraLife({
      ...{ scene, clock, disk, chance, footage, preEventMs, capacityBytes, openLink },
      keys: this.#keys(chance.split('keys')),
      officer: this.#officer,
      dated: (state) => {
        if (Math.abs(clock.driftedUs) >= TELLING_DRIFT_US) scene.fault('clock-drift', this.cameraId, state);
        this.#met(state);
      },
      died: (error) => this.#died(life, error),
      ready: () => this.#isDocked && life.dock(),
    });
    this.#life = life;
  }

  #gone(): void {
    const { doing } = this;
    this.cutPower();
    this.#told?.(doing);
    this.#told = undefined;
  }

  #end(): void {
    const { scene, unplug } = this.#parts;
    const clock = this.#life?.clock;
    if (clock !== undefined) this.#wallAheadUs = clock.wallUs() - scene.clock.wallUs();
    this.#life?.over();
    this.#life = undefined;
    unplug();
  }

  /** A watchdog starts it again; what its memory had not synced is as good as after a power cut. */
  #died(life: CameraLife, error: unknown): void {
    if (life !== this.#life) return;
    if (!(error instanceof FieldError)) this.#parts.crashed(error);
    const { scene } = this.#parts;
    scene.trace.line(`${this.cameraId} died: ${String(error)}`);
    this.cutPower();
    scene.clock.after(RESTART_MS, () => this.powerOn());
  }

  #keys(chance: Chance): Keys {
    const { setting, recipients, trusts } = this.#parts;
    return {
      cameraId: this.cameraId,
      sign: (message) => this.#signer.sign(message),
      dock: trusts,
      randomBytes: (count) => chance.bytes(count),
      ...(setting.isSealed ? { sealer: promptSealer(recipients, chance.split('wraps')) } : {}),
    };
  }
}
