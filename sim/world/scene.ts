import { Chance } from '../fault/chance.ts';
import { ManualClock } from '../fault/manual-clock.ts';
import { Coverage, type FaultKind } from './coverage.ts';
import { History } from './history.ts';
import { Trace } from './trace.ts';

/** What all machines of a world share: true time, chance, and what is written down about them. */
export interface Scene {
  /** True time. `monoUs` counts from the start of the world; no machine sees it but through a clock of its own. */
  readonly clock: ManualClock;
  /** Never drawn from itself: whoever needs chance splits a concern of its own. */
  readonly chance: Chance;
  readonly trace: Trace;
  readonly history: History;
  readonly coverage: Coverage;
  readonly onlookers: Onlookers;
  /** A fault that really happened, at `where`, and the state in which it found what it met. */
  fault(kind: FaultKind, where: string, state: string): void;
}

/** Whoever looks at all that passes through the hands of docks: packets on their wires, writes to their disks. */
export class Onlookers {
  readonly #eyes: ((where: string, bytes: Uint8Array) => void)[] = [];

  watch(eye: (where: string, bytes: Uint8Array) => void): void {
    this.#eyes.push(eye);
  }

  show(where: string, bytes: Uint8Array): void {
    for (const eye of this.#eyes) eye(where, bytes);
  }
}

/** The scene of one run; `sink` is given every line of its trace. */
export function makeScene(seed: string, sink?: (line: string) => void): Scene {
  const clock = new ManualClock();
  const trace = new Trace(sink);
  const history = new History(() => clock.monoUs(), trace);
  const coverage = new Coverage();
  return {
    clock,
    chance: new Chance(seed),
    trace,
    history,
    coverage,
    onlookers: new Onlookers(),
    fault: (kind, where, state) => {
      coverage.count(kind, state);
      history.record({ what: 'fault', kind, where, state });
    },
  };
}

/** Lets every promise that can go on go on; no time passes. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
