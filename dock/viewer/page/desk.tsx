import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { Api, ApiError, type Config, type Listing } from './api.ts';
import { Bays } from './bays.tsx';
import { Icon } from './icons.tsx';
import { CurrentListing } from './listing.ts';
import { Missing } from './missing.tsx';
import { RecordingList } from './recording-list.tsx';
import { RecordingView } from './recording-view.tsx';
import type { Login } from './sign-in.ts';
import { followUpdates, type Update } from './updates.ts';
import { said } from './words.ts';

interface DeskProps {
  readonly config: Config;
  readonly login: Login;
  readonly onLeave: (notice?: string) => void;
}

const ENDED = 'Your sign-in has run out. Please sign in again.';

/** Everything a signed-in person sees: what is held and released, and the one recording they look at. */
export function Desk({ config, login, onLeave }: DeskProps): JSX.Element {
  const api = useMemo(() => new Api(login.token), [login.token]);
  const { listing, problem } = useListing(api, onLeave);
  const [chosen, choose] = useChosen();
  useEffect(() => {
    const timer = setTimeout(() => onLeave(ENDED), login.expiresAtMs - Date.now());
    return () => clearTimeout(timer);
  }, [login]);
  const row = listing?.recordings.find(({ id }) => id === chosen);
  return (
    <>
      <Header config={config} login={login} onLeave={onLeave} />
      {problem !== undefined && (
        <p class="notice bad banner" role="alert">
          <Icon name="warning" /> {problem}
        </p>
      )}
      <main class={`desk ${row === undefined ? 'at-list' : 'at-recording'}`}>
        <div class="column">
          <RecordingList listing={listing} chosen={chosen} onChoose={choose} />
          <Bays api={api} />
          <Missing api={api} roles={login.roles} />
        </div>
        {row === undefined ? (
          <p class="empty wide-only">Choose a recording to see why it is held, or to watch it.</p>
        ) : (
          <RecordingView
            key={row.id}
            row={row}
            listing={listing}
            access={{ api, config, login }}
            onBack={() => choose(undefined)}
          />
        )}
      </main>
    </>
  );
}

function Header({ config, login, onLeave }: DeskProps): JSX.Element {
  return (
    <header class="top">
      <span class="brand">
        <Icon name="shield" /> Holdfast <span class="fine">{config.dock}</span>
      </span>
      <span class="person">
        <span>
          {login.name}{' '}
          <span class="fine">{login.roles.map((role) => role.replaceAll('_', ' ')).join(', ')}</span>
        </span>
        <button type="button" onClick={() => onLeave()}>
          Sign out
        </button>
      </span>
    </header>
  );
}

/** The list, which changes by itself. */
function useListing(
  api: Api,
  onLeave: DeskProps['onLeave'],
): { listing: Listing | undefined; problem: string | undefined } {
  const [listing, setListing] = useState<Listing>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const current = new CurrentListing();
    const load = async (): Promise<void> => {
      const take = current.loading();
      try {
        if (!take(await api.list())) return;
        setListing(current.now);
        setProblem(undefined);
      } catch (error) {
        if (error instanceof ApiError && error.kind === 'signed-out') onLeave(ENDED);
        else setProblem(said(error));
      }
    };
    const changed = (update: Update): void => {
      current.change(update);
      setListing(current.now);
    };
    const stop = new AbortController();
    void load();
    void followUpdates(api, { connected: () => void load(), changed }, stop.signal);
    return () => stop.abort();
  }, [api]);
  return { listing, problem };
}

/** The recording in the address, so that going back and reloading do what a person expects. */
function useChosen(): [string | undefined, (id: string | undefined) => void] {
  const read = (): string | undefined => /^#\/recordings\/([0-9a-f]{32})$/.exec(location.hash)?.[1];
  const [chosen, setChosen] = useState(read);
  useEffect(() => {
    const onMove = (): void => setChosen(read());
    addEventListener('hashchange', onMove);
    return () => removeEventListener('hashchange', onMove);
  }, []);
  return [
    chosen,
    (id) => {
      location.hash = id === undefined ? '#/' : `#/recordings/${id}`;
    },
  ];
}
