import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Api, ApiError, type Config, type Listing } from './api.ts';
import { Bays } from './bays.tsx';
import { Icon } from './icons.tsx';
import { Missing } from './missing.tsx';
import { RecordingList } from './recording-list.tsx';
import { RecordingView } from './recording-view.tsx';
import type { Login } from './sign-in.ts';
import { followUpdates } from './updates.ts';
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
  const { listing, version, problem } = useListing(api, onLeave);
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
            version={version}
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

/** The list, loaded again whenever the dock says that something in it changed. */
function useListing(
  api: Api,
  onLeave: DeskProps['onLeave'],
): { listing: Listing | undefined; version: number; problem: string | undefined } {
  const [state, setState] = useState<{
    listing: Listing | undefined;
    version: number;
    problem: string | undefined;
  }>({
    listing: undefined,
    version: 0,
    problem: undefined,
  });
  const asked = useRef(0);
  const load = useCallback(async () => {
    const mine = (asked.current += 1);
    try {
      const listing = await api.list();
      // An older answer that comes later would put back what has changed since.
      setState((before) => (mine < before.version ? before : { listing, version: mine, problem: undefined }));
    } catch (error) {
      if (error instanceof ApiError && error.kind === 'signed-out') onLeave(ENDED);
      else setState((before) => ({ ...before, problem: said(error) }));
    }
  }, [api]);
  useEffect(() => {
    const stop = new AbortController();
    void load();
    void followUpdates(api, () => void load(), stop.signal);
    return () => stop.abort();
  }, [api]);
  return state;
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
