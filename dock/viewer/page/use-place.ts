import { useEffect, useState } from 'preact/hooks';
import { formatPlace, parsePlace, type Place } from './route.ts';

/** Goes to a place; `replace` leaves no step to go back to, as for each letter of a search. */
export type Go = (place: Place, how?: 'replace') => void;

/** The place in the address, so that going back, reloading and sending a link do what a person expects. */
export function usePlace(): readonly [Place, Go] {
  const [place, setPlace] = useState(() => parsePlace(location.hash));
  useEffect(() => {
    const onMove = (): void => setPlace(parsePlace(location.hash));
    addEventListener('hashchange', onMove);
    return () => removeEventListener('hashchange', onMove);
  }, []);
  const go: Go = (next, how) => {
    const hash = formatPlace(next);
    if (hash === location.hash) return;
    if (how === 'replace') history.replaceState(undefined, '', `${location.pathname}${hash}`);
    else location.hash = hash;
    setPlace(next);
  };
  return [place, go];
}
