import type { Gesture, Kind } from './state.ts';

/** What a gesture on the event button amounts to; or why it amounts to nothing. */
export type Meaning =
  | { readonly means: 'record' | 'mark' | 'stop' | 'wake' | 'power-on' }
  | { readonly means: 'nothing'; readonly why: string };

const nothing = (why: string): Meaning => ({ means: 'nothing', why });
const DOCKED = {
  press: nothing('a camera in a bay has no use for its button'),
  'double-press': nothing('a camera in a bay does not record: take it out'),
  hold: nothing('a camera in a bay has no use for its button'),
} as const;
const BUSY = {
  press: nothing('the camera is still starting'),
  'double-press': nothing('the camera is still starting'),
  hold: nothing('the camera is still starting'),
} as const;

/**
 * The event button, as it is on cameras in service: what begins a recording takes two presses and what ends it a long one, as
 * neither may happen by accident; a single press during a recording marks.
 */
export const BUTTONS: Readonly<Record<Kind, Readonly<Record<Gesture, Meaning>>>> = {
  off: {
    press: nothing('the camera is off: hold the button to switch it on'),
    'double-press': nothing('the camera is off: hold the button to switch it on'),
    hold: { means: 'power-on' },
  },
  boot: BUSY,
  recovering: BUSY,
  ready: {
    press: nothing('one press begins nothing: press twice'),
    'double-press': { means: 'record' },
    hold: nothing('there is no recording to stop'),
  },
  recording: {
    press: { means: 'mark' },
    'double-press': nothing('it records already'),
    hold: { means: 'stop' },
  },
  'post-event': { press: { means: 'mark' }, 'double-press': { means: 'record' }, hold: { means: 'stop' } },
  sleep: {
    press: { means: 'wake' },
    'double-press': { means: 'record' },
    hold: nothing('there is no recording to stop'),
  },
  'docked/charging': DOCKED,
  'docked/syncing': DOCKED,
  'docked/transferring': DOCKED,
  'docked/verifying': DOCKED,
  'docked/ready': DOCKED,
  'docked/unplugged': DOCKED,
  shutdown: {
    press: nothing('the camera is switching off'),
    'double-press': nothing('the camera is switching off'),
    hold: nothing('the camera is switching off'),
  },
};
