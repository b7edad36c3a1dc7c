import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Pace } from '../../../../dock/keep/pace.ts';
import { Scrub, type ScrubNews } from '../../../../dock/keep/scrub.ts';
import type { Wound } from '../../../../dock/store/examine.ts';
import { toHex } from '../../../../proto/bytes.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { keyOf, type Sample, sealedSample, sha256, upload } from '../../../contract/stores.ts';
import { LEDGER_KEY, ORIGIN, sha256 as digest } from '../../proto/fixture.ts';
import { TwoDisks } from '../store/two-disks.ts';

const one = sealedSample(1, [700, 900, 300]);
const two = sealedSample(2, [400]);

/** A scrub over a real store on two faulty disks, and a log in memory that outlives its crashes. */
class Yard {
  readonly clock = new ManualClock();
  readonly ledger = new MemoryLedger({ origin: ORIGIN, ...LEDGER_KEY, sha256: digest });
  readonly news: ScrubNews[] = [];
  readonly world: TwoDisks;
  scrub!: Scrub<Wound>;
  pace!: Pace;

  private constructor(world: TwoDisks) {
    this.world = world;
    this.start();
  }

  static async open(): Promise<Yard> {
    const yard = new Yard(await TwoDisks.open('scrub'));
    for (const recording of [one, two]) await yard.world.hold(recording, await yard.accept(recording));
    return yard;
  }

  start(passes = true): void {
    const { clock, ledger } = this;
    this.pace = new Pace({ clock, bytesPerS: Number.POSITIVE_INFINITY, isBusy: () => false });
    this.scrub = new Scrub<Wound>({
      ...{ upkeep: this.world.store.keeper, ledger, clock, pace: this.pace, passes },
      tell: (news) => void this.news.push(news),
    });
  }

  async boot(): Promise<void> {
    await this.world.boot();
    this.start();
  }

  /** One pass, and what was said in it. */
  async pass(): Promise<readonly ScrubNews[]> {
    this.news.length = 0;
    this.clock.advance(1_000);
    await this.scrub.pass();
    return this.news.filter(({ news }) => news !== 'pass');
  }

  async write(entry: CustodyEntry): Promise<number> {
    return this.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }

  accept(recording: Sample): Promise<number> {
    return this.write({
      ...{ type: 'accepted', at: this.at(), recording: recording.recordingId, camera: recording.cameraId },
      ...{ counter: 1, previousRoot: '', manifest: toHex(recording.manifestSha256), root: 'ab'.repeat(32) },
      ...{ bytes: 1, chunks: 1, stamps: 'ef'.repeat(32), transport: 'mqtt', receivedAt: this.at() },
      ...{ uncertaintyUs: 1, basis: 'local', officer: '12'.repeat(32), copies: 2 },
    });
  }

  erase({ recordingId: recording, cameraId: camera }: Sample): Promise<number> {
    return this.write({ type: 'erased', at: this.at(), recording, camera });
  }

  /** What the scrub wrote, oldest first. */
  async told(): Promise<readonly object[]> {
    const { size } = await this.ledger.checkpoint();
    const entries = (await this.ledger.read(0, size)).map(decodeEntry);
    return entries
      .filter(({ type }) => type === 'damaged' || type === 'repaired')
      .map(({ at: _, ...rest }) => rest);
  }

  at(): string {
    return formatInstant(this.clock.wallUs());
  }

  rot({ recordingId }: Sample, at = 800): void {
    this.world.disk.flip(`/dock/recordings/${recordingId}/chunks`, at);
  }

  async state({ manifestSha256 }: Sample): Promise<string | undefined> {
    const all = await this.world.store.list();
    return all.find((holding) => toHex(holding.manifestSha256) === toHex(manifestSha256))?.state;
  }
}

const about = { recording: one.recordingId, manifest: toHex(one.manifestSha256) };
const chunk1 = { ...about, what: 'chunk', chunk: 1 };
const goodChunk = toHex(sha256(one.chunks[1] ?? new Uint8Array(0)));

describe('the scrub', () => {
  let yard: Yard;
  beforeEach(async () => {
    yard = await Yard.open();
  });
  afterEach(() => yard.world.index.close());

  async function withoutMirror(): Promise<void> {
    yard.world.useMirror(false);
    await yard.boot();
  }

  it('says nothing of what is whole', async () => {
    expect(await yard.pass()).toEqual([]);
    expect(yard.news).toEqual([{ news: 'pass', recordings: 2, damaged: 0 }]);
    expect(await yard.told()).toEqual([]);
  });

  // Goal: with a second copy nothing is lost: the damage is on record, then the repair, and nobody is kept from it.
  it('repairs from the mirror', async () => {
    yard.rot(one);
    expect((await yard.pass()).map(({ news }) => news)).toEqual(['damaged', 'repaired']);
    const found = expect.stringMatching(/^[0-9a-f]{64}$/) as unknown;
    expect(await yard.told()).toMatchObject([
      { type: 'damaged', ...chunk1, expected: goodChunk, found, copyIn: one.cameraId },
      { type: 'repaired', ...chunk1, from: 'mirror' },
    ]);
    expect(await yard.state(one)).toBe('held');
    expect(await yard.pass()).toEqual([]);
  });

  // Goal: without one it is withdrawn and named once, with the camera that may still have it. Method: three passes, a restart.
  it('withdraws what it cannot repair', async () => {
    await withoutMirror();
    yard.rot(one);
    expect(await yard.pass()).toMatchObject([
      { news: 'damaged', recordingId: one.recordingId, pieces: ['chunk 1'], copyIn: one.cameraId },
      { news: 'withdrawn', recordingId: one.recordingId },
    ]);
    expect(await yard.state(one)).toBe('quarantined');
    expect(await yard.state(two)).toBe('held');
    await yard.pass();
    await yard.boot();
    expect(await yard.pass()).toEqual([]);
    expect(await yard.told()).toHaveLength(1);
  });

  // Goal: no camera is named that has said it erased its copy. Method: an `erased` entry before.
  it('names no camera that has nothing left', async () => {
    await withoutMirror();
    await yard.erase(one);
    yard.rot(one);
    await yard.pass();
    expect(await yard.told()).toEqual([expect.not.objectContaining({ copyIn: one.cameraId })]);
  });

  // Goal: what the camera brought again is repaired in the ledger's words too, after the crash that may come in between.
  it('tells when its camera has brought it again', async () => {
    await withoutMirror();
    yard.rot(one);
    await yard.pass();
    await upload(yard.world.store, one);
    await yard.world.store.rehash(one);
    await yard.world.store.settle(one, { state: 'held', entryIndex: 0 });
    await yard.boot();
    expect(await yard.pass()).toMatchObject([{ news: 'repaired', from: 'camera' }]);
    expect((await yard.told()).at(-1)).toMatchObject({ type: 'repaired', ...chunk1, from: 'camera' });
    expect(await yard.pass()).toEqual([]);
  });

  // Goal: it is looked at before its turn when it arrives. Method: arrive, and a pass that is at something else.
  it('looks at once at what came because it was damaged', async () => {
    await withoutMirror();
    yard.rot(two, 5);
    await yard.pass();
    await upload(yard.world.store, two);
    await yard.world.store.rehash(two);
    await yard.world.store.settle(two, { state: 'held', entryIndex: 1 });
    for (const came of [one, two]) await yard.scrub.arrived(keyOf(came));
    const order: string[] = [];
    const { keeper } = yard.world.store;
    const examine = keeper.examine.bind(keeper);
    keeper.examine = (key, pace) => {
      order.push(key.recordingId.slice(-1));
      return examine(key, pace);
    };
    await yard.pass();
    expect(order).toEqual(['2', '1', '2']);
  });

  // Goal: a repair whose entry a crash swallowed is told all the same. Method: mend by hand, then a pass.
  it('tells of a repair that a crash cut off', async () => {
    yard.rot(one);
    const { keeper } = yard.world.store;
    const { wounds } = (await keeper.examine(keyOf(one), () => Promise.resolve())) ?? { wounds: [] };
    const [wound] = wounds;
    await yard.write({
      ...{ type: 'damaged', at: yard.at(), recording: one.recordingId, manifest: about.manifest },
      ...{ what: 'chunk', chunk: 1, expected: goodChunk, found: toHex(wound?.found ?? new Uint8Array(0)) },
    });
    await keeper.mend(keyOf(one), wounds);
    yard.world.cutPower();
    await yard.boot();
    expect(await yard.pass()).toMatchObject([{ news: 'repaired', from: 'mirror' }]);
    expect((await yard.told()).at(-1)).toMatchObject({ type: 'repaired', ...chunk1, from: 'mirror' });
  });

  // Goal: a mirror that comes back brings back what was withdrawn. Method: withdraw without it, pass with it.
  it('brings back what a mirror had all along', async () => {
    await withoutMirror();
    yard.rot(one);
    await yard.pass();
    yard.world.useMirror(true);
    await yard.boot();
    expect((await yard.pass()).map(({ news }) => news)).toEqual(['repaired', 'restored']);
    expect(await yard.state(one)).toBe('held');
  });

  // Goal: nothing is put right before the damage is on record. Method: a log that takes nothing.
  it('does not touch what it cannot put on record', async () => {
    yard.rot(one);
    const before = yard.world.stored(one, 'chunks');
    const append = yard.ledger.appendOnce.bind(yard.ledger);
    yard.ledger.appendOnce = () => Promise.reject(new Error('the log is full'));
    const passing = yard.pass();
    await drive(yard.clock, passing);
    expect((await passing).map(({ news }) => news)).toEqual(['problem']);
    expect(yard.world.stored(one, 'chunks')).toEqual(before);
    yard.ledger.appendOnce = append;
    expect((await yard.pass()).map(({ news }) => news)).toEqual(['damaged', 'repaired']);
  });

  // Goal: the mirror is read as well, and a mirror that is away keeps nobody from reading the store. Method: damage it, then empty it.
  it('looks after the mirror too', async () => {
    yard.world.mirror.flip(`/mirror/recordings/${two.recordingId}/chunks`, 5);
    expect(await yard.pass()).toEqual([
      { news: 'mirror-repaired', recordingId: two.recordingId, pieces: ['chunk 0'] },
    ]);
    yard.world.mirror.cutPower();
    yard.rot(one);
    expect((await yard.pass()).map(({ news }) => news)).toEqual(['damaged', 'withdrawn']);
    expect(yard.world.news.map(({ news }) => news)).toEqual(['mirror-missing']);
    expect(await yard.told()).toHaveLength(1);
  });

  // Goal: what was refused is reported, and no entry calls it damaged that was never accepted. Method: rot in quarantine.
  it('reports what it finds in quarantine', async () => {
    const refused = sealedSample(3, [500]);
    await upload(yard.world.store, refused);
    await yard.world.store.settle(refused, { state: 'quarantined', entryIndex: 9, reason: 'no' });
    const folder = `quarantine/${refused.recordingId}-${toHex(refused.manifestSha256).slice(0, 8)}`;
    yard.world.disk.flip(`/dock/${folder}/chunks`, 5);
    expect(await yard.pass()).toEqual([
      { news: 'damaged', recordingId: refused.recordingId, pieces: ['chunk 0'] },
    ]);
    expect(await yard.told()).toEqual([]);
  });

  // Goal: it goes on by itself, rests between passes, and ends when it is told to.
  it('runs in the background', async () => {
    yard.scrub.start();
    yard.rot(one);
    const passes = (): number => yard.news.filter(({ news }) => news === 'pass').length;
    await until(yard.clock, () => passes() === 2);
    expect(yard.clock.monoUs()).toBeGreaterThanOrEqual(1_000_000);
    await yard.scrub.stop();
    expect(yard.clock.pending).toBe(0);
    expect(yard.news.map(({ news }) => news)).toContain('repaired');
  });

  // Goal: a scrub that waits for its hour reads nothing by itself, and a pass when it is asked for, of which everybody who asked
  // hears. Method: no passes of its own, ten minutes of time, then two who ask.
  it('makes a pass when it is asked for', async () => {
    yard.start(false);
    yard.scrub.start();
    const start = yard.clock.monoUs();
    await until(yard.clock, () => yard.clock.monoUs() - start > 600_000_000 / 10);
    expect(yard.scrub.standing()).toEqual({ state: 'resting', begun: 0 });
    yard.rot(one);
    yard.world.useMirror(true);
    const asked = [yard.scrub.ask(), yard.scrub.ask()];
    await drive(yard.clock, Promise.all(asked));
    const report = await asked[0];
    expect(report).toMatchObject({ pass: 1, recordingsDone: 2, recordingsTotal: 2, damaged: 0 });
    expect(report?.bytesDone).toBe(report?.bytesTotal);
    expect(report?.bytesTotal).toBe(
      [...one.chunks, ...two.chunks].reduce((sum, chunk) => sum + chunk.length, 0),
    );
    expect(await asked[1]).toEqual(report);
    expect(yard.scrub.standing()).toEqual({ state: 'resting', begun: 1, last: report });
    await yard.scrub.stop();
    expect(await yard.scrub.ask()).toBeUndefined();
  });

  // Goal: a camera that waits for its copy to be looked at waits no longer than the disk takes, but for a pause. Method: a scrub that
  // makes no passes; one that has reason to be looked at while it rests, another while it is paused; no time passes before it is resumed.
  it('looks at once at what there is reason to look at', async () => {
    await withoutMirror();
    yard.start(false);
    yard.scrub.start();
    for (const recording of [one, two]) yard.rot(recording, 5);
    const settled = async (): Promise<void> => {
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    await settled();
    yard.scrub.soon(keyOf(one));
    await settled();
    expect(await yard.state(one)).toBe('quarantined');
    yard.pace.pause();
    yard.scrub.soon(keyOf(two));
    await settled();
    expect(await yard.state(two)).toBe('held');
    yard.pace.resume();
    await until(yard.clock, () => yard.news.filter(({ news }) => news === 'withdrawn').length === 2);
    await yard.scrub.stop();
    expect(yard.clock.pending).toBe(0);
  });

  // Goal: an operator sees how far it is. Method: a pause in the middle of a pass, and the stop of one that somebody waits for.
  it('says how far it is, and stops where it is paused', async () => {
    yard.start(false);
    yard.pace.pause();
    yard.scrub.start();
    const asked = yard.scrub.ask();
    await until(yard.clock, () => (yard.scrub.standing().now?.bytesDone ?? 0) > 0);
    const { state, now } = yard.scrub.standing();
    expect(state).toBe('paused');
    expect(now).toMatchObject({ pass: 1, recordingsDone: 0, recordingsTotal: 2 });
    expect(now?.bytesDone).toBeLessThan(now?.bytesTotal ?? 0);
    expect(yard.scrub.standing()).not.toHaveProperty('last');
    await yard.scrub.stop();
    expect(await asked).toBeUndefined();
  });

  // Goal: whoever waits hears that a pass failed, and the next one is made. Method: an index that cannot be read once.
  it('tells whoever asked that a pass failed', async () => {
    yard.start(false);
    const { keeper } = yard.world.store;
    const turns = keeper.turns.bind(keeper);
    keeper.turns = () => Promise.reject(new Error('no index'));
    yard.scrub.start();
    const asked = yard.scrub.ask();
    await drive(yard.clock, asked);
    await expect(asked).rejects.toThrow('no index');
    keeper.turns = turns;
    const again = yard.scrub.ask();
    await drive(yard.clock, again);
    expect(await again).toMatchObject({ recordingsDone: 2 });
    await yard.scrub.stop();
  });
});

/** Lets time go by until this is done. */
async function drive(clock: ManualClock, work: Promise<unknown>): Promise<void> {
  const state = { done: false };
  const ended = (): void => {
    state.done = true;
  };
  work.then(ended, ended);
  await until(clock, () => state.done);
}

async function until(clock: ManualClock, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 5_000 && !holds(); turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(100);
  }
  expect(holds()).toBe(true);
}
