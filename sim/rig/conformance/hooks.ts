import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Hooks, Need } from './case.ts';
import { LineError } from './line.ts';

const COMMAND_MS_MAX = 60_000;
const run = promisify(execFile);

/** The operator's commands, as given on the command line; each runs in a shell. */
export interface HookCommands {
  readonly storageOff?: string | undefined;
  readonly storageOn?: string | undefined;
  readonly reset?: string | undefined;
}

/** Which needs these commands meet. Storage that cannot be given back is not taken away. */
export function needsMet({ storageOff, storageOn, reset }: HookCommands): ReadonlySet<Need> {
  const met = new Set<Need>();
  if (storageOff !== undefined && storageOn !== undefined) met.add('storage');
  if (reset !== undefined) met.add('reset');
  return met;
}

export interface ShellHooks extends Hooks {
  /** Gives back the storage if it is taken: for the end of a run that was stopped in the middle of a case. */
  giveBack(): Promise<void>;
}

export function shellHooks(commands: HookCommands): ShellHooks {
  let isStorageOff = false;
  const shell = async (command: string | undefined): Promise<void> => {
    if (command === undefined) throw hookError('no command was given for it');
    try {
      await run('/bin/sh', ['-c', command], { timeout: COMMAND_MS_MAX });
    } catch (cause) {
      throw hookError(
        `"${command}" failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      );
    }
  };
  const storageOn = async (): Promise<void> => {
    await shell(commands.storageOn);
    isStorageOff = false;
  };
  return {
    storageOff: () => {
      isStorageOff = true;
      return shell(commands.storageOff);
    },
    storageOn,
    giveBack: async () => {
      if (isStorageOff) await storageOn();
    },
    reset: () => shell(commands.reset),
  };
}

function hookError(problem: string, cause?: unknown): LineError {
  return new LineError('LINE_UNABLE', `the operator's hook: ${problem}`, { retry: 'never', cause });
}
