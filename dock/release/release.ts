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
import { Content } from './content.ts';
import { Denials } from './denials.ts';
import { sparing } from './outage.ts';
import { purposesOf } from './purpose.ts';
import { AskQueue } from './queue.ts';
import { Registrar } from './register.ts';
import { Roster, type PairCell } from './roster.ts';
import { SESSION_MS_MAX, Sessions } from './session.ts';
import { step, type Outcome } from './status.ts';
import { urgency } from './urgency.ts';

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
const SECOND_MS = 1_000;
// A grant is good for a minute; what was opened under one outlives that only while a revocation could be heard.
const DEAF_MS_MAX = 60_000;
// A list that says "not answered yet" is better than a page that hangs; the answer follows as a change.
const LIST_PATIENCE_MS = 2_500;

const NO_LONGER_HELD: Outcome = {
  outcome: 'denied',
  reason: 'it is no longer held here',
  missing: [],
  regime: '',
  purpose: '',
  concerns: false,
};

/** Starts release: reads the ledger, asks about every held recording, follows the policy service's events. */
export async function openRelease(ports: ReleasePorts): Promise<Release> {
  const release = new Release(ports, await CustodyBook.open(ports));
  await release.start();
  return release;
}

/** The port `Released`, and the hooks by which `main.ts` drives it: `held` after custody, `sweep` by cron, `close`. */
export class Release implements Released {
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
  /** Answers on their way to the ledger. */
  readonly #applying = new Set<Promise<void>>();
  /** Releases that rest on an authorisation are asked about again when it ends. */
  readonly #ends = new Map<string, Cancel>();

  /** Use {@link openRelease}. */
  constructor(ports: ReleasePorts, book: CustodyBook) {
    const { policy, holdings, clock } = ports;
    this.#ports = ports;
    this.#book = book;
    this.#policy = sparing(policy, clock);
    this.#sessions = new Sessions(clock);
    this.#roster = new Roster((pair) => this.#isOpen(pair));
    this.#denials = new Denials(clock, async (denial) => this.#guard(() => book.denied(denial)));
    this.#content = new Content({ ...ports, book, sessions: this.#sessions, denials: this.#denials });
    this.#registrar = new Registrar(this.#policy, holdings);
    this.#registering = new AskQueue(async (id) => this.#register(id), REGISTERING_MAX);
    this.#batch = new EventBatch(clock, (events) => void this.#askAgain(events));
    this.#queue = new AskQueue(async (key) => this.#ask(key), ASKING_MAX);
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
    for (const { key } of dropped) this.#forgetEnd(key);
    this.#changes.tell(recordingId);
    await this.#guard(async () => {
      const says = ({ item, person }: PairCell): string => this.#book.last(item.recordingId, person).says;
      for (const pair of dropped) if (says(pair) === 'released') await this.#apply(pair, NO_LONGER_HELD);
    });
  }

  /** What events missed: registers what is not registered and asks about every pair again. Resolves when all are answered. */
  async sweep(): Promise<void> {
    await this.#guard(async () => {
      await this.#refresh();
      await Promise.all(this.#roster.recordings().map((id) => this.#registering.add(id, 2)));
      await this.#askAgain([{ event: 'reconnected' }]);
    });
  }

  async statuses(person: PersonId, roles: readonly string[]): Promise<readonly ReleaseStatus[]> {
    await this.#refresh();
    const unasked = this.#roster.watch(person, roles);
    await this.#withPatience(Promise.all(unasked.map(({ key }) => this.#queue.add(key, 0))));
    return this.#roster.of(person).map((pair) => this.#statusOf(pair));
  }

  async open(opening: Opening): Promise<ContentSession | { readonly refused: Verdict }> {
    const { recordingId, viewer } = opening;
    this.#roster.watch(viewer.person, viewer.roles);
    void this.#registering.add(recordingId, 0);
    const opened = await this.#content.open(opening);
    // The fresh answer may differ from what the status says; let it catch up.
    const pair = this.#roster.of(viewer.person).find(({ item }) => item.recordingId === recordingId);
    const disagrees = pair !== undefined && (pair.known.at === 'released') === 'refused' in opened;
    if (disagrees) void this.#queue.add(pair.key, 0);
    return opened;
  }

  async chunk(sessionId: string, person: PersonId, wanted: ChunkAddress): Promise<Uint8Array | undefined> {
    return this.#content.chunk(sessionId, person, wanted);
  }

  changes(): AsyncIterableIterator<Change> {
    return this.#changes.listen();
  }

  /** Ends every session and writes what is still to be written. Closing the policy port as well ends the event stream. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#batch.close();
    this.#retry?.();
    for (const cancel of this.#ends.values()) cancel();
    this.#sessions.endAll();
    this.#queue.close();
    this.#registering.close();
    this.#changes.close();
    await Promise.all([...this.#applying, this.#denials.flush()]);
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
    this.#follows(await this.#ports.holdings.list());
  }

  /** Registers and asks about whatever of these is new. */
  #follows(holdings: readonly Holding[]): void {
    const added = this.#roster.hold(holdings);
    for (const { recordingId } of added.items) void this.#registering.add(recordingId, 0);
    for (const { key } of added.pairs) void this.#queue.add(key, 0);
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
    for (const pair of this.#roster.all()) {
      const { item, person, known, key } = pair;
      const live = this.#isOpen(pair);
      const stake = pair.stake || item.officer === person;
      const view = { recordingId: item.recordingId, person, known, stake, live };
      const levels = events.map((event) => urgency(view, event)).filter((level) => level !== undefined);
      if (levels.length > 0)
        asked.push(
          this.#queue.add(
            key,
            levels.reduce((a, b) => (a < b ? a : b)),
          ),
        );
    }
    await Promise.all(asked);
  }

  #isOpen({ item, person }: PairCell): boolean {
    return this.#sessions.purposes(item.recordingId, person).size > 0;
  }

  /** One question about one pair, from asking to the ledger. Whatever fails on the way leaves the pair withheld. */
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
      const applying = this.#apply(pair, outcome);
      this.#applying.add(applying);
      await applying.finally(() => this.#applying.delete(applying));
    } catch (problem) {
      this.#ports.notify({ notice: 'problem', problem });
      const reason = 'this dock cannot record the decision just now';
      pair.known = { at: 'withheld', because: 'ledger-fault', reason, missing: [], regime: '', purpose: '' };
      this.#changes.tell(recordingId);
    }
    if (pair.known.at === 'withheld' && isFault(pair.known.because)) this.#retryLater();
  }

  async #apply(pair: PairCell, outcome: Outcome): Promise<void> {
    const { recordingId, officer } = pair.item;
    this.#watchEnd(pair.key, outcome);
    if (this.#isDeaf(pair, outcome)) this.#sessions.end(recordingId, pair.person);
    const recorded = this.#book.last(recordingId, pair.person);
    const { known, stake, draft, ends } = step({ ...pair, recorded }, outcome, officer === pair.person);
    if (ends) this.#sessions.end(recordingId, pair.person);
    const changed = JSON.stringify(known) !== JSON.stringify(pair.known);
    // Towards withheld the status leads and the ledger follows; towards released nothing shows before it is on record.
    if (known.at !== 'released') {
      Object.assign(pair, { known, stake });
      if (changed) this.#changes.tell(recordingId);
    }
    if (draft !== undefined) await this.#book.status(draft, recordingId, pair.person);
    Object.assign(pair, { known, stake });
    if (draft !== undefined && draft.type !== 'withheld') {
      this.#ports.notify({ notice: draft.type, recordingId, person: pair.person });
    }
    if (changed || draft !== undefined) this.#changes.tell(recordingId);
  }

  /** Has nobody answered for so long that a revocation may have gone unheard? */
  #isDeaf(pair: PairCell, { outcome }: Outcome): boolean {
    if (outcome !== 'unreachable') {
      delete pair.silentSinceUs;
      return false;
    }
    const nowUs = this.#ports.clock.monoUs();
    pair.silentSinceUs ??= nowUs;
    return nowUs - pair.silentSinceUs >= DEAF_MS_MAX * 1_000;
  }

  #forgetEnd(key: string): void {
    this.#ends.get(key)?.();
    this.#ends.delete(key);
  }

  #watchEnd(key: string, outcome: Outcome): void {
    this.#forgetEnd(key);
    if (outcome.outcome !== 'allowed' || outcome.grant.authorised === undefined) return;
    const { leftUs } = outcome.grant.authorised;
    const afterMs = Math.min(leftUs / 1_000 + SECOND_MS, SESSION_MS_MAX);
    const ask = (): void => {
      this.#ends.delete(key);
      void this.#queue.add(key, 0);
    };
    this.#ends.set(key, this.#ports.clock.after(afterMs, ask));
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#retry ??= this.#ports.clock.after(RETRY_MS, () => {
      this.#retry = undefined;
      for (const { key, known } of this.#roster.all()) {
        if (known.at === 'withheld' && isFault(known.because)) void this.#queue.add(key, 1);
      }
    });
  }

  #statusOf({ item: { recordingId }, person, known, stake }: PairCell): ReleaseStatus {
    const recorded = this.#book.last(recordingId, person);
    const about = {
      recordingId,
      person,
      stake,
      ...(recorded.says === 'nothing' ? {} : { entryIndex: recorded.index }),
    };
    if (known.at === 'unasked') {
      return {
        ...about,
        status: 'withheld',
        reason: 'the policy service has not answered yet',
        missing: [],
        regime: '',
        purpose: '',
      };
    }
    const { reason, regime, purpose } = known;
    if (known.at === 'released')
      return { ...about, status: 'released', reason, missing: [], regime, purpose };
    return { ...about, status: 'withheld', reason, missing: known.missing, regime, purpose };
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

function isFault(because: string): boolean {
  return because === 'policy-unreachable' || because === 'ledger-fault';
}
