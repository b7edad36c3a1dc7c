import { describe, expect, it } from 'vitest';
import { shift, type Site } from './dock-site.ts';

// Goal: a dock of a world takes custody as the product does, and comes back from its disk after any loss of power. Method: one
// camera's upload to it in virtual time, with the plug pulled at a moment that the test picks.

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
    const { coverage } = site.scene;
    // A slow disk counts each operation, a full one each that it refused.
    expect(coverage.total('dock-disk-slow')).toBeGreaterThan(1);
    expect(coverage.total('dock-disk-full')).toBeGreaterThan(0);
    const kinds = ['dock-clock-step', 'index-lost', 'bit-rot'] as const;
    expect(kinds.map((kind) => coverage.total(kind))).toEqual([1, 1, 1]);
  });
});
