import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContentSession } from '../../../dock/ports.ts';
import type { Release } from '../../../dock/release/release.ts';
import type { PersonId, RecordingId } from '../../../proto/ids.ts';
import { runs } from '../../runs.ts';
import { keys, OFFICER, PARTNER, recording, Stage } from '../../unit/dock/release/fixture.ts';

// Goal: whatever overlaps with whatever, a deny that can be heard ends what is open within 2 s, the ledger has an end for each
// release that ended, and after calm everything is as the policy service says.
// Method: facts, sweeps, openings, chunks, outages, a ledger that takes its time or hangs, recordings that go and come back, all
// at once in virtual time; what comes out is judged in the turn in which it comes out.

const PEOPLE = [OFFICER, PARTNER] as const;
const RECORDINGS = [recording(1), recording(2)] as const;
const MISSING = [{ fact: 'report.filed', text: 'initial report' }];
const ANSWER_MS_MAX = 900;
const READ_MS_MAX = 400;
const APPEND_MS_MAX = 6_000;
const HEARD_MS_MAX = 2_000;
const US_PER_MS = 1_000;
const PURPOSES = ['write_report', 'interview_preparation', 'disclosure'] as const;

type Pair = readonly [PersonId, RecordingId];
type Act =
  | { readonly act: 'allow' | 'revoke' | 'deny-unheard' | 'fetch'; readonly pair: Pair }
  | { readonly act: 'open'; readonly pair: Pair; readonly purpose: string }
  | { readonly act: 'lose' | 'hold'; readonly id: RecordingId }
  | { readonly act: 'outage' | 'calm' | 'sweep' | 'look' | 'ledger-hangs' | 'ledger-fails' | 'ledger-works' };

const pair: fc.Arbitrary<Pair> = fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom(...RECORDINGS));
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ act: fc.constant('open'), pair, purpose: fc.constantFrom(...PURPOSES) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constantFrom('allow', 'allow', 'revoke', 'revoke', 'deny-unheard', 'fetch', 'fetch'),
      pair,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constantFrom('lose', 'hold'), id: fc.constantFrom(...RECORDINGS) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom(
        ...(['outage', 'calm', 'calm', 'sweep', 'look'] as const),
        ...(['ledger-hangs', 'ledger-fails', 'ledger-works', 'ledger-works'] as const),
      ),
    }),
  },
);
const story = fc.array(fc.tuple(act, fc.nat(900)), { minLength: 10, maxLength: 50 });
const delays = (max: number): fc.Arbitrary<readonly number[]> =>
  fc.array(fc.nat(max), { minLength: 1, maxLength: 20 });
const slowness = fc.record({
  answer: delays(ANSWER_MS_MAX),
  read: delays(READ_MS_MAX),
  append: fc.oneof(delays(50), delays(APPEND_MS_MAX)),
});
type Slowness = typeof slowness extends fc.Arbitrary<infer T> ? T : never;

const keyOf = ([person, id]: Pair): string => `${id}/${person}`;
const digest = (session: string): string => createHash('sha256').update(session).digest('hex');

class World {
  readonly stage = new Stage();
  readonly sessions: ContentSession[] = [];
  readonly problems: string[] = [];
  readonly allowed = new Map<string, boolean>();
  delivered = 0;
  #silent = false;
  #ledger: 'ledger-works' | 'ledger-fails' | 'ledger-hangs' = 'ledger-works';
  #unhang: (() => void)[] = [];
  /** Since when a deny could have been heard, by the monotonic clock. */
  readonly #deniedSinceUs = new Map<string, number>();

  constructor(slow: Slowness) {
    const { ledger, policy, holdings } = this.stage;
    for (const id of RECORDINGS) {
      holdings.add(id);
      for (const person of PEOPLE) this.#decide(true, [person, id]);
    }
    policy.delay = this.#slowly(slow.answer);
    holdings.beforeRead = this.#slowly(slow.read);
    const append = ledger.appendOnce.bind(ledger);
    const wait = this.#slowly(slow.append);
    ledger.appendOnce = async (key, entry) => {
      await wait();
      if (this.#ledger === 'ledger-hangs') await new Promise<void>((resolve) => this.#unhang.push(resolve));
      if (this.#ledger === 'ledger-fails') throw new Error('disk full');
      return append(key, entry);
    };
  }

  async do(release: Release, what: Act): Promise<unknown> {
    switch (what.act) {
      case 'open':
        return this.#open(release, what.pair, what.purpose);
      case 'fetch':
        return Promise.all(this.sessions.map((session) => this.#fetch(release, session)));
      case 'allow':
      case 'revoke':
      case 'deny-unheard':
        this.#decide(what.act === 'allow', what.pair);
        return what.act === 'deny-unheard' ? undefined : this.#announce();
      case 'lose':
        return this.#lose(release, what.id);
      case 'hold':
        this.stage.holdings.add(what.id);
        return release.held(what.id);
      case 'outage':
      case 'calm':
        return this.#silence(what.act === 'outage');
      case 'sweep':
        return release.sweep();
      case 'look':
        return Promise.all(PEOPLE.map((person) => release.statuses(person, ['officer'])));
      case 'ledger-works':
      case 'ledger-fails':
      case 'ledger-hangs':
        this.#ledger = what.act;
        if (what.act !== 'ledger-hangs') for (const resolve of this.#unhang.splice(0)) resolve();
        return undefined;
      default:
        return what satisfies never;
    }
  }

  #decide(allow: boolean, [person, id]: Pair): void {
    const { policy } = this.stage;
    if (allow) policy.allow(person, id);
    else policy.deny(person, id, MISSING);
    this.allowed.set(keyOf([person, id]), allow);
    if (allow) this.#deniedSinceUs.delete(keyOf([person, id]));
  }

  /** Everything that is denied by now can be heard from now on, unless nobody answers. */
  #announce(): void {
    const { policy, clock } = this.stage;
    policy.announce({ type: 'report.filed' });
    if (this.#silent) return;
    for (const [key, allowed] of this.allowed)
      if (!allowed && !this.#deniedSinceUs.has(key)) this.#deniedSinceUs.set(key, clock.monoUs());
  }

  #silence(silent: boolean): void {
    this.#silent = silent;
    this.stage.policy.silence(silent ? 'nobody answers' : undefined);
    if (silent) return this.#deniedSinceUs.clear();
    this.stage.policy.announce('reconnected');
    this.#announce();
  }

  async #lose(release: Release, id: RecordingId): Promise<void> {
    const holding = await this.stage.holdings.find(id);
    if (holding === undefined) return;
    this.stage.holdings.put({ ...holding, state: 'quarantined', reason: 'rot' });
    await release.gone(id);
  }

  async #open(release: Release, [person, recordingId]: Pair, purpose: string): Promise<void> {
    const viewer = this.stage.viewer(person);
    const opened = await release.open({ recordingId, purpose, viewer, token: 't', proof: 'p' });
    if ('refused' in opened) return;
    this.sessions.push(opened);
    const entries = await this.stage.entries();
    if (!entries.some((one) => one.type === 'granted' && one.session === digest(opened.sessionId)))
      this.problems.push('a session was given without a granted entry');
  }

  async #fetch(release: Release, { sessionId, person, recordingId }: ContentSession): Promise<void> {
    const bytes = await release.chunk(sessionId, person, { recordingId, index: 1 });
    if (bytes === undefined) return;
    this.delivered += 1;
    const sinceUs = this.#deniedSinceUs.get(keyOf([person, recordingId]));
    const nowUs = this.stage.clock.monoUs();
    if (sinceUs !== undefined && nowUs - sinceUs > HEARD_MS_MAX * US_PER_MS)
      this.problems.push(`a chunk left ${(nowUs - sinceUs) / US_PER_MS} ms after the deny could be heard`);
  }

  #slowly(given: readonly number[]): () => Promise<void> {
    let drawn = 0;
    return () =>
      new Promise((resolve) => {
        this.stage.clock.after(given[drawn++ % given.length] ?? 0, resolve);
      });
  }

  /** Lets time pass until it is done. */
  async wait<T>(work: Promise<T>): Promise<T> {
    let done = false;
    void work.catch(() => undefined).finally(() => (done = true));
    for (let turn = 0; !done && turn < 2_000; turn += 1) await this.stage.pass(100, 100);
    if (!done) throw new Error('it hangs');
    return work;
  }

  /** `released` and `revoked` of each pair, in order. */
  async releases(): Promise<ReadonlyMap<string, readonly string[]>> {
    const told = new Map<string, string[]>();
    for (const entry of await this.stage.entries()) {
      if (entry.type !== 'released' && entry.type !== 'revoked') continue;
      const person = PEOPLE.find((one) => keys.pseudonym(one) === entry.person);
      const key = `${String(entry.recording)}/${person ?? ''}`;
      told.set(key, [...(told.get(key) ?? []), entry.type]);
    }
    return told;
  }
}

async function play(world: World, acts: readonly (readonly [Act, number])[]): Promise<Release> {
  const { stage } = world;
  const release = await world.wait(stage.open());
  const under: Promise<unknown>[] = [];
  const begin = (what: Act): void => void under.push(world.do(release, what).catch(() => undefined));
  for (const [what, passMs] of acts) {
    begin(what);
    await stage.settle();
    await stage.pass(passMs, 50);
    // Everybody keeps looking: what is open and should not be is noticed.
    begin({ act: 'fetch', pair: [OFFICER, RECORDINGS[0]] });
  }
  begin({ act: 'ledger-works' });
  begin({ act: 'calm' });
  await world.wait(Promise.all(under));
  return release;
}

async function calm(world: World, release: Release): Promise<void> {
  // Whoever looks for the first time may be told that the answer is still on its way.
  await world.wait(world.do(release, { act: 'look' }));
  // What was announced and got lost is noticed.
  world.stage.policy.announce('reconnected');
  await world.stage.pass(60_000, 200);
  await world.wait(release.sweep());
  for (const person of PEOPLE) {
    for (const { recordingId, status } of await world.wait(release.statuses(person, ['officer']))) {
      const allowed = world.allowed.get(keyOf([person, recordingId])) === true;
      expect(status).toBe(allowed ? 'released' : 'withheld');
    }
  }
  const told = await world.releases();
  for (const [key, types] of told) {
    const [id = ''] = key.split('/');
    const held = (await world.stage.holdings.list()).some(
      (one) => one.recordingId === id && one.state === 'held',
    );
    const shown = held && world.allowed.get(key) === true;
    expect([key, types.at(-1)]).toEqual([key, shown ? 'released' : 'revoked']);
    // No release begins twice, and none ends that did not begin.
    expect(types).toEqual(types.map((_, at) => (at % 2 === 0 ? 'released' : 'revoked')));
  }
}

async function stop(world: World, release: Release): Promise<void> {
  const open: Act = { act: 'open', pair: [OFFICER, RECORDINGS[0]], purpose: PURPOSES[0] };
  const late = world.do(release, open);
  await world.wait(release.close());
  const { size } = await world.stage.ledger.checkpoint();
  const delivered = world.delivered;
  await world.wait(late);
  await world.wait(world.do(release, open));
  await world.wait(world.do(release, { act: 'fetch', pair: [OFFICER, RECORDINGS[0]] }));
  await world.wait(world.do(release, { act: 'calm' }));
  await world.stage.pass(10_000, 500);
  expect([world.delivered, (await world.stage.ledger.checkpoint()).size]).toEqual([delivered, size]);
}

describe('release, when everything happens at once', () => {
  it('ends in time, says so, and comes to rest at the truth', async () => {
    let delivered = 0;
    await fc.assert(
      fc.asyncProperty(story, slowness, async (acts, slow) => {
        const world = new World(slow);
        const release = await play(world, acts);
        await calm(world, release);
        await stop(world, release);
        expect(world.problems).toEqual([]);
        delivered += world.delivered;
      }),
      { numRuns: runs(100) },
    );
    // A property about what leaves says nothing when nothing leaves.
    expect(delivered).toBeGreaterThan(runs(100));
  }, 60_000);
});
