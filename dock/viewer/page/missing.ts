import { useEffect, useState } from 'preact/hooks';
import type { Api } from './api.ts';
import type { Absent } from './entry.ts';

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

/** What should be here and is not, for those who may know; asked again while somebody can see it. Undefined for others. */
export function useAbsent(api: Api, roles: readonly string[]): Absent | undefined {
  const [absent, setAbsent] = useState<Absent | undefined>();
  const isTold = roles.some((role) => TOLD.has(role));
  useEffect(() => {
    if (!isTold) return;
    let isCurrent = true;
    let last = '';
    const refresh = (): void => {
      if (document.hidden) return;
      api.missing().then(
        (now) => {
          const text = JSON.stringify(now);
          if (!isCurrent || text === last) return;
          last = text;
          setAbsent(now);
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
  }, [api, isTold]);
  return absent;
}
