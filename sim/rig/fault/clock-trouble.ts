import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type ClockControl, offsetAt } from './clock-control.ts';
import { CLOCK_VARIABLE, troubledEnv, writeControl } from './control.ts';

/** A wall clock that can be set wrong under a program while it runs. */
export interface ClockTrouble {
  /** For every program that goes by this clock. */
  readonly env: Readonly<Record<string, string>>;
  /** How far it is off now. */
  readonly offsetMs: number;
  /** Jumps by so much, back when negative, and stays so far off. */
  step(ms: number): void;
  /** Runs fast by so many parts per million from now on, slow when negative; what has gathered stays. */
  drift(ppm: number): void;
  /** The true time again, and the control file goes. */
  close(): void;
}

/**
 * Trouble for `Date` in one program: a preload stands before it in that process, as `faketime` does for C, but steered while it runs.
 * `process.hrtime`, `performance.now` and timers stay as they are, as they do when somebody sets a real clock; so do the times of files
 * and what native code (SQLite) asks for. A change holds from the program's next look at the clock on. `performance.timeOrigin` follows the offset at start
 * alone, as it does in life. The control file is in `folder`.
 */
export function openClockTrouble(folder: string, options: { readonly offsetMs?: number } = {}): ClockTrouble {
  mkdirSync(folder, { recursive: true });
  const file = join(resolve(folder), 'clock-trouble.json');
  let control: ClockControl = { offsetMs: options.offsetMs ?? 0, driftPpm: 0, fromNs: nowText() };
  const offsetMs = (): number => offsetAt(control, process.hrtime.bigint());
  const set = (next: Omit<ClockControl, 'fromNs'>): void => {
    control = { ...next, fromNs: nowText() };
    writeControl(file, control);
  };
  writeControl(file, control);
  return {
    env: troubledEnv(CLOCK_VARIABLE, file),
    get offsetMs() {
      return offsetMs();
    },
    step: (ms) => set({ offsetMs: offsetMs() + ms, driftPpm: control.driftPpm }),
    drift: (ppm) => set({ offsetMs: offsetMs(), driftPpm: ppm }),
    close: () => rmSync(file, { force: true }),
  };
}

function nowText(): string {
  return String(process.hrtime.bigint());
}
