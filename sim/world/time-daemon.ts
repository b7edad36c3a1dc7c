import type { Tracking } from '../../dock/clock/tracking.ts';
import type { MachineClock } from './machine-clock.ts';
import type { Scene } from './scene.ts';

// What NTP polls by default at first, and what its sources may be off by on a local network.
const POLL_MS = 64_000;
const SOURCE_US = 500;
// RFC 5905 lets any clock wander by this much (PHI), and steps one that is off by more than 128 ms.
const WANDER_PPM = 15;
const STEP_US = 128_000;
const US_PER_S = 1_000_000;

/** What disciplines the clock of a machine: measures it every 64 s against true time, and sets it when it is far off. */
export class TimeDaemon {
  readonly #scene: Scene;
  readonly #clock: MachineClock;
  readonly #driftPpm: number;
  #measured: { readonly atUs: number; readonly monoUs: number; readonly offsetUs: number } | undefined;

  constructor(scene: Scene, clock: MachineClock, driftPpm: number) {
    this.#scene = scene;
    this.#clock = clock;
    this.#driftPpm = Math.abs(driftPpm);
    this.#poll();
  }

  /** What it says when it is asked: of the clock as it was measured last, whatever became of it since. */
  tracking(): Tracking {
    const { atUs, monoUs, offsetUs } = this.#measured ?? { atUs: 0, monoUs: 0, offsetUs: 0 };
    const growthPpm = WANDER_PPM + this.#driftPpm;
    const grownUs = ((this.#clock.monoUs() - monoUs) / US_PER_S) * growthPpm;
    return {
      ...{ isSynchronised: this.#measured !== undefined, isOwnClock: false, leap: 'Normal', growthPpm },
      measuredAtUs: atUs,
      boundUs: Math.abs(offsetUs) + SOURCE_US + grownUs,
    };
  }

  #poll(): void {
    const offsetUs = this.#clock.wallUs() - this.#scene.clock.wallUs();
    if (Math.abs(offsetUs) > STEP_US) this.#clock.step(-offsetUs);
    this.#measured = {
      atUs: this.#clock.wallUs(),
      monoUs: this.#clock.monoUs(),
      offsetUs: this.#clock.wallUs() - this.#scene.clock.wallUs(),
    };
    this.#clock.after(POLL_MS, () => this.#poll());
  }
}
