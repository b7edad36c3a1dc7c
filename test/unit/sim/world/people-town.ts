import { createHash } from 'node:crypto';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import { openRelease, type Release } from '../../../../dock/release/release.ts';
import { type DockId, isDockId, isRecordingId } from '../../../../proto/ids.ts';
import { encodeManifestHeader, signManifest, type Manifest } from '../../../../proto/manifest.ts';
import { encodeWraps, wrapInfo } from '../../../../proto/wraps.ts';
import type { World } from '../../../../sim/check/check.ts';
import { Chance } from '../../../../sim/fault/chance.ts';
import { promptSealer, wrapPair } from '../../../../sim/fault/hpke.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { MemoryStore } from '../../../../sim/fault/memory-store.ts';
import type { Cast, TimedDeed } from '../../../../sim/world/deeds.ts';
import { MachineClock } from '../../../../sim/world/machine-clock.ts';
import { OfficeLines } from '../../../../sim/world/office-lines.ts';
import { Office } from '../../../../sim/world/office.ts';
import { People, type Counter } from '../../../../sim/world/people.ts';
import { makeScene, settle, type Scene } from '../../../../sim/world/scene.ts';
import { CAMERA, makeRecording, makeSigner } from '../../../../sim/world/town.ts';
import { checked } from '../../proto/fixture.ts';

const CAMERA_SIGNER = makeSigner('camera');
const CUSTODIAN = wrapPair(new Chance('custodian'));
type KeptRecording = ReturnType<typeof makeRecording>;

const CHUNK_BYTES = [40, 200, 200, 200, 200, 200];

/** A dock that has its recordings by magic: the real release, over a store and a log in memory. */
export class PlainDock {
  readonly dockId: DockId;
  readonly holdings = new MemoryStore();
  readonly ledger: MemoryLedger;
  counter: (Counter & { readonly released: Release }) | undefined;
  readonly #scene: Scene;
  readonly #lines: OfficeLines;
  readonly #chance: Chance;
  #clock: MachineClock | undefined;

  constructor(name: string, scene: Scene, lines: OfficeLines) {
    this.dockId = checked(name, isDockId);
    this.#scene = scene;
    this.#lines = lines;
    this.#chance = scene.chance.split(name);
    this.ledger = logOf(name);
  }

  get isUp(): boolean {
    return this.counter !== undefined;
  }

  get vkey(): string {
    return this.ledger.vkey;
  }

  /** It has no disk. */
  synced(): undefined {
    return undefined;
  }

  foldersOf(): readonly string[] {
    return [];
  }

  enteredChunks(): number {
    return 0;
  }

  isSpoilt(): boolean {
    return false;
  }

  pseudonym(person: string): string {
    return createHash('sha256').update(person).digest('hex');
  }

  async boot(): Promise<void> {
    const { clock: time } = this.#scene;
    const clock = new MachineClock({ time, driftPpm: 50, wallUs: time.wallUs() });
    const keys = {
      dockId: this.dockId,
      randomBytes: (count: number): Uint8Array => this.#chance.bytes(count),
      pseudonym: (person: string): string => this.pseudonym(person),
    };
    const policy = this.#lines.connect({ clock, keys });
    const { holdings, ledger } = this;
    const released = await openRelease({ policy, holdings, ledger, clock, keys, notify: () => undefined });
    this.#clock = clock;
    this.counter = { released, policy, ledger, published: () => ledger.size };
    this.#scene.history.record({ what: 'booted', machine: this.dockId });
  }

  cutPower(): void {
    this.#clock?.off();
    this.counter = undefined;
    this.#scene.history.record({ what: 'power-cut', machine: this.dockId });
  }

  /** Takes a recording into custody as if a camera had brought it. */
  async take({ recording, content }: KeptRecording): Promise<void> {
    const { recordingId, signedManifest, wraps, chunks, contentBytes } = recording;
    const about = { recordingId, manifestSha256: nodeChecker.sha256(signedManifest) };
    const sizes = { manifestBytes: signedManifest.length, contentBytes };
    await this.holdings.lease({ ...about, ...sizes, cameraId: CAMERA, transport: 'serial' });
    await this.holdings.putManifest(about, signedManifest, wraps);
    let offset = 0;
    for (const [index, { sha256, storedBytes }] of chunks.entries()) {
      const stamp = { receivedAtUs: 1, uncertaintyUs: 1, basis: 'local' } as const;
      const stored = content.subarray(offset, offset + storedBytes);
      offset += storedBytes;
      await this.holdings.putChunk(about, index, sha256, stored, stamp);
    }
    await this.holdings.rehash(about);
    await this.holdings.settle(about, { state: 'held', entryIndex: 0 });
    await this.counter?.released.held(recordingId);
  }
}

/** People, a policy service and two docks; no camera and no wire. */
export interface PeopleTown {
  readonly scene: Scene;
  readonly office: Office;
  readonly lines: OfficeLines;
  readonly docks: readonly PlainDock[];
  readonly people: People;
  /** As checks see it. */
  readonly world: World;
  /** Brings the nth recording of this officer to a dock. */
  bring(dock: number, nth: number, officer: string): Promise<void>;
  run(ms: number): Promise<void>;
}

export async function openPeopleTown(seed: string, cast: Cast, docks = 2): Promise<PeopleTown> {
  const scene = makeScene(seed);
  const names = Array.from({ length: docks }, (_none, at) => `dock-${at + 1}`);
  const logs = names.map((name) => ({ name, vkey: logOf(name).vkey }));
  const office = new Office({
    scene,
    regimes: cast.regimes,
    people: cast.people,
    identities: [
      { kind: 'camera', id: CAMERA, publicKey: CAMERA_SIGNER.publicKey },
      ...logs.map(({ name, vkey }) => ({
        kind: 'dock' as const,
        id: checked(name, isDockId),
        publicKey: CAMERA_SIGNER.publicKey,
        ledger: vkey,
      })),
    ],
    custodian: CUSTODIAN,
    grantMediaMs: 600_000,
  });
  const lines = new OfficeLines(scene, office);
  const all = names.map((name) => new PlainDock(name, scene, lines));
  for (const dock of all) await dock.boot();
  const at = (name: string): Counter | undefined => all.find(({ dockId }) => dockId === name)?.counter;
  const people = new People({ scene, office, lines, cast, counters: { docks: names, at } });
  return {
    ...{ scene, office, lines, docks: all, people },
    world: { scene, cameras: [], docks: all, open: () => undefined },
    bring: async (dock, nth, officer) => all[dock]?.take(await sealedRecording(nth, officer)),
    run: async (ms) => {
      const endUs = scene.clock.monoUs() + ms * 1_000;
      for (await settle(); scene.clock.nextUs <= endUs; await settle())
        scene.clock.advanceTo(scene.clock.nextUs);
      scene.clock.advanceTo(endUs);
      await settle();
    },
  };
}

/** Lets the planned deeds happen; every so often another recording comes, and sometimes a dock loses its power. */
export async function live(
  town: PeopleTown,
  deeds: readonly TimedDeed[],
  plan: { readonly officers: readonly string[]; readonly recordings: number; readonly stormMs: number },
): Promise<void> {
  const chance = new Chance(`${town.scene.chance.split('live').uint32()}`);
  const { clock } = town.scene;
  for (let nth = 0; nth < plan.recordings; nth += 1) {
    const officer = plan.officers[nth % plan.officers.length] ?? '';
    clock.after(chance.below(plan.stormMs / 2), () => void town.bring(nth % 2, nth, officer));
  }
  for (const dock of town.docks) {
    if (!chance.happens(0.5)) continue;
    const cutMs = chance.below(plan.stormMs);
    clock.after(cutMs, () => dock.cutPower());
    clock.after(cutMs + 3_000, () => void dock.boot());
  }
  for (const { atMs, deed } of deeds) clock.after(atMs, () => town.people.perform(deed));
  await town.run(plan.stormMs);
  town.lines.setMode('up');
  await town.run(30_000);
}

function logOf(name: string): MemoryLedger {
  const log = { origin: `test.example/${name}`, ...makeSigner(`log of ${name}`) };
  return new MemoryLedger({ ...log, sha256: nodeChecker.sha256 });
}

/** A recording with true wraps for the custodian; nobody here opens its chunks. */
async function sealedRecording(nth: number, officer: string): Promise<KeptRecording> {
  let manifest: Manifest | undefined;
  const made = makeRecording(nth, CHUNK_BYTES, {
    signer: CAMERA_SIGNER,
    isSealed: true,
    change: (honest) => {
      const chunks = honest.chunks.map((chunk, index) => ({
        ...chunk,
        mediaMs: 1_000,
        mediaStartMs: index * 1_000,
      }));
      manifest = { ...honest, officerId: officer, chunks };
      return manifest;
    },
  });
  if (manifest === undefined || !isRecordingId(manifest.recordingId)) throw new Error('no manifest was made');
  const chance = new Chance(`seal ${nth}`);
  const custodian = { kind: 'custodian', id: 'policy', publicKey: CUSTODIAN.point } as const;
  const info = wrapInfo(encodeManifestHeader(manifest), nodeChecker.sha256);
  const wraps = encodeWraps(await promptSealer([custodian], chance).wrap(chance.bytes(32), info));
  const signed = { ...manifest, wrapsSha256: nodeChecker.sha256(wraps) };
  const signedManifest = signManifest(signed, (message) => CAMERA_SIGNER.sign(message));
  return { ...made, recording: { ...made.recording, signedManifest, wraps } };
}
