import { useEffect, useRef } from 'preact/hooks';
import type { Place } from './route.ts';

/** Whoever was at something that a step to another place took away is at the heading of what came instead, and not at the top of the page. */
export function useArrival(place: Place): void {
  const where = place.view === 'recordings' ? `${place.view}/${place.recording ?? ''}` : place.view;
  const left = useRef(where);
  useEffect(() => {
    if (left.current === where) return;
    left.current = where;
    // The list comes first: it leads back to the row that was left.
    queueMicrotask(arrive);
  }, [where]);
}

function arrive(): void {
  const at = document.activeElement;
  if (at !== null && at !== document.body && at.checkVisibility()) return;
  const heading = document.querySelector('.recording > h2') ?? document.querySelector('main h1');
  if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
}
