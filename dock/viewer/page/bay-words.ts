import type { ShownBay } from '../schema/bays.ts';

/** What a card looks like from afar: one of few colours, a word and a sign, which all say the same. */
export interface BayLook {
  readonly tone: 'away' | 'quiet' | 'busy' | 'good' | 'bad';
  readonly word: string;
  readonly icon: 'warning' | 'upload' | 'shield' | 'camera' | 'check' | 'bay' | 'away';
}

/** A fault is seen first, whatever else goes on in the bay. */
export function lookOf({ state, fault, lastReceipt }: ShownBay): BayLook {
  if (fault !== undefined) return { tone: 'bad', word: faultWord(fault.code), icon: 'warning' };
  switch (state) {
    case 'receiving':
      return { tone: 'busy', word: 'Uploading', icon: 'upload' };
    case 'verifying':
      return { tone: 'busy', word: 'Checking', icon: 'shield' };
    case 'connected':
      return { tone: 'quiet', word: 'Docked', icon: 'camera' };
    case 'idle':
      return lastReceipt?.outcome === 'accepted'
        ? { tone: 'good', word: 'Done', icon: 'check' }
        : { tone: 'quiet', word: 'Docked', icon: 'camera' };
    case 'empty':
      return { tone: 'away', word: 'Empty', icon: 'bay' };
    case 'away':
      return { tone: 'away', word: 'Away', icon: 'away' };
    case 'closed':
      return { tone: 'away', word: 'Not connected', icon: 'away' };
    default:
      return { tone: 'bad', word: 'Fault', icon: 'warning' };
  }
}

const FAULT_WORDS: Readonly<Record<string, string>> = {
  quarantined: 'Set aside',
  interrupted: 'Interrupted',
  'line-noise': 'Noisy line',
  'unknown-camera': 'Unknown camera',
  'storage-full': 'Dock is full',
  'storage-fault': 'Dock disk fault',
  'ledger-behind': 'Ledger fault',
  busy: 'Dock is busy',
};

function faultWord(code: string): string {
  return FAULT_WORDS[code] ?? 'Fault';
}

const FAULT_TEXTS: Readonly<Record<string, string>> = {
  quarantined: 'The recording is not what it should be. It is kept aside and never released.',
  interrupted: 'The camera left before everything was here.',
  'line-noise': 'The line spoiled what was sent, and the session was lost.',
  'unknown-camera': 'This camera is not enrolled at this dock.',
  'storage-full': 'There is no room left on the disk of the dock.',
  'storage-fault': 'The disk of the dock could not write.',
  'ledger-behind': 'The ledger of this dock was set back. No receipt can be given.',
};

/** One sentence; the dock's own words where it tells this person more. */
export function faultText({ code, text }: NonNullable<ShownBay['fault']>): string {
  return FAULT_TEXTS[code] ?? (text === undefined || text === '' ? `The dock says: ${code}.` : `${text}.`);
}

/** What the display says aloud when a bay changes so: a fault, or a receipt. Progress is for the eyes only. */
export function announcement(before: ShownBay | undefined, now: ShownBay): string | undefined {
  if (before === undefined) return undefined;
  if (now.fault !== undefined && now.fault.at !== before.fault?.at)
    return `${titleOf(now)}: ${lookOf(now).word}. ${faultText(now.fault)}`;
  const { lastReceipt } = now;
  if (lastReceipt === undefined || lastReceipt.at === before.lastReceipt?.at) return undefined;
  return `${lastReceipt.camera}: ${receiptWord(lastReceipt)}.`;
}

export function receiptWord({ outcome }: NonNullable<ShownBay['lastReceipt']>): string {
  return outcome === 'accepted' ? 'Taken into custody' : 'Set aside';
}

/** The camera, or else the bay by the end of its port's path. */
export function titleOf({ camera, name }: ShownBay): string {
  return camera ?? bayTitle(name);
}

/** `bay /dev/ttyUSB1` is `Bay ttyUSB1`, `mqtt cam-2` is `MQTT`. */
export function bayTitle(name: string): string {
  if (name.startsWith('mqtt ')) return 'MQTT';
  return name.startsWith('bay ') ? `Bay ${name.slice(name.indexOf('/dev/') === 4 ? 9 : 4)}` : name;
}

/** How many there are of each kind, and what they bring together. */
export interface Summary {
  readonly total: number;
  readonly uploading: number;
  readonly done: number;
  readonly faults: number;
  readonly bitsPerSecond: number;
}

export function summaryOf(bays: readonly ShownBay[]): Summary {
  const looks = bays.map((bay) => lookOf(bay).tone);
  return {
    total: bays.length,
    uploading: bays.filter(({ state }) => state === 'receiving' || state === 'verifying').length,
    done: looks.filter((tone) => tone === 'good').length,
    faults: looks.filter((tone) => tone === 'bad').length,
    bitsPerSecond: bays.reduce((sum, bay) => sum + (bay.bitsPerSecond ?? 0), 0),
  };
}

/** `12.4`, and two digits where that says more. */
export function mbit(bitsPerSecond: number): string {
  const value = bitsPerSecond / 1_000_000;
  return value.toFixed(value < 10 ? 2 : 1);
}

/** `under 1 min`, `4 min`, `2 h 5 min`. */
export function minutesInWords(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes < 1) return 'under 1 min';
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const clockTime = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });

/** The hands of the clock at an instant of the dock, or at one of this page. */
export function timeOfDay(instant: string | number): string {
  return clockTime.format(new Date(instant));
}
