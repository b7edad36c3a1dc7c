import type { JSX } from 'preact';
import type { Listing } from './api.ts';
import { Missing } from './missing.tsx';
import type { Access } from './part.ts';
import { RecordingList } from './recording-list.tsx';
import { RecordingView } from './recording-view.tsx';
import { type RecordingsPlace, withoutMoment } from './route.ts';
import type { Go } from './use-place.ts';

interface ViewProps {
  readonly place: RecordingsPlace;
  readonly go: Go;
  readonly listing: Listing | undefined;
  readonly access: Access;
}

/** The recordings that the person may know of, and the one that they look at. */
export function RecordingsView({ place, go, listing, access }: ViewProps): JSX.Element {
  const row = listing?.recordings.find(({ id }) => id === place.recording);
  const { view, query } = place;
  return (
    <main class={`desk ${row === undefined ? 'at-list' : 'at-recording'}`}>
      <div class="column">
        <RecordingList
          listing={listing}
          chosen={place.recording}
          onChoose={(recording) => go({ view, query: withoutMoment(query), recording })}
        />
        <Missing api={access.api} roles={access.login.roles} />
      </div>
      {row === undefined ? (
        <p class="empty wide-only">Choose a recording to see why it is held, or to watch it.</p>
      ) : (
        <RecordingView key={row.id} row={row} place={place} go={go} listing={listing} access={access} />
      )}
    </main>
  );
}
