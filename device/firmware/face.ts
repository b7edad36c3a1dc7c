import type { BodyFacts } from './body-ports.ts';
import { officerOf } from './mode.ts';
import type { NeighboursCounts } from './neighbours.ts';
import { type FirmwareState, type Kind, kindOf } from './state.ts';

/** What the camera shows of itself: a light and a line of text; in stealth neither. */
export interface Face {
  readonly light: 'dark' | 'green' | 'red' | 'amber' | 'blue';
  readonly text: string;
}

/** Everything there is to know at this moment, for whoever asks; stealth hides nothing from them. */
export interface Status {
  readonly state: Kind;
  readonly officer: string;
  readonly batteryPercent: number;
  readonly battery: FirmwareState['battery'];
  readonly flashFreeBytes: number;
  readonly memory: FirmwareState['memory'];
  readonly clock: FirmwareState['clock'];
  readonly stealth: boolean;
  readonly muted: boolean;
  readonly recordingMs?: number;
  readonly settled?: number;
  readonly waiting?: number;
  /** Cameras that its calls came to, one by one; calls of others; and what nothing came of: noise, and what was late, heard twice or too much. */
  readonly radioReached?: number;
  readonly radioHeard?: number;
  readonly radioIgnored?: number;
}

export function statusOf(
  { mode, ...state }: FirmwareState,
  facts: BodyFacts & { readonly radio?: NeighboursCounts | undefined },
): Status {
  const { recordingMs, radio } = facts;
  return {
    state: kindOf(mode),
    officer: officerOf(mode),
    batteryPercent: facts.batteryPercent,
    battery: state.battery,
    flashFreeBytes: facts.flashFreeBytes,
    memory: state.memory,
    clock: state.clock,
    stealth: 'isStealthy' in mode && mode.isStealthy,
    muted: 'isMuted' in mode && mode.isMuted,
    ...(recordingMs === undefined ? {} : { recordingMs: Math.round(recordingMs) }),
    ...(mode.at === 'docked' ? { settled: mode.settled, waiting: mode.waiting } : {}),
    ...(radio === undefined ? {} : radioSide(radio)),
  };
}

function radioSide({ reached, heard, garbled, late, ignored }: NeighboursCounts): Partial<Status> {
  return { radioReached: reached, radioHeard: heard, radioIgnored: garbled + late + ignored };
}

/** The light and the line of the display. */
export function faceOf(status: Status): Face {
  const { light, words } = LOOKS[status.state];
  if (status.stealth || light === 'dark') return { light: 'dark', text: '' };
  const parts = [
    words(status),
    status.muted ? 'muted' : '',
    status.state.startsWith('docked/') ? '' : status.officer || 'unassigned',
    `battery ${status.batteryPercent} %${status.battery === 'good' ? '' : ` ${status.battery}`}`,
    roomOf(status),
    status.clock === 'unset' ? 'clock unset' : '',
  ];
  return { light, text: parts.filter((part) => part !== '').join(' | ') };
}

interface Look {
  readonly light: Face['light'];
  readonly words: (status: Status) => string;
}

const plain = (light: Face['light'], text: string): Look => ({ light, words: () => text });
const LOOKS: Readonly<Record<Kind, Look>> = {
  off: plain('dark', ''),
  boot: plain('amber', 'starting'),
  recovering: plain('amber', 'recovering what was interrupted'),
  ready: plain('green', 'ready'),
  recording: { light: 'red', words: ({ recordingMs = 0 }) => `REC ${time(recordingMs)}` },
  'post-event': { light: 'red', words: ({ recordingMs = 0 }) => `REC ${time(recordingMs)} ending` },
  sleep: plain('dark', ''),
  'docked/charging': plain('amber', 'charging'),
  'docked/syncing': plain('blue', 'syncing'),
  'docked/transferring': { light: 'blue', words: (status) => `transferring ${ofAll(status)}` },
  'docked/verifying': { light: 'blue', words: (status) => `verifying ${ofAll(status)}` },
  'docked/ready': plain('green', 'uploaded, ready to go'),
  'docked/unplugged': plain('amber', 'no contact'),
  shutdown: plain('amber', 'switching off'),
};

/** The one on its way, of those that came into the bay. */
function ofAll({ settled = 0, waiting = 0 }: Status): string {
  const all = settled + waiting;
  return `${Math.min(settled + 1, all)} of ${all}`;
}

function time(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return [hours, minutes, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

function roomOf({ memory, flashFreeBytes }: Status): string {
  if (memory === 'read-only') return 'memory worn out: replace it';
  return memory === 'full' ? 'memory full' : `${gigabytes(flashFreeBytes)} GB free`;
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
