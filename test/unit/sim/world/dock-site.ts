import assert from 'node:assert/strict';
import { Cradle } from '../../../../device/upload/cradle.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { CameraId, DockId, RecordingId } from '../../../../proto/ids.ts';
import { peekManifest } from '../../../../proto/manifest.ts';
import type { Check, DockView, World } from '../../../../sim/check/check.ts';
import { steadyGauges } from '../../../../sim/fault/gauges.ts';
import { MemoryTickets } from '../../../../sim/fault/memory-tickets.ts';
import { MemoryVault } from '../../../../sim/fault/memory-vault.ts';
import { ScriptedPolicy } from '../../../../sim/fault/policy.ts';
import { makeWire, type Wire } from '../../../../sim/fault/wire.ts';
import { WorldDock, type WorldDockParts } from '../../../../sim/world/dock.ts';
import { makeScene, type Scene, settle } from '../../../../sim/world/scene.ts';
import { makeRecording, makeSigner } from '../../../../sim/world/town.ts';

const CAMERA = 'cam-1' as CameraId;
const SIGNER = makeSigner('camera');

export interface SiteOptions extends Partial<WorldDockParts> {
  readonly checks?: readonly Check[];
}

/** One camera and one dock of a world, and the checks that watch them. */
export class Site {
  readonly scene: Scene;
  readonly crashes: unknown[] = [];
  readonly dock: WorldDock;
  readonly vault: MemoryVault;
  readonly erased: RecordingId[] = [];
  #wires = 0;
  #wire: Wire | undefined;

  /** What the checks have said. */
  readonly problems: string[] = [];
  readonly #checks: readonly Check[];

  constructor(seed: string, { checks = [], ...more }: SiteOptions = {}) {
    this.scene = makeScene(seed);
    this.#checks = checks;
    this.dock = new WorldDock({
      ...{
        scene: this.scene,
        driftPpm: 40,
        dockId: 'dock-1' as DockId,
        hasMirror: true,
        hasTimeDaemon: true,
      },
      cameras: [{ cameraId: CAMERA, publicKey: SIGNER.publicKey }],
      connect: ({ clock }) => new ScriptedPolicy(clock),
      crashed: (error) => this.crashes.push(error),
      ...more,
    });
    const sizes = [900, 1_700, 300];
    const before = makeRecording(1, sizes, { signer: SIGNER, seed });
    const after = makeRecording(2, sizes, {
      ...{ signer: SIGNER, seed },
      change: (manifest) => ({ ...manifest, previousRoot: before.recording.root }),
    });
    const kept = [before, after];
    this.vault = new MemoryVault(kept, (recordingId) => {
      this.erased.push(recordingId);
      this.scene.history.record({ what: 'erased', camera: CAMERA, recordingId });
    });
    this.scene.history.watch((event) => this.#watch(checks.map((check) => check.see?.(event, this.world))));
    for (const { recording } of kept) {
      const { recordingId, triggered } = peekManifest(recording.signedManifest);
      const about = { camera: CAMERA, recordingId, officer: '4411', triggeredWallUs: triggered.wallUs };
      this.scene.history.record({ what: 'recording', ...about });
    }
  }

  upload(): void {
    const { clock, chance } = this.scene;
    const cradle = new Cradle({
      open: async () => {
        this.#wires += 1;
        const wire = makeWire({ clock, chance: chance.split(`wire ${this.#wires}`), delayMs: 2 });
        this.#wire = wire;
        void this.dock.serve(wire.dock).then(() => wire.cut());
        return wire.camera;
      },
      ...{ clock, vault: this.vault, tickets: new MemoryTickets(), gauges: steadyGauges },
      context: (link) => ({
        keys: {
          cameraId: CAMERA,
          sign: (message) => SIGNER.sign(message),
          dock: () => this.dock.trusted,
          randomBytes: (count) => chance.split('camera').bytes(count),
        },
        ...nodeChecker,
        bootId: new Uint8Array(16),
        limits: { pduBytesMax: link.pduBytesMax, fragmentBytesMax: link.fragmentBytes.max, streamsMax: 1 },
        fragmentBytes: link.fragmentBytes,
      }),
      tell: (news) => {
        if (news.news !== 'receipt') return;
        const { recordingId, outcome } = news;
        const dock = this.dock.dockId;
        this.scene.history.record({ what: 'receipt', camera: CAMERA, recordingId, outcome, dock });
      },
    });
    cradle.dock();
  }

  get world(): World {
    const cameras = [{ cameraId: CAMERA, publicKey: SIGNER.publicKey, sealsFor: [] }];
    return { scene: this.scene, cameras, docks: [this.dock], open: () => undefined };
  }

  /** What is wrong at the end, besides what was wrong on the way. */
  async end(): Promise<void> {
    for (const check of this.#checks) this.#watch((await check.end?.(this.world)) ?? []);
  }

  #watch(said: readonly (string | undefined)[]): void {
    this.problems.push(...said.filter((one) => one !== undefined));
  }

  /** The dock is without power for two seconds. */
  outage(): void {
    this.#wire?.cut();
    this.scene.clock.after(2_000, () => void this.dock.boot());
  }

  async pass(seconds: number, done: () => boolean = () => false): Promise<boolean> {
    const endUs = this.scene.clock.monoUs() + seconds * 1e6;
    for (;;) {
      await settle();
      if (done()) return true;
      const { nextUs } = this.scene.clock;
      if (nextUs > endUs) return false;
      this.scene.clock.advanceTo(nextUs);
    }
  }

  get isAllErased(): boolean {
    return this.erased.length === 2;
  }
}

/** Both recordings go to the dock, whatever happens in `storm`; fails when they do not arrive. */
export async function shift(
  seed: string,
  storm: (site: Site) => Promise<void> = async () => undefined,
  options: SiteOptions = {},
): Promise<Site> {
  const site = new Site(seed, options);
  void site.dock.boot();
  await site.pass(1, () => site.dock.isUp);
  site.upload();
  await storm(site);
  assert(await site.pass(120, () => site.isAllErased), 'something did not arrive');
  assert.deepEqual(site.crashes, []);
  // What comes after the last receipt, and the log of it.
  await site.pass(2);
  await site.end();
  return site;
}

/** The same dock, but for what is said otherwise. */
export function seenAs(dock: WorldDock, other: Partial<DockView>): DockView {
  const { dockId, holdings, ledger, vkey } = dock;
  return {
    ...{ dockId, isUp: true, holdings, ledger, vkey },
    synced: (path) => dock.synced(path),
    enteredChunks: (recordingId) => dock.enteredChunks(recordingId),
    foldersOf: (recordingId) => dock.foldersOf(recordingId),
    isSpoilt: (recordingId) => dock.isSpoilt(recordingId),
    pseudonym: (person) => dock.pseudonym(person),
    ...other,
  };
}
