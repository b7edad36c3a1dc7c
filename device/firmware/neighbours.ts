import { toHex } from '../../proto/bytes.ts';
import type { Clock, Keys, PeerCall, Radio, RadioCounts } from '../ports.ts';
import type { Cause } from './state.ts';

/** So many calls in that time are a busy night; what is more says nothing new, or is meant to disturb. */
export const CALLS_MAX = 4;
export const CALLS_MAX_ALL = 32;
export const CALLS_MS = 10_000;

const CALL_ID_BYTES = 16;
const KNOWN_MAX = 256;

export interface NeighboursOptions {
  readonly radio: Radio;
  readonly clock: Pick<Clock, 'monoUs'>;
  readonly keys: Pick<Keys, 'cameraId' | 'randomBytes'>;
  /** A camera nearby says that something began; told once for each of its calls. */
  readonly heard: (call: PeerCall) => void;
}

export interface NeighboursCounts extends RadioCounts {
  /** Calls of others that nothing came of: heard twice, or too many. */
  readonly ignored: number;
}

/**
 * The cameras nearby. Nobody signs what is called, so a call is little: it is told once, in no number that could disturb, and all that the machine makes of it
 * is the beginning of a recording. A call is never passed on: who was called calls nobody.
 */
export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #made: Allowance;
  readonly #heardAll: Allowance;
  readonly #heardOf = new Map<string, Allowance>();
  readonly #known = new Set<string>();
  #ignored = 0;

  constructor(options: NeighboursOptions) {
    this.#options = options;
    const { clock, radio } = options;
    this.#made = new Allowance(clock, CALLS_MAX);
    this.#heardAll = new Allowance(clock, CALLS_MAX_ALL);
    radio.onCall((call) => this.#hear(call));
  }

  counts(): NeighboursCounts {
    return { ...this.#options.radio.counts(), ignored: this.#ignored };
  }

  /** Tells them what began here. The call; or undefined, when they were told of so much just now that one more says nothing. */
  call({ tag, cause }: { readonly tag: string; readonly cause: Cause }): PeerCall | undefined {
    const { radio, keys } = this.#options;
    if (cause === 'peer' || cause === 'limit' || !this.#made.take()) return undefined;
    const call = { callId: toHex(keys.randomBytes(CALL_ID_BYTES)), camera: keys.cameraId, tag, cause };
    radio.call(call);
    return call;
  }

  #hear(call: PeerCall): void {
    if (this.#known.has(call.callId) || !this.#mayHear(call.camera)) {
      this.#ignored += 1;
      return;
    }
    keepNewest(this.#known, KNOWN_MAX - 1);
    this.#known.add(call.callId);
    this.#options.heard(call);
  }

  /** One that calls without end costs the others nothing but their share of all. */
  #mayHear(camera: string): boolean {
    const of = this.#heardOf.get(camera) ?? new Allowance(this.#options.clock, CALLS_MAX);
    this.#heardOf.delete(camera);
    keepNewest(this.#heardOf, CALLS_MAX_ALL - 1);
    this.#heardOf.set(camera, of);
    return of.take() && this.#heardAll.take();
  }
}

/** So much in any stretch of that time. */
class Allowance {
  readonly #clock: Pick<Clock, 'monoUs'>;
  readonly #max: number;
  #takenUs: readonly number[] = [];

  constructor(clock: Pick<Clock, 'monoUs'>, max: number) {
    this.#clock = clock;
    this.#max = max;
  }

  take(): boolean {
    const nowUs = this.#clock.monoUs();
    this.#takenUs = this.#takenUs.filter((atUs) => nowUs - atUs < CALLS_MS * 1000);
    if (this.#takenUs.length === this.#max) return false;
    this.#takenUs = [...this.#takenUs, nowUs];
    return true;
  }
}

function keepNewest<Key>(known: Set<Key> | Map<Key, unknown>, countMax: number): void {
  for (const oldest of known.keys()) {
    if (known.size <= countMax) return;
    known.delete(oldest);
  }
}
