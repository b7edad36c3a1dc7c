import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import type { Holding, HoldingState } from '../../../../dock/ports.ts';
import { StoreError } from '../../../../dock/store/errors.ts';
import { openHoldingIndex } from '../../../../dock/store/holding-index.ts';
import { openStore } from '../../../../dock/store/store.ts';
import type { Store } from '../../../../dock/store/store.ts';
import { concat, toHex } from '../../../../proto/bytes.ts';
import { FaultDisk } from '../../../../sim/fault/disk.ts';
import type { FaultDiskOptions } from '../../../../sim/fault/disk.ts';
import { FaultIndex } from '../../../../sim/fault/fault-index.ts';
import { content, keyOf, sample, sealedSample, sha256, stampOf } from '../../../contract/stores.ts';
import type { Sample } from '../../../contract/stores.ts';

/** One thing that one caller does; several may be under way at once. */
export interface Job {
  readonly job: 'manifest' | 'upload' | 'hold' | 'quarantine';
  readonly recording: number;
  /** How many chunks are put without waiting for the one before. */
  readonly chunks: number;
}

export type Op =
  | { readonly op: 'calm'; readonly job: Job }
  /** All jobs at once, and the power goes with some operation of the disk. */
  | { readonly op: 'storm'; readonly fuse: number; readonly jobs: readonly Job[] }
  | { readonly op: 'fill'; readonly bytes: number }
  | { readonly op: 'free' };

/** What the store has said about one recording, and what it may say. */
interface Expected {
  readonly recording: Sample;
  leased: boolean;
  /** Chunks whose put resolved; and one past the highest ever put. */
  acked: number;
  tried: number;
  manifest: 'never put' | 'put' | 'durable';
  /** All states that it may be in: one, or two after a settle that did not resolve. */
  states: HoldingState[];
}

const SIZES = [700, 1, 512, 1_500, 64];

/** A store on a faulty disk, beside a model that knows only which calls resolved. */
export class StoreWorld {
  readonly #disk: FaultDisk;
  readonly #index = openHoldingIndex(':memory:');
  // Two recordings, one of them sealed, and a second manifest under the id of each.
  readonly #expected: readonly Expected[] = [
    sample(1, SIZES),
    sealedSample(2, SIZES),
    sample(1, SIZES, 1),
    sample(2, SIZES, 1),
  ].map((recording) => ({
    recording,
    leased: false,
    acked: 0,
    tried: 0,
    manifest: 'never put',
    states: ['incoming'],
  }));
  #store: Store | undefined;

  constructor(seed: string, lie: FaultDiskOptions['lie'] | undefined) {
    // Asking the machine's own file system something lets other work of the event loop in between.
    this.#disk = new FaultDisk({ seed, pause: () => stat('/'), ...(lie === undefined ? {} : { lie }) });
  }

  async run(ops: readonly Op[]): Promise<void> {
    await this.#boot();
    for (const op of ops) await this.#do(op);
    this.#disk.leaveRoom(Number.POSITIVE_INFINITY);
    this.#disk.cutPower();
    await this.#boot();
  }

  async #do(op: Op): Promise<void> {
    if (op.op === 'calm') return this.#calm(op.job);
    if (op.op === 'storm') return this.#storm(op.fuse, op.jobs);
    return this.#disk.leaveRoom(op.op === 'fill' ? op.bytes : Number.POSITIVE_INFINITY);
  }

  /** While the power stays on, what did not resolve did not happen. */
  async #calm(job: Job): Promise<void> {
    await this.#job(job);
    const expected = this.#of(job);
    const holding = await this.#look(expected);
    if (holding === undefined) return assert.equal(expected.leased, false);
    assert.equal(holding.durableChunks, expected.acked);
    assert.equal(holding.signedManifest !== undefined, expected.manifest === 'durable');
    this.#believe(expected, holding);
  }

  async #storm(fuse: number, jobs: readonly Job[]): Promise<void> {
    this.#disk.failAfter(fuse);
    await Promise.all(jobs.map((job) => this.#job(job)));
    this.#disk.cutPower();
    await this.#boot();
  }

  /** Starts a store on what the last one left, and compares all it says and holds with what was promised. */
  async #boot(): Promise<void> {
    // A full disk may keep recovery from cutting tails, and then the store says so.
    this.#disk.leaveRoom(Number.POSITIVE_INFINITY);
    const mount = this.#disk.mount();
    this.#store = await openStore({ dir: '/dock', disk: mount, index: new FaultIndex(this.#index, mount) });
    const { forgotten, damage, rebuilt, setAside } = this.#store.recovered;
    assert.deepEqual([forgotten, damage, rebuilt, setAside], [[], [], [], []]);
    for (const expected of this.#expected) {
      const holding = await this.#look(expected);
      if (holding !== undefined) await this.#compare(expected, holding);
      else assert.equal(expected.leased, false);
    }
    const held = (await this.#store.list())
      .filter(({ state }) => state === 'held')
      .map(({ recordingId }) => recordingId);
    assert.equal(new Set(held).size, held.length);
  }

  async #compare(expected: Expected, holding: Holding): Promise<void> {
    assert(expected.states.includes(holding.state), `${holding.state} is none of ${expected.states.join()}`);
    assert(
      holding.durableChunks >= expected.acked,
      `${expected.acked} were acknowledged, ${holding.durableChunks} are there`,
    );
    assert(holding.durableChunks <= expected.tried, 'more chunks than were ever put');
    const hasPapers = holding.signedManifest !== undefined;
    assert(hasPapers || holding.durableChunks === 0, 'chunks without their manifest');
    assert.equal(holding.wraps !== undefined, hasPapers && expected.recording.wraps !== undefined);
    if (expected.manifest !== 'put')
      assert.equal(holding.signedManifest !== undefined, expected.manifest === 'durable');
    this.#believe(expected, holding);
    const { recording } = expected;
    const chunks = recording.chunks.slice(0, holding.durableChunks);
    const row = this.#index.find(recording);
    const bytes = this.#disk.peek(`/dock/${row?.folder}/chunks`) ?? new Uint8Array(0);
    const durable = concat(...chunks);
    assert.equal(toHex(bytes.subarray(0, durable.length)), toHex(durable));
    if (holding.signedManifest === undefined || chunks.length === 0) return;
    assert.equal(toHex(holding.signedManifest), toHex(recording.manifest));
    assert.deepEqual(holding.wraps, recording.wraps);
    if (holding.state === 'held') {
      for (const [i, chunk] of chunks.entries())
        assert.deepEqual(await this.#open.readChunk(recording.recordingId, i), chunk);
    }
    const { digests } = await this.#open.rehash(recording);
    assert.deepEqual(
      digests.map(toHex),
      chunks.map((chunk) => toHex(sha256(chunk))),
    );
  }

  #believe(expected: Expected, holding: Holding): void {
    expected.leased = true;
    expected.acked = holding.durableChunks;
    expected.manifest = holding.signedManifest === undefined ? 'never put' : 'durable';
    expected.states = [holding.state];
  }

  async #look({ recording }: Expected): Promise<Holding | undefined> {
    const holdings = await this.#open.list();
    const key = toHex(recording.manifestSha256);
    return holdings.find(({ manifestSha256 }) => toHex(manifestSha256) === key);
  }

  async #job(job: Job): Promise<void> {
    const expected = this.#of(job);
    const holding = await attempt(this.#open.lease(expected.recording));
    if (holding === undefined) return;
    expected.leased = true;
    if (job.job === 'manifest') return this.#manifest(expected);
    if (job.job === 'upload') {
      await this.#manifest(expected);
      return this.#upload(expected, job.chunks);
    }
    return this.#settle(expected, job.job === 'hold' ? 'held' : 'quarantined');
  }

  async #manifest(expected: Expected): Promise<void> {
    if (expected.manifest === 'never put') expected.manifest = 'put';
    const { manifest, wraps } = expected.recording;
    const done = await attempt(
      this.#open.putManifest(keyOf(expected.recording), manifest, wraps).then(() => true),
    );
    if (done === true) expected.manifest = 'durable';
    // With the power on a failed write leaves nothing behind; in a storm it may.
  }

  async #upload(expected: Expected, count: number): Promise<void> {
    const { recording } = expected;
    const from = Math.max(0, expected.acked - 1);
    const puts = recording.chunks.slice(from, from + count).map(async (stored, i) => {
      const index = from + i;
      expected.tried = Math.max(expected.tried, index + 1);
      const put = this.#open.putChunk(keyOf(recording), index, sha256(stored), stored, stampOf(index));
      const other = content(stored.length, 'other');
      const wrong = this.#open.putChunk(keyOf(recording), index, sha256(other), other, stampOf(index));
      const [done, never] = await Promise.all([
        attempt(put.then(() => true)),
        attempt(wrong.then(() => true)),
      ]);
      assert.equal(never, undefined, 'another content was taken');
      if (done === true) expected.acked = Math.max(expected.acked, index + 1);
    });
    await Promise.all(puts);
  }

  async #settle(expected: Expected, state: 'held' | 'quarantined'): Promise<void> {
    const { recording } = expected;
    if (state === 'held' && (await attempt(this.#open.rehash(recording))) === undefined) return;
    const outcome =
      state === 'held'
        ? ({ state, entryIndex: 1 } as const)
        : ({ state, entryIndex: 2, reason: 'no' } as const);
    if (!expected.states.includes(state)) expected.states.push(state);
    const done = await attempt(this.#open.settle(keyOf(recording), outcome).then(() => true));
    if (done === true) expected.states = [state];
  }

  #of(job: Job): Expected {
    const expected = this.#expected[job.recording % this.#expected.length];
    if (expected === undefined) throw new RangeError('no such recording');
    return expected;
  }

  get #open(): Store {
    if (this.#store === undefined) throw new TypeError('not booted');
    return this.#store;
  }
}

/** Undefined when it was refused or failed in a way that the store may. */
async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
