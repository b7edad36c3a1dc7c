/** Every state that a row of the list can be in, in the order in which they are shown. */
export const STATES = ['held', 'released', 'viewed', 'partial', 'missing', 'quarantined'] as const;
export type State = (typeof STATES)[number];

/** `mine`: what I recorded myself. `all`: everything that I may know of. */
export const SCOPES = ['mine', 'all'] as const;
export type Scope = (typeof SCOPES)[number];

export const SORTS = ['newest', 'oldest', 'waiting', 'officer', 'status'] as const;
export type Sort = (typeof SORTS)[number];

/** How somebody narrows and orders the list. */
export interface Filter {
  /** Undefined until it was chosen: then whoever looks decides. */
  readonly scope: Scope | undefined;
  /** In the order of {@link STATES}; empty for all of them. */
  readonly states: readonly State[];
  /** As it was typed. */
  readonly search: string;
  readonly sort: Sort;
}

export const EVERYTHING: Filter = { scope: undefined, states: [], search: '', sort: 'newest' };

/** The filter in an address's query. What it does not understand it leaves out. */
export function parseFilter(query: string): Filter {
  const params = new URLSearchParams(query);
  const states = new Set((params.get('status') ?? '').split(','));
  return {
    scope: SCOPES.find((scope) => scope === params.get('scope')),
    states: STATES.filter((state) => states.has(state)),
    search: params.get('q') ?? '',
    sort: SORTS.find((sort) => sort === params.get('sort')) ?? EVERYTHING.sort,
  };
}

/** The query with this filter in it, and whatever else it said before. {@link parseFilter} reads it back. */
export function withFilter(query: string, { scope, states, search, sort }: Filter): string {
  const params = new URLSearchParams(query);
  const set = (name: string, value: string): void => {
    if (value === '') params.delete(name);
    else params.set(name, value);
  };
  set('scope', scope ?? '');
  set('status', states.join(','));
  set('q', search);
  set('sort', sort === EVERYTHING.sort ? '' : sort);
  return params.toString();
}

/** Does it leave anything out? */
export function isNarrowed({ states, search }: Filter): boolean {
  return states.length > 0 || search.trim() !== '';
}
