/** Where in the page somebody is, as the address says it behind its `#`. */
export type Place =
  | {
      readonly view: 'recordings';
      readonly recording?: string;
      readonly tab?: 'custody';
      /** How the list is narrowed, and `t`, a moment of the film in seconds. */
      readonly query: string;
    }
  | { readonly view: 'bays'; readonly query: string }
  /** The query says what is compared: `incident`, and the regimes `a` and `b`. */
  | { readonly view: 'oversight'; readonly query: string };

export type RecordingsPlace = Extract<Place, { view: 'recordings' }>;

export type ViewName = Place['view'];

const RECORDINGS = /^#\/recordings(?:\/([0-9a-f]{32})(?:\/(custody))?)?$/;

/** An address that leads nowhere leads to the recordings. */
export function parsePlace(hash: string): Place {
  const [path = '', ...rest] = hash.split('?');
  const query = rest.join('?');
  if (path === '#/bays') return { view: 'bays', query };
  if (path === '#/oversight') return { view: 'oversight', query };
  const [, recording, tab] = RECORDINGS.exec(path) ?? [];
  return {
    view: 'recordings',
    query,
    ...(recording === undefined ? {} : { recording }),
    ...(tab === 'custody' ? { tab } : {}),
  };
}

/** The address of a place: what {@link parsePlace} reads back. */
export function formatPlace(place: Place): string {
  const query = place.query === '' ? '' : `?${place.query}`;
  if (place.view !== 'recordings') return `#/${place.view}${query}`;
  const { recording, tab } = place;
  const path = [recording, recording === undefined ? undefined : tab].filter((step) => step !== undefined);
  return `#/${['recordings', ...path].join('/')}${query}`;
}

/** The moment of a film, seconds, that a place names; 0, its start, where it names none. */
export function momentIn(query: string): number {
  const seconds = Number(new URLSearchParams(query).get('t'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

/** What narrows the list stays; the moment belongs to one film. */
export function withoutMoment(query: string): string {
  const parts = new URLSearchParams(query);
  if (!parts.has('t')) return query;
  parts.delete('t');
  return parts.toString();
}
