import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** The row that an element is, or is in. */
export function keyOf(element: EventTarget | null): string | undefined {
  const row = element instanceof Element ? element.closest('[data-key]') : null;
  return row instanceof HTMLElement ? row.dataset['key'] : undefined;
}

export function focusRow(list: HTMLElement | null, key: string, options?: FocusOptions): void {
  const row = list?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (row instanceof HTMLElement) row.focus(options);
}

/** A browser takes the focus off whatever moves or goes; this gives it back to the same row, or to the one in its place. */
export function useKeptFocus(list: RefObject<HTMLElement | null>, keys: readonly string[]): void {
  const before = useRef<readonly string[]>([]);
  // While this renders the list is still as it was.
  const focused =
    list.current?.contains(document.activeElement) === true ? keyOf(document.activeElement) : undefined;
  useLayoutEffect(() => {
    const was = before.current;
    before.current = keys;
    if (focused === undefined || keyOf(document.activeElement) === focused) return;
    const place = Math.min(was.indexOf(focused), keys.length - 1);
    const next = keys.includes(focused) ? focused : keys[place];
    if (next !== undefined) focusRow(list.current, next, { preventScroll: true });
  });
}

/** `/` leads to the search, wherever nobody is typing. */
export function useSearchKey(search: RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
      const field = search.current;
      if (isTyping(event.target) || field === null || field.offsetParent === null) return;
      event.preventDefault();
      field.focus();
      field.select();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox' && target.type !== 'radio';
  return (
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement ||
    (target instanceof HTMLElement && target.isContentEditable)
  );
}
