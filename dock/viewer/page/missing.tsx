import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Api, MissingFootage } from './api.ts';
import { when } from './words.ts';

const REFRESH_MS = 5_000;
// Whom the dock tells. It is the dock that decides; the page only does not ask in vain.
const TOLD: ReadonlySet<string> = new Set([
  'dock_operator',
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
  'independent_review',
  'doj_monitor',
]);

/** Footage that should be here and is not, for those who may know; asked again while somebody can see it. */
export function Missing({
  api,
  roles,
}: {
  readonly api: Api;
  readonly roles: readonly string[];
}): JSX.Element | null {
  return roles.some((role) => TOLD.has(role)) ? <MissingList api={api} /> : null;
}

function MissingList({ api }: { readonly api: Api }): JSX.Element | null {
  const [missing, setMissing] = useState<readonly MissingFootage[] | undefined>();
  useEffect(() => {
    let isCurrent = true;
    const refresh = (): void => {
      if (document.hidden) return;
      api.missing().then(
        (now) => {
          if (!isCurrent) return;
          setMissing(now);
          if (now === undefined) clearInterval(timer);
        },
        () => undefined,
      );
    };
    const timer = setInterval(refresh, REFRESH_MS);
    refresh();
    return () => {
      isCurrent = false;
      clearInterval(timer);
    };
  }, [api]);
  if (missing === undefined) return null;
  return (
    <section aria-labelledby="missing-title">
      <h2 id="missing-title">Missing footage</h2>
      {missing.length === 0 ? (
        <p class="fine">Nothing is missing.</p>
      ) : (
        // A long list takes the focus, so that the keyboard scrolls it.
        <ul class="bays" tabIndex={0} aria-labelledby="missing-title">
          {missing.map((one) => (
            <li key={`${one.since}/${one.text}`}>
              <span>{one.text}</span> <span class="fine">Since {when(one.since)}.</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
