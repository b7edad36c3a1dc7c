import { describe, expect, it } from 'vitest';
import { text, utf8 } from '../../../../proto/bytes.ts';
import type { RecordingId } from '../../../../proto/ids.ts';
import type { Check } from '../../../../sim/check/check.ts';
import { durableMeansSynced } from '../../../../sim/check/durable-means-synced.ts';
import { ledgerHasNoGaps } from '../../../../sim/check/ledger-has-no-gaps.ts';
import { noEraseBeforeReceipt } from '../../../../sim/check/no-erase-before-receipt.ts';
import { receiptMeansDurable } from '../../../../sim/check/receipt-means-durable.ts';
import { timeIsHonest } from '../../../../sim/check/time-is-honest.ts';
import type { Happening } from '../../../../sim/world/history.ts';
import { seenAs, shift, type Site } from '../world/dock-site.ts';

// Goal: each check is silent about a dock that keeps its promises, also through trouble, and speaks when one is broken. Method: a
// real upload to a dock of a world; then the same with a disk that lies, or with one event or one byte that is not as it was.

const all = (): readonly Check[] => [
  noEraseBeforeReceipt(),
  receiptMeansDurable(),
  durableMeansSynced(),
  ledgerHasNoGaps(),
  timeIsHonest(),
];

/** What the check says when these happen after all that happened before. */
function then(site: Site, check: Check, ...happenings: readonly Happening[]): readonly string[] {
  const { events } = site.scene.history;
  const atUs = site.scene.clock.monoUs();
  const more = happenings.map((happening) => ({ ...happening, atUs }));
  return [...events, ...more].flatMap((event) => check.see?.(event, site.world) ?? []);
}

function first(site: Site): RecordingId {
  const [recordingId] = site.erased;
  if (recordingId === undefined) throw new Error('nothing was erased');
  return recordingId;
}
const stormy = async (site: Site): Promise<void> => {
  site.dock.suffer({ harm: 'disk-slow', eachMs: 5, ms: 4_000 });
  await site.pass(0.4);
  site.dock.suffer({ harm: 'clock-step', byMs: 3_600_000 });
  site.dock.cutPowerAfter(30, () => site.outage());
  await site.pass(90);
};

describe('the checks of custody', () => {
  it.each(['calm', 'storm', 'other storm'])('are silent about a dock in %s', async (seed) => {
    const site = await shift(seed, seed === 'calm' ? undefined : stormy, { checks: all() });
    expect(site.problems).toEqual([]);
  });

  it.each(['files', 'names'] as const)('see a disk that lies about %s', async (lie) => {
    const site = await shift('lie', undefined, { checks: [receiptMeansDurable()], lie, hasMirror: false });
    expect(site.problems).toHaveLength(2);
    expect(site.problems.join('\n')).toMatch(/on its disk|no published entry/);
    const about = { dock: 'dock-1', camera: 'cam-1', recordingId: first(site) };
    expect(then(site, durableMeansSynced(), { what: 'durable', bytes: 900, ...about })).toEqual([
      expect.stringMatching(/900 B .* are durable, and has/),
    ]);
  });

  it('see an erasure without a receipt, or for one that no checkpoint covers', async () => {
    const site = await shift('calm');
    const recordingId = '0'.repeat(32) as RecordingId;
    const camera = 'cam-1';
    const erased = { what: 'erased', camera, recordingId } as const;
    const receipt = { what: 'receipt', camera, recordingId, outcome: 'accepted', dock: 'dock-1' } as const;
    const settled = {
      what: 'settled',
      dock: 'dock-1',
      camera,
      recordingId,
      outcome: 'held',
      entryIndex: 99,
    } as const;
    expect(then(site, noEraseBeforeReceipt())).toEqual([]);
    expect(then(site, noEraseBeforeReceipt(), erased)).toEqual([expect.stringMatching(/without a receipt/)]);
    expect(then(site, noEraseBeforeReceipt(), settled, receipt, erased)).toEqual([
      expect.stringMatching(/no checkpoint covers/),
    ]);
    expect(then(site, receiptMeansDurable(), erased)).toEqual([expect.stringMatching(/no dock has it/)]);
    expect(then(site, receiptMeansDurable(), settled, erased)).toEqual([
      expect.stringMatching(/no published entry 99/),
    ]);
  });

  it('see a copy that is not whole, unless it rotted since the dock could know', async () => {
    const site = await shift('calm', undefined, { hasMirror: false });
    const again = { what: 'erased', camera: 'cam-1', recordingId: first(site) } as const;
    site.dock.disk.flip(`/dock/recordings/${first(site)}/chunks`, 1_000);
    expect(then(site, receiptMeansDurable(), again).at(-1)).toMatch(/1 of 3 chunks/);
    const said = {
      what: 'durable',
      dock: 'dock-1',
      camera: 'cam-1',
      recordingId: first(site),
      bytes: 2_000,
    } as const;
    expect(then(site, durableMeansSynced(), said).at(-1)).toMatch(/2000 B .* has 1289 B/);
    for (let pick = 0; pick < 1; pick += 0.02) site.dock.suffer({ harm: 'bit-rot', pick });
    expect(then(site, receiptMeansDurable(), again)).toEqual([]);
  });

  it('see a second history, a smaller one, and one under another key', async () => {
    const site = await shift('calm');
    const last = site.scene.history.of('checkpoint').at(-1);
    if (last === undefined) throw new Error('no checkpoint was shown');
    const root = new Uint8Array(32).fill(1);
    const say = (shown: Partial<typeof last>): readonly string[] =>
      then(site, ledgerHasNoGaps(), { ...last, ...shown });
    expect(say({})).toEqual([]);
    expect(say({ root })).toEqual([expect.stringMatching(/two trees/)]);
    expect(say({ size: last.size - 1 })[0]).toMatch(/two trees|another tree/);
    expect(say({ size: last.size + 1 })).toEqual([expect.stringMatching(/another tree/)]);
    expect(say({ note: last.note.replace(/.{6}\n$/, 'AAAA==\n') })).toEqual([
      expect.stringMatching(/did not sign/),
    ]);
  });

  it('see a dock that remembers less after its power went; what it says late in one life is no lie', async () => {
    const site = await shift('calm');
    const [early] = site.scene.history.of('checkpoint');
    if (early === undefined) throw new Error('no checkpoint was shown');
    expect(then(site, ledgerHasNoGaps(), early)).toEqual([]);
    const cut = { what: 'power-cut', machine: early.dock } as const;
    expect(then(site, ledgerHasNoGaps(), cut, early)).toEqual([
      expect.stringMatching(/after the power went/),
    ]);
  });

  it('see a log that is not what it has shown', async () => {
    const site = await shift('calm');
    const check = ledgerHasNoGaps();
    expect(then(site, check)).toEqual([]);
    expect(await check.end?.(site.world)).toEqual([]);
    const { size } = await site.dock.ledger.checkpoint();
    const entries = await site.dock.ledger.read(0, size);
    const other = (change: (entries: readonly Uint8Array[]) => readonly Uint8Array[]) => {
      const changed = change(entries);
      const checkpoint = async () => ({ size: changed.length, note: '' });
      const ledger = { checkpoint, read: async () => changed };
      const dock = seenAs(site.dock, { ledger });
      return check.end?.({ ...site.world, docks: [dock] });
    };
    const edited = (from: string | RegExp, to: string) => (all: readonly Uint8Array[]) =>
      all.map((entry) => utf8(text(entry).replace(from, to)));
    expect((await other((all) => all.slice(0, 3)))?.join()).toMatch(/and has shown/);
    expect((await other((all) => [...all.slice(1), ...all.slice(0, 1)]))?.join()).toMatch(/are not those/);
    expect((await other((all) => [...all, ...all.slice(-1)]))?.join()).toMatch(/stands there twice/);
    expect((await other(edited('"type":"accepted"', '"type":"taken"')))?.join()).toMatch(/nobody knows/);
    expect((await other(edited('"counter":2', '"counter":-2')))?.join()).toMatch(/cannot be read/);
    expect((await other(edited('"counter":2', '"counter":1')))?.join()).toMatch(/two recordings of number 1/);
    expect(
      (await other(edited(/"previousRoot":"[0-9a-f]{64}"/, `"previousRoot":"${'0'.repeat(64)}"`)))?.join(),
    ).toMatch(/does not name/);
  });
});
