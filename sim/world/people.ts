import { sessionDigest } from '../../dock/release/session.ts';
import type { ContentSession, Ledger, Policy, Released } from '../../dock/ports.ts';
import { instant } from '../../dock/policy/clock.ts';
import type { Fact } from '../../dock/policy/facts/fact.ts';
import { FieldError } from '../../proto/errors.ts';
import { isPersonId, isRecordingId, type PersonId, type RecordingId } from '../../proto/ids.ts';
import type { Chance } from '../fault/chance.ts';
import type { Cast, Deed, Saying } from './deeds.ts';
import { askKeys, Page } from './page.ts';
import type { OfficeLines } from './office-lines.ts';
import type { Office } from './office.ts';
import type { Scene } from './scene.ts';

/** One dock, as people come to it, for one life of it. */
export interface Counter {
  readonly released: Released;
  readonly policy: Pick<Policy, 'viewer'>;
  readonly ledger: Pick<Ledger, 'proveSince'>;
  /** Entries in the checkpoint that its log shows at this moment. */
  published(): number;
}

/** Where the counters are: undefined while that dock is off, or not ready. */
export interface Counters {
  readonly docks: readonly string[];
  at(dock: string): Counter | undefined;
}

export interface PeopleParts {
  readonly scene: Scene;
  readonly office: Office;
  readonly lines: OfficeLines;
  readonly counters: Counters;
  readonly cast: Cast;
}

interface Opened {
  readonly dock: string;
  readonly person: PersonId;
  readonly session: ContentSession;
  readonly page: Page;
}

const RETRY_MS = 2_000;
const OTHER_RECORDING = 'e'.repeat(32);

/** Officers, reviewers and the records system of a world: they do what they were planned to do, at docks that know nothing of the plan. */
export class People {
  readonly #parts: PeopleParts;
  readonly #chance: Chance;
  readonly #pages = new Map<string, Page>();
  /** In the order in which docks registered them. */
  readonly #recordings: { readonly recordingId: RecordingId; readonly dock: string }[] = [];
  readonly #opened: Opened[] = [];
  #said = 0;
  /** Players that fetch now. */
  #watching = 0;

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#chance = parts.scene.chance.split('people');
    parts.scene.history.watch((event) => {
      if (event.what !== 'fact' || event.entry.fact.type !== 'recording.registered') return;
      this.#registered(event.entry.fact.recording, event.entry.source);
    });
  }

  /** Begins it; whatever comes of it is in the history. */
  perform(deed: Deed): void {
    const { scene, lines } = this.#parts;
    switch (deed.deed) {
      case 'say':
        return this.#say(deed.saying);
      case 'list':
        return void this.#list(deed);
      case 'open':
        return void this.#open(deed);
      case 'pry':
        return void this.#pry(deed);
      case 'keys':
        return void this.#keys(deed);
      case 'office':
        lines.setMode(deed.mode);
        scene.clock.after(deed.ms, () => lines.setMode('up'));
        return;
      case 'office-cut':
        scene.fault('policy-down', 'office', 'restarting');
        return lines.cutPower();
      default:
        return deed satisfies never;
    }
  }

  /** The records system learns of a recording, and says later where it belongs. */
  #registered(recording: string, dock: string): void {
    if (!isRecordingId(recording)) return;
    if (this.#recordings.some(({ recordingId }) => recordingId === recording)) return;
    const { links } = this.#parts.cast;
    const link = links[this.#recordings.length] ?? links.at(-1);
    this.#recordings.push({ recordingId: recording, dock });
    if (link === undefined) return;
    const { incident, afterMs } = link;
    this.#parts.scene.clock.after(afterMs, () => this.#file('recording.linked', { recording, incident }));
  }

  #say({ type, incident, person, recording: nth, forMs, members = {} }: Saying): void {
    const { office } = this.#parts;
    const recording = nth === undefined ? undefined : this.#nth(this.#recordings, nth)?.recordingId;
    if (nth !== undefined && recording === undefined) return;
    const before =
      incident === undefined ? undefined : office.book.known.incident(incident).classifications.at(-1);
    this.#file(type, {
      ...(incident === undefined ? {} : { incident }),
      ...(person === undefined ? {} : { person }),
      ...(recording === undefined ? {} : { recording }),
      ...(forMs === undefined ? {} : { expiresAt: instant(office.nowMs + forMs) }),
      ...members,
      ...(type === 'force.classified' && before !== undefined ? { supersedes: before.id } : {}),
    });
  }

  /** Says it until the service has heard it. What the service refuses stays unsaid. */
  #file(type: string, members: object): void {
    const { scene, office, lines } = this.#parts;
    const id = `said-${(this.#said += 1)}`;
    const fact = { id, type, at: instant(office.nowMs), ...members };
    const send = (): void => {
      if (lines.mode === 'down') {
        scene.clock.after(RETRY_MS, send);
        return;
      }
      // Its members are looked at by the schema of the real edge.
      const { status } = office.file(fact as Fact);
      if (status === 201 && type === 'report.withdrawn')
        scene.fault('report-withdrawn', 'records', this.#watching > 0 ? 'watching' : 'quiet');
    };
    scene.clock.after(5 + this.#chance.below(50), send);
  }

  async #list({ person, dock: nth }: Extract<Deed, { deed: 'list' }>): Promise<void> {
    const dock = this.#nth(this.#parts.counters.docks, nth) ?? '';
    const counter = this.#parts.counters.at(dock);
    const page = this.#page(person, 'fresh');
    if (counter === undefined || page === undefined) return;
    const viewer = await counter.policy.viewer(page.token);
    if ('refused' in viewer) return;
    await this.#try(() => counter.released.statuses(viewer.person, viewer.roles));
  }

  async #open(deed: Extract<Deed, { deed: 'open' }>): Promise<void> {
    const { scene, counters } = this.#parts;
    const dock = this.#nth(counters.docks, deed.dock) ?? '';
    const counter = counters.at(dock);
    const { recordings } = deed;
    const offered = this.#recordings.filter((one) => recordings === 'any' || one.dock === dock);
    const recordingId = this.#nth(offered, deed.recording)?.recordingId;
    const page = this.#page(deed.person, deed.token);
    if (counter === undefined || recordingId === undefined || page === undefined) return;
    const viewer = await counter.policy.viewer(page.token);
    if ('refused' in viewer) return this.#refused(deed.person, recordingId, viewer.refused);
    const { purpose, chunks } = deed;
    const proof = page.signOpening({ dock, recordingId, purpose, chunks }, this.#parts.office.nowMs);
    const opening = { recordingId, purpose, viewer, token: page.token, proof, chunks };
    const session = await this.#try(() => counter.released.open(opening));
    if (session === undefined || counters.at(dock) !== counter) return;
    if ('refused' in session) return this.#refused(viewer.person, recordingId, session.refused.reason);
    const opened = { dock, person: viewer.person, session, page };
    this.#opened.push(opened);
    const { sessionId, grant } = session;
    const about = { dock, person: viewer.person, recordingId, grantId: grant.id };
    scene.history.record({ what: 'opened', ...about, session: sessionDigest(sessionId) });
    this.#watch(opened, deed);
  }

  /** Plays what was opened, a chunk at a time, whatever the dock says meanwhile. */
  #watch(opened: Opened, { everyMs, times }: { readonly everyMs: number; readonly times: number }): void {
    const { clock } = this.#parts.scene;
    const { chunkStart, chunkEnd } = opened.session.grant;
    this.#watching += 1;
    const next = (nth: number): void => {
      if (nth >= times) {
        this.#watching -= 1;
        return;
      }
      const index = chunkStart + (nth % Math.max(1, chunkEnd - chunkStart));
      const { recordingId } = opened.session;
      void this.#fetch(opened, { person: opened.person, recordingId, index });
      clock.after(everyMs, () => next(nth + 1));
    };
    next(0);
  }

  async #pry(deed: Extract<Deed, { deed: 'pry' }>): Promise<void> {
    const { person } = deed;
    const all = this.#opened.filter((one) => (one.person === person) === (deed.session === 'own'));
    const target = this.#nth(all, deed.nth) ?? this.#nth(this.#opened, deed.nth);
    if (target === undefined || !isPersonId(person)) return;
    const { session } = target;
    const sessionId = deed.session === 'made-up' ? 'ab'.repeat(32) : session.sessionId;
    const others = this.#recordings.map((one) => one.recordingId);
    const another = others.find((id) => id !== session.recordingId) ?? OTHER_RECORDING;
    const recordingId = deed.recording === 'its' ? session.recordingId : another;
    if (!isRecordingId(recordingId)) return;
    await this.#fetch(
      { ...target, session: { ...session, sessionId } },
      { person, recordingId, index: deed.chunk },
    );
  }

  /** Asks for one chunk, and writes down what came. */
  async #fetch(
    { dock, session }: Opened,
    { person, recordingId, index }: { person: PersonId; recordingId: RecordingId; index: number },
  ): Promise<void> {
    const { scene, counters } = this.#parts;
    const counter = counters.at(dock);
    if (counter === undefined) return;
    const { sessionId } = session;
    const stored = await this.#try(() => counter.released.chunk(sessionId, person, { recordingId, index }));
    // What a dead machine had in its memory never left it.
    if (stored === undefined || counters.at(dock) !== counter) return;
    const [digest, published] = [sessionDigest(sessionId), counter.published()];
    const about = { dock, person, recordingId, index, session: digest, published };
    scene.history.record({ what: 'delivered', ...about, stored });
  }

  async #keys({ nth, by, entry }: Extract<Deed, { deed: 'keys' }>): Promise<void> {
    const { scene, office, counters, lines } = this.#parts;
    const opened = this.#nth(this.#opened, nth);
    const other = this.#opened.find((one) => one.person !== opened?.person);
    if (opened === undefined || lines.mode !== 'up') return;
    const counter = counters.at(opened.dock);
    const asker = by === 'own' ? opened : (other ?? opened);
    const shown = entry === 'its' ? opened.session : (other ?? opened).session;
    if (counter === undefined) return;
    const { grant, recordingId } = opened.session;
    const isGiven = await this.#try(() =>
      askKeys({ office, ledger: counter.ledger, page: asker.page }, { grant: grant.jws, shown }),
    );
    if (isGiven === true)
      scene.history.record({ what: 'keyed', person: asker.person, recordingId, grantId: grant.id });
  }

  /** A page that somebody is signed in at; undefined for whom nobody knows. */
  #page(person: string, token: 'fresh' | 'old' | 'foreign'): Page | undefined {
    const known = this.#pages.get(person);
    if (token === 'old' && known !== undefined) return known;
    const foreign = [...this.#pages.values()].find((one) => one.person !== person);
    if (token === 'foreign' && known !== undefined && foreign !== undefined)
      return known.showing(foreign.token);
    const page = known ?? new Page(person, this.#chance.split(`page ${person}`));
    const signedIn = this.#parts.office.signIn(person, page.key);
    if (signedIn === undefined) return undefined;
    this.#pages.set(person, page.showing(signedIn));
    return this.#pages.get(person);
  }

  /** What a dock or the custodian refuses with an error of ours is a refusal. */
  async #try<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof FieldError) return undefined;
      throw error;
    }
  }

  #refused(person: string, recordingId: RecordingId, why: string): void {
    this.#parts.scene.history.record({ what: 'refused', person, recordingId, why });
  }

  #nth<Item>(items: readonly Item[], nth: number): Item | undefined {
    return items[nth % Math.max(1, items.length)];
  }
}
