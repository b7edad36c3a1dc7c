import { BUTTONS } from './buttons.ts';
import { effectOf } from './deed.ts';
import { changed, entered } from './mode.ts';
import { type Answer, type Asked, GUARDS } from './rule.ts';
import {
  type Cause,
  type FirmwareEffect,
  type FirmwareEvent,
  type FirmwareSetting,
  type FirmwareState,
  kindOf,
  type Mode,
} from './state.ts';
import { isGesture, ruleOf } from './table.ts';

export type FirmwareStep = readonly [FirmwareState, readonly FirmwareEffect[]];

/**
 * The whole camera as a person knows it. Pure: what happened goes in, what must be done comes out, in order. What it
 * answers is in `table.ts`; what was ignored or refused changes nothing.
 */
export function step(state: FirmwareState, event: FirmwareEvent, setting: FirmwareSetting): FirmwareStep {
  const asked = { state: known(state, event), event: meant(state, event), setting };
  const answer = answerTo(asked, event.event);
  if (!('to' in answer)) return [asked.state, []];
  const next = advance(asked, answer);
  const effects = answer.does
    .map((deed) => effectOf(deed, asked, next))
    .filter((effect) => effect.effect !== 'signal' || !isDark(asked.state.mode, next.mode))
    .filter((effect) => effect.effect !== 'announce' || isCalledFor(effect.cause, setting));
  return [next, effects];
}

/** What the table says to this event in this state: for the one who asked, when it is a refusal. */
export function answer(state: FirmwareState, event: FirmwareEvent, setting: FirmwareSetting): Answer {
  return answerTo({ state: known(state, event), event: meant(state, event), setting }, event.event);
}

function answerTo(asked: Asked, name: FirmwareEvent['event']): Answer {
  const { cases, otherwise } = ruleOf(kindOf(asked.state.mode), name);
  return cases.find(({ when }) => GUARDS[when](asked))?.answer ?? otherwise;
}

/** A gesture becomes what it means here. */
function meant(state: FirmwareState, event: FirmwareEvent): FirmwareEvent {
  if (!isGesture(event.event)) return event;
  const meaning = BUTTONS[kindOf(state.mode)][event.event];
  switch (meaning.means) {
    case 'record':
      return { event: 'record', cause: 'button' };
    case 'mark':
    case 'stop':
    case 'wake':
    case 'power-on':
      return { event: meaning.means };
    case 'nothing':
      return event;
    default:
      return meaning satisfies never;
  }
}

/** What is known of battery, memory and clock, whatever the mode. */
function known(state: FirmwareState, event: FirmwareEvent): FirmwareState {
  switch (event.event) {
    case 'battery-good':
      return { ...state, battery: 'good' };
    case 'battery-low':
      return { ...state, battery: 'low' };
    case 'battery-critical':
    case 'battery-dead':
      return { ...state, battery: 'critical' };
    case 'memory-free':
      return remembering(state, 'free');
    case 'memory-scarce':
      return remembering(state, 'scarce');
    case 'memory-full':
      return remembering(state, 'full');
    case 'memory-read-only':
      return remembering(state, 'read-only');
    case 'clock-set':
      return { ...state, clock: 'set' };
    case 'clock-reset':
      return { ...state, clock: 'unset' };
    case 'synced':
      return { ...state, clock: event.isSet ? 'set' : 'unset' };
    default:
      return state;
  }
}

/** As the unit has settled it: not everything that begins a recording is everybody's business. */
function isCalledFor(cause: Cause, { callsFor }: FirmwareSetting): boolean {
  return callsFor === undefined || callsFor.includes(cause);
}

/** A memory that is worn out does not get well. */
function remembering(state: FirmwareState, memory: FirmwareState['memory']): FirmwareState {
  return state.memory === 'read-only' ? state : { ...state, memory };
}

function advance(asked: Asked, { to, change }: Extract<Answer, { to: unknown }>): FirmwareState {
  const { state } = asked;
  const mode = to === 'same' ? state.mode : entered(to, asked);
  const next = { ...state, mode: change === undefined ? mode : changed(mode, change, asked) };
  return 'number' in next.mode ? { ...next, begun: next.mode.number } : next;
}

function isDark(...modes: readonly Mode[]): boolean {
  return modes.some((mode) => 'isStealthy' in mode && mode.isStealthy);
}
