import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContentSession } from '../../../dock/ports.ts';
import type { Release } from '../../../dock/release/release.ts';
import type { PersonId, RecordingId } from '../../../proto/ids.ts';
import { keys, OFFICER, PARTNER, recording, Stage } from '../../unit/dock/release/fixture.ts';
import { runs } from '../../runs.ts';

const PEOPLE = [OFFICER, PARTNER] as const;
const RECORDINGS = [recording(1), recording(2)] as const;
const MISSING = [{ fact: 'report.filed', text: 'initial report' }];
const DELAY_MS_MAX = 400;

type Pair = readonly [PersonId, RecordingId];
type Act =
  | {
      readonly act: 'allow' | 'deny' | 'open' | 'fetch' | 'fetch-as-other';
      readonly pair: Pair;
      readonly tell: boolean;
    }
  | { readonly act: 'silence' | 'speak' | 'sweep' | 'look' | 'ledger-fails' | 'ledger-works' };

// Most of what happens is people watching: a release that hardly ever opens proves little.
const FREQUENT = [
  'allow',
  'allow',
  'deny',
  'open',
  'open',
  'open',
  'fetch',
  'fetch',
  'fetch',
  'fetch-as-other',
] as const;

const pair: fc.Arbitrary<Pair> = fc.tuple(fc.constantFrom(...PEOPLE), fc.constantFrom(...RECORDINGS));
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom(...FREQUENT),
      pair,
      tell: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      act: fc.constantFrom('silence', 'speak', 'sweep', 'look', 'ledger-fails', 'ledger-works'),
    }),
  },
);
const run = fc.array(fc.tuple(act, fc.nat(500)), { minLength: 5, maxLength: 40 });
const delays = fc.array(fc.nat(DELAY_MS_MAX), { minLength: 1, maxLength: 20 });

/** A release whose every neighbour is slow in its own way, and a watch on what leaves it. */
class World {
  readonly stage = new Stage();
  readonly #delays: readonly number[];
  readonly sessions: ContentSession[] = [];
  readonly truth = new Map<string, boolean>();
  readonly problems: string[] = [];
  delivered = 0;
  #drawn = 0;
  #ledgerFails = false;

  constructor(given: readonly number[]) {
    this.#delays = given;
    const { ledger, policy, holdings } = this.stage;
    for (const id of RECORDINGS) {
      holdings.add(id);
      for (const person of PEOPLE) this.#decide(true, [person, id], false);
    }
    policy.delay = async () => this.#wait();
    holdings.beforeRead = async () => this.#wait();
    const append = ledger.appendOnce.bind(ledger);
    ledger.appendOnce = async (key, entry) => {
      await this.#wait();
      if (this.#ledgerFails) throw new Error('disk full');
      return append(key, entry);
    };
  }

  /** Lets time pass until it is done. */
  async wait<T>(work: Promise<T>): Promise<T> {
    let done = false;
    void work.finally(() => {
      done = true;
    });
    for (let turn = 0; !done && turn < 1_000; turn += 1) await this.stage.pass(100, 100);
    return work;
  }

  async do(release: Release, what: Act): Promise<void> {
    const { policy } = this.stage;
    switch (what.act) {
      case 'allow':
      case 'deny':
        return this.#decide(what.act === 'allow', what.pair, what.tell);
      case 'open':
        return this.#open(release, what.pair);
      case 'fetch':
      case 'fetch-as-other':
        return this.#fetchAll(release, what.act === 'fetch');
      case 'silence':
        return policy.silence('nobody answers');
      case 'speak':
        return policy.silence(undefined);
      case 'sweep':
        return release.sweep();
      case 'look':
        for (const person of PEOPLE) await release.statuses(person, ['officer']);
        return undefined;
      case 'ledger-fails':
      case 'ledger-works':
        this.#ledgerFails = what.act === 'ledger-fails';
        return undefined;
      default:
        return what satisfies never;
    }
  }

  #decide(allow: boolean, [person, id]: Pair, tell: boolean): void {
    const { policy } = this.stage;
    if (allow) policy.allow(person, id);
    else policy.deny(person, id, MISSING);
    this.truth.set(`${id}/${person}`, allow);
    if (tell) policy.announce({ type: 'report.filed' });
  }

  async #open(release: Release, [person, recordingId]: Pair): Promise<void> {
    const viewer = this.stage.viewer(person);
    const opened = await release.open({
      recordingId,
      purpose: 'write_report',
      viewer,
      token: 't',
      proof: 'p',
    });
    if (!('refused' in opened)) this.sessions.push(opened);
  }

  async #fetchAll(release: Release, own: boolean): Promise<void> {
    for (const { sessionId, person, recordingId } of [...this.sessions]) {
      const asker = own ? person : other(person);
      const bytes = await release.chunk(sessionId, asker, { recordingId, index: 1 });
      // Looked at in the same turn in which the bytes came out, before anything else can be written.
      if (bytes !== undefined) await this.#judge(sessionId, asker, recordingId);
    }
  }

  /** What must stand in the ledger at the moment a byte leaves. */
  async #judge(sessionId: string, asker: PersonId, id: RecordingId): Promise<void> {
    this.delivered += 1;
    const session = createHash('sha256').update(sessionId).digest('hex');
    const person = keys.pseudonym(asker);
    const mine = (await this.stage.entries()).filter(
      (e) => 'person' in e && e.person === person && 'recording' in e && e.recording === id,
    );
    const granted = mine.findIndex((e) => e.type === 'granted' && e.session === session);
    if (granted < 0) this.problems.push('content left without a granted entry');
    if (!mine.some((e, at) => e.type === 'viewed' && e.session === session && at > granted))
      this.problems.push('content left before viewed');
    if (mine.slice(granted).some((e) => e.type === 'revoked'))
      this.problems.push('content left after revoked');
  }

  #wait(): Promise<void> {
    const delayMs = this.#delays[this.#drawn++ % this.#delays.length] ?? 0;
    return new Promise((resolve) => {
      this.stage.clock.after(delayMs, resolve);
    });
  }
}

const other = (person: PersonId): PersonId => (person === OFFICER ? PARTNER : OFFICER);

async function play(world: World, acts: readonly (readonly [Act, number])[]): Promise<Release> {
  const { stage } = world;
  const release = await world.wait(stage.open());
  const under: Promise<void>[] = [];
  for (const [what, passMs] of acts) {
    // Nothing waits for anything else: what is under way overlaps with what comes next.
    under.push(world.do(release, what).catch(() => undefined));
    await stage.settle();
    await stage.pass(passMs, 25);
  }
  await world.do(release, { act: 'speak' });
  await world.do(release, { act: 'ledger-works' });
  await stage.pass(8_000, 200);
  await world.wait(Promise.all(under));
  return release;
}

describe('release under any order of events', () => {
  // Goal: no chunk ever leaves without a live grant recorded in the ledger before. Method: random acts of policy,
  // people, disk and ledger that overlap, with the ledger read at the moment each chunk comes out.
  it('lets nothing out that is not on record', async () => {
    let delivered = 0;
    await fc.assert(
      fc.asyncProperty(run, delays, async (acts, given) => {
        const world = new World(given);
        const release = await play(world, acts);
        expect(world.problems).toEqual([]);
        delivered += world.delivered;
        await world.wait(release.close());
      }),
      { numRuns: runs(150) },
    );
    // A property about what leaves says nothing when nothing leaves.
    expect(delivered).toBeGreaterThan(runs(100));
  });

  // Goal: after calm every status is what the policy service says, and a session of a denied pair is dead.
  it('comes to rest at the truth', async () => {
    await fc.assert(
      fc.asyncProperty(run, delays, async (acts, given) => {
        const world = new World(given);
        const release = await play(world, acts);
        // Announcements got lost on the way: that is noticed, and everything is asked about again.
        world.stage.policy.announce('reconnected');
        await world.stage.pass(10_000, 100);
        await world.wait(release.sweep());
        for (const person of PEOPLE) {
          for (const status of await world.wait(release.statuses(person, ['officer']))) {
            const allowed = world.truth.get(`${status.recordingId}/${person}`) ?? false;
            expect(status.status).toBe(allowed ? 'released' : 'withheld');
          }
        }
        for (const { sessionId, person, recordingId } of world.sessions) {
          if (world.truth.get(`${recordingId}/${person}`) === true) continue;
          const bytes = await world.wait(release.chunk(sessionId, person, { recordingId, index: 0 }));
          expect(bytes).toBeUndefined();
        }
        await world.wait(release.close());
      }),
      { numRuns: runs(50) },
    );
  });
});
