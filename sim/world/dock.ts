import { createHmac } from 'node:crypto';
import type { TrustedDock } from '../../device/ports.ts';
import { type LogIdentity, vkeyOf } from '../../dock/ledger/published.ts';
import type { HoldingKey, Holdings, Keys, Ledger, Link, Stamp } from '../../dock/ports.ts';
import { type HoldingIndex, openHoldingIndex } from '../../dock/store/holding-index.ts';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import type { DockIdentity } from '../../proto/identity.ts';
import type { DockId, RecordingId } from '../../proto/ids.ts';
import { splitNote } from '../../proto/note.ts';
import type { Chance } from '../fault/chance.ts';
import { FaultDisk, type FaultDiskOptions } from '../fault/disk.ts';
import { FaultIndex } from '../fault/fault-index.ts';
import { LedgerShelf } from '../fault/fault-journal.ts';
import {
  DOCK_FOLDER,
  type DockCounter,
  DockLife,
  type DockLifeParts,
  type OpenedDock,
  type DockListener,
  isBug,
} from './dock-life.ts';
import type { FaultKind } from './coverage.ts';
import { MachineClock, TELLING_DRIFT_US } from './machine-clock.ts';
import type { DockHarm, DockMachine, MachineParts } from './parties.ts';
import { RememberedIndex } from './remembered-index.ts';
import { TimeDaemon } from './time-daemon.ts';
import { makeSigner, type Signer } from './town.ts';

export interface WorldDockParts extends MachineParts {
  readonly dockId: DockId;
  readonly connect: DockLifeParts['connect'];
  /** A second disk, which must have a recording before its camera gets a receipt. */
  readonly hasMirror: boolean;
  /** A daemon disciplines its clock, so that its stamps are against UTC. */
  readonly hasTimeDaemon: boolean;
  /** A broken disk, for seeing a check fail. */
  readonly lie?: FaultDiskOptions['lie'];
  /** Something happened that must not happen in any dock. */
  readonly crashed: (error: unknown) => void;
}

const RESTART_MS = 1_500;
const PIECES = ['chunks', 'manifest', 'wraps', 'stamps'] as const;

/** A dock of a world: the product's program over disks, a clock and wires that can fail. It lives many times. */
export class WorldDock implements DockMachine {
  readonly dockId: DockId;
  readonly identity: DockIdentity;
  readonly disk: FaultDisk;
  readonly #parts: WorldDockParts;
  readonly #chance: Chance;
  readonly #signer: Signer;
  readonly #log: LogIdentity;
  readonly #mirror: FaultDisk | undefined;
  readonly #shelf = new LedgerShelf();
  #index: HoldingIndex = new RememberedIndex(openHoldingIndex(':memory:'));
  #isIndexLost = false;
  #life: DockLife | undefined;
  #lives = 0;
  #wallAheadUs = 0;
  #slowMs = 0;
  /** When each recording was read back last, and when something of it rotted, by the count of such events. */
  readonly #readBack = new Map<RecordingId, number>();
  readonly #rotten = new Map<RecordingId, number>();
  /** True time of what each stamp is about. */
  readonly #arrivals = new WeakMap<Stamp, number>();
  #moments = 0;
  #told: ((doing: string) => void) | undefined;
  #shown = '';

  constructor(parts: WorldDockParts) {
    const { dockId, scene } = parts;
    this.#parts = parts;
    this.dockId = dockId;
    this.#chance = scene.chance.split(dockId);
    this.#signer = makeSigner(`${dockId} of ${scene.chance.split('keys').uint32()}`);
    const log = makeSigner(`log of ${dockId} of ${scene.chance.split('keys').uint32()}`);
    const sign: Signer['sign'] = (message) => log.sign(message);
    this.#log = { origin: `world.example/${dockId}`, publicKey: log.publicKey, sign };
    const { publicKey: own } = this.#signer;
    this.identity = { kind: 'dock', id: dockId, publicKey: own, ledger: vkeyOf(this.#log) };
    this.disk = this.#makeDisk('disk');
    this.#mirror = parts.hasMirror ? this.#makeDisk('mirror') : undefined;
  }

  get trusted(): TrustedDock {
    const { id, publicKey, ledger } = this.identity;
    return { dockId: id, publicKey, ledgerVkey: ledger };
  }

  get doing(): string {
    return this.#life?.doing ?? 'off';
  }

  get isUp(): boolean {
    return this.#life?.isReady ?? false;
  }

  get holdings(): Holdings {
    return this.#up.store;
  }

  get ledger(): Ledger {
    return this.#up.ledger;
  }

  get vkey(): string {
    return this.identity.ledger;
  }

  /** Where people come to it; another one in each life. Undefined while it does not serve. */
  get counter(): DockCounter | undefined {
    return this.#life?.opened?.counter;
  }

  pseudonym(person: string): string {
    return createHmac('sha256', this.dockId).update(person).digest('hex');
  }

  synced(path: string): Uint8Array | undefined {
    return this.disk.peekSynced(`${DOCK_FOLDER}/${path}`);
  }

  enteredChunks(recordingId: RecordingId): number {
    return Math.max(0, ...this.#index.rivals(recordingId).map(({ last }) => (last?.index ?? -1) + 1));
  }

  foldersOf(recordingId: RecordingId): readonly string[] {
    return this.#index.rivals(recordingId).map(({ folder }) => folder);
  }

  isSpoilt(recordingId: RecordingId): boolean {
    const rotten = this.#rotten.get(recordingId);
    return rotten !== undefined && rotten > (this.#readBack.get(recordingId) ?? 0);
  }

  async boot(): Promise<void> {
    if (this.#life !== undefined) return;
    const { scene } = this.#parts;
    const life = new DockLife(this.#lifeParts(() => life));
    this.#life = life;
    await life.boot();
    if (life === this.#life && life.isReady) scene.history.record({ what: 'booted', machine: this.dockId });
  }

  cutPower(): void {
    if (this.#life === undefined) return;
    const { scene } = this.#parts;
    scene.history.record({ what: 'power-cut', machine: this.dockId });
    const { doing, clock } = this.#life;
    this.#wallAheadUs = clock.wallUs() - scene.clock.wallUs();
    this.#life.over();
    this.#life = undefined;
    this.#mirror?.cutPower();
    const { tornWrites, lostWrites, lostNames } = this.disk.cutPower();
    for (let n = 0; n < tornWrites; n++) scene.fault('torn-write', this.dockId, doing);
    for (let n = 0; n < lostWrites; n++) scene.fault('lost-write', this.dockId, doing);
    for (let n = 0; n < lostNames; n++) scene.fault('lost-name', this.dockId, doing);
  }

  cutPowerAfter(operations: number, gone: (doing: string) => void): void {
    this.#told = gone;
    if (this.#life !== undefined) this.disk.failAfter(operations);
  }

  async serve(link: Link): Promise<string> {
    return (await this.#life?.serve(link)) ?? 'the dock is off';
  }

  suffer(harm: DockHarm): void {
    const { scene } = this.#parts;
    switch (harm.harm) {
      case 'disk-full':
        this.disk.leaveRoom(harm.roomBytes);
        scene.clock.after(harm.ms, () => this.disk.leaveRoom(Number.POSITIVE_INFINITY));
        return;
      case 'disk-slow':
        this.#slowMs = harm.eachMs;
        scene.clock.after(harm.ms, () => this.#hurry());
        return;
      case 'bit-rot':
        if (this.#rot(harm.pick)) this.#met('bit-rot');
        return;
      case 'index-lost':
        this.#isIndexLost = true;
        return;
      case 'clock-step':
        if (this.#life === undefined) this.#wallAheadUs += harm.byMs * 1_000;
        this.#life?.clock.step(harm.byMs * 1_000);
        return;
      case 'scrub':
        this.#life?.scrub();
        return;
      default:
        harm satisfies never;
    }
  }

  calm(): void {
    this.disk.leaveRoom(Number.POSITIVE_INFINITY);
    this.disk.failAfter(Number.POSITIVE_INFINITY);
    this.#hurry();
  }

  /** A harm that bit, in the middle of whatever it does. */
  #met(kind: FaultKind): void {
    this.#parts.scene.fault(kind, this.dockId, this.doing);
  }

  #hurry(): void {
    this.#slowMs = 0;
  }

  get #up(): OpenedDock {
    const opened = this.#life?.opened;
    if (opened === undefined) throw new TypeError(`${this.dockId} is not up`);
    return opened;
  }

  #makeDisk(name: string): FaultDisk {
    const { lie } = this.#parts;
    return new FaultDisk({
      ...(lie === undefined ? {} : { lie }),
      seed: `${name} ${this.#chance.split(name).uint32()}`,
      renames: 'journalled',
      pause: () => this.#pause(),
      full: () => this.#met('dock-disk-full'),
      gone: () => this.#gone(),
      wrote: (bytes) => this.#parts.scene.onlookers.show(`the ${name} of ${this.dockId}`, bytes),
    });
  }

  /** What waits for the disk when the power goes waits for ever. */
  async #pause(): Promise<void> {
    const [life, slowMs] = [this.#life, this.#slowMs];
    if (slowMs === 0 || life === undefined) return;
    this.#parts.scene.coverage.count('dock-disk-slow', this.doing);
    await new Promise<void>((resolve) => {
      life.clock.after(slowMs, resolve);
    });
  }

  /** The plug went with an operation of the disk. */
  #gone(): void {
    const { doing } = this;
    const told = this.#told;
    this.#told = undefined;
    this.cutPower();
    told?.(doing);
  }

  /** A supervisor starts the program again; what it had not synced is as good as after a power cut. */
  #restart(): void {
    this.#life?.hangUp();
    this.cutPower();
    this.#parts.scene.clock.after(RESTART_MS, () => void this.boot());
  }

  #lifeParts(self: () => DockLife): DockLifeParts {
    const { scene, driftPpm, connect, hasTimeDaemon } = this.#parts;
    this.#lives += 1;
    if (this.#isIndexLost) this.#loseIndex();
    const clock = new MachineClock({
      ...{ time: scene.clock, driftPpm },
      wallUs: scene.clock.wallUs() + this.#wallAheadUs,
    });
    const mount = this.disk.mount();
    const mirror = this.#mirror?.mount();
    return {
      ...{ clock, mount, connect, log: this.#log, keys: this.#keys() },
      ...(mirror === undefined ? {} : { mirror }),
      ...(hasTimeDaemon ? { daemon: new TimeDaemon(scene, clock, driftPpm) } : {}),
      index: new FaultIndex(this.#index, mount),
      machine: this.#shelf.on(mount),
      heard: this.#listener(self),
    };
  }

  #listener(self: () => DockLife): DockListener {
    const { scene } = this.#parts;
    const dock = this.dockId;
    return {
      checkpoint: (note) => this.#showed(note),
      readingBack: ({ recordingId }: HoldingKey) => {
        const begun = (this.#moments += 1);
        return () => this.#readBack.set(recordingId, begun);
      },
      stepped: () => this.#met('dock-clock-step'),
      settled: ({ cameraId: camera, recordingId, settled: { outcome, entryIndex } }) => {
        const became = outcome === 'accepted' ? 'held' : 'quarantined';
        scene.history.record({ what: 'settled', dock, camera, recordingId, outcome: became, entryIndex });
        if (Math.abs(self().clock.driftedUs) >= TELLING_DRIFT_US) this.#met('clock-drift');
      },
      stamped: (stamp, sinceUs) => {
        // On a wire of a world a byte is with whoever reads it at once, and the dock's clock counts the time since as its own does.
        const agoUs = (self().clock.monoUs() - sinceUs) / (1 + this.#parts.driftPpm / 1e6);
        this.#arrivals.set(stamp, scene.clock.wallUs() - agoUs);
      },
      overtaken: (recordingId, index) =>
        scene.history.record({ what: 'overtaken', dock, recordingId, index }),
      leasedTwice: (recordingId, leaseEpoch) =>
        scene.history.record({ what: 'leased-twice', dock, recordingId, leaseEpoch }),
      storing: (recordingId, index, stamp) => {
        const arrivedUs = this.#arrivals.get(stamp);
        const arrived = arrivedUs === undefined ? {} : { arrivedUs };
        scene.history.record({ what: 'stamped', dock, recordingId, index, stamp, ...arrived });
      },
      died: (error) => {
        if (self() !== this.#life) return;
        if (isBug(error)) this.#parts.crashed(error);
        scene.trace.line(`${dock} died: ${String(error)}`);
        this.#restart();
      },
    };
  }

  /** Every checkpoint once, and again when it is another one than the last. */
  #showed(note: string): void {
    if (note === this.#shown) return;
    this.#shown = note;
    const { size, root } = parseCheckpoint(splitNote(note).text);
    this.#parts.scene.history.record({ what: 'checkpoint', dock: this.dockId, size, root, note });
  }

  #keys(): Keys {
    const chance = this.#chance.split(`life ${this.#lives}`);
    return {
      dockId: this.dockId,
      sign: (message) => this.#signer.sign(message),
      camera: (id) => this.#parts.cameras.find(({ cameraId }) => cameraId === id)?.publicKey,
      pseudonym: (person) => this.pseudonym(person),
      randomBytes: (count) => chance.bytes(count),
    };
  }

  #loseIndex(): void {
    this.#isIndexLost = false;
    const lost = this.#index.holdings();
    this.#index.close();
    this.#index = new RememberedIndex(openHoldingIndex(':memory:'));
    if (lost.length === 0) return;
    const hadWork = lost.some(({ state }) => state === 'incoming');
    this.#parts.scene.fault('index-lost', this.dockId, hadWork ? 'in mid-upload' : 'all settled');
  }

  /** Turns a bit of something that is kept; false when nothing is. */
  #rot(pick: number): boolean {
    const kept = this.#index
      .holdings()
      .flatMap(({ recordingId, folder, state }) =>
        PIECES.map((piece) => ({ recordingId, state, path: `${DOCK_FOLDER}/${folder}/${piece}` })),
      );
    const files = kept.flatMap((one) => {
      const bytes = this.disk.peekSynced(one.path)?.length ?? 0;
      return bytes === 0 ? [] : [{ ...one, bytes }];
    });
    // Little is on its way at any moment, and what rots then is the worst: nobody has read it back yet.
    const incoming = files.filter(({ state }) => state === 'incoming');
    const among = pick < 0.5 && incoming.length > 0 ? incoming : files;
    const at = ((pick * 2) % 1) * among.length;
    const file = among[Math.floor(at)];
    if (file === undefined) return false;
    this.disk.flip(file.path, Math.floor((at % 1) * file.bytes));
    this.#rotten.set(file.recordingId, (this.#moments += 1));
    return true;
  }
}
