import type { JSX } from 'preact';
import { isNarrowed, type Filter, type Scope, type State } from './filter.ts';

/** Whom nothing here concerns. */
export function Nothing({ isTold }: { readonly isTold: boolean }): JSX.Element {
  return <p class="empty">No recording here concerns you yet.{isTold && ' Nothing is missing.'}</p>;
}

const NONE: Readonly<Record<State, string>> = {
  held: 'Nothing is held.',
  released: 'Nothing waits for you to watch it.',
  viewed: 'You have viewed nothing yet.',
  partial: 'No upload is under way, and none has stopped half-way.',
  missing: 'Nothing is missing.',
  quarantined: 'Nothing was refused.',
};

interface EmptyProps {
  readonly filter: Filter;
  readonly scope: Scope;
  /** How many there are in all. */
  readonly all: number;
  readonly onFilter: (filter: Filter) => void;
}

/** Why the list shows nothing, and what would show more. */
export function Empty({ filter, scope, all, onFilter }: EmptyProps): JSX.Element {
  const [state, ...others] = filter.states;
  const isOneState = state !== undefined && others.length === 0 && filter.search.trim() === '';
  const nothing = isNarrowed(filter) ? 'Nothing matches.' : 'None of the recordings here is your own.';
  return (
    <div class="empty">
      <p>{isOneState ? NONE[state] : nothing}</p>
      {isNarrowed(filter) && (
        <button type="button" onClick={() => onFilter({ ...filter, search: '', states: [] })}>
          Clear the filters
        </button>
      )}
      {scope === 'mine' && (
        <button type="button" onClick={() => onFilter({ ...filter, scope: 'all' })}>
          Look in all {all.toLocaleString()} that I may know of
        </button>
      )}
    </div>
  );
}
