import assert from 'node:assert/strict';
import type { Asked, Change } from './rule.ts';
import type { Cause, FirmwareEvent, Kind, Mode, Rolling, Stage } from './state.ts';

type Docked = Extract<Mode, { at: 'docked' }>;

/** The mode of that kind, with what the one before it hands on. */
export function entered(to: Kind, asked: Asked): Mode {
  const { mode } = asked.state;
  switch (to) {
    case 'off':
    case 'boot':
    case 'recovering':
    case 'shutdown':
      return { at: to, officer: officerOf(mode) };
    case 'ready':
    case 'sleep':
      return { at: to, ...wornBy(asked) };
    case 'recording':
      return { ...rolling(asked), at: to };
    case 'post-event':
      // The table goes there from a recording only.
      assert(mode.at === 'recording');
      return { ...mode, at: to };
    case 'docked/charging':
    case 'docked/syncing':
    case 'docked/transferring':
    case 'docked/verifying':
    case 'docked/ready':
    case 'docked/unplugged':
      return docked(stageOf(to), asked);
    default:
      return to satisfies never;
  }
}

/** The same mode but for that. One that has no such side stays as it is. */
export function changed(mode: Mode, change: Change, { event }: Asked): Mode {
  switch (change) {
    case 'muted':
    case 'unmuted':
      return 'isMuted' in mode ? { ...mode, isMuted: change === 'muted' } : mode;
    case 'dark':
    case 'lit':
      return 'isStealthy' in mode ? { ...mode, isStealthy: change === 'dark' } : mode;
    case 'assigned':
      return 'officer' in mode && event.event === 'assign' ? { ...mode, officer: event.officer } : mode;
    case 'unassigned':
      return 'officer' in mode ? { ...mode, officer: '' } : mode;
    case 'counted':
      return mode.at === 'docked' ? { ...mode, settled: mode.settled + 1 } : mode;
    default:
      return change satisfies never;
  }
}

/** Who has the camera; empty: nobody. In a bay it is nobody's. */
export function officerOf(mode: Mode): string {
  return 'officer' in mode ? mode.officer : '';
}

function wornBy({ state: { mode }, event }: Asked): {
  readonly officer: string;
  readonly isStealthy: boolean;
} {
  const officer = event.event === 'undock' ? event.officer : officerOf(mode);
  return { officer, isStealthy: 'isStealthy' in mode && mode.isStealthy };
}

function rolling(asked: Asked): Rolling {
  const { mode, begun } = asked.state;
  const goesOn = 'number' in mode;
  // A trigger after the stop takes the same recording up again; the longest time of a file makes another.
  if (goesOn && asked.event.event !== 'limit-reached') return mode;
  return {
    ...wornBy(asked),
    number: begun + 1,
    cause: causeOf(asked.event),
    isMuted: goesOn && mode.isMuted,
  };
}

/** What began a recording that this event begins. */
export function causeOf(event: FirmwareEvent): Cause {
  switch (event.event) {
    case 'holster':
    case 'light-bar':
    case 'taser':
    case 'fall':
    case 'peer':
      return event.event;
    case 'limit-reached':
      return 'limit';
    case 'record':
      return event.cause ?? 'command';
    default:
      return 'command';
  }
}

function stageOf(kind: `docked/${Stage}`): Stage {
  switch (kind) {
    case 'docked/charging':
      return 'charging';
    case 'docked/syncing':
      return 'syncing';
    case 'docked/transferring':
      return 'transferring';
    case 'docked/verifying':
      return 'verifying';
    case 'docked/ready':
      return 'ready';
    case 'docked/unplugged':
      return 'unplugged';
    default:
      return kind satisfies never;
  }
}

function docked(stage: Stage, { state: { mode }, event }: Asked): Docked {
  const before = mode.at === 'docked' ? mode : { settled: 0, waiting: 0 };
  const waiting = 'waiting' in event ? event.waiting : before.waiting;
  return { at: 'docked', stage, settled: before.settled, waiting: event.event === 'idle' ? 0 : waiting };
}
