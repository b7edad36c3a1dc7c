import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { Row } from './answers.ts';
import type { Entry } from './entry.ts';
import type { State } from './filter.ts';
import { Icon, type IconName } from './icons.tsx';
import { formatPlace } from './route.ts';
import { length, rulesInWords, shortly, when } from './words.ts';

interface RowProps {
  readonly entry: Entry;
  /** Its place among all that the filter leaves, also those that are not drawn yet. */
  readonly place: number;
  readonly size: number;
  readonly isChosen: boolean;
  /** The one that the Tab key reaches. */
  readonly isActive: boolean;
}

const ICONS: Readonly<Record<State, IconName>> = {
  held: 'held',
  released: 'released',
  viewed: 'check',
  partial: 'arriving',
  missing: 'warning',
  quarantined: 'warning',
};

/** What its time is the time of. */
const SINCE: Readonly<Partial<Record<State, string>>> = {
  partial: 'Since ',
  missing: 'Since ',
  quarantined: 'Received ',
};

/** One line of the list. What can be opened is a link to it, so that it can also be copied, or opened beside this page. */
export function RecordingRow({ entry, place, size, isChosen, isActive }: RowProps): JSX.Element {
  // Thousands of these are asked on each letter of a search; nearly all have nothing new to say.
  return useMemo(() => {
    const { row, state } = entry;
    const shared = {
      class: `row is-${state}`,
      tabIndex: isActive ? 0 : -1,
      'data-key': entry.key,
      'data-state': state,
    };
    return (
      <li aria-posinset={place} aria-setsize={size}>
        {row === undefined ? (
          <div {...shared} data-status={state}>
            <Parts entry={entry} />
          </div>
        ) : (
          <a
            {...shared}
            href={formatPlace({ view: 'recordings', recording: row.id, query: '' })}
            aria-current={isChosen ? 'true' : undefined}
            data-recording={row.id}
            data-status={row.status}
          >
            <Parts entry={entry} />
          </a>
        )}
      </li>
    );
  }, [entry, place, size, isChosen, isActive]);
}

function Parts({
  entry: { state, row, title, officer, camera, at, sentence },
}: {
  readonly entry: Entry;
}): JSX.Element {
  const who = [officer === '' ? '' : `Officer ${officer}`, title.endsWith(camera) ? '' : camera];
  const verb = row === undefined ? SINCE[state] : '';
  return (
    <>
      <b class="row-title">{title}</b>{' '}
      <span class="row-length fine">{row === undefined ? '' : length(row.durationMs)}</span>{' '}
      <span class={`row-status status is-${state}`}>
        <Icon name={ICONS[state]} /> <span>{sentence}</span>
      </span>{' '}
      <span class="row-who fine">{who.filter((part) => part !== '').join(' · ')}</span>{' '}
      {at !== '' && (
        <time class="row-when fine" dateTime={at} title={when(at)}>
          {verb}
          {shortly(at)}
        </time>
      )}{' '}
      {row !== undefined && <Rules row={row} />}
    </>
  );
}

function Rules({ row }: { readonly row: Row }): JSX.Element | null {
  const rules = rulesInWords(row);
  if (rules === '') return null;
  return (
    <span class="row-rules fine" title={row.policySet}>
      Rules: {rules}
    </span>
  );
}
