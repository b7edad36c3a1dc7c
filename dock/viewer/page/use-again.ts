import { useEffect, useState } from 'preact/hooks';

const REFRESH_MS = 5_000;

/** What was answered last; asked again while somebody can see it, and never where there is nothing to ask. Keeps its object while the answer stays. */
export function useAgain<Said>(ask: (() => Promise<Said>) | undefined, about: unknown): Said | undefined {
  const [said, setSaid] = useState<Said>();
  const isAsked = ask !== undefined;
  useEffect(() => {
    if (ask === undefined) return;
    let isCurrent = true;
    let last = '';
    const refresh = (): void => {
      if (document.hidden) return;
      ask().then(
        (now) => {
          const text = JSON.stringify(now);
          if (!isCurrent || text === last) return;
          last = text;
          setSaid(() => now);
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
  }, [about, isAsked]);
  return said;
}
