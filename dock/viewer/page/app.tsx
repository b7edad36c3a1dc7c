import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { fetchConfig, type Config } from './api.ts';
import { Desk } from './desk.tsx';
import { Icon } from './icons.tsx';
import { beginSignIn, canSignIn, currentLogin, signOut, type Login } from './sign-in.ts';
import { said } from './words.ts';

type Entrance =
  | { readonly at: 'starting' }
  | { readonly at: 'closed'; readonly config?: Config; readonly notice?: string; readonly hasLeft?: true }
  | { readonly at: 'in'; readonly config: Config; readonly login: Login };

/** Who is there decides what is shown: the door, or the desk. */
export function App(): JSX.Element {
  const [entrance, setEntrance] = useState<Entrance>({ at: 'starting' });
  useEffect(() => {
    void enter().then(setEntrance);
  }, []);
  const leave = (notice?: string): void => {
    void signOut();
    // Whoever leaves by themselves leaves no trail for the next person at this machine.
    if (notice === undefined) history.replaceState(undefined, '', location.pathname);
    const config = entrance.at === 'starting' ? {} : { config: entrance.config };
    setEntrance({
      ...{ at: 'closed', hasLeft: true },
      ...(config.config === undefined ? {} : { config: config.config }),
      ...(notice === undefined ? {} : { notice }),
    });
  };
  switch (entrance.at) {
    case 'starting':
      return <p class="starting">Loading…</p>;
    case 'closed':
      return <Door entrance={entrance} />;
    case 'in':
      return <Desk config={entrance.config} login={entrance.login} onLeave={leave} />;
    default:
      return entrance satisfies never;
  }
}

async function enter(): Promise<Entrance> {
  let config: Config;
  try {
    config = await fetchConfig();
  } catch (error) {
    return { at: 'closed', notice: said(error) };
  }
  if (!canSignIn()) return { at: 'closed', config };
  try {
    const login = await currentLogin();
    return login === undefined ? { at: 'closed', config } : { at: 'in', config, login };
  } catch (error) {
    return { at: 'closed', config, notice: said(error) };
  }
}

function Door({
  entrance: { config, notice, hasLeft },
}: {
  readonly entrance: Extract<Entrance, { at: 'closed' }>;
}): JSX.Element {
  const [problem, setProblem] = useState<string>();
  const start = (policyUrl: string): void => {
    beginSignIn(policyUrl).catch((error: unknown) => setProblem(said(error)));
  };
  const words = problem ?? notice;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    // What the person was at went with the desk.
    if (hasLeft === true) title.current?.focus();
  }, []);
  return (
    <main class="door">
      <Icon name="shield" />
      <h1 ref={title} tabIndex={-1}>
        Holdfast
      </h1>
      <p class="lead">Body-camera footage, held until the report is filed.</p>
      {words !== undefined && (
        <p class="notice bad" role="alert">
          <Icon name="warning" /> {words}
        </p>
      )}
      {config !== undefined && (canSignIn() ? <SignIn config={config} onStart={start} /> : <Insecure />)}
    </main>
  );
}

function SignIn({
  config,
  onStart,
}: {
  readonly config: Config;
  readonly onStart: (policyUrl: string) => void;
}): JSX.Element {
  return (
    <>
      <button type="button" class="primary" onClick={() => onStart(config.policyUrl)}>
        Sign in
      </button>
      <p class="fine">
        You sign in at the policy service, <b>{new URL(config.policyUrl).host}</b>, and come back here. This
        dock, <b>{config.dock}</b>, never sees your password.
      </p>
    </>
  );
}

function Insecure(): JSX.Element {
  return (
    <p class="notice bad" role="alert">
      <Icon name="warning" /> This address is not secure, so the browser will not let the page check footage
      or sign anything. Open it over HTTPS, or on the dock itself as <b>http://localhost</b>.
    </p>
  );
}
