import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { signViewerToken } from '../../../../dock/policy/custodian/token.ts';
import { KeysError } from '../../../../dock/policy/errors.ts';
import type { Fact, FactType, Source } from '../../../../dock/policy/facts/fact.ts';
import { handOver } from '../../../../dock/policy/handover.ts';
import { hear } from '../../../../dock/policy/hearing.ts';
import { toBase64, toHex } from '../../../../proto/bytes.ts';
import { encodeEntry } from '../../../../proto/custody-entry.ts';
import { isRecordingId, type RecordingId } from '../../../../proto/ids.ts';
import type { MemoryLedger } from '../../../../sim/fault/memory-ledger.ts';
import { dockLedger, pagePair, registered, sealedRecording } from '../../../unit/dock/policy/http/sealed.ts';
import { ISSUER, RECORDER, TestPage, TestService } from '../../../unit/dock/policy/http/service.ts';
import { fact } from '../../../unit/dock/policy/story.ts';
import { LEDGER_VKEY } from '../../../unit/proto/fixture.ts';
import { type Asker, ATTORNEY, Model, OFFICERS, type Op, REVIEWER, sequence } from './release-steps.ts';

// Goal: under `doj` no key of a recording leaves before its recorder's report is stored, whatever happens in whatever order, but for
// the one exception; and whoever may view does get the keys. Method: random sequences of everything that can happen to one recording,
// on the real service with real databases, cut by restarts and steps of its clock; beside it the rule in a few lines that know nothing of
// Cedar. HOLDFAST_SEQUENCES says how many; a failure prints its seed.

const SEQUENCES = Number(process.env['HOLDFAST_SEQUENCES'] ?? 150);
/** A service is used for so many sequences, each with a recording and an incident of its own. */
const PER_SERVICE = 20;
const GRANT_MS = 60_000;

/** An opening that was granted, as the page has it. */
interface Granted {
  readonly who: Asker;
  readonly purpose: string;
  readonly atMs: number;
  readonly page: TestPage;
  readonly jwk: object;
  readonly jws: string;
  readonly entry: Uint8Array;
  readonly index: number;
  /** The very request that got keys. */
  used?: string;
}

const RECORDS: Source = { name: 'records', may: new Set(['*']) };
const DOCK: Source = { name: 'dock-1', may: new Set(['recording.registered']) };

/** One service, used by many sequences. */
class World {
  readonly ledger: MemoryLedger = dockLedger();
  readonly counts = { given: 0, denied: 0, excepted: 0 };
  town: TestService;
  sequences = 0;
  #facts = 0;
  readonly #pages = new Map<Asker, { readonly page: TestPage; readonly jwk: object }>();

  private constructor(town: TestService) {
    this.town = town;
  }

  static async start(): Promise<World> {
    const world = new World(await TestService.start());
    world.say('person.enrolled', { person: ATTORNEY, roles: ['city_attorney'] });
    return world;
  }

  /** The page that a person has open; its keys are made once, since making them takes longer than all else here. */
  async pageOf(who: Asker): Promise<{ readonly page: TestPage; readonly jwk: object }> {
    const before = this.#pages.get(who);
    if (before !== undefined) return before;
    const made = { page: await TestPage.open(this.town), jwk: (await pagePair()).jwk };
    this.#pages.set(who, made);
    return made;
  }

  /** The service ends and comes back on the same folder, at the time it was. */
  async restart(): Promise<void> {
    const { folder, time } = this.town;
    await this.town.stop({ keepFolder: true });
    this.town = await TestService.start({ folder });
    this.town.time.nowMs = time.nowMs;
    this.#pages.clear();
  }

  say(type: FactType, members: Readonly<Record<string, unknown>>, source: Source = RECORDS): void {
    this.post({ ...fact(type, members), id: `w${(this.#facts += 1)}` }, source);
  }

  post(one: Fact, source: Source): void {
    this.town.service.book.post(source, [one], new Date(this.town.time.nowMs).toISOString());
  }
}

/** One recording, its incident, and what is done to them. */
class Case {
  readonly #world: World;
  readonly #model = new Model();
  readonly #recording: RecordingId;
  readonly #incident: string;
  readonly #granted: Granted[] = [];
  #grants = 0;

  constructor(world: World) {
    this.#world = world;
    const recording = randomUUID().replaceAll('-', '');
    if (!isRecordingId(recording)) throw new Error('no recording id');
    this.#recording = recording;
    this.#incident = `i-${recording}`;
  }

  async run(one: Op): Promise<void> {
    const world = this.#world;
    const [recording, incident] = [this.#recording, this.#incident];
    const model = this.#model;
    const { time } = world.town;
    switch (one.do) {
      case 'accept':
        return this.#accept();
      case 'link':
      case 'unlink':
        world.say(one.do === 'link' ? 'recording.linked' : 'recording.unlinked', { recording, incident });
        model.linked = one.do === 'link';
        return;
      case 'seal':
      case 'unseal':
        world.say(one.do === 'seal' ? 'recording.sealed' : 'recording.unsealed', { recording });
        model.sealed = one.do === 'seal';
        return;
      case 'allege':
        world.say('misconduct.alleged', { incident });
        model.misconduct = true;
        return;
      case 'involve':
        for (const person of OFFICERS) world.say('officer.involved', { incident, person });
        model.involved = true;
        return;
      case 'assign':
      case 'unassign':
        world.say(one.do === 'assign' ? 'case.assigned' : 'case.unassigned', { incident, person: REVIEWER });
        model.assigned = one.do === 'assign';
        return;
      case 'file':
        world.say('report.filed', { incident, person: one.who });
        model.filed.add(one.who);
        return;
      case 'withdraw':
        world.say('report.withdrawn', { incident, person: one.who });
        model.filed.delete(one.who);
        return;
      case 'authorise': {
        const untilMs = time.nowMs + one.forMs;
        const expiresAt = new Date(untilMs).toISOString();
        world.say('access.authorised', { recording, person: REVIEWER, by: one.by, expiresAt });
        model.authorised.push({ by: one.by, untilMs });
        return;
      }
      case 'revoke':
        world.say('access.revoked', { recording, person: REVIEWER, by: ATTORNEY });
        model.authorised = [];
        return;
      case 'classify':
        if (model.force !== 'unclassified') return;
        world.say('force.classified', { incident, force: one.force, by: 'sgt-1' });
        model.force = one.force;
        return;
      case 'evaluate':
        return this.#evaluate(one.who, one.purpose);
      case 'open':
        return this.#open(one.who, one.purpose);
      case 'keys':
        return this.#askKeys(one.nth);
      case 'restart':
        return world.restart();
      case 'clock':
        time.nowMs += one.byMs;
        return;
      default:
        one satisfies never;
    }
  }

  async #accept(): Promise<void> {
    if (this.#model.registered) return;
    const sealed = await sealedRecording(this.#world.town.service.custodian, {
      recording: this.#recording,
    });
    this.#world.post({ ...registered(sealed), id: `registered/${this.#recording}` }, DOCK);
    this.#model.registered = true;
  }

  #asked(who: Asker, purpose: string): Parameters<typeof hear>[1] {
    return {
      ...{ source: DOCK, requestId: 'r', subjectType: 'person', resourceType: 'recording' },
      question: { person: who, action: 'view', recording: this.#recording, purpose },
    };
  }

  async #evaluate(who: Asker, purpose: string): Promise<void> {
    const { town } = this.#world;
    const { decision } = await hear(town.service, this.#asked(who, purpose));
    assert.deepEqual(
      [who, purpose, decision],
      [who, purpose, this.#model.mayView(who, purpose, town.time.nowMs)],
    );
  }

  async #open(who: Asker, purpose: string): Promise<void> {
    const { town, ledger } = this.#world;
    const { nowMs } = town.time;
    const { page, jwk } = await this.#world.pageOf(who);
    const viewer = { person: who, name: who, roles: [], thumbprint: await page.thumbprint() };
    const { token } = await signViewerToken(town.service.issuer, viewer, nowMs);
    const proof = await page.proof({ recording: this.#recording, purpose });
    const nonce = toHex(new Uint8Array(16).fill((this.#grants += 1)));
    const asked = { ...this.#asked(who, purpose), dock: 'dock-1', nonce, opening: { token, proof } };
    const { decision, context } = await hear(town.service, asked);
    assert.deepEqual([who, purpose, decision], [who, purpose, this.#model.mayView(who, purpose, nowMs)]);
    const { grant } = context;
    assert.equal(grant === undefined, !decision);
    if (grant === undefined) return;
    const claims = JSON.parse(Buffer.from(grant.split('.')[1] ?? '', 'base64url').toString()) as {
      readonly jti: string;
      readonly cnf: { readonly jkt: string };
    };
    const entry = encodeEntry({
      ...{ type: 'granted', at: '2026-11-21T08:00:00.000000Z', recording: this.#recording, purpose },
      ...{ person: '0f'.repeat(32), session: 'ee'.repeat(32), keyThumbprint: claims.cnf.jkt },
      ...{ grant: createHash('sha256').update(grant).digest('hex'), grantId: claims.jti },
    });
    const index = await ledger.appendOnce(`granted/${claims.jti}`, entry);
    this.#granted.push({ who, purpose, atMs: nowMs, page, jwk, jws: grant, entry, index });
  }

  /** With one of the newest grants; the same one twice now and then. */
  async #askKeys(nth: number): Promise<void> {
    const of = this.#granted.at(-1 - (nth % Math.max(1, this.#granted.length)));
    if (of === undefined) return;
    const { town, counts } = this.#world;
    const { nowMs } = town.time;
    const isFresh = of.atMs <= nowMs && nowMs - of.atMs < GRANT_MS - 1_000;
    const isStale = nowMs - of.atMs >= GRANT_MS || of.atMs > nowMs + 1_000;
    const may = this.#model.mayView(of.who, of.purpose, nowMs);
    const outcome = await this.#request(of);
    if (outcome === 'given') {
      counts.given += 1;
      if (!this.#model.filed.has(RECORDER)) counts.excepted += 1;
      // The promise itself; `mayView` says the same and more.
      assert.deepEqual([of.who, may, of.used], [of.who, true, undefined]);
      assert.equal(isStale, false);
      of.used = 'yes';
      return;
    }
    counts.denied += 1;
    assert.ok(!may || !isFresh || of.used !== undefined, `who may have keys got ${outcome}`);
  }

  async #request({ page, jwk, jws, entry, index }: Granted): Promise<string> {
    const { town, ledger } = this.#world;
    const seen = town.service.keyBook.head(LEDGER_VKEY)?.size;
    const size = (await ledger.checkpoint()).size;
    const consistency =
      seen === undefined
        ? undefined
        : { from: seen, hashes: (await ledger.proveConsistency(seen, size)).map((hash) => toBase64(hash)) };
    const claims = { grant: jws, entry: toBase64(entry), proof: await ledger.prove(index), ecdh: jwk };
    const request = await page.sign('holdfast-keys+jwt', { ...claims, consistency, aud: ISSUER });
    try {
      const { given } = await handOver(town.service, request);
      return given ? 'given' : 'withheld';
    } catch (error) {
      if (error instanceof KeysError) return error.code;
      throw error;
    }
  }
}

let world: World | undefined;
const sums = { given: 0, denied: 0, excepted: 0, sequences: 0 };

async function nextWorld(): Promise<World> {
  if (world !== undefined && world.sequences < PER_SERVICE) return world;
  await endWorld();
  world = await World.start();
  return world;
}

async function endWorld(): Promise<void> {
  if (world === undefined) return;
  for (const name of ['given', 'denied', 'excepted'] as const) sums[name] += world.counts[name];
  sums.sequences += world.sequences;
  await world.town.stop();
  world = undefined;
}

afterAll(endWorld);

test(
  'no key leaves before the report, in whatever order things happen',
  async () => {
    await fc.assert(
      fc.asyncProperty(sequence, async (ops) => {
        const here = await nextWorld();
        here.sequences += 1;
        const one = new Case(here);
        for (const each of ops) await one.run(each);
      }),
      { numRuns: SEQUENCES },
    );
    await endWorld();
    process.stdout.write(`sequences ${JSON.stringify(sums)}\n`);
    // Of a property that is never put to the test nothing is learnt.
    expect(sums.sequences).toBeGreaterThanOrEqual(SEQUENCES);
    expect(sums.given).toBeGreaterThan(SEQUENCES / 50);
    expect(sums.denied).toBeGreaterThan(SEQUENCES / 50);
    expect(sums.excepted).toBeGreaterThan(0);
  },
  SEQUENCES * 1_000,
);
