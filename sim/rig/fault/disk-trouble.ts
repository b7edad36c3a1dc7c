import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DISK_VARIABLE, troubledEnv, writeControl } from './control.ts';
import { type DiskAct, type DiskControl, type DiskMeeting, meetingsFile } from './disk-control.ts';

/** A disk that can be troubled under programs while they run. */
export interface DiskTrouble {
  /** For every program that writes to this disk; without it the program sees the disk as it is. */
  readonly env: Readonly<Record<string, string>>;
  /** How often programs met each trouble so far. */
  readonly met: Readonly<Record<DiskMeeting, number>>;
  /**
   * ENOSPC for every write once a process has written `afterBytes` more; the write that goes past that is cut short, as a real disk does.
   * What the process removes or shortens makes room again.
   */
  full(afterBytes?: number): void;
  /** There is room again. */
  room(): void;
  /** Each write and each sync takes `ms` longer; a synchronous one holds up the whole program, as it does in life. */
  slow(ms: number): void;
  quick(): void;
  /** EIO for this act on files whose absolute path fits, beside what fails already. */
  fail(pattern: RegExp, on?: DiskAct): void;
  /** SIGKILL for the process as soon as one `FileHandle.write` has put a piece with this text into a file whose absolute path fits. */
  cutAfter(pattern: RegExp, text: string): void;
  /** No trouble at all from now on. */
  mend(): void;
  /** As `mend`, and the control file goes. */
  close(): void;
}

const SOUND = { slowMs: 0, fails: [] } as const;

/**
 * Trouble for what a program does through `node:fs` and its FileHandles: a preload stands before them in that process, so it needs no
 * root and the product no hook. What native code writes (SQLite) is not seen: for that there are `limitFiles` and `openSmallDisk`. The
 * control file is in `folder`; a change holds from the program's next call on. Unlike a real full disk this one also refuses to overwrite.
 */
export function openDiskTrouble(
  folder: string,
  options: { readonly within?: readonly string[] } = {},
): DiskTrouble {
  mkdirSync(folder, { recursive: true });
  const file = join(resolve(folder), 'disk-trouble.json');
  const within = (options.within ?? []).map((one) => resolve(one));
  let control: DiskControl = { within, ...SOUND };
  let filled = 0;
  const set = (next: DiskControl): void => {
    control = next;
    writeControl(file, control);
  };
  const mend = (): void => set({ within, ...SOUND });
  mend();
  return {
    env: troubledEnv(DISK_VARIABLE, file),
    get met() {
      return count(meetingsFile(file));
    },
    full: (afterBytes = 0) => set({ ...control, full: { id: ++filled, afterBytes } }),
    room: () => {
      const { slowMs, fails } = control;
      set({ within, slowMs, fails });
    },
    slow: (ms) => set({ ...control, slowMs: ms }),
    quick: () => set({ ...control, slowMs: 0 }),
    fail: ({ source: pattern }, on = 'write') =>
      set({ ...control, fails: [...control.fails, { pattern, on }] }),
    cutAfter: ({ source: pattern }, text) => set({ ...control, cut: { pattern, text } }),
    mend,
    close: () => {
      rmSync(file, { force: true });
      rmSync(meetingsFile(file), { force: true });
    },
  };
}

function count(path: string): Readonly<Record<DiskMeeting, number>> {
  const lines = linesOf(path);
  const times = (meeting: DiskMeeting): number => lines.filter((line) => line === meeting).length;
  return { enospc: times('enospc'), eio: times('eio'), slowed: times('slowed') };
}

function linesOf(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    // No program has met anything yet.
    return [];
  }
}
