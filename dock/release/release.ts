import { isRecordingId, type PersonId, type RecordingId } from '../../proto/ids.ts';
import type {
  Cancel,
  ChunkAddress,
  Clock,
  ContentSession,
  Holding,
  Holdings,
  Keys,
  Ledger,
  Opening,
  Policy,
  PolicyEvent,
  Released,
  ReleaseStatus,
  Verdict,
} from '../ports.ts';
import { inquire } from './ask.ts';
import { EventBatch } from './batch.ts';
import { CustodyBook } from './book.ts';
import { Changes, type Change } from './changes.ts';
import { Applying, type Answered } from './applying.ts';
import { Content } from './content.ts';
import { Denials } from './denials.ts';
import { Ends } from './ends.ts';
import { Leaving } from './leaving.ts';
import { LiveChecks } from './live.ts';
import { sparing } from './outage.ts';
import { purposesOf } from './purpose.ts';
import { AskQueue, type Level } from './queue.ts';
import { isDue, isFault } from './recheck.ts';
import { Registrar } from './register.ts';
import { pairKey, Roster, type PairCell } from './roster.ts';
import { Sessions } from './session.ts';
import { shown } from './shown.ts';
import { NO_LONGER_HELD, step, type Outcome } from './status.ts';
import { knownAfter, namedBy, urgency } from './urgency.ts';

export interface ReleasePorts {
  readonly policy: Policy;
  readonly holdings: Holdings;
  readonly ledger: Ledger;
  readonly keys: Pick<Keys, 'pseudonym' | 'randomBytes'>;
  readonly clock: Clock;
  /** Hears what happened, for logs and `--json` lines; must not throw. */
  readonly notify: (notice: ReleaseNotice) => void;
  /** Overhears what the policy service announces, as it is heard here; must not throw. */
  readonly heard?: (event: PolicyEvent) => void;
}

export type ReleaseNotice =
  | { readonly notice: 'released' | 'revoked'; readonly recordingId: RecordingId; readonly person: PersonId }
  /** Something of the dock's own failed (its disk, its ledger); the pair stays withheld and is tried again. */
  | { readonly notice: 'problem'; readonly problem: unknown };

// Enough to keep the service busy, few enough that one dock does not crowd out the others.
const ASKING_MAX = 8;
const REGISTERING_MAX = 4;
const RETRY_MS = 5_000;
// A list that says "not answered yet" is better than a page that hangs; the answer follows as a change.
const LIST_PATIENCE_MS = 2_500;

/** Starts release: reads the ledger, asks about every held recording, follows the policy service's events. */
export async function openRelease(ports: ReleasePorts): Promise<Release> {
  const release = new Release(ports, await CustodyBook.open(ports));
  await release.start();
  return release;
}

/** The port `Released`, and the hooks by which `main.ts` drives it: `held` after custody, `sweep` by cron, `close`. */
export class Release implements Released {
  /** Evidence packages go by here, and by nothing else that the viewer is given. */
  readonly leaving: Leaving;
  readonly #ports: ReleasePorts;
  readonly #book: CustodyBook;
  readonly #policy: ReturnType<typeof sparing>;
  readonly #roster: Roster;
  readonly #changes = new Changes();
  readonly #sessions: Sessions;
  readonly #denials: Denials;
  readonly #content: Content;
  readonly #registrar: Registrar;
  readonly #batch: EventBatch;
  readonly #queue: AskQueue;
  readonly #registering: AskQueue;
  #retry: Cancel | undefined;
  #closed = false;
  readonly #applying: Applying;
  readonly #live: LiveChecks;
  /** Openings on their way. */
  readonly #opening = new Set<Promise<unknown>>();
  /** Releases of what is gone whose end is not on record yet. */
  readonly #unended = new Map<string, PairCell>();
  readonly #ends: Ends;

  /** Use {@link openRelease}. */
  constructor(ports: ReleasePorts, book: CustodyBook) {
    const { policy, holdings, clock } = ports;
    this.#ports = ports;
    this.#book = book;
    this.#policy = sparing(policy, clock);
    this.#sessions = new Sessions(clock);
    this.#roster = new Roster((pair) => this.#isOpen(pair));
    this.#denials = new Denials(clock, async (denial) => this.#guard(() => book.denied(denial)));
    const parts = { sessions: this.#sessions, denials: this.#denials, changes: this.#changes };
    this.#content = new Content({ ...ports, ...parts, book });
    this.leaving = new Leaving({ ...ports, ...parts, book, roster: this.#roster });
    this.#registrar = new Registrar(this.#policy, holdings);
    this.#registering = new AskQueue(async (id) => this.#register(id), REGISTERING_MAX);
    this.#batch = new EventBatch(clock, (events) => void this.#askAgain(events));
    this.#queue = new AskQueue(async (key) => this.#ask(key), ASKING_MAX);
    this.#ends = new Ends(clock, (key) => void this.#queue.add(key, 0));
    this.#applying = new Applying(async (answered, isNewest) => this.#record(answered, isNewest));
    const onProblem = (problem: unknown): void => ports.notify({ notice: 'problem', problem });
    this.#live = new LiveChecks({ policy, clock, sessions: this.#sessions, onProblem });
  }

  async start(): Promise<void> {
    await this.#refresh();
    void this.#guard(() => this.#follow());
  }

  /** A recording came into custody: tell the policy service, ask for its officer and for everybody who watches. */
  async held(recordingId: RecordingId): Promise<void> {
    await this.#guard(async () => {
      // This one alone: reading the whole list for each would take the more time and memory the more there are.
      const holding = await this.#ports.holdings.find(recordingId);
      this.#follows(holding === undefined ? [] : [holding]);
    });
    this.#changes.tell(recordingId);
  }

  /**
   * A recording is no longer held: it was destroyed, or its disk lost it. Sessions end now, and what the ledger calls
   * released is revoked there. Held again, it is asked about like a new one.
   */
  async gone(recordingId: RecordingId): Promise<void> {
    this.#sessions.endOf(recordingId);
    const dropped = this.#roster.drop(recordingId);
    for (const { key } of dropped) this.#ends.forget(key);
    this.#changes.tell(recordingId);
    // Behind whatever is on its way about these pairs: a release that the ledger is about to hold ends there too.
    for (const pair of dropped) this.#applying.add({ pair, outcome: NO_LONGER_HELD });
    await Promise.all(dropped.map(({ key }) => this.#applying.settled(key)));
  }

  /**
   * What events missed: registers what is not registered, and asks about what is open, what has no answer, and what was last
   * answered long ago. Resolves when all are answered.
   */
  async sweep(): Promise<void> {
    await this.#guard(async () => {
      for (const pair of this.#roster.all()) this.#live.check(pair);
      await this.#refresh();
      await Promise.all(this.#roster.recordings().map((id) => this.#registering.add(id, 2)));
      const nowUs = this.#ports.clock.monoUs();
      const due = this.#roster.all().filter((pair) => isDue(pair, nowUs));
      await Promise.all(due.map((pair) => this.#asked(pair.key, pair.stake ? 1 : 2)));
    });
  }

  async statuses(person: PersonId, roles: readonly string[]): Promise<readonly ReleaseStatus[]> {
    const unasked = this.#roster.watch(person, roles);
    await this.#withPatience(Promise.all(unasked.map((pair) => this.#asked(pair.key, firstLevel(pair)))));
    return this.#roster.of(person).map((pair) => this.#shown(pair));
  }

  status(person: PersonId, recordingId: RecordingId): ReleaseStatus | undefined {
    const pair = this.#roster.find(pairKey(recordingId, person));
    return pair && this.#shown(pair);
  }

  async open(opening: Opening): Promise<ContentSession | { readonly refused: Verdict }> {
    const { recordingId, viewer } = opening;
    if (this.#closed) return { refused: { verdict: 'unreachable', reason: 'this dock is shutting down' } };
    this.#roster.watch(viewer.person, viewer.roles);
    void this.#registering.add(recordingId, 0);
    const opens = this.#content.open(opening);
    this.#opening.add(opens);
    // A session of a recording that is not followed would hear of no revocation.
    void this.#guard(async () => {
      const holding = await this.#ports.holdings.find(recordingId);
      if (!this.#closed) this.#follows(holding === undefined ? [] : [holding]);
    });
    const opened = await opens.finally(() => this.#opening.delete(opens));
    const pair = this.#roster.find(pairKey(recordingId, viewer.person));
    if (pair === undefined) return opened;
    // The fresh answer may differ from what the status says; let it catch up.
    if ((pair.known.at === 'released') === 'refused' in opened) void this.#queue.add(pair.key, 0);
    // No, or silence, may be news about what is open already; this one opening may also have been at fault.
    if ('refused' in opened) this.#live.check(pair);
    return opened;
  }

  async chunk(sessionId: string, person: PersonId, wanted: ChunkAddress): Promise<Uint8Array | undefined> {
    return this.#content.chunk(sessionId, person, wanted);
  }

  changes(person?: PersonId): AsyncIterableIterator<Change> {
    return this.#changes.listen(person === undefined ? undefined : this.#roster.keep(person));
  }

  /** Ends every session and writes what is still to be written. Closing the policy port as well ends the event stream. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#batch.close();
    this.#retry?.();
    this.#ends.close();
    this.#sessions.endAll();
    this.#queue.close();
    this.#registering.close();
    this.#changes.close();
    this.#live.close();
    // What was being opened is refused now, and that is still to be written.
    await Promise.allSettled(this.#opening);
    await Promise.all([this.#applying.allSettled(), this.#denials.flush()]);
  }

  #shown(pair: PairCell): ReleaseStatus {
    return shown(pair, this.#book);
  }

  /** Waits for the work, but not for ever. */
  async #withPatience(work: Promise<unknown>): Promise<void> {
    let cancel: Cancel | undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.#ports.clock.after(LIST_PATIENCE_MS, resolve);
    });
    await Promise.race([work, patience]);
    cancel?.();
  }

  async #refresh(): Promise<void> {
    const named = await this.#ports.holdings.named('held');
    // One after another: each brings its manifest along, and after a start this is all that there is.
    for (const { recordingId } of named.filter((one) => !this.#roster.knows(one.recordingId)))
      this.#follows([await this.#ports.holdings.find(recordingId)].flatMap((holding) => holding ?? []));
  }

  /** Registers and asks about whatever of these is new. */
  #follows(holdings: readonly Holding[]): void {
    const added = this.#roster.hold(holdings);
    for (const { recordingId } of added.items) void this.#registering.add(recordingId, 0);
    for (const pair of added.pairs) void this.#queue.add(pair.key, firstLevel(pair));
  }

  async #register(id: string): Promise<void> {
    await this.#guard(async () => {
      if (isRecordingId(id)) await this.#registrar.ensure(id);
    });
  }

  async #follow(): Promise<void> {
    for await (const event of this.#ports.policy.events()) {
      if (this.#closed) return;
      this.#policy.retry();
      this.#ports.heard?.(event);
      this.#batch.add(event);
    }
  }

  async #askAgain(events: readonly PolicyEvent[]): Promise<void> {
    const asked: Promise<void>[] = [];
    for (const pair of this.#within(events)) {
      const live = this.#isOpen(pair);
      const soonest = this.#soonest(pair, events, live);
      if (soonest === undefined) continue;
      if (live) this.#live.check(pair);
      asked.push(this.#asked(pair.key, soonest));
    }
    await Promise.all(asked);
  }

  #soonest(pair: PairCell, events: readonly PolicyEvent[], live: boolean): Level | undefined {
    const { item, person } = pair;
    const stake = pair.stake || item.officer === person;
    let soonest: Level | undefined;
    for (const event of events) {
      const asked = { recordingId: item.recordingId, person, known: pair.known, stake, live };
      const level = urgency(asked, event);
      if (level === undefined) pair.known = knownAfter(asked, event);
      else soonest = soonest === undefined || level < soonest ? level : soonest;
    }
    return soonest;
  }

  /** The pairs that any of these can be about. */
  #within(events: readonly PolicyEvent[]): readonly PairCell[] {
    const named = namedBy(events);
    return named === undefined ? this.#roster.all() : named.flatMap((id) => this.#roster.ofRecording(id));
  }

  /** Resolves once it was asked and the answer is on record. */
  async #asked(key: string, level: Level): Promise<void> {
    await this.#queue.add(key, level);
    await this.#applying.settled(key);
  }

  #isOpen({ item, person }: PairCell): boolean {
    return this.#sessions.purposes(item.recordingId, person).size > 0;
  }

  /** One question about one pair. Whatever fails on the way leaves the pair withheld. */
  async #ask(key: string): Promise<void> {
    const pair = this.#roster.find(key);
    if (pair === undefined || this.#closed) return;
    const { recordingId, manifestSha256 } = pair.item;
    try {
      await this.#registrar.ensure(recordingId);
      const outcome = await inquire(this.#policy, {
        about: { person: pair.person, recordingId, manifestSha256 },
        purposes: purposesOf(this.#roster.roles(pair.person)),
        watched: this.#sessions.purposes(recordingId, pair.person),
        onDenied: (purpose) => this.#sessions.end(recordingId, pair.person, purpose),
      });
      // It may have been destroyed, or lost, while the policy service thought about it.
      if (this.#closed || this.#roster.find(key) !== pair) return;
      // Before the ledger has its turn: what ends must not wait for it.
      if (outcome.outcome === 'denied') this.#sessions.end(recordingId, pair.person);
      if (outcome.outcome !== 'unreachable') pair.answeredAtUs = this.#ports.clock.monoUs();
      this.#ends.watch(key, outcome);
      this.#applying.add({ pair, outcome });
    } catch (problem) {
      this.#faulty(pair, problem);
    }
  }

  /** One answer, to the ledger. */
  async #record({ pair, outcome }: Answered, isNewest: () => boolean): Promise<void> {
    try {
      await this.#apply(pair, outcome, isNewest);
    } catch (problem) {
      if (outcome === NO_LONGER_HELD) this.#unended.set(pair.key, pair);
      this.#faulty(pair, problem);
    }
    if (isFault(pair)) this.#retryLater();
  }

  #faulty(pair: PairCell, problem: unknown): void {
    this.#ports.notify({ notice: 'problem', problem });
    const reason = 'this dock cannot record the decision just now';
    pair.known = { at: 'withheld', because: 'ledger-fault', reason, missing: [], regime: '', purpose: '' };
    this.#changes.tell(pair.item.recordingId);
    this.#retryLater();
  }

  async #apply(pair: PairCell, outcome: Outcome, isNewest: () => boolean): Promise<void> {
    const { recordingId, officer } = pair.item;
    const recorded = this.#book.last(recordingId, pair.person);
    // Of what is gone nothing is said but that its release has ended.
    if (
      this.#roster.find(pair.key) !== pair &&
      (outcome.outcome !== 'denied' || recorded.says !== 'released')
    )
      return;
    const { known, stake, draft } = step({ ...pair, recorded }, outcome, officer === pair.person);
    const changed = JSON.stringify(known) !== JSON.stringify(pair.known);
    // Towards withheld the status leads and the ledger follows; towards released nothing shows before it is on record.
    if (known.at !== 'released') {
      Object.assign(pair, { known, stake });
      if (changed) this.#changes.tell(recordingId);
    }
    if (draft !== undefined) await this.#book.status(draft, recordingId, pair.person);
    // What was answered meanwhile may be the end of it: then it is on record, and never shown.
    if (isNewest()) Object.assign(pair, { known, stake });
    if (draft !== undefined && draft.type !== 'withheld') {
      this.#ports.notify({ notice: draft.type, recordingId, person: pair.person });
    }
    if (changed || draft !== undefined) this.#changes.tell(recordingId);
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry ??= this.#ports.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      const unended = [...this.#unended.values()];
      this.#unended.clear();
      // What is held again is asked about like everything else, and says so itself.
      for (const pair of unended)
        if (this.#roster.find(pair.key) === undefined) this.#applying.add({ pair, outcome: NO_LONGER_HELD });
      for (const pair of this.#roster.all()) if (isFault(pair)) void this.#queue.add(pair.key, 1);
    });
  }

  /** The field errors of a background job go to `notify`; nobody else is there to hear them. */
  async #guard(job: () => Promise<void>): Promise<void> {
    try {
      await job();
    } catch (problem) {
      this.#ports.notify({ notice: 'problem', problem });
    }
  }
}

/** Whoever made the recording first, and the others when there is time: new pages of a whole shift ask about everything at once. */
function firstLevel({ item, person }: PairCell): Level {
  return item.officer === person ? 0 : 2;
}
