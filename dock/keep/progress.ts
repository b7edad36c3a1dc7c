import { formatInstant } from '../../proto/instant.ts';
import type { Clock } from '../ports.ts';

/** How far one pass over everything has come. Times are RFC 3339, by the dock's clock; sizes are of content in the store. */
export interface PassProgress {
  /** Counts passes since the dock started, from 1. */
  readonly pass: number;
  readonly startedAt: string;
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly recordingsDone: number;
  readonly recordingsTotal: number;
  /** Everything that was read for it, the mirror's copies too, over the time it took so far. */
  readonly bytesPerS: number;
  /** Recordings in which something is left damaged, or that could not be looked at. */
  readonly damaged: number;
}

/** A pass that has come to its end. */
export interface PassReport extends PassProgress {
  readonly endedAt: string;
}

/** How the reading of everything stands. */
export interface ScrubStanding {
  readonly state: 'reading' | 'resting' | 'paused';
  /** How many passes have begun since the dock started. */
  readonly begun: number;
  readonly now?: PassProgress;
  /** The newest one that was finished since the dock started. */
  readonly last?: PassReport;
}

const US_PER_S = 1_000_000;

/** Counts one pass. */
export class Counting {
  readonly #clock: Pick<Clock, 'wallUs' | 'monoUs'>;
  readonly #pass: number;
  readonly #startedUs: number;
  readonly #fromUs: number;
  readonly #total: { readonly bytes: number; readonly recordings: number };
  #done = { bytes: 0, recordings: 0, damaged: 0 };
  #read = 0;
  /** Of the recording that is being read now. */
  #here = { read: 0, bytes: 0 };

  constructor(
    pass: number,
    turns: readonly { readonly bytes: number }[],
    clock: Pick<Clock, 'wallUs' | 'monoUs'>,
  ) {
    this.#clock = clock;
    this.#pass = pass;
    this.#startedUs = clock.wallUs();
    this.#fromUs = clock.monoUs();
    this.#total = { bytes: turns.reduce((sum, { bytes }) => sum + bytes, 0), recordings: turns.length };
  }

  begin(bytes: number): void {
    this.#here = { read: 0, bytes };
  }

  /** Of the recording that was begun last, or of the mirror's copy of it. */
  read(bytes: number): void {
    this.#read += bytes;
    this.#here.read += bytes;
  }

  end(isWhole: boolean): void {
    const { bytes, recordings, damaged } = this.#done;
    this.#done = {
      bytes: bytes + this.#here.bytes,
      recordings: recordings + 1,
      damaged: damaged + (isWhole ? 0 : 1),
    };
    this.#here = { read: 0, bytes: 0 };
  }

  now(): PassProgress {
    const { bytes, recordings, damaged } = this.#done;
    const tookUs = Math.max(1, this.#clock.monoUs() - this.#fromUs);
    return {
      pass: this.#pass,
      startedAt: formatInstant(this.#startedUs),
      bytesDone: bytes + Math.min(this.#here.read, this.#here.bytes),
      bytesTotal: this.#total.bytes,
      recordingsDone: recordings,
      recordingsTotal: this.#total.recordings,
      bytesPerS: Math.round((this.#read / tookUs) * US_PER_S),
      damaged,
    };
  }

  report(): PassReport {
    return { ...this.now(), endedAt: formatInstant(this.#clock.wallUs()) };
  }
}
