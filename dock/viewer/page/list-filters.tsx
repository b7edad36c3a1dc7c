import type { JSX, RefObject } from 'preact';
import { SCOPES, SORTS, STATES, type Filter, type Scope, type Sort, type State } from './filter.ts';

interface FiltersProps {
  readonly filter: Filter;
  readonly scope: Scope;
  readonly counts: Readonly<Record<State, number>>;
  readonly scopes: Readonly<Record<Scope, number>>;
  /** The dock tells this person of footage that is not here. */
  readonly isTold: boolean;
  readonly searchRef: RefObject<HTMLInputElement | null>;
  readonly onFilter: (filter: Filter) => void;
}

const SCOPE_NAMES: Readonly<Record<Scope, string>> = { mine: 'My recordings', all: 'All I may know of' };
const STATE_NAMES: Readonly<Record<State, string>> = {
  held: 'Held',
  released: 'Released',
  viewed: 'Viewed',
  partial: 'Partial',
  missing: 'Missing',
  quarantined: 'Quarantined',
};
const SORT_NAMES: Readonly<Record<Sort, string>> = {
  newest: 'Newest first',
  oldest: 'Oldest first',
  waiting: 'Longest waiting',
  officer: 'By officer',
  status: 'By status',
};
/** Everybody has these; the others are for those whom the dock tells of what is not here. */
const EVERYBODYS: ReadonlySet<State> = new Set(['held', 'released', 'viewed']);

/** Whose recordings, in which states, found by which words, in which order. */
export function ListFilters(props: FiltersProps): JSX.Element {
  const { filter, searchRef, onFilter } = props;
  return (
    <form class="filters" role="search" aria-label="Recordings" onSubmit={(event) => event.preventDefault()}>
      <Scopes {...props} />
      <label class="search">
        <span class="unseen">Search</span>
        <input
          ref={searchRef}
          type="search"
          name="search"
          placeholder="Search"
          title="Press / to search, Escape to clear"
          aria-keyshortcuts="/"
          autocomplete="off"
          spellcheck={false}
          value={filter.search}
          onInput={({ currentTarget }) => onFilter({ ...filter, search: currentTarget.value })}
        />
      </label>
      <label class="sort">
        <span class="unseen">Order</span>
        <select
          name="sort"
          onChange={({ currentTarget: { value } }) =>
            onFilter({ ...filter, sort: SORTS.find((sort) => sort === value) ?? filter.sort })
          }
        >
          {SORTS.map((sort) => (
            <option key={sort} value={sort} selected={sort === filter.sort}>
              {SORT_NAMES[sort]}
            </option>
          ))}
        </select>
      </label>
      <States {...props} />
    </form>
  );
}

function Scopes({ filter, scope: at, scopes, onFilter }: FiltersProps): JSX.Element {
  return (
    <fieldset class="scopes">
      <legend class="unseen">Whose recordings</legend>
      {SCOPES.map((scope) => (
        <label key={scope}>
          <input
            type="radio"
            name="scope"
            checked={scope === at}
            onChange={() => onFilter({ ...filter, scope })}
          />
          <span>
            {SCOPE_NAMES[scope]} <span class="count">{scopes[scope].toLocaleString()}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function States({ filter, counts, isTold, onFilter }: FiltersProps): JSX.Element {
  const chosen = new Set(filter.states);
  const offered = STATES.filter(
    (state) => isTold || EVERYBODYS.has(state) || counts[state] > 0 || chosen.has(state),
  );
  const toggle = (state: State): void => {
    const isWanted = (one: State): boolean => (one === state ? !chosen.has(one) : chosen.has(one));
    onFilter({ ...filter, states: STATES.filter(isWanted) });
  };
  return (
    <fieldset class="states">
      <legend class="unseen">Status</legend>
      {offered.map((state) => (
        <label key={state} class={counts[state] === 0 ? 'none' : ''}>
          <input type="checkbox" name={state} checked={chosen.has(state)} onChange={() => toggle(state)} />
          <span>
            {STATE_NAMES[state]} <span class="count">{counts[state].toLocaleString()}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
