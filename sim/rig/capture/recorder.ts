import type { Ears } from './bridge.ts';
import { type CaptureRecord, type Direction, withoutPayload } from './record.ts';
import type { Found } from './splitter.ts';
import type { Tape } from './tape.ts';

/** What went one way while it was recorded. */
export interface Counted {
  readonly pdus: number;
  readonly pduBytes: number;
  readonly noises: number;
  readonly noiseBytes: number;
}

export interface RecorderOptions {
  readonly tape: Tape;
  readonly keepPayload: boolean;
  /** Called once: the link is gone, or the tape takes no more. */
  readonly ended: (why: string) => void;
}

/** Puts what passes on a tape, with both times: monotonic from the start of the recorder, and UTC. */
export class Recorder implements Ears {
  readonly #options: RecorderOptions;
  readonly #startMs = performance.now();
  readonly #counted: Readonly<Record<Direction, { -readonly [K in keyof Counted]: number }>> = {
    up: { pdus: 0, pduBytes: 0, noises: 0, noiseBytes: 0 },
    down: { pdus: 0, pduBytes: 0, noises: 0, noiseBytes: 0 },
  };
  #hasEnded = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  get counted(): Readonly<Record<Direction, Counted>> {
    return this.#counted;
  }

  heard(direction: Direction, found: Found, camera?: string): void {
    if (this.#hasEnded) return;
    const counted = this.#counted[direction];
    if (found.kind === 'pdu') {
      counted.pdus += 1;
      counted.pduBytes += found.pdu.length;
    } else {
      counted.noises += 1;
      counted.noiseBytes += found.bytes;
    }
    const record: CaptureRecord = {
      us: Math.round((performance.now() - this.#startMs) * 1000),
      at: new Date().toISOString(),
      direction,
      ...(camera === undefined ? {} : { camera }),
      ...found,
    };
    try {
      this.#options.tape.add(this.#options.keepPayload ? record : withoutPayload(record));
    } catch (error) {
      this.ended(error instanceof Error ? error.message : String(error));
    }
  }

  ended(why: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.ended(why);
  }
}
