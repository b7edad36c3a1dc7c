import type { JSX, RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from './entry.ts';
import { focusRow, keyOf, useKeptFocus } from './list-keys.ts';
import { moved } from './list-moves.ts';
import { RecordingRow } from './recording-row.tsx';
import { type RecordingsPlace, withoutMoment } from './route.ts';
import type { Go } from './use-place.ts';

// So many are drawn at once, and so many more each time somebody comes to the end: a browser's own search finds them all, and
// typing stays fast with ten thousand.
const STEP = 200;

interface RowsProps {
  readonly shown: readonly Entry[];
  readonly search: RefObject<HTMLInputElement | null>;
  readonly place: RecordingsPlace;
  readonly go: Go;
}

/** One stop for the Tab key; the arrows go on from there. */
export function Rows({ shown, search, place, go }: RowsProps): JSX.Element {
  const list = useRef<HTMLUListElement>(null);
  const { drawn, stop, reach, settle } = useWalk(shown, list, place.recording);
  useFromSearch(search, () => reach(0));
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = keyOf(event.target);
    const at = drawn.findIndex((entry) => entry.key === key);
    const to =
      at < 0 || event.ctrlKey || event.metaKey || event.altKey
        ? undefined
        : moved(event.key, at, drawn.length - 1);
    if (to === undefined) return;
    event.preventDefault();
    reach(to);
  };
  const onClick = (event: MouseEvent): void => {
    const key = keyOf(event.target);
    const isPlain =
      event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    const row = shown.find((entry) => entry.key === key)?.row;
    if (row === undefined || !isPlain) return;
    event.preventDefault();
    go({ view: 'recordings', recording: row.id, query: withoutMoment(place.query) });
  };
  return (
    <>
      <ul
        ref={list}
        class="rows"
        aria-labelledby="recordings-title"
        onKeyDown={onKeyDown}
        onClick={onClick}
        onFocusIn={({ target }) => settle(keyOf(target))}
      >
        {drawn.map((entry, index) => (
          <RecordingRow
            key={entry.key}
            entry={entry}
            place={index + 1}
            size={shown.length}
            isChosen={entry.row !== undefined && entry.key === place.recording}
            isActive={entry.key === stop}
          />
        ))}
      </ul>
      {drawn.length < shown.length && (
        <p class="more">
          <span class="fine">
            {drawn.length.toLocaleString()} of {shown.length.toLocaleString()} are shown.
          </span>{' '}
          <button type="button" onClick={() => reach(drawn.length)}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

interface Walk {
  /** What is in the page of all that the filter leaves. */
  readonly drawn: readonly Entry[];
  /** The row that the Tab key reaches. */
  readonly stop: string | undefined;
  /** Leads the focus to a row by its place, and draws as many as that takes. */
  readonly reach: (index: number) => void;
  /** The focus has come to this row by itself. */
  readonly settle: (key: string | undefined) => void;
}

function useWalk(
  shown: readonly Entry[],
  list: RefObject<HTMLElement | null>,
  chosen: string | undefined,
): Walk {
  const [limit, setLimit] = useState(STEP);
  const [active, settle] = useState<string | undefined>(chosen);
  const wanted = useRef<string | undefined>(undefined);
  const drawn = shown.slice(0, limit);
  const stop = drawn.some(({ key }) => key === active) ? active : drawn[0]?.key;
  useKeptFocus(
    list,
    drawn.map(({ key }) => key),
  );
  const reach = (index: number): void => {
    const entry = shown[Math.min(index, shown.length - 1)];
    if (entry === undefined || index < 0) return;
    wanted.current = entry.key;
    settle(entry.key);
    if (index >= limit && limit < shown.length) setLimit(Math.ceil((index + 1) / STEP) * STEP);
    else focusRow(list.current, entry.key);
  };
  useEffect(() => {
    if (wanted.current !== undefined && limit > STEP) focusRow(list.current, wanted.current);
  }, [limit]);
  useReturn(chosen, (key) => reach(shown.findIndex((entry) => entry.key === key)), list);
  return { drawn, stop, reach, settle };
}

/** Whoever comes back from a recording is where they left. */
function useReturn(
  chosen: string | undefined,
  reach: (key: string) => void,
  list: RefObject<HTMLElement | null>,
): void {
  const last = useRef<string | undefined>(undefined);
  useEffect(() => {
    const left = last.current;
    last.current = chosen;
    if (chosen !== undefined) {
      const row = list.current?.querySelector(`[data-recording="${CSS.escape(chosen)}"]`);
      row?.scrollIntoView({ block: 'nearest' });
      // What stood far down in the list begins at its own top.
      scrollTo({ top: 0 });
    } else if (left !== undefined && (document.activeElement ?? document.body) === document.body) {
      reach(left);
    }
  }, [chosen]);
}

/** The arrow that leads out of the search leads into the list. */
function useFromSearch(search: RefObject<HTMLInputElement | null>, enter: () => void): void {
  useEffect(() => {
    const field = search.current;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'ArrowDown') return;
      event.preventDefault();
      enter();
    };
    field?.addEventListener('keydown', onKey);
    return () => field?.removeEventListener('keydown', onKey);
  });
}
