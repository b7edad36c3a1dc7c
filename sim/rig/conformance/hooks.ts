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

export function shellHooks(commands: HookCommands): Hooks {
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
  return {
    storageOff: () => shell(commands.storageOff),
    storageOn: () => shell(commands.storageOn),
    reset: () => shell(commands.reset),
  };
}

function hookError(problem: string, cause?: unknown): LineError {
  return new LineError('LINE_UNABLE', `the operator's hook: ${problem}`, { retry: 'never', cause });
}
