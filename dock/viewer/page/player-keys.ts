/** What a key asks the player for; `by` and `to` are seconds, `to` from the start or, `end`, at it. */
export type Command =
  | { readonly does: 'toggle' | 'fullscreen' }
  | { readonly does: 'seek'; readonly by: number }
  | { readonly does: 'edge'; readonly to: 'start' | 'end' }
  | { readonly does: 'frame'; readonly by: 1 | -1 };

export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  [' ', { does: 'toggle' }],
  ['k', { does: 'toggle' }],
  ['f', { does: 'fullscreen' }],
  ['arrowleft', { does: 'seek', by: -5 }],
  ['arrowright', { does: 'seek', by: 5 }],
  ['j', { does: 'seek', by: -10 }],
  ['l', { does: 'seek', by: 10 }],
  ['home', { does: 'edge', to: 'start' }],
  ['end', { does: 'edge', to: 'end' }],
  [',', { does: 'frame', by: -1 }],
  ['.', { does: 'frame', by: 1 }],
]);

/** Whom the key belongs to: a button answers to the space bar, and a field or a choice to everything. */
export type Holder = 'nobody' | 'player' | 'slider' | 'button' | 'field' | 'other';

/** The player listens while it has the focus, or nothing has; keys with a modifier are the browser's. */
export function commandOf(press: KeyPress, holder: Holder): Command | undefined {
  if (press.ctrlKey || press.altKey || press.metaKey) return undefined;
  if (holder === 'field' || holder === 'other') return undefined;
  if (holder === 'button' && press.key === ' ') return undefined;
  return COMMANDS.get(press.key.toLowerCase());
}
