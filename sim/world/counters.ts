import { text } from '../../proto/bytes.ts';
import type { Counter, Counters } from './people.ts';
import type { DockView } from '../check/check.ts';

/** A dock with a counter, another one in each life; none while it does not serve. */
interface Serving extends Pick<DockView, 'dockId' | 'synced'> {
  readonly counter: Omit<Counter, 'published'> | undefined;
}

/**
 * The counters of these docks. How far a log is published is read from the platter, where the checkpoint is that a pulled plug would
 * leave: what a dock says of itself is not asked.
 */
export function countersOf(docks: readonly Serving[]): Counters {
  const counters = new Map<unknown, Counter>();
  return {
    docks: docks.map(({ dockId }) => dockId),
    at: (dock) => {
      const found = docks.find(({ dockId }) => dockId === dock);
      const serving = found?.counter;
      if (found === undefined || serving === undefined) return undefined;
      const { released, policy, ledger } = serving;
      const counter = counters.get(serving) ?? {
        released,
        policy,
        ledger,
        published: () => publishedBy(found),
      };
      counters.set(serving, counter);
      return counter;
    },
  };
}

/** The second line of a checkpoint is its size (C2SP tlog-checkpoint). */
function publishedBy(dock: Pick<DockView, 'synced'>): number {
  const note = dock.synced('ledger/checkpoint');
  return note === undefined ? 0 : Number(text(note).split('\n')[1]);
}
