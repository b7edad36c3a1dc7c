import type { JSX } from 'preact';
import type { Listing } from './answers.ts';
import { useAbsent } from './missing.ts';
import type { Access } from './part.ts';
import { RecordingList } from './recording-list.tsx';
import { RecordingView } from './recording-view.tsx';
import type { RecordingsPlace } from './route.ts';
import './styles/list.css';
import type { Go } from './use-place.ts';

interface ViewProps {
  readonly place: RecordingsPlace;
  readonly go: Go;
  readonly listing: Listing | undefined;
  readonly access: Access;
}

/** The recordings that the person may know of, and the one that they look at. */
export function RecordingsView({ place, go, listing, access }: ViewProps): JSX.Element {
  const { api, login } = access;
  const absent = useAbsent(api);
  const row = listing?.recordings.find(({ id }) => id === place.recording);
  return (
    <main class={`desk ${row === undefined ? 'at-list' : 'at-recording'}`}>
      <section class="column" aria-labelledby="recordings-title">
        <h1 id="recordings-title" tabIndex={-1}>
          Recordings
        </h1>
        {listing === undefined ? (
          <p class="empty">Loading recordings…</p>
        ) : (
          <RecordingList listing={listing} absent={absent} login={login} place={place} go={go} />
        )}
      </section>
      {row !== undefined && (
        <RecordingView key={row.id} row={row} place={place} go={go} listing={listing} access={access} />
      )}
    </main>
  );
}
