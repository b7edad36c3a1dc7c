import type { Cancel } from '../ports.ts';
import type { EpochClock, EpochReading } from './epoch.ts';
import type { Tracking } from './tracking.ts';

const US_PER_MS = 1_000;
const ASK_EVERY_MS = 16_000;
// Four questions without an answer: nobody asks any more.
const EVIDENCE_US_MAX = 64_000_000;
// Eight of the longest polls that NTP uses by default (1,024 s); after eight polls without an answer it calls a source unreachable.
const MEASURED_US_MAX = 8 * 1_024_000_000;
// Reading a clock and rounding it may put a measurement this far ahead.
const MEASURED_AHEAD_US_MAX = 1_000_000;
// Beyond this RFC 5905 does not call a clock synchronised (MAXDIST).
const BOUND_US_MAX = 1_000_000;
const OTHER_MEASUREMENT_US = 1_000_000;

/** Why there is no evidence that the clock is near UTC. */
export type Doubt =
  | 'no-answer'
  | 'not-synchronised'
  | 'own-clock'
  | 'not-measured'
  | 'not-measured-since-step'
  | 'too-wide';

/** Told when there is evidence again, and when there is none any more or for another reason. */
export type SyncNews =
  | { readonly basis: 'utc'; readonly boundUs: number }
  | { readonly basis: 'local'; readonly doubt: Doubt; readonly text: string };

export interface TimeSyncOptions {
  readonly clock: EpochClock;
  /** What the system's time daemon says now; rejects when it says nothing. */
  readonly ask: (signal: AbortSignal) => Promise<Tracking>;
  readonly tell: (news: SyncNews) => void;
}

interface Evidence {
  /** Before the question was asked. */
  readonly asked: EpochReading;
  readonly boundUs: number;
  readonly growthPpm: number;
}

/**
 * Evidence that the system's clock is near UTC: the newest answer of the daemon that disciplines it, asked at once and then
 * every 16 s. Nobody waits for an answer. What it says counts for 64 s, only within the epoch of the clock in which it was
 * said, and until it says otherwise or nothing.
 */
export class TimeSync {
  readonly #options: TimeSyncOptions;
  readonly #stop = new AbortController();
  /** Of the answers so far. */
  #epoch: number;
  /** The measurement that chronyd had made before the clock jumped; what it says of the clock since then rests on a newer one. */
  #beforeStepUs: number | undefined;
  #evidence: Evidence | undefined;
  #told: 'utc' | Doubt | undefined;
  /** What it last had to say about that. */
  #text = 'chronyd has not been asked yet';
  #asking: Promise<void> | undefined;
  #cancel: Cancel = () => undefined;

  constructor(options: TimeSyncOptions) {
    this.#options = options;
    this.#epoch = options.clock.read().epoch;
    void this.check();
  }

  /** Asks now, and not again while that question is out; resolves to why there is no evidence, or to undefined. Never rejects. */
  async check(): Promise<string | undefined> {
    this.#cancel();
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    await this.#asking;
    return this.#evidence === undefined ? this.#text : undefined;
  }

  /**
   * How far the wall clock may be from UTC at this reading, in microseconds, or undefined without evidence. Whatever the
   * clock has moved against monotonic time since the answer may be an error, and is added.
   */
  boundUs(now: EpochReading): number | undefined {
    if (this.#evidence === undefined) return undefined;
    const { asked, boundUs, growthPpm } = this.#evidence;
    const ageUs = now.monoUs - asked.monoUs;
    if (asked.epoch !== now.epoch || ageUs > EVIDENCE_US_MAX) return undefined;
    const movedUs = Math.abs(now.wallUs - now.monoUs - (asked.wallUs - asked.monoUs));
    const grownUs = boundUs + (ageUs * growthPpm) / 1e6 + movedUs;
    return grownUs > BOUND_US_MAX ? undefined : Math.ceil(grownUs);
  }

  close(): void {
    this.#cancel();
    this.#stop.abort();
  }

  async #ask(): Promise<void> {
    const { clock, ask } = this.#options;
    const asked = clock.read();
    const { signal } = this.#stop;
    const answer = await ask(signal).catch((error: unknown) =>
      String(error instanceof Error ? error.message : error),
    );
    if (signal.aborted) return;
    if (typeof answer === 'string') this.#doubt('no-answer', answer);
    else this.#answered(answer, asked);
    this.#cancel = clock.after(ASK_EVERY_MS, () => void this.check());
  }

  #answered(answer: Tracking, asked: EpochReading): void {
    const now = this.#options.clock.read();
    const doubt = this.#doubtOf(answer, asked, now);
    if (doubt !== undefined) return this.#doubt(doubt, TEXT[doubt](answer));
    this.#evidence = { asked, boundUs: answer.boundUs, growthPpm: answer.growthPpm };
    if (this.#told !== 'utc') this.#options.tell({ basis: 'utc', boundUs: Math.ceil(answer.boundUs) });
    this.#told = 'utc';
  }

  #doubtOf(answer: Tracking, asked: EpochReading, now: EpochReading): Doubt | undefined {
    const { isSynchronised, isOwnClock, measuredAtUs, boundUs } = answer;
    // Said before or after the jump? Nobody knows.
    if (asked.epoch !== now.epoch) return 'not-measured-since-step';
    if (now.epoch !== this.#epoch) {
      this.#epoch = now.epoch;
      this.#beforeStepUs = measuredAtUs;
    }
    if (!isSynchronised) return 'not-synchronised';
    if (isOwnClock) return 'own-clock';
    if (this.#isFromBeforeStep(measuredAtUs)) return 'not-measured-since-step';
    const measuredUs = now.wallUs - measuredAtUs;
    if (measuredUs > MEASURED_US_MAX || measuredUs < -MEASURED_AHEAD_US_MAX) return 'not-measured';
    return boundUs > BOUND_US_MAX ? 'too-wide' : undefined;
  }

  /** A clock that was set is as wrong as whoever set it was, until the daemon measures it: its last word was about the clock before. */
  #isFromBeforeStep(measuredAtUs: number): boolean {
    if (this.#beforeStepUs === undefined) return false;
    if (Math.abs(measuredAtUs - this.#beforeStepUs) < OTHER_MEASUREMENT_US) return true;
    this.#beforeStepUs = undefined;
    return false;
  }

  #doubt(doubt: Doubt, text: string): void {
    this.#evidence = undefined;
    this.#text = text;
    if (this.#told !== doubt) this.#options.tell({ basis: 'local', doubt, text });
    this.#told = doubt;
  }
}

const TEXT: Readonly<Record<Doubt, (answer: Tracking) => string>> = {
  'no-answer': () => 'chronyd does not answer',
  'not-synchronised': ({ leap }) => `chronyd says "${leap}"`,
  'own-clock': () => 'chronyd follows this machine\'s own clock ("local"), which is no source',
  'not-measured': ({ measuredAtUs }) =>
    `chronyd's newest measurement is of ${new Date(measuredAtUs / US_PER_MS).toISOString()}`,
  'not-measured-since-step': () => 'the clock jumped, and chronyd has not measured it since',
  'too-wide': ({ boundUs }) => `the clock may be off by ${(boundUs / 1e6).toFixed(1)} s`,
};
