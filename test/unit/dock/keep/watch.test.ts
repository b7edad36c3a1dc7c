import { beforeEach, describe, expect, test } from 'vitest';
import { type ExpectedCamera, Watch } from '../../../../dock/keep/watch.ts';
import type { Bay, Holding } from '../../../../dock/ports.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { isRecordingId } from '../../../../proto/ids.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { cameraId as camera, checked, LEDGER_KEY, ORIGIN, sha256 } from '../../proto/fixture.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const US = 1_000;
const recording = checked('aa'.repeat(16), isRecordingId);
const later = checked('bb'.repeat(16), isRecordingId);

/** A dock that keeps watch: real watch and book over a log in memory, and whatever the test says is in bays and store. */
class Yard {
  readonly clock = new ManualClock();
  ledger = new MemoryLedger({ origin: ORIGIN, ...LEDGER_KEY, sha256 });
  bays: readonly Bay[] = [];
  holdings: readonly Holding[] = [];
  cameras: readonly ExpectedCamera[] = [];
  watch = this.start();

  start(): Watch {
    this.watch = new Watch(
      {
        ledger: this.ledger,
        holdings: {
          list: async () => this.holdings,
          named: async (state) => this.holdings.filter((holding) => holding.state === state),
        },
        clock: this.clock,
        cameras: () => this.cameras,
        bays: () => this.bays,
      },
      { overdueMs: 24 * HOUR_MS, partialMs: HOUR_MS },
    );
    return this.watch;
  }

  async write(entry: CustodyEntry): Promise<void> {
    await this.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }

  accept(counter: number): Promise<void> {
    return this.write({
      type: 'accepted',
      at: this.at(),
      recording: checked(counter.toString(16).padStart(32, '0'), isRecordingId),
      camera,
      counter,
      previousRoot: counter === 1 ? '' : `${counter - 1}`.padStart(64, '0'),
      manifest: 'cd'.repeat(32),
      root: `${counter}`.padStart(64, '0'),
      bytes: 1,
      chunks: 1,
      stamps: 'ef'.repeat(32),
      transport: 'mqtt',
      receivedAt: this.at(),
      uncertaintyUs: 1,
      basis: 'local',
      officer: '12'.repeat(32),
    });
  }

  /** What the watch itself wrote, oldest first. */
  async told(): Promise<readonly object[]> {
    const { size } = await this.ledger.checkpoint();
    const entries = (await this.ledger.read(0, size)).map(decodeEntry);
    return entries
      .filter(({ type }) => type === 'missing' || type === 'found')
      .map(({ at: _, ...rest }) => rest);
  }

  at(): string {
    return formatInstant(this.clock.wallUs());
  }
}

const incoming = (recordingId = recording): Holding => ({
  recordingId,
  cameraId: camera,
  transport: 'mqtt',
  manifestSha256: new Uint8Array(32),
  manifestBytes: 1,
  contentBytes: 1,
  state: 'incoming',
  leaseEpoch: 1,
  durableChunks: 0,
});

// Goal: the ledger says what is missing when it begins to be missing, says why when it is over, and says nothing twice.
// Method: a watch over a log in memory and a clock set by hand; a restart is a new watch over the same log.
describe('the watch', () => {
  let yard: Yard;
  beforeEach(async () => {
    yard = new Yard();
    await yard.write({ type: 'device.enrolled', at: yard.at(), camera, publicKey: `${'A'.repeat(43)}=` });
  });

  test('writes a gap once, restarts and all, and says when it closed', async () => {
    await yard.accept(1);
    await yard.accept(3);
    await yard.watch.look();
    await yard.watch.look();
    await yard.start().look();
    const gap = { camera, kind: 'gap', counterFrom: 2, counterTo: 2 };
    expect(await yard.told()).toMatchObject([{ type: 'missing', ...gap }]);
    expect(await yard.watch.listed()).toMatchObject([gap]);
    await yard.accept(2);
    await yard.watch.look();
    expect(await yard.told()).toMatchObject([
      { type: 'missing', ...gap },
      { type: 'found', because: 'arrived', ...gap },
    ]);
    expect(await yard.watch.listed()).toEqual([]);
  });

  // Critical recordings come first, so a docked camera's older ones may still be on their way.
  test('says nothing of a gap while the camera may still close it', async () => {
    yard.bays = [{ name: 'mqtt cam-1', transport: 'mqtt', camera, recording, state: 'receiving' }];
    for (const counter of [3, 1]) {
      await yard.accept(counter);
      await yard.watch.look();
      yard.clock.advance(9 * MINUTE_MS);
      await yard.watch.look();
    }
    expect(await yard.told()).toEqual([]);
    await yard.accept(2);
    yard.clock.advance(HOUR_MS);
    await yard.watch.look();
    expect(await yard.told()).toEqual([]);
  });

  test('names a gap when the camera leaves it open, or stays and does not close it', async () => {
    yard.bays = [{ name: 'mqtt cam-1', transport: 'mqtt', camera, state: 'idle' }];
    await yard.accept(3);
    await yard.watch.look();
    yard.clock.advance(10 * MINUTE_MS);
    await yard.watch.look();
    expect(await yard.told()).toMatchObject([{ type: 'missing', counterFrom: 1, counterTo: 2 }]);
    await yard.accept(6);
    await yard.watch.look();
    expect(await yard.told()).toHaveLength(1);
    yard.bays = [];
    await yard.watch.look();
    expect(await yard.told()).toMatchObject([
      { counterTo: 2 },
      { type: 'missing', counterFrom: 4, counterTo: 5 },
    ]);
  });

  test('a gap that closes in the middle becomes two', async () => {
    await yard.accept(5);
    await yard.watch.look();
    await yard.accept(2);
    await yard.watch.look();
    expect(await yard.watch.listed()).toMatchObject([
      { counterFrom: 1, counterTo: 1 },
      { counterFrom: 3, counterTo: 4 },
    ]);
  });

  test('an upload is partial once it has stood still for an hour, not while it moves', async () => {
    yard.holdings = [incoming()];
    yard.bays = [{ name: 'mqtt cam-1', transport: 'mqtt', camera, recording, state: 'receiving' }];
    await yard.watch.look();
    yard.clock.advance(2 * HOUR_MS);
    await yard.watch.look();
    expect(await yard.told()).toEqual([]);
    yard.bays = [];
    await yard.watch.look();
    yard.clock.advance(HOUR_MS - 1);
    await yard.watch.look();
    expect(await yard.told()).toEqual([]);
    yard.clock.advance(1);
    await yard.watch.look();
    expect(await yard.told()).toMatchObject([{ type: 'missing', kind: 'partial', recording }]);
    // The dock restarts, and does not know for how long the upload has stood still: it stays listed.
    await yard.start().look();
    expect(await yard.told()).toHaveLength(1);
    yard.holdings = [{ ...incoming(), state: 'held' }];
    await yard.watch.look();
    expect(await yard.told()).toMatchObject([
      { type: 'missing' },
      { type: 'found', because: 'held', recording },
    ]);
  });

  test('a camera is overdue a day after it was last heard of, whichever way', async () => {
    const enrolledUs = yard.clock.wallUs();
    yard.cameras = [{ camera, enrolledUs }];
    yard.clock.advance(20 * HOUR_MS);
    await yard.accept(1);
    yard.clock.advance(20 * HOUR_MS);
    await yard.watch.look();
    expect(await yard.told()).toEqual([]);
    yard.cameras = [{ camera, enrolledUs, seenUs: yard.clock.wallUs() }];
    yard.clock.advance(23 * HOUR_MS);
    await yard.watch.look();
    expect(await yard.told()).toEqual([]);
    yard.clock.advance(2 * HOUR_MS);
    await yard.watch.look();
    expect(await yard.told()).toMatchObject([{ type: 'missing', kind: 'overdue', camera }]);
    yard.bays = [{ name: 'bay 1', transport: 'serial', camera, state: 'connected' }];
    await yard.watch.look();
    expect(await yard.told()).toMatchObject([{ type: 'missing' }, { type: 'found', because: 'came-back' }]);
  });

  test('a camera that never docked at all is overdue too', async () => {
    yard.cameras = [{ camera, enrolledUs: yard.clock.wallUs() - 25 * HOUR_MS * US }];
    yard.ledger = new MemoryLedger({ origin: ORIGIN, ...LEDGER_KEY, sha256 });
    await yard.start().look();
    expect(await yard.told()).toMatchObject([{ type: 'missing', kind: 'overdue', camera }]);
  });

  test('looks that overlap write nothing twice', async () => {
    await yard.accept(2);
    await Promise.all([yard.watch.look(), yard.watch.look(), yard.watch.listed(), yard.watch.look()]);
    expect(await yard.told()).toHaveLength(1);
  });

  test('what could not be written is written by the next look', async () => {
    await yard.accept(2);
    const appendOnce = yard.ledger.appendOnce.bind(yard.ledger);
    yard.ledger.appendOnce = async () => Promise.reject(new Error('the disk is full'));
    await expect(yard.watch.look()).rejects.toThrow('the disk is full');
    yard.ledger.appendOnce = appendOnce;
    await yard.watch.look();
    expect(await yard.told()).toHaveLength(1);
  });

  test('two partial uploads are two absences', async () => {
    yard.holdings = [incoming(), incoming(later)];
    await yard.watch.look();
    yard.clock.advance(HOUR_MS);
    expect(await yard.watch.look()).toHaveLength(2);
  });
});
