import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Listing } from './answers.ts';
import { Api, ApiError, type Config } from './api.ts';
import { useArrival } from './arrival.ts';
import { BaysView } from './bays-view.tsx';
import { Icon } from './icons.tsx';
import { CurrentListing } from './listing.ts';
import { OversightView } from './oversight-view.tsx';
import type { Access } from './part.ts';
import { RecordingsView } from './recordings-view.tsx';
import { formatPlace, type Place, type ViewName } from './route.ts';
import { ENDED, renewLogin, type Login } from './sign-in.ts';
import { followUpdates, type Update } from './updates.ts';
import { useOverseer } from './use-oversight.ts';
import { type Go, usePlace } from './use-place.ts';
import { said } from './words.ts';

interface DeskProps {
  readonly config: Config;
  readonly login: Login;
  readonly onLeave: (notice?: string) => void;
}

/** So long before the token ends the page asks for the next one, and then again until it has it. */
const RENEW_AHEAD_MS = 3 * 60_000;
const RENEW_AGAIN_MS = 15_000;

/** Everything a signed-in person sees: who they are, where they can go, and the view they are at. */
export function Desk({ config, login: entered, onLeave }: DeskProps): JSX.Element {
  const api = useMemo(() => new Api(entered.token, config.url), []);
  const login = useLogin(entered, { config, api, onLeave });
  const { listing, problem } = useListing(api, onLeave);
  const [place, go] = usePlace();
  useArrival(place);
  const views = useOverseer({ config, login }) ? [...VIEWS, OVERSIGHT] : VIEWS;
  return (
    <>
      <Header config={config} login={login} at={place.view} views={views} onLeave={onLeave} />
      {problem !== undefined && (
        <p class="notice bad banner" role="alert">
          <Icon name="warning" /> {problem}
        </p>
      )}
      <View place={place} go={go} listing={listing} access={{ api, config, login }} />
    </>
  );
}

function View({
  place,
  go,
  listing,
  access,
}: {
  readonly place: Place;
  readonly go: Go;
  readonly listing: Listing | undefined;
  readonly access: Access;
}): JSX.Element {
  switch (place.view) {
    case 'recordings':
      return <RecordingsView place={place} go={go} listing={listing} access={access} />;
    case 'bays':
      return <BaysView api={access.api} />;
    case 'oversight':
      return <OversightView query={place.query} go={go} access={access} />;
    default:
      return place satisfies never;
  }
}

type Entrance = readonly [view: ViewName, name: string];

const VIEWS: readonly Entrance[] = [
  ['recordings', 'Recordings'],
  ['bays', 'Bays'],
];
const OVERSIGHT: Entrance = ['oversight', 'Oversight'];

function Header({
  config,
  login,
  at,
  views,
  onLeave,
}: Pick<DeskProps, 'config' | 'login' | 'onLeave'> & {
  readonly at: ViewName;
  readonly views: readonly Entrance[];
}): JSX.Element {
  return (
    <header class="top">
      <span class="brand">
        <Icon name="shield" /> Holdfast <span class="fine">{config.dock}</span>
      </span>
      <nav aria-label="Views">
        {views.map(([view, name]) => (
          <a
            key={view}
            href={formatPlace({ view, query: '' })}
            aria-current={view === at ? 'page' : undefined}
          >
            {name}
          </a>
        ))}
      </nav>
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

/** Who is signed in. The token lives for minutes; while this page is open it is renewed, until the sign-in itself is over. */
function useLogin(
  entered: Login,
  { config, api, onLeave }: Pick<DeskProps, 'config' | 'onLeave'> & { readonly api: Api },
): Login {
  const [login, setLogin] = useState(entered);
  useEffect(() => {
    const leave = setTimeout(() => onLeave(ENDED), login.expiresAtMs - Date.now());
    let again: ReturnType<typeof setTimeout> | undefined;
    const renew = async (): Promise<void> => {
      const next = await renewLogin(login, config.policyUrl);
      // The last token of a sign-in lasts no longer than the one before it.
      if (next !== undefined && next.expiresAtMs <= login.expiresAtMs) return;
      if (next === undefined) return later(RENEW_AGAIN_MS);
      api.renew(next.token);
      setLogin(next);
    };
    const later = (ms: number): void => {
      // Whoever is refused a renewal stays to the end of the token.
      again = setTimeout(() => void renew().catch(() => undefined), ms);
    };
    later(Math.max(0, login.expiresAtMs - RENEW_AHEAD_MS - Date.now()));
    return () => {
      clearTimeout(leave);
      clearTimeout(again);
    };
  }, [login]);
  return login;
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
