import { describe, expect, it } from 'vitest';
import { Cradle } from '../../../../device/upload/cradle.ts';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { CameraId, DockId } from '../../../../proto/ids.ts';
import { steadyGauges } from '../../../../sim/fault/gauges.ts';
import { MemoryVault } from '../../../../sim/fault/memory-vault.ts';
import { MemoryTickets } from '../../../../sim/fault/memory-tickets.ts';
import { ScriptedPolicy } from '../../../../sim/fault/policy.ts';
import { makeWire, type Wire } from '../../../../sim/fault/wire.ts';
import { WorldDock } from '../../../../sim/world/dock.ts';
import { makeScene, type Scene, settle } from '../../../../sim/world/scene.ts';
import { makeRecording, makeSigner } from '../../../../sim/world/town.ts';

// Goal: a dock of a world takes custody as the product does, and comes back from its disk after any loss of power. Method: one
// camera's upload to it in virtual time, with the plug pulled at a moment that the test picks.

const CAMERA = 'cam-1' as CameraId;
const SIGNER = makeSigner('camera');

class Site {
  readonly scene: Scene;
  readonly crashes: unknown[] = [];
  readonly dock: WorldDock;
  readonly vault: MemoryVault;
  readonly erased: string[] = [];
  #wires = 0;
  #wire: Wire | undefined;

  constructor(seed: string, recordings = 2) {
    this.scene = makeScene(seed);
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
    });
    const kept = Array.from({ length: recordings }, (_, n) =>
      makeRecording(n + 1, [900, 1_700, 300], { signer: SIGNER, seed: `${n}` }),
    );
    this.vault = new MemoryVault(kept, (recordingId) => this.erased.push(recordingId));
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
      tell: () => undefined,
    });
    cradle.dock();
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

async function shift(
  seed: string,
  storm: (site: Site) => Promise<void> = async () => undefined,
): Promise<Site> {
  const site = new Site(seed);
  void site.dock.boot();
  await site.pass(1, () => site.dock.isUp);
  site.upload();
  await storm(site);
  expect(await site.pass(120, () => site.isAllErased)).toBe(true);
  expect(site.crashes).toEqual([]);
  return site;
}

describe('a dock of a world', () => {
  it('takes custody', async () => {
    const site = await shift('calm');
    const held = await site.dock.holdings.list();
    expect(held.map(({ state }) => state)).toEqual(['held', 'held']);
    expect(held.map(({ received }) => received?.basis)).toEqual(['utc', 'utc']);
    expect(site.scene.history.of('settled')).toHaveLength(2);
    expect(site.scene.history.of('checkpoint').length).toBeGreaterThan(2);
    expect(site.dock.counter?.published()).toBe((await site.dock.ledger.checkpoint()).size);
  });

  it('says the same twice', async () => {
    const cut = async (site: Site): Promise<void> => {
      site.dock.cutPowerAfter(17, () => site.outage());
      await site.pass(1);
    };
    const [one, two, other] = [await shift('a', cut), await shift('a', cut), await shift('b', cut)];
    expect(one.scene.trace.hash).toBe(two.scene.trace.hash);
    expect(one.scene.trace.hash).not.toBe(other.scene.trace.hash);
  });

  it('comes back from its disk wherever the power goes', async () => {
    for (let operations = 0; operations < 120; operations += 9) {
      const cuts: string[] = [];
      await shift(`cut ${operations}`, async (site) => {
        site.dock.cutPowerAfter(operations, (doing) => {
          cuts.push(doing);
          site.outage();
        });
        await site.pass(20, () => site.isAllErased && cuts.length > 0);
      });
      expect(cuts).toHaveLength(1);
    }
  });

  it('goes on after a full disk, a slow one, a lost index, rot and a clock that was set', async () => {
    const site = await shift('harms', async (site) => {
      site.dock.suffer({ harm: 'disk-slow', eachMs: 7, ms: 500 });
      await site.pass(1);
      site.dock.suffer({ harm: 'disk-full', roomBytes: 700, ms: 3_000 });
      site.dock.suffer({ harm: 'clock-step', byMs: -900_000 });
      await site.pass(5);
      site.dock.suffer({ harm: 'index-lost' });
      site.dock.cutPower();
      await site.dock.boot();
    });
    site.dock.suffer({ harm: 'bit-rot', pick: 0.1 });
    const [spoilt] = (await site.dock.holdings.list()).filter(({ recordingId }) =>
      site.dock.isSpoilt(recordingId),
    );
    expect(spoilt).toBeDefined();
    site.dock.suffer({ harm: 'scrub' });
    await site.pass(10);
    for (const { recordingId } of await site.dock.holdings.list())
      for (const index of [0, 1, 2]) await site.dock.holdings.readChunk(recordingId, index);
    const kinds = ['dock-disk-slow', 'dock-disk-full', 'dock-clock-step', 'index-lost', 'bit-rot'] as const;
    expect(kinds.map((kind) => site.scene.coverage.total(kind))).toEqual([1, 1, 1, 1, 1]);
  });
});
