import type { JSX } from 'preact';

const PATHS = {
  held: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z',
  released: 'M7 11V8a5 5 0 0 1 9.6-2M6 11h12v9H6z',
  check: 'M5 12.5l4.5 4.500L19 7.500',
  cross: 'M6 6l12 12M18 6L6 18',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17.200v.3',
  play: 'M8 5l11 7-11 7z',
  save: 'M12 4v11M7 10.500l5 5 5-5M5 20h14',
  back: 'M14 6l-6 6 6 6',
  shield: 'M12 3l7.500 3v5.500c0 4.700-3.100 8-7.500 9.500-4.400-1.500-7.500-4.800-7.500-9.500V6z',
} as const;

export type IconName = keyof typeof PATHS;

/** Decoration beside words that say the same; hidden from screen readers. */
export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
