import { utf8 } from '../../proto/bytes.ts';
import { isPersonId } from '../../proto/ids.ts';
import { MARK_KIND_BYTES_MAX } from '../../proto/limits.ts';
import type { FirmwareEvent } from './state.ts';

/** What a line asks for. */
export type Command =
  | { readonly do: 'event'; readonly event: FirmwareEvent }
  /** As an event, but out of its bay first where it is in one. */
  | { readonly do: 'record' }
  /** Empty: whoever the camera is issued to. */
  | { readonly do: 'undock'; readonly officer: string }
  /** Said as it was heard; without a tag, in this camera's own. */
  | { readonly do: 'peer'; readonly camera: string; readonly tag: string | undefined }
  | { readonly do: 'battery'; readonly percent: number }
  | { readonly do: 'charge' | 'unplug' | 'clock-reset' | 'status' | 'quit' | 'help' | 'nothing' }
  /** Takes all room away, or gives it back. */
  | { readonly do: 'flash'; readonly isFull: boolean }
  | { readonly do: 'clock-step'; readonly byMs: number }
  | { readonly do: 'unknown'; readonly why: string };

/** Every command as a person types it, and what it does. */
export const COMMANDS: readonly (readonly [string, string])[] = [
  ['record', 'begin a recording; out of the bay first where it is in one'],
  ['stop', 'end it, or let it go on for the post-event time'],
  ['press | double-press | hold', 'the event button, see docs/CAMERA.md'],
  ['mark [KIND]', 'mark this moment'],
  ['category NAME', 'say what kind of event this is'],
  ['mute | unmute', 'sound off and on'],
  ['stealth on | off', 'no light, no sound, no display'],
  ['sleep | wake', 'cover the lens and forget; see again'],
  ['holster | lightbar | taser | fall', 'a sensor'],
  ['peer [CAMERA [TAG]]', 'a camera nearby began'],
  ['assign OFFICER | unassign', 'who has it from here on'],
  ['dock', 'put it into its bay'],
  ['undock [OFFICER]', 'take it out; without a name it goes to whom it is issued to'],
  ['unplug | plug', 'the cable loses contact, and has it again'],
  ['battery PERCENT', 'what is left, at once'],
  ['charge', 'on a charger while it is worn, until unplug'],
  ['clock +SECONDS | -SECONDS | reset', 'step the clock, or lose the time'],
  ['flash full | room', 'no room is left in the memory; there is again what there was'],
  ['status', 'how it stands'],
  ['power-off, quit', 'switch off in order'],
  ['help', 'this list'],
];

const PLAIN: Readonly<Record<string, FirmwareEvent>> = {
  stop: { event: 'stop' },
  press: { event: 'press' },
  'double-press': { event: 'double-press' },
  hold: { event: 'hold' },
  mute: { event: 'mute' },
  unmute: { event: 'unmute' },
  sleep: { event: 'sleep' },
  wake: { event: 'wake' },
  holster: { event: 'holster' },
  lightbar: { event: 'light-bar' },
  taser: { event: 'taser' },
  fall: { event: 'fall' },
  unassign: { event: 'unassign' },
  dock: { event: 'dock' },
  plug: { event: 'plug' },
  'stealth on': { event: 'stealth-on' },
  'stealth off': { event: 'stealth-off' },
};
/** Why a word names nobody, and what does: the rule of the whole product. */
export const NO_PERSON =
  'is no person id: give 1 to 64 letters, digits and ._@-, the first a letter or a digit';
const BARE = new Set(['charge', 'unplug', 'status', 'quit', 'help'] as const);
const CATEGORY_BYTES_MAX = MARK_KIND_BYTES_MAX - utf8('category:').length;
const CLOCK_SECONDS_MAX = 100 * 366 * 86_400;

/** Reads one line; what it cannot read is an answer too. */
export function readCommand(line: string): Command {
  const words = line.trim().split(/\s+/);
  const [word = '', ...rest] = words;
  const plain = Object.hasOwn(PLAIN, words.join(' ')) ? PLAIN[words.join(' ')] : undefined;
  if (plain !== undefined) return { do: 'event', event: plain };
  const bare = [...BARE].find((one) => one === words.join(' '));
  if (bare !== undefined) return { do: bare };
  return withWords(word, rest.join(' ')) ?? unknown(line.trim());
}

function withWords(word: string, rest: string): Command | undefined {
  switch (word) {
    case '':
      return { do: 'nothing' };
    case 'power-off':
      return rest === '' ? { do: 'quit' } : undefined;
    case 'record':
      return rest === '' ? { do: 'record' } : undefined;
    case 'mark':
      return { do: 'event', event: rest === '' ? { event: 'mark' } : { event: 'mark', kind: rest } };
    case 'category':
      return category(rest);
    case 'assign':
      return isPersonId(rest)
        ? { do: 'event', event: { event: 'assign', officer: rest } }
        : nobody(word, rest);
    case 'undock':
      return rest === '' || isPersonId(rest) ? { do: 'undock', officer: rest } : nobody(word, rest);
    case 'peer': {
      const [camera = '', tag] = rest.split(' ');
      return { do: 'peer', camera, tag };
    }
    case 'battery':
      return battery(rest);
    case 'clock':
      return clock(rest);
    case 'flash':
      return rest === 'full' || rest === 'room' ? { do: 'flash', isFull: rest === 'full' } : undefined;
    default:
      return undefined;
  }
}

function category(name: string): Command {
  const bytes = utf8(name).length;
  return bytes >= 1 && bytes <= CATEGORY_BYTES_MAX
    ? { do: 'event', event: { event: 'category', name } }
    : { do: 'unknown', why: `category: give a name of 1 to ${CATEGORY_BYTES_MAX} bytes` };
}

function nobody(command: string, text: string): Command {
  return { do: 'unknown', why: `${command}: "${text}" ${NO_PERSON}` };
}

function battery(text: string): Command {
  const percent = Number(/^(\d{1,3}) ?%?$/.exec(text)?.[1]);
  return percent >= 0 && percent <= 100
    ? { do: 'battery', percent }
    : { do: 'unknown', why: `battery: "${text}" is not a whole number from 0 to 100` };
}

function clock(text: string): Command {
  if (text === 'reset') return { do: 'clock-reset' };
  const seconds = Number(/^([+-]\d+(\.\d+)?)s?$/.exec(text)?.[1]);
  return Math.abs(seconds) <= CLOCK_SECONDS_MAX
    ? { do: 'clock-step', byMs: Math.round(seconds * 1000) }
    : { do: 'unknown', why: `clock: "${text}" is none of +SECONDS, -SECONDS and reset` };
}

function unknown(line: string): Command {
  const known = COMMANDS.map(([usage]) => usage.replaceAll(' | ', ', ')).join(', ');
  return { do: 'unknown', why: `no command "${line}"; there are ${known}` };
}
