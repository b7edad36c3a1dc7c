import assert from 'node:assert/strict';
import { causeOf, officerOf } from './mode.ts';
import type { Asked, Deed } from './rule.ts';
import type { FirmwareEffect, FirmwareEvent, FirmwareState, Rolling } from './state.ts';

/** What a mark is called that somebody gave no name. */
const MARK_KIND_DEFAULT = 'button';

/** The effect of that deed, on the way from what was asked about to the next state. */
export function effectOf(deed: Deed, asked: Asked, next: FirmwareState): FirmwareEffect {
  switch (deed) {
    case 'begin': {
      const { number, cause, officer } = rollingOf(next);
      const begin = { effect: 'begin', number, cause, officer } as const;
      return asked.event.event === 'peer' ? { ...begin, peer: asked.event.camera } : begin;
    }
    case 'renew': {
      const { number, isMuted } = rollingOf(next);
      return { effect: 'renew', number, isMuted };
    }
    case 'start-tail':
      return { effect: 'start-tail', afterMs: asked.setting.postEventMs };
    case 'start-limit':
      return { effect: 'start-limit', afterMs: asked.setting.recordingMsMax };
    case 'wear':
      return { effect: 'wear', officer: officerOf(next.mode) };
    case 'announce':
      return { effect: 'announce', tag: asked.setting.tag, cause: causeOf(asked.event) };
    case 'sync-clock': {
      const { event } = asked;
      return event.event === 'contact' && event.time !== undefined
        ? { effect: 'sync-clock', time: event.time }
        : { effect: 'sync-clock' };
    }
    case 'look':
    case 'open':
    case 'stop-tail':
    case 'stop-limit':
    case 'cover':
    case 'uncover':
    case 'enter-bay':
    case 'leave-bay':
    case 'halt':
    case 'cut':
      return { effect: deed };
    default:
      return told(deed, asked.event);
  }
}

type Wordy = Extract<Deed, `${string} ${string}`>;

/** Deeds that say of themselves what they are about. */
function told(deed: Wordy, event: FirmwareEvent): FirmwareEffect {
  switch (deed) {
    case 'mark named':
      return { effect: 'mark', kind: (event.event === 'mark' ? event.kind : undefined) ?? MARK_KIND_DEFAULT };
    case 'mark sensor':
      return { effect: 'mark', kind: event.event };
    case 'mark peer':
      return { effect: 'mark', kind: peerMark(event) };
    case 'mark category':
      return { effect: 'mark', kind: `category:${event.event === 'category' ? event.name : ''}` };
    case 'mark mute':
      return { effect: 'mark', kind: 'mute' };
    case 'mark unmute':
      return { effect: 'mark', kind: 'unmute' };
    case 'end button':
      return { effect: 'end', reason: 'button' };
    case 'end docked':
      return { effect: 'end', reason: 'docked' };
    case 'end memory-full':
      return { effect: 'end', reason: 'storage-full' };
    case 'end battery':
      return { effect: 'end', reason: 'battery' };
    case 'end power-off':
      return { effect: 'end', reason: 'power-off' };
    case 'load idle':
      return { effect: 'load', load: 'idle' };
    case 'load recording':
      return { effect: 'load', load: 'recording' };
    case 'load docked':
      return { effect: 'load', load: 'docked' };
    case 'load sleep':
      return { effect: 'load', load: 'sleep' };
    case 'signal on':
      return { effect: 'signal', signal: 'on' };
    case 'signal begin':
      return { effect: 'signal', signal: 'begin' };
    case 'signal stop':
      return { effect: 'signal', signal: 'stop' };
    case 'signal mark':
      return { effect: 'signal', signal: 'mark' };
    case 'signal mute':
      return { effect: 'signal', signal: 'mute' };
    case 'signal battery-low':
      return { effect: 'signal', signal: 'battery-low' };
    case 'signal memory-full':
      return { effect: 'signal', signal: 'memory-full' };
    case 'signal off':
      return { effect: 'signal', signal: 'off' };
    default:
      return deed satisfies never;
  }
}

/** Which camera called belongs into what is signed. */
function peerMark(event: FirmwareEvent): string {
  return event.event === 'peer' && event.camera !== '' ? `peer:${event.camera}` : 'peer';
}

function rollingOf({ mode }: FirmwareState): Rolling {
  assert('number' in mode, 'the table begins a recording only where it goes on to one');
  return mode;
}
