import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Listing, Row } from './answers.ts';
import { CustodyView } from './custody-view.tsx';
import { Icon } from './icons.tsx';
import { OpenForm } from './open-form.tsx';
import type { Access } from './part.ts';
import { PlayerView } from './player-view.tsx';
import { formatPlace, momentIn, type RecordingsPlace } from './route.ts';
import './styles/recording.css';
import type { Go } from './use-place.ts';
import {
  boundInWords,
  bytesInWords,
  length,
  rulesInWords,
  statusInWords,
  when,
  withoutMissing,
} from './words.ts';

interface ViewProps {
  readonly row: Row;
  readonly place: RecordingsPlace;
  readonly go: Go;
  readonly listing: Listing | undefined;
  readonly access: Access;
}

/** One recording: why it is held or how to watch it, where it came from, and everything that happened to it. */
export function RecordingView({ row, place, go, listing, access }: ViewProps): JSX.Element {
  const [playing, setPlaying] = useState<{ readonly purpose: string; readonly attempt: number }>();
  const [recorded, setRecorded] = useState(0);
  const play = (purpose: string): void =>
    setPlaying((before) => ({ purpose, attempt: (before?.attempt ?? 0) + 1 }));
  const { view, query, tab } = place;
  const linkTo = (seconds: number): string => {
    const there = formatPlace({ view, recording: row.id, query: `t=${seconds.toFixed(1)}` });
    // The page of a policy service shows one of several docks, and the link is to this one.
    const at =
      access.config.url === '' ? '' : `?${new URLSearchParams({ dock: access.config.url }).toString()}`;
    return `${location.origin}${location.pathname}${at}${there}`;
  };
  return (
    <article class="recording" aria-labelledby="recording-title">
      <button type="button" class="back narrow-only" onClick={() => go({ view, query })}>
        <Icon name="back" /> Recordings
      </button>
      <h2 id="recording-title" tabIndex={-1}>
        {row.incident === '' ? 'Recording without incident tag' : `Incident ${row.incident}`}
      </h2>
      <p class={`status ${row.status}`} role="status">
        <Icon name={row.status} /> {statusInWords(row)}
      </p>
      <Tabs place={place} />
      {/* Looking at its custody closes no opening: what is open stays, out of sight and paused. */}
      <div class="tab" hidden={tab !== undefined}>
        {row.status === 'held' && <Waiting row={row} />}
        <OpenForm row={row} api={access.api} isOpen={playing !== undefined} onPlay={play} />
        {playing !== undefined && (
          <PlayerView
            key={playing.attempt}
            row={row}
            purpose={playing.purpose}
            access={access}
            startS={momentIn(query)}
            isShown={tab === undefined}
            linkTo={linkTo}
            onRecorded={() => setRecorded((count) => count + 1)}
          />
        )}
        <Facts row={row} />
      </div>
      {tab === 'custody' && (
        <div class="tab">
          <CustodyView row={row} listing={listing} access={access} recorded={recorded} />
        </div>
      )}
    </article>
  );
}

const TABS = [
  [undefined, 'Watch'],
  ['custody', 'Custody'],
] as const;

function Tabs({ place }: { readonly place: RecordingsPlace }): JSX.Element {
  const { tab: at, ...rest } = place;
  return (
    <nav class="tabs" aria-label="This recording">
      {TABS.map(([tab, name]) => (
        <a
          key={name}
          href={formatPlace(tab === undefined ? rest : { ...rest, tab })}
          aria-current={tab === at ? 'page' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}

function Waiting({ row: { missing, reason } }: { readonly row: Row }): JSX.Element {
  return (
    <div class="panel held">
      {missing.length > 0 && (
        <>
          <h3>What it waits for</h3>
          <ul class="missing">
            {missing.map(({ text }) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
      <p class="fine">{withoutMissing(reason, missing)}</p>
      {missing.length > 0 && <p class="fine">This page changes by itself as soon as that is on file.</p>}
    </div>
  );
}

function Facts({ row }: { readonly row: Row }): JSX.Element {
  const facts: readonly (readonly [name: string, value: string, exact?: string | undefined])[] = [
    ['Officer', row.officer],
    ['Camera', `${row.camera}, by ${row.transport === 'serial' ? 'serial line' : 'MQTT'}`],
    ['Recorded', `${when(row.startedAt)}, by the camera’s clock`, row.startedAt],
    ['Length', length(row.durationMs)],
    [
      'Received',
      row.receivedAt === undefined ? 'not known' : `${when(row.receivedAt)} ${boundInWords(row)}`,
      row.receivedAt,
    ],
    ['Size', `${bytesInWords(row.bytes)} in ${row.chunks} chunks`],
    ['Rules', rulesInWords(row) || 'not known', row.policySet],
    ['Recording', row.id],
  ];
  return (
    <section aria-labelledby="facts-title">
      <h3 id="facts-title">About this recording</h3>
      <dl class="facts">
        {facts.map(([name, value, exact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd title={exact} class={name === 'Recording' ? 'mono' : ''}>
              {value}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
