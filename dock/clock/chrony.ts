import { execFile } from 'node:child_process';
import { FieldError } from '../../proto/errors.ts';
import { parseTracking, type Tracking } from './tracking.ts';

// An answer takes milliseconds; chronyc by itself would go on asking for many seconds.
const ANSWER_MS_MAX = 4_000;
const ANSWER_BYTES_MAX = 4_096;

/** Why nothing is known of the system's clock: `SYNC_TOOL`, chronyc could not be run or got no answer; `SYNC_ANSWER`, it said something else. */
export class TimeSyncError extends FieldError<'SYNC_TOOL' | 'SYNC_ANSWER'> {}

/** Where chronyd takes questions: a port on this machine, the path of its socket, or wherever chronyc looks by itself. */
export type ChronyWhere = { readonly host: string; readonly port: number } | { readonly socket: string };

/**
 * Asks chronyd once, by its own tool `chronyc` in a process of its own: its protocol is not a published interface, the
 * tool's CSV is. Rejects with TimeSyncError within 4 s, and when `signal` aborts.
 */
export function askChrony(where: ChronyWhere | undefined, signal: AbortSignal): Promise<Tracking> {
  const argv = ['-c', '-n', ...placeOf(where), 'tracking'];
  const options = {
    timeout: ANSWER_MS_MAX,
    killSignal: 'SIGKILL',
    maxBuffer: ANSWER_BYTES_MAX,
    signal,
  } as const;
  return new Promise((resolve, reject) => {
    execFile('chronyc', argv, options, (cause, stdout) => {
      const tracking = cause === null ? parseTracking(stdout) : undefined;
      if (tracking !== undefined) resolve(tracking);
      else reject(cause === null ? unread(stdout) : unanswered(cause, stdout));
    });
  });
}

function placeOf(where: ChronyWhere | undefined): readonly string[] {
  if (where === undefined) return [];
  return 'socket' in where ? ['-h', where.socket] : ['-h', where.host, '-p', String(where.port)];
}

function unread(stdout: string): TimeSyncError {
  const message = `chronyc said ${JSON.stringify(stdout.slice(0, 120))}, which is no tracking report: is it newer than this program?`;
  return new TimeSyncError('SYNC_ANSWER', message, { retry: 'later' });
}

function unanswered(cause: Error, stdout: string): TimeSyncError {
  // chronyc says on stdout what is wrong, in one line.
  const said = stdout.trim() === '' ? cause.message : stdout.trim();
  const advice = 'is chrony installed, and does chronyd run?';
  return new TimeSyncError('SYNC_TOOL', `chronyc: ${said.slice(0, 200)}: ${advice}`, {
    retry: 'later',
    cause,
  });
}
