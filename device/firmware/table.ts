import { BUTTONS } from './buttons.ts';
import { alter, go, ignore, refuse, type Rule, stay, unless } from './rule.ts';
import type { EventName, FirmwareEvent, Gesture, Kind } from './state.ts';

type Row = Readonly<Record<Exclude<EventName, Gesture>, Rule>>;

// Events of which a whole row says the same.
const sensors = (rule: Rule) => ({ holster: rule, 'light-bar': rule, taser: rule, fall: rule });
const recordings = (rule: Rule) => ({
  stop: rule,
  mark: rule,
  category: rule,
  mute: rule,
  unmute: rule,
});
const wearing = (rule: Rule) => ({ 'stealth-on': rule, 'stealth-off': rule, sleep: rule, wake: rule });
const people = (rule: Rule) => ({ assign: rule, unassign: rule });
const talk = (rule: Rule) => ({
  contact: rule,
  synced: rule,
  progress: rule,
  receipt: rule,
  idle: rule,
  parted: rule,
});
const cable = (rule: Rule) => ({ plug: rule, unplug: rule });
const timers = (rule: Rule) => ({ 'tail-over': rule, 'limit-reached': rule, 'film-over': rule });
const starting = (rule: Rule) => ({ looked: rule, recovered: rule, halted: rule, 'begin-failed': rule });

// Level of the battery, room in the memory and the clock are known in every mode; here they change nothing else.
const noted = stay();
const KNOWN = {
  'battery-good': noted,
  'battery-low': noted,
  'memory-free': noted,
  'memory-scarce': noted,
  'memory-full': noted,
  'memory-read-only': noted,
  'clock-set': noted,
  'clock-reset': noted,
} as const;
const LATE = ignore('what it was about is over');
const ALONE = ignore('there is no dock');
const POWER_LOST = go('off', 'cut');

const OFF: Row = {
  ...sensors(ignore('the camera is off')),
  peer: ignore('the camera is off'),
  record: refuse('the camera is off: switch it on'),
  ...recordings(refuse('the camera is off')),
  ...wearing(refuse('the camera is off')),
  ...people(refuse('the camera is off')),
  'power-on': go('boot', 'look'),
  'power-off': ignore('the camera is off'),
  dock: ignore('the camera is off: it charges, and says nothing until it is switched on'),
  undock: ignore('the camera is off'),
  ...cable(ignore('the camera is off')),
  ...talk(LATE),
  ...KNOWN,
  'battery-critical': noted,
  'battery-dead': ignore('the camera is off'),
  ...timers(LATE),
  ...starting(LATE),
};

const STARTING = refuse('the camera is still starting: try again in a moment');
const BOOT: Row = {
  ...sensors(STARTING),
  peer: ignore('the camera is still starting'),
  record: STARTING,
  ...recordings(STARTING),
  ...wearing(STARTING),
  assign: alter('assigned'),
  unassign: alter('unassigned'),
  'power-on': ignore('the camera is on'),
  'power-off': go('shutdown', 'halt'),
  dock: STARTING,
  undock: STARTING,
  ...cable(ignore('the camera is still starting')),
  ...talk(LATE),
  ...KNOWN,
  'battery-critical': go('shutdown', 'halt'),
  'battery-dead': POWER_LOST,
  ...timers(LATE),
  looked: unless('interrupted', go('recovering', 'open'), stay('open')),
  recovered: go('ready', 'wear', 'load idle', 'signal on'),
  'begin-failed': LATE,
  halted: LATE,
};

const RECOVERING: Row = { ...BOOT, looked: LATE };

const FULL = refuse('the memory is full: put the camera into a bay, and what a dock has taken is freed');
const WORN_OUT = refuse(
  'the memory is worn out and can only be read: put the camera into a bay, then give it another memory',
);
const whereItCan = (rule: Rule): Rule => unless('read-only', WORN_OUT, unless('no room', FULL, rule));
const BEGUN = ['begin', 'start-limit', 'load recording', 'signal begin', 'announce'] as const;
const begin = whereItCan(go('recording', ...BEGUN));
// A camera that was called calls no others.
const beginByPeer = unless(
  'another tag',
  ignore('a camera of another unit began'),
  whereItCan(go('recording', 'begin', 'mark peer', 'start-limit', 'load recording', 'signal begin')),
);
const NO_RECORDING = refuse('there is no recording: start one with record');

const READY: Row = {
  ...sensors(begin),
  peer: beginByPeer,
  record: begin,
  ...recordings(NO_RECORDING),
  stop: ignore('there is no recording to stop'),
  mark: refuse('there is no recording to mark'),
  'stealth-on': unless('stealthy', ignore('it is in stealth'), alter('dark')),
  'stealth-off': unless('stealthy', alter('lit', 'signal on'), ignore('it is not in stealth')),
  sleep: go('sleep', 'cover', 'load sleep'),
  wake: ignore('the camera is awake'),
  assign: alter('assigned', 'wear'),
  unassign: alter('unassigned', 'wear'),
  'power-on': ignore('the camera is on'),
  'power-off': go('shutdown', 'signal off', 'halt'),
  dock: go('docked/charging', 'cover', 'load docked', 'enter-bay'),
  undock: ignore('the camera is in no bay'),
  ...cable(ignore('the camera is in no bay')),
  ...talk(ALONE),
  ...KNOWN,
  'memory-full': stay('signal memory-full'),
  'memory-read-only': stay('signal memory-full'),
  'battery-low': stay('signal battery-low'),
  'battery-critical': go('shutdown', 'signal off', 'halt'),
  'battery-dead': POWER_LOST,
  ...timers(LATE),
  ...starting(LATE),
};

const ENDED = ['stop-limit', 'load idle', 'signal stop'] as const;
const RECORDS = refuse('a recording is under way: stop it first');
// Its sound is in it already, and to leave it as it is would be to sign a mute that there was not.
const AS_IT_IS = refuse('a film is recorded with the sound that it has: it cannot be muted');
const RECORDING: Row = {
  // Those nearby may not record yet: what began this one need not have been their business.
  ...sensors(stay('mark sensor', 'signal mark', 'announce')),
  peer: ignore('it records already'),
  record: RECORDS,
  stop: unless(
    'post-event set',
    go('post-event', 'start-tail', 'signal stop'),
    go('ready', 'end button', ...ENDED),
  ),
  mark: stay('mark named', 'signal mark'),
  category: stay('mark category', 'signal mark'),
  mute: unless(
    'of a film',
    AS_IT_IS,
    unless('muted', ignore('it is muted'), alter('muted', 'mark mute', 'signal mute')),
  ),
  unmute: unless('muted', alter('unmuted', 'mark unmute', 'signal mute'), ignore('it is not muted')),
  'stealth-on': READY['stealth-on'],
  'stealth-off': READY['stealth-off'],
  sleep: RECORDS,
  wake: ignore('the camera is awake'),
  ...people(refuse('a recording stays with whom it began with: stop it first')),
  'power-on': ignore('the camera is on'),
  'power-off': go('shutdown', 'end power-off', 'stop-limit', 'signal off', 'halt'),
  dock: go('docked/charging', 'end docked', 'stop-limit', 'cover', 'load docked', 'enter-bay'),
  undock: ignore('the camera is in no bay'),
  ...cable(ignore('the camera is in no bay')),
  ...talk(ALONE),
  ...KNOWN,
  'memory-full': go('ready', 'end memory-full', 'stop-limit', 'load idle', 'signal memory-full'),
  'memory-read-only': go('ready', 'end memory-full', 'stop-limit', 'load idle', 'signal memory-full'),
  'battery-low': stay('signal battery-low'),
  'battery-critical': go('shutdown', 'end battery', 'stop-limit', 'signal off', 'halt'),
  'battery-dead': POWER_LOST,
  'tail-over': LATE,
  // A film has its own end.
  'limit-reached': unless('of a film', LATE, go('recording', 'renew', 'start-limit')),
  'film-over': go('ready', ...ENDED),
  looked: LATE,
  recovered: LATE,
  halted: LATE,
  'begin-failed': unless('not this one', LATE, go('ready', ...ENDED)),
};

const goOn = go('recording', 'stop-tail', 'signal begin');
const POST_EVENT: Row = {
  ...RECORDING,
  ...sensors(go('recording', 'stop-tail', 'mark sensor', 'signal begin', 'announce')),
  peer: unless(
    'another tag',
    ignore('a camera of another unit began'),
    go('recording', 'stop-tail', 'mark peer', 'signal begin'),
  ),
  record: goOn,
  stop: go('ready', 'stop-tail', 'end button', ...ENDED),
  sleep: refuse('a recording is coming to its end: stop it first'),
  'power-off': go('shutdown', 'stop-tail', 'end power-off', 'stop-limit', 'signal off', 'halt'),
  dock: go('docked/charging', 'stop-tail', 'end docked', 'stop-limit', 'cover', 'load docked', 'enter-bay'),
  'memory-full': go('ready', 'stop-tail', 'end memory-full', 'stop-limit', 'load idle', 'signal memory-full'),
  'memory-read-only': go(
    'ready',
    'stop-tail',
    'end memory-full',
    'stop-limit',
    'load idle',
    'signal memory-full',
  ),
  'battery-critical': go('shutdown', 'stop-tail', 'end battery', 'stop-limit', 'signal off', 'halt'),
  'tail-over': go('ready', 'end button', 'stop-limit', 'load idle'),
  'limit-reached': go('ready', 'stop-tail', 'end button', 'load idle', 'signal stop'),
  'film-over': go('ready', 'stop-tail', ...ENDED),
  'begin-failed': unless('not this one', LATE, go('ready', 'stop-tail', ...ENDED)),
};

const SLEEP: Row = {
  ...READY,
  // The eye was covered, so there is nothing from before.
  ...sensors(whereItCan(go('recording', 'uncover', ...BEGUN))),
  peer: ignore('the camera sleeps, and hears no other'),
  record: whereItCan(go('recording', 'uncover', ...BEGUN)),
  sleep: ignore('the camera sleeps'),
  wake: go('ready', 'uncover', 'load idle', 'signal on'),
  dock: go('docked/charging', 'load docked', 'enter-bay'),
  'memory-full': noted,
  'memory-read-only': noted,
  'battery-low': noted,
};

const IN_BAY = refuse('the camera is in a bay: take it out');
const leave = go('ready', 'leave-bay', 'wear', 'uncover', 'load idle', 'signal on');
const DOCKED: Row = {
  ...sensors(ignore('a camera in a bay does not record')),
  peer: ignore('a camera in a bay does not record'),
  record: IN_BAY,
  ...recordings(IN_BAY),
  stop: ignore('there is no recording to stop'),
  ...wearing(IN_BAY),
  assign: refuse('a camera is assigned as it is taken out of its bay'),
  unassign: ignore('nobody is assigned to a camera in a bay'),
  'power-on': ignore('the camera is on'),
  'power-off': go('shutdown', 'leave-bay', 'halt'),
  dock: ignore('the camera is in a bay'),
  undock: unless('battery critical', go('shutdown', 'leave-bay', 'halt'), leave),
  plug: ignore('the cable is in'),
  unplug: go('docked/unplugged', 'leave-bay', 'load idle'),
  contact: go('docked/syncing', 'sync-clock'),
  synced: LATE,
  progress: unless('all durable', go('docked/verifying'), go('docked/transferring')),
  receipt: { cases: [], otherwise: { to: 'docked/transferring', change: 'counted', does: [] } },
  idle: go('docked/ready'),
  parted: go('docked/charging'),
  ...KNOWN,
  'battery-critical': noted,
  'battery-dead': ignore('the bay gives it power'),
  ...timers(LATE),
  ...starting(LATE),
};

const CLOCK_FIRST = ignore('the clock is set first');
const SYNCING: Row = {
  ...DOCKED,
  synced: unless('nothing waits', go('docked/ready'), go('docked/transferring')),
  progress: CLOCK_FIRST,
  receipt: alter('counted'),
  idle: CLOCK_FIRST,
};

const NO_CABLE = ignore('the cable has no contact');
const UNPLUGGED: Row = {
  ...DOCKED,
  ...talk(NO_CABLE),
  plug: go('docked/charging', 'load docked', 'enter-bay'),
  unplug: ignore('the cable is out'),
  'power-off': go('shutdown', 'halt'),
  undock: unless(
    'battery critical',
    go('shutdown', 'halt'),
    go('ready', 'wear', 'uncover', 'load idle', 'signal on'),
  ),
  'battery-critical': go('shutdown', 'halt'),
  'battery-dead': POWER_LOST,
};

const SWITCHING_OFF = refuse('the camera is switching off');
const SHUTDOWN: Row = {
  ...OFF,
  ...sensors(SWITCHING_OFF),
  record: SWITCHING_OFF,
  ...recordings(SWITCHING_OFF),
  ...wearing(SWITCHING_OFF),
  ...people(SWITCHING_OFF),
  'power-on': SWITCHING_OFF,
  dock: SWITCHING_OFF,
  undock: SWITCHING_OFF,
  'battery-dead': POWER_LOST,
  halted: go('off'),
};

/** The answer to every event in every mode. The button's is in `buttons.ts`: it amounts to one of these. */
export const TABLE: Readonly<Record<Kind, Row>> = {
  off: OFF,
  boot: BOOT,
  recovering: RECOVERING,
  ready: READY,
  recording: RECORDING,
  'post-event': POST_EVENT,
  sleep: SLEEP,
  'docked/charging': DOCKED,
  'docked/syncing': SYNCING,
  'docked/transferring': DOCKED,
  'docked/verifying': DOCKED,
  'docked/ready': DOCKED,
  'docked/unplugged': UNPLUGGED,
  shutdown: SHUTDOWN,
};

/** The rule for that event in that mode, with what the button amounts to there. */
export function ruleOf(kind: Kind, name: EventName): Rule {
  if (!isGesture(name)) return TABLE[kind][name];
  const meaning = BUTTONS[kind][name];
  return meaning.means === 'nothing' ? ignore(meaning.why) : TABLE[kind][meaning.means];
}

export function isGesture(name: FirmwareEvent['event']): name is Gesture {
  return name === 'press' || name === 'double-press' || name === 'hold';
}

/** Every row, from switching on to switching off. */
export const KINDS: readonly Kind[] = [
  'off',
  'boot',
  'recovering',
  'ready',
  'recording',
  'post-event',
  'sleep',
  'docked/charging',
  'docked/syncing',
  'docked/transferring',
  'docked/verifying',
  'docked/ready',
  'docked/unplugged',
  'shutdown',
];

/** Every column: by hand, by itself, in a bay, and what the camera learns of its own parts. */
export const EVENTS: readonly EventName[] = [
  ...(['press', 'double-press', 'hold'] as const),
  ...(['record', 'stop', 'mark', 'category', 'mute', 'unmute'] as const),
  ...(['stealth-on', 'stealth-off', 'sleep', 'wake', 'assign', 'unassign', 'power-on', 'power-off'] as const),
  ...(['holster', 'light-bar', 'taser', 'fall', 'peer'] as const),
  ...(['dock', 'undock', 'plug', 'unplug', 'contact', 'synced'] as const),
  ...(['progress', 'receipt', 'idle', 'parted'] as const),
  ...(['battery-good', 'battery-low', 'battery-critical', 'battery-dead'] as const),
  ...([
    'memory-free',
    'memory-scarce',
    'memory-full',
    'memory-read-only',
    'clock-set',
    'clock-reset',
  ] as const),
  ...(['tail-over', 'limit-reached', 'film-over', 'looked', 'recovered', 'begin-failed', 'halted'] as const),
];
