import { useEffect, useState } from 'preact/hooks';
import type { Api } from './api.ts';
import type { Absent } from './entry.ts';

const REFRESH_MS = 5_000;

/** What should be here and is not, and what is on its way, as far as this person may know; asked again while somebody can see it. */
export function useAbsent(api: Api): Absent | undefined {
  const [absent, setAbsent] = useState<Absent | undefined>();
  useEffect(() => {
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
  return absent;
}
