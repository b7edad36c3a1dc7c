import type { FirmwareEffect, FirmwareEvent, FirmwareSetting, FirmwareState, Kind } from './state.ts';

/** Something that an answer depends on, by its name in the table; `guards` says what it is. */
export type Guard =
  | 'no room'
  | 'read-only'
  | 'muted'
  | 'stealthy'
  | 'another tag'
  | 'post-event set'
  | 'of a film'
  | 'not this one'
  | 'interrupted'
  | 'all durable'
  | 'nothing waits'
  | 'battery critical';

/** A change inside a mode, by its name in the table. */
export type Change = 'muted' | 'unmuted' | 'dark' | 'lit' | 'assigned' | 'unassigned' | 'counted';

/** What is to be done, by its name in the table; `machine.ts` makes the effect of it. */
export type Deed =
  | Exclude<FirmwareEffect['effect'], 'end' | 'load' | 'signal' | 'mark'>
  | `mark ${'named' | 'sensor' | 'peer' | 'category' | 'mute' | 'unmute'}`
  | `end ${'button' | 'docked' | 'memory-full' | 'battery' | 'power-off'}`
  | `load ${Extract<FirmwareEffect, { effect: 'load' }>['load']}`
  | `signal ${Extract<FirmwareEffect, { effect: 'signal' }>['signal']}`;

/** One answer to an event: somewhere to go and things to do; or why not, in words for people. */
export type Answer =
  | { readonly to: Kind | 'same'; readonly change?: Change; readonly does: readonly Deed[] }
  /** Nothing to say to anybody: it does not matter here. */
  | { readonly ignored: string }
  /** Somebody asked for it and is to be told. */
  | { readonly refused: string };

/** The first case whose guard holds is the answer; the last has none. */
export interface Rule {
  readonly cases: readonly { readonly when: Guard; readonly answer: Answer }[];
  readonly otherwise: Answer;
}

/** What a guard is asked about. */
export interface Asked {
  readonly state: FirmwareState;
  readonly event: FirmwareEvent;
  readonly setting: FirmwareSetting;
}

export const GUARDS: Readonly<Record<Guard, (asked: Asked) => boolean>> = {
  'no room': ({ state: { memory }, setting: { whenFull } }) =>
    memory === 'full' || (memory === 'scarce' && whenFull === 'refuse'),
  'read-only': ({ state: { memory } }) => memory === 'read-only',
  muted: ({ state: { mode } }) => 'isMuted' in mode && mode.isMuted,
  stealthy: ({ state: { mode } }) => 'isStealthy' in mode && mode.isStealthy,
  'another tag': ({ event, setting }) => event.event === 'peer' && event.tag !== setting.tag,
  'post-event set': ({ setting }) => setting.postEventMs > 0,
  'of a film': ({ setting }) => setting.isFilm === true,
  'not this one': ({ state: { mode }, event }) =>
    event.event === 'begin-failed' && 'number' in mode && mode.number !== event.number,
  interrupted: ({ event }) => event.event === 'looked' && event.interrupted > 0,
  'all durable': ({ event }) => event.event === 'progress' && event.durableBytes >= event.totalBytes,
  'nothing waits': ({ event }) => event.event === 'synced' && event.waiting === 0,
  'battery critical': ({ state }) => state.battery === 'critical',
};

export const go = (to: Kind, ...does: readonly Deed[]): Rule => ({
  cases: [],
  otherwise: { to, does },
});
export const stay = (...does: readonly Deed[]): Rule => ({ cases: [], otherwise: { to: 'same', does } });
export const alter = (change: Change, ...does: readonly Deed[]): Rule => ({
  cases: [],
  otherwise: { to: 'same', change, does },
});
export const ignore = (ignored: string): Rule => ({ cases: [], otherwise: { ignored } });
export const refuse = (refused: string): Rule => ({ cases: [], otherwise: { refused } });
/** The same rule, but for when the guard holds. */
export const unless = (when: Guard, { otherwise: answer }: Rule, rule: Rule): Rule => ({
  cases: [{ when, answer }, ...rule.cases],
  otherwise: rule.otherwise,
});
