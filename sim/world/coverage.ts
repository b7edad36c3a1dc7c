/** Every kind of trouble that a world knows. The table of a run has a line for each, also for those that never came. */
export const FAULT_KINDS = [
  'camera-power-cut',
  'dock-power-cut',
  'torn-write',
  'lost-write',
  'lost-name',
  'flash-full',
  'flash-slow',
  'flash-worn',
  'dock-disk-full',
  'dock-disk-slow',
  'bit-rot',
  'index-lost',
  'packet-loss',
  'packet-repeat',
  'packet-reorder',
  'packet-delay',
  'bit-error',
  'hang-up',
  'undock',
  'dock-swap',
  'partition',
  'broker-restart',
  'rival-session',
  'camera-clock-step',
  'camera-clock-reset',
  'clock-drift',
  'dock-clock-step',
  'policy-down',
  'policy-slow',
  'policy-lying',
  'report-withdrawn',
  'battery-dead',
  'reassigned',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/** How often each kind of trouble met each state. */
export type Met = readonly (readonly [kind: FaultKind, state: string, times: number])[];

/** How often each kind of trouble came, and in what state it found whom: a fault that never met its moment tests nothing. */
export class Coverage {
  readonly #met = new Map<FaultKind, Map<string, number>>();

  /** One fault that really happened; `state` is a short word for what it met, such as `recording` or `uploading`. */
  count(kind: FaultKind, state: string, times = 1): void {
    const states = this.#met.get(kind) ?? new Map<string, number>();
    this.#met.set(kind, states);
    states.set(state, (states.get(state) ?? 0) + times);
  }

  /** Takes in what another run met. */
  add(met: Met): void {
    for (const [kind, state, times] of met) this.count(kind, state, times);
  }

  /** All of it, as plain data. */
  get met(): Met {
    return [...this.#met].flatMap(([kind, states]) =>
      [...states].map(([state, times]) => [kind, state, times] as const),
    );
  }

  /** Of every kind, also those that never came, in the order of {@link FAULT_KINDS}. */
  totals(): Readonly<Record<FaultKind, number>> {
    const counts = FAULT_KINDS.map((kind): readonly [FaultKind, number] => [kind, this.total(kind)]);
    return Object.fromEntries(counts) as Record<FaultKind, number>;
  }

  total(kind: FaultKind): number {
    return [...(this.#met.get(kind)?.values() ?? [])].reduce((sum, times) => sum + times, 0);
  }

  /** The states that a kind met, the commonest first. */
  states(kind: FaultKind): readonly (readonly [state: string, times: number])[] {
    const states = [...(this.#met.get(kind)?.entries() ?? [])];
    return states.toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));
  }
}
