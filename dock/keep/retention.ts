import { createHash } from 'node:crypto';
import { toHex } from '../../proto/bytes.ts';
import { type CustodyEntry, encodeEntry, entryKey } from '../../proto/custody-entry.ts';
import type { RecordingId } from '../../proto/ids.ts';
import { formatInstant } from '../../proto/instant.ts';
import type { Holding, HoldingKey, PolicyEvent } from '../ports.ts';
import { HoldMirror, isHold } from './hold-mirror.ts';
import { type Ended, type InCustody, RetentionBook } from './retention-book.ts';
import type { Kept, RetentionPorts, RetentionStanding, SweepReport } from './retention-ports.ts';

const DESTROYED = ['recording.destroyed'] as const;
const US_PER_DAY = 86_400_000_000;
// Terms are decided for a whole store at once; one after another each would wait for its own checkpoint.
const TERMS_AT_ONCE = 64;

interface Due {
  readonly custody: InCustody;
  readonly key: HoldingKey;
  readonly untilUs: number;
}

/**
 * Ends what has been kept long enough, and only then: the dock's clock says when to ask, the policy service, by its own
 * clock, whether. Silence keeps. The order of an end is: the answer, the ledger, the bytes, the policy service's wraps; what a
 * crash or a fault cuts short is done at the next start or sweep. Calls run one after another.
 */
export class Retention {
  readonly #ports: RetentionPorts;
  readonly #days: number;
  readonly #book: RetentionBook;
  readonly #holds: HoldMirror;
  readonly #unfinished = new Map<RecordingId, HoldingKey>();
  readonly #told = new Set<string>();
  #kept: readonly Kept[] = [];
  #problem: string | undefined;
  #lane: Promise<unknown> = Promise.resolve();
  #closed = false;

  /** `days` 0: nothing is destroyed. */
  constructor(ports: RetentionPorts, days: number) {
    this.#ports = ports;
    this.#days = days;
    this.#book = new RetentionBook(ports.ledger);
    this.#holds = new HoldMirror(ports, this.#book);
  }

  /** Does what an earlier run left undone, and reads every hold. Resolves when that was tried. */
  start(): Promise<void> {
    return this.#inLane(async () => {
      await this.#book.readOn();
      await this.#finishAll(await this.#ports.holdings.list());
      await this.#catchUp(0);
      await this.#tellAll();
    }).catch(this.#ports.report);
  }

  /** The policy service announced something. */
  heard(event: PolicyEvent): void {
    if (event.event === 'rules' || (event.event === 'fact' && !isHold(event.type))) return;
    // After a gap the service may be another one, restored from a backup, with other facts under the same numbers.
    const after = event.event === 'reconnected' ? 0 : undefined;
    this.#inLane(async () => {
      if ((await this.#catchUp(after)) === undefined) await this.#tellAll();
    }).catch(this.#ports.report);
  }

  /** Decides terms that are not decided, and ends what is over. A dry run writes and asks nothing. Rejects with what ledger or store throw. */
  sweep({ dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<SweepReport> {
    return this.#inLane(async () => (dryRun ? this.#rehearse() : this.#sweep()));
  }

  async standing(): Promise<RetentionStanding> {
    await this.#book.readOn();
    const [next] = this.#terms().toSorted((a, b) => a.untilUs - b.untilUs);
    return {
      days: this.#days,
      ...(next === undefined
        ? {}
        : { next: { recording: next.custody.recording, until: formatInstant(next.untilUs) } }),
      held: this.#book.held(),
      kept: this.#kept,
      unfinished: [...this.#unfinished.keys()],
      untold: this.#untold().length,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** Waits for the recording that is being ended; no other one is begun. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#lane;
  }

  async #sweep(): Promise<SweepReport> {
    await this.#book.readOn();
    const holdings = await this.#ports.holdings.list();
    await this.#finishAll(holdings);
    await this.#decideTerms();
    const due = this.#due(holdings);
    const failed = due.length === 0 ? undefined : await this.#catchUp(0);
    const [destroyed, kept]: [RecordingId[], Kept[]] = [[], []];
    for (const one of due) {
      if (this.#closed) break;
      const why = failed ?? (await this.#end(one));
      if (why === undefined) destroyed.push(one.custody.recording);
      else kept.push(keptFor(one, why));
    }
    this.#kept = kept;
    await this.#tellAll();
    return { destroyed, kept };
  }

  async #rehearse(): Promise<SweepReport> {
    await this.#book.readOn();
    const due = this.#due(await this.#ports.holdings.list());
    const kept = due.map((one) =>
      keptFor(
        one,
        this.#book.isHeld(one.custody.recording) ? UNDER_HOLD : 'the policy service would be asked',
      ),
    );
    return { destroyed: [], kept };
  }

  #terms(): readonly { readonly custody: InCustody; readonly untilUs: number }[] {
    if (this.#days === 0) return [];
    return this.#book.inCustody().map((custody) => ({ custody, untilUs: this.#untilUs(custody) }));
  }

  /** Never before what the ledger has promised under the same rule, but for a clock that was set since. */
  #untilUs(custody: InCustody): number {
    const endUs = this.#book.endUs(custody, this.#days);
    const term = this.#book.term(custody.recording);
    return term === undefined || this.#isOther(term, endUs) ? endUs : Math.max(endUs, term.untilUs);
  }

  #isOther(term: { readonly untilUs: number; readonly rule: string }, endUs: number): boolean {
    return term.rule !== this.#rule || Math.abs(term.untilUs - endUs) > US_PER_DAY;
  }

  get #rule(): string {
    return `days-${this.#days}`;
  }

  async #decideTerms(): Promise<void> {
    const fresh = this.#terms().filter(({ custody, untilUs }) => {
      const term = this.#book.term(custody.recording);
      return term === undefined || this.#isOther(term, untilUs);
    });
    for (let at = 0; at < fresh.length && !this.#closed; at += TERMS_AT_ONCE)
      await Promise.all(
        fresh.slice(at, at + TERMS_AT_ONCE).map(({ custody: { recording }, untilUs }) =>
          this.#write({
            type: 'retained',
            at: this.#at(),
            recording,
            until: formatInstant(untilUs),
            rule: this.#rule,
          }),
        ),
      );
    await this.#book.readOn();
  }

  #due(holdings: readonly Holding[]): readonly Due[] {
    const nowUs = this.#ports.clock.wallUs();
    const here = new Map(holdings.filter(isHere).map((one) => [placeOf(one), one]));
    return this.#terms()
      .filter(({ untilUs }) => untilUs <= nowUs)
      .flatMap(({ custody, untilUs }) => {
        const holding = here.get(`${custody.recording}/${custody.manifest}`);
        return holding === undefined ? [] : [{ custody, untilUs, key: keyOf(holding) }];
      })
      .toSorted((a, b) => a.untilUs - b.untilUs);
  }

  /** Ends one recording; or why it stays. */
  async #end({ custody, key, untilUs }: Due): Promise<string | undefined> {
    const { recording, manifest, wraps, bytes } = custody;
    const { policy, clock } = this.#ports;
    if (this.#book.isHeld(recording)) return UNDER_HOLD;
    const verdict = await policy.mayDestroy({ recordingId: recording, manifest, days: this.#days });
    if (verdict.verdict !== 'allow') return verdict.reason;
    // What was put on file before the service answered counts, whatever it answered.
    const failed = await this.#catchUp();
    if (failed !== undefined) return failed;
    if (this.#book.isHeld(recording)) return UNDER_HOLD;
    const nowUs = clock.wallUs();
    if (nowUs < untilUs) return 'the clock of the dock was set back';
    const decision = createHash('sha256').update(verdict.grant).digest('hex');
    const what = { recording, manifest, wraps, bytes, rule: this.#rule, decision };
    await this.#write({ type: 'destroyed', at: formatInstant(nowUs), ...what });
    await this.#book.readOn();
    return this.#finish(recording, key);
  }

  async #finish(recording: RecordingId, key: HoldingKey): Promise<string | undefined> {
    this.#unfinished.set(recording, key);
    this.#ports.gone(recording);
    try {
      await this.#ports.destroyer.destroy(key);
      this.#unfinished.delete(recording);
      return undefined;
    } catch (problem) {
      this.#ports.report(problem);
      return `destroyed by the ledger, but not gone yet: ${saying(problem)}`;
    }
  }

  /** What the ledger calls destroyed and the store does not, and what failed before. */
  async #finishAll(holdings: readonly Holding[]): Promise<void> {
    const here = new Map(holdings.filter(isHere).map((one) => [placeOf(one), one]));
    for (const { entry } of this.#book.ended()) {
      const holding = here.get(`${entry.recording}/${entry.manifest}`);
      if (holding !== undefined) this.#unfinished.set(entry.recording, keyOf(holding));
    }
    for (const [recording, key] of this.#unfinished) await this.#finish(recording, key);
  }

  /** Reads the policy service's holds; or why they could not all be read. */
  async #catchUp(after?: number): Promise<string | undefined> {
    const failed = await this.#holds.catchUp(after);
    this.#problem = failed;
    return failed;
  }

  #untold(): readonly Ended[] {
    return this.#book
      .ended()
      .filter(({ entry }) => !this.#told.has(entry.recording) && !this.#unfinished.has(entry.recording));
  }

  async #tellAll(): Promise<void> {
    if (this.#untold().length === 0) return;
    const failed = await this.#learnTold();
    if (failed !== undefined) return void this.#failed(failed);
    for (const { index, entry } of this.#untold()) {
      if (this.#closed) return;
      const { recording, manifest, at } = entry;
      const why = await this.#ports.policy.destroyed({ recordingId: recording, manifest, entry: index, at });
      if (why === undefined) this.#told.add(recording);
      else this.#failed(why);
    }
  }

  /** Which ends are on file: after a restart the service knows better than the dock. */
  async #learnTold(): Promise<string | undefined> {
    for (let next = 0; ; ) {
      const page = await this.#ports.policy.listed(DESTROYED, next);
      if ('failed' in page) return page.failed;
      for (const { recording } of page) this.#told.add(recording);
      const last = page.at(-1)?.index;
      if (last === undefined || last <= next) return undefined;
      next = last;
    }
  }

  #failed(why: string): string {
    this.#problem = why;
    return why;
  }

  #inLane<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lane.then(work);
    this.#lane = done.catch(() => undefined);
    return done;
  }

  async #write(entry: CustodyEntry): Promise<void> {
    await this.#ports.ledger.appendOnce(entryKey(entry), encodeEntry(entry));
  }

  #at(): string {
    return formatInstant(this.#ports.clock.wallUs());
  }
}

const UNDER_HOLD = 'a legal hold is in force';

/** What rotted was accepted too, and its time ends as any other's. */
function isHere({ state }: Holding): boolean {
  return state === 'held' || state === 'quarantined';
}

function placeOf({ recordingId, manifestSha256 }: HoldingKey): string {
  return `${recordingId}/${toHex(manifestSha256)}`;
}

function keyOf({ recordingId, manifestSha256 }: HoldingKey): HoldingKey {
  return { recordingId, manifestSha256 };
}

function keptFor({ custody, untilUs }: Due, why: string): Kept {
  return { recording: custody.recording, until: formatInstant(untilUs), why };
}

function saying(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}
