import type { BaysChange, ShownBay } from '../schema/bays.ts';

/** A bay as the dock last described it, and when that was by this page's clock: its remaining time runs from there. */
export interface SeenBay {
  readonly bay: ShownBay;
  readonly atMs: number;
}

/** The same bays in the same order with what has changed; a new one goes where its name belongs. */
export function boardAfter(bays: readonly SeenBay[], change: BaysChange, atMs: number): readonly SeenBay[] {
  const fresh = new Map(change.bays.map((bay) => [bay.name, { bay, atMs }]));
  const kept = bays
    .filter(({ bay }) => !change.gone.includes(bay.name))
    .map((seen) => fresh.get(seen.bay.name) ?? seen);
  const known = new Set(bays.map(({ bay }) => bay.name));
  const added = [...fresh.values()].filter(({ bay }) => !known.has(bay.name));
  if (added.length === 0) return kept;
  return [...kept, ...added].toSorted((a, b) =>
    a.bay.name.localeCompare(b.bay.name, 'en', { numeric: true }),
  );
}
