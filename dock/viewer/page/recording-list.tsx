import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Listing, Row } from './answers.ts';
import { entriesOf, type Absent } from './entry.ts';
import { isNarrowed, parseFilter, withFilter, type Filter } from './filter.ts';
import { Empty, Nothing } from './list-empty.tsx';
import { ListFilters } from './list-filters.tsx';
import { useSearchKey } from './list-keys.ts';
import { Rows } from './list-rows.tsx';
import { newsOf } from './news.ts';
import type { RecordingsPlace } from './route.ts';
import { isMine, select, sorted, type Selection } from './selection.ts';
import type { Login } from './sign-in.ts';
import type { Go } from './use-place.ts';

interface ListProps {
  readonly listing: Listing;
  readonly absent: Absent | undefined;
  readonly login: Pick<Login, 'person' | 'roles'>;
  readonly place: RecordingsPlace;
  readonly go: Go;
}

/** What the person may know of. Each row says in words whether it is held, and what for. */
export function RecordingList({ listing, absent, login, place, go }: ListProps): JSX.Element {
  const filter = useMemo(() => parseFilter(place.query), [place.query]);
  const entries = useMemo(() => entriesOf(listing, absent), [listing, absent]);
  const inOrder = useMemo(() => sorted(entries, filter.sort), [entries, filter.sort]);
  const scope = filter.scope ?? (login.roles.includes('officer') ? 'mine' : 'all');
  const selection = useMemo(
    () => select(inOrder, filter, { me: login.person, scope }),
    [inOrder, filter, login.person, scope],
  );
  const mine = useMemo(
    () => entries.filter((entry) => isMine(entry, login.person)).length,
    [entries, login.person],
  );
  const search = useRef<HTMLInputElement>(null);
  useSearchKey(search);
  const onFilter = (next: Filter): void => go({ ...place, query: withFilter(place.query, next) }, 'replace');
  const clear = (): void => onFilter({ ...filter, search: '', states: [] });
  /** What offers this goes with it. */
  const widen = (next: Filter): void => {
    onFilter(next);
    search.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isNarrowed(filter)) return;
    event.preventDefault();
    if (filter.search === '') clear();
    else onFilter({ ...filter, search: '' });
  };
  if (entries.length === 0) return <Nothing isTold={absent?.missing !== undefined} />;
  const { shown, counts } = selection;
  return (
    <div class="finder" onKeyDown={onKeyDown}>
      <ListFilters
        filter={filter}
        scope={scope}
        counts={counts}
        scopes={{ mine, all: entries.length }}
        isTold={absent?.missing !== undefined}
        searchRef={search}
        onFilter={onFilter}
      />
      <p class="fine tally" role="status">
        {isNarrowed(filter) && shown.length > 0 ? tally(selection) : ''}
      </p>
      {shown.length === 0 && <Empty filter={filter} scope={scope} all={entries.length} onFilter={widen} />}
      <Rows key={`${scope} ${filter.sort}`} shown={shown} search={search} place={place} go={go} />
      <News rows={listing.recordings} chosen={place.recording} />
    </div>
  );
}

function tally({ shown, counts }: Selection): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const of = total === shown.length ? '' : ` of ${total.toLocaleString()}`;
  return `${shown.length.toLocaleString()}${of} ${total === 1 ? 'matches' : 'match'}`;
}

/** Says which row has changed by itself, to those who cannot see it change. */
function News({
  rows,
  chosen,
}: {
  readonly rows: readonly Row[];
  readonly chosen: string | undefined;
}): JSX.Element {
  const before = useRef(rows);
  const [news, setNews] = useState('');
  useEffect(() => {
    const said = newsOf(before.current, rows, chosen);
    before.current = rows;
    if (said !== '') setNews(said);
  }, [rows]);
  return (
    <p class="unseen" aria-live="polite" data-news>
      {news}
    </p>
  );
}
