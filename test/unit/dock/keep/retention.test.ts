import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { Retention } from '../../../../dock/keep/retention.ts';
import type { NotedFact } from '../../../../dock/keep/retention-ports.ts';
import type { Holding, HoldingKey } from '../../../../dock/ports.ts';
import { fromHex, toHex } from '../../../../proto/bytes.ts';
import { type CustodyEntry, decodeEntry, encodeEntry, entryKey } from '../../../../proto/custody-entry.ts';
import { isRecordingId, type RecordingId } from '../../../../proto/ids.ts';
import { formatInstant } from '../../../../proto/instant.ts';
import { ManualClock } from '../../../../sim/fault/manual-clock.ts';
import { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { cameraId as camera, checked, LEDGER_KEY, ORIGIN, sha256 } from '../../proto/fixture.ts';

const DAY_MS = 86_400_000;
const DAY_US = 86_400_000_000;
const one = checked('aa'.repeat(16), isRecordingId);
const two = checked('bb'.repeat(16), isRecordingId);
const MANIFEST = 'cd'.repeat(32);
const WRAPS = 'ee'.repeat(32);
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

type Verdict = Awaited<ReturnType<ConstructorParameters<typeof Retention>[0]['policy']['mayDestroy']>>;

/** A dock whose recordings grow old: the real rules over a log in memory, a clock set by hand, and a service that is told what to say. */
class Attic {
  readonly clock = new ManualClock();
  readonly ledger = new MemoryLedger({ origin: ORIGIN, ...LEDGER_KEY, sha256 });
  readonly holdings = new Map<RecordingId, Holding>();
  /** Everything that was done, in order. */
  readonly deeds: string[] = [];
  readonly problems: unknown[] = [];
  facts: NotedFact[] = [];
  reachable = true;
  silentAfterAnswer = false;
  verdict: Verdict = { verdict: 'allow', grant: 'a.signed.grant' };
  /** Called when the service is asked, before it answers; and when the store destroys, before it does. */
  onAsk: () => Promise<void> = async () => {};
  onDestroy: () => Promise<void> = async () => {};
  retention = this.start();

  start(days = 180): Retention {
    const { clock, ledger } = this;
    this.retention = new Retention(
      {
        ...{ clock, ledger },
        holdings: { list: async () => [...this.holdings.values()] },
        destroyer: { destroy: (key) => this.#destroy(key) },
        keys: { pseudonym: digestOf },
        policy: {
          mayDestroy: async ({ recordingId, manifest }) => {
            this.deeds.push(`asked ${recordingId.slice(0, 2)}`);
            if (manifest !== MANIFEST) throw new RangeError('another manifest');
            await this.onAsk();
            if (!this.reachable) return { verdict: 'unreachable', reason: 'nobody is there' };
            this.reachable = !this.silentAfterAnswer;
            return this.verdict;
          },
          destroyed: async ({ recordingId }) => {
            if (!this.reachable) return 'nobody is there';
            this.deeds.push(`told ${recordingId.slice(0, 2)}`);
            this.fact('recording.destroyed', recordingId);
            return undefined;
          },
          listed: async (types, after) =>
            this.reachable
              ? this.facts.filter(({ type, index }) => types.includes(type) && index > after).slice(0, 2)
              : { failed: 'nobody is there' },
        },
        gone: (recording) => void this.deeds.push(`gone ${recording.slice(0, 2)}`),
        report: (problem) => void this.problems.push(problem),
      },
      days,
    );
    return this.retention;
  }

  fact(type: string, recording: string = one, by = 'court'): void {
    const index = this.facts.length + 1;
    const isOrder = type.startsWith('hold.');
    const digest = digestOf(`${index} ${type}`);
    this.facts.push({ index, type, recording, digest, ...(isOrder ? { by } : {}) });
  }

  async accept(recording: RecordingId = one): Promise<void> {
    this.holdings.set(recording, {
      ...{ recordingId: recording, cameraId: camera, transport: 'mqtt', manifestSha256: fromHex(MANIFEST) },
      ...{ manifestBytes: 1, contentBytes: 7, state: 'held', leaseEpoch: 1, durableChunks: 1 },
    });
    await this.write({
      ...{ type: 'accepted', at: this.at(), recording, camera, counter: 1, previousRoot: '' },
      ...{ manifest: MANIFEST, root: MANIFEST, bytes: 7, chunks: 1, stamps: MANIFEST, transport: 'mqtt' },
      ...{
        receivedAt: this.at(),
        uncertaintyUs: 1,
        basis: 'local',
        officer: MANIFEST,
        suite: 1,
        wraps: WRAPS,
      },
    });
  }

  async write(entry: CustodyEntry): Promise<void> {
    await this.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }

  async entries(...types: readonly string[]): Promise<readonly object[]> {
    const { size } = await this.ledger.checkpoint();
    const all = (await this.ledger.read(0, size)).map((bytes) => decodeEntry(bytes));
    return types.length === 0 ? all : all.filter(({ type }) => types.includes(type));
  }

  at(): string {
    return formatInstant(this.clock.wallUs());
  }

  async #destroy({ recordingId, manifestSha256 }: HoldingKey): Promise<void> {
    await this.onDestroy();
    const written = await this.entries('destroyed');
    this.deeds.push(`destroyed ${recordingId.slice(0, 2)} with ${written.length} in the ledger`);
    const holding = this.holdings.get(recordingId);
    if (toHex(manifestSha256) !== MANIFEST) throw new RangeError('another manifest');
    if (holding !== undefined) this.holdings.set(recordingId, { ...holding, state: 'destroyed' });
  }
}

let attic: Attic;
beforeEach(async () => {
  attic = new Attic();
  await attic.accept();
});
const older = (days: number): void => attic.clock.advance(days * DAY_MS);
const kept = (why: RegExp, recording = one) => ({
  destroyed: [],
  kept: [{ recording, why: expect.stringMatching(why) as string }],
});

describe('a term', () => {
  // Goal: until when a recording is kept is written once, and again when the rule is another one or the clock was set.
  test('is decided once', async () => {
    const until = formatInstant(attic.clock.wallUs() + 180 * DAY_US);
    await attic.retention.sweep();
    await attic.start().sweep();
    older(1);
    await attic.retention.sweep();
    expect(await attic.entries('retained')).toMatchObject([{ recording: one, until, rule: 'days-180' }]);
    await attic.start(200).sweep();
    expect(await attic.entries('retained')).toMatchObject([{}, { rule: 'days-200' }]);
    expect(attic.deeds).toEqual([]);
  });

  test('is not decided by a dock that destroys nothing', async () => {
    older(10_000);
    expect(await attic.start(0).sweep()).toEqual({ destroyed: [], kept: [] });
    expect(await attic.entries('retained')).toEqual([]);
    expect(await attic.retention.standing()).toMatchObject({ days: 0 });
  });

  // Goal: setting the clock makes nothing old. Method: a jump by a year, on record as the dock's clock writes it; then 180 real days.
  test('goes with a clock that was set', async () => {
    await attic.retention.sweep();
    const wallBefore = attic.at();
    attic.clock.step(365 * DAY_US);
    const jump = { epoch: 2, stepUs: 365 * DAY_US, wallBefore, wallAfter: attic.at() };
    await attic.write({ type: 'clock.stepped', at: attic.at(), ...jump });
    older(179);
    expect(await attic.retention.sweep()).toEqual({ destroyed: [], kept: [] });
    expect(await attic.entries('retained')).toHaveLength(2);
    older(1);
    expect(await attic.retention.sweep()).toMatchObject({ destroyed: [one] });
  });

  test('never ends early on a clock that was set back', async () => {
    await attic.retention.sweep();
    attic.clock.step(-365 * DAY_US);
    older(300);
    expect(await attic.retention.sweep()).toEqual({ destroyed: [], kept: [] });
  });
});

describe('the end', () => {
  // Goal: the answer, then the ledger, then the bytes, then the service. Method: what each saw when it was its turn.
  test('comes in its order, once', async () => {
    older(180);
    expect(await attic.retention.sweep()).toEqual({ destroyed: [one], kept: [] });
    expect(await attic.retention.sweep()).toEqual({ destroyed: [], kept: [] });
    expect(attic.deeds).toEqual(['asked aa', 'gone aa', 'destroyed aa with 1 in the ledger', 'told aa']);
    expect(await attic.entries('destroyed')).toMatchObject([
      {
        ...{ recording: one, manifest: MANIFEST, wraps: WRAPS, bytes: 7, rule: 'days-180' },
        decision: digestOf('a.signed.grant'),
      },
    ]);
    expect(await attic.retention.standing()).toMatchObject({ kept: [], unfinished: [], untold: 0 });
  });

  test('of what was refused under the same id is not its own', async () => {
    const other = { manifest: 'f0'.repeat(32), wraps: '', bytes: 7, rule: 'x', decision: MANIFEST };
    await attic.write({ type: 'destroyed', at: attic.at(), recording: one, ...other });
    await attic.start().start();
    expect(attic.deeds).toEqual([]);
    older(180);
    expect(await attic.retention.sweep()).toMatchObject({ destroyed: [one] });
  });

  test('does not come a microsecond before', async () => {
    attic.clock.advanceTo(180 * DAY_US - 1);
    expect(await attic.retention.sweep()).toEqual({ destroyed: [], kept: [] });
    attic.clock.advanceTo(180 * DAY_US);
    expect(await attic.retention.sweep()).toMatchObject({ destroyed: [one] });
  });

  test.each<readonly [string, Verdict]>([
    ['a no', { verdict: 'deny', reason: 'A court has sealed it.' }],
    ['silence', { verdict: 'unreachable', reason: 'A court has sealed it.' }],
  ])('does not come after %s, and the reason is told', async (_, verdict) => {
    attic.verdict = verdict;
    older(180);
    expect(await attic.retention.sweep()).toMatchObject(kept(/court has sealed/));
    expect(await attic.retention.standing()).toMatchObject({ kept: kept(/court has sealed/).kept });
    expect(await attic.entries('destroyed')).toEqual([]);
    expect(attic.deeds).toEqual(['asked aa']);
  });

  test('does not come while the service is away, and nothing floods the ledger', async () => {
    attic.reachable = false;
    older(180);
    for (let night = 0; night < 5; night += 1)
      expect(await attic.retention.sweep()).toMatchObject(kept(/nobody is there/));
    expect(attic.deeds).toEqual([]);
    expect(await attic.entries()).toHaveLength(2);
  });

  test('is only rehearsed in a dry run', async () => {
    older(180);
    expect(await attic.retention.sweep({ dryRun: true })).toMatchObject(kept(/would be asked/));
    expect(attic.deeds).toEqual([]);
    expect(await attic.entries()).toHaveLength(1);
  });

  test('comes for what rotted, too', async () => {
    const holding = attic.holdings.get(one);
    if (holding !== undefined) attic.holdings.set(one, { ...holding, state: 'quarantined', reason: 'rot' });
    older(180);
    expect(await attic.retention.sweep()).toMatchObject({ destroyed: [one] });
  });
});

describe('a legal hold', () => {
  // Goal: a hold keeps, whatever the service says of it. Method: a service that always says yes.
  test('keeps, and its lifting lets go', async () => {
    attic.fact('hold.placed');
    older(180);
    expect(await attic.retention.sweep()).toMatchObject(kept(/legal hold/));
    expect(attic.deeds).toEqual([]);
    attic.fact('hold.lifted');
    expect(await attic.retention.sweep()).toMatchObject({ destroyed: [one] });
    expect(await attic.entries('hold.placed', 'hold.lifted', 'destroyed')).toMatchObject([
      { type: 'hold.placed', by: digestOf('court'), fact: digestOf('1 hold.placed') },
      { type: 'hold.lifted', by: digestOf('court'), fact: digestOf('2 hold.lifted') },
      { type: 'destroyed' },
    ]);
  });

  test('of somebody else keeps on', async () => {
    for (const by of ['court', 'attorney']) attic.fact('hold.placed', one, by);
    attic.fact('hold.lifted', one, 'court');
    older(180);
    expect(await attic.retention.sweep()).toMatchObject(kept(/legal hold/));
    expect(await attic.retention.standing()).toMatchObject({ held: [{ recording: one }] });
  });

  test('that comes while the service answers still keeps', async () => {
    older(180);
    attic.onAsk = async () => attic.fact('hold.placed');
    expect(await attic.retention.sweep()).toMatchObject(kept(/legal hold/));
    expect(await attic.entries('destroyed')).toEqual([]);
  });

  test('that cannot be read keeps', async () => {
    older(180);
    // It has said yes, and then falls silent.
    attic.silentAfterAnswer = true;
    expect(await attic.retention.sweep()).toMatchObject(kept(/nobody is there/));
  });

  test('in the ledger keeps when the service has forgotten it', async () => {
    attic.fact('hold.placed');
    await attic.retention.start();
    attic.facts = [];
    older(180);
    expect(await attic.start().sweep()).toMatchObject(kept(/legal hold/));
    expect(attic.deeds).toEqual([]);
  });

  // Goal: each fact becomes one entry, however often it is heard of, and only of recordings that are here.
  test('is written once', async () => {
    attic.fact('hold.placed');
    attic.fact('hold.placed', 'ff'.repeat(16));
    await attic.retention.start();
    attic.retention.heard({ event: 'reconnected' });
    attic.retention.heard({ event: 'fact', index: 1, type: 'hold.placed', recording: one });
    await attic.retention.close();
    await attic.start().start();
    expect(await attic.entries('hold.placed')).toHaveLength(1);
  });

  test('is heard of as it is placed', async () => {
    await attic.retention.start();
    for (const type of ['hold.placed', 'hold.placed', 'hold.placed', 'hold.lifted']) attic.fact(type);
    attic.retention.heard({ event: 'fact', index: 4, type: 'hold.lifted', recording: one });
    await attic.retention.close();
    expect(await attic.entries('hold.placed', 'hold.lifted')).toHaveLength(4);
  });
});

describe('a crash', () => {
  const power = async (): Promise<void> => Promise.reject(new Error('the power is gone'));

  // Goal: what the ledger calls destroyed is gone after the next start. Method: the disk fails at the first byte.
  test('between the ledger and the bytes is made good', async () => {
    older(180);
    attic.onDestroy = power;
    expect(await attic.retention.sweep()).toMatchObject(kept(/not gone yet: the power is gone/));
    expect(await attic.retention.standing()).toMatchObject({ unfinished: [one] });
    expect(attic.deeds).not.toContain('told aa');
    attic.onDestroy = async () => {};
    attic.deeds.length = 0;
    await attic.start().start();
    expect(attic.deeds).toEqual(['gone aa', 'destroyed aa with 1 in the ledger', 'told aa']);
    expect(await attic.entries('destroyed')).toHaveLength(1);
  });

  test('or a mirror that is away is made good by the next sweep, with no new question', async () => {
    older(180);
    attic.onDestroy = power;
    await attic.retention.sweep();
    attic.onDestroy = async () => {};
    attic.deeds.length = 0;
    await attic.retention.sweep();
    expect(attic.deeds).toEqual(['gone aa', 'destroyed aa with 1 in the ledger', 'told aa']);
  });

  test('before the service was told is made good, and what it knows is not told again', async () => {
    await attic.accept(two);
    older(180);
    attic.onDestroy = async () => {
      attic.reachable = false;
    };
    expect(await attic.retention.sweep()).toMatchObject({ destroyed: [one] });
    expect(await attic.retention.standing()).toMatchObject({ untold: 1, problem: 'nobody is there' });
    attic.reachable = true;
    attic.onDestroy = async () => {};
    attic.deeds.length = 0;
    attic.retention.heard({ event: 'reconnected' });
    await attic.retention.close();
    await attic.start().start();
    expect(attic.deeds).toEqual(['told aa']);
  });
});
