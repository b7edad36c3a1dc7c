import type { JSX } from 'preact';

const PATHS = {
  held: 'M7 11V8a5 5 0 0 1 10 0v3M6 11h12v9H6z',
  released: 'M7 11V8a5 5 0 0 1 9.6-2M6 11h12v9H6z',
  check: 'M5 12.5l4.5 4.500L19 7.500',
  cross: 'M6 6l12 12M18 6L6 18',
  arriving: 'M12 4v11M7.500 10.500L12 15l4.500-4.500M5 20h14',
  warning: 'M12 4l9 16H3zM12 10v4.500M12 17.200v.3',
  play: 'M8 5l11 7-11 7z',
  save: 'M12 4v11M7 10.500l5 5 5-5M5 20h14',
  pause: 'M9 5v14M15 5v14',
  'frame-back': 'M17 6l-8 6 8 6zM6 6v12',
  'frame-on': 'M7 6l8 6-8 6zM18 6v12',
  sound: 'M4 10v4h4l5 4V6l-5 4zM16.500 9a4 4 0 0 1 0 6',
  silent: 'M4 10v4h4l5 4V6l-5 4zM16.500 10l4 4M20.500 10l-4 4',
  link: 'M10 14a4 4 0 0 0 6 .4l2.500-2.500a4 4 0 0 0-5.600-5.700L11.500 7.600M14 10a4 4 0 0 0-6-.4l-2.500 2.500a4 4 0 0 0 5.600 5.700l1.400-1.400',
  'full-screen': 'M5 9V5h4M15 5h4v4M19 15v4h-4M9 19H5v-4',
  upload: 'M12 16V5M7 10l5-5 5 5M5 19h14',
  camera: 'M4 8h10v9H4zM14 11l6-3v9l-6-3',
  bay: 'M5 8v11h14V8M9 19v-6h6v6',
  away: 'M5 12h14',
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
