import type { Absence } from './absences.ts';
import type { JobStanding } from './jobs.ts';
import type { PassProgress, ScrubStanding } from './progress.ts';
import type { OpenDamage } from './status.ts';

/** What is missing, as a sentence for people. */
export function absenceInWords({ camera, kind, counterFrom, counterTo, recording }: Absence): string {
  switch (kind) {
    case 'gap': {
      const one = counterFrom === counterTo;
      const numbers = one
        ? `Recording ${counterFrom ?? '?'}`
        : `Recordings ${counterFrom ?? '?'} to ${counterTo ?? '?'}`;
      return `${numbers} of camera ${camera} never came, and a later one did.`;
    }
    case 'broken-link':
      return `Recording ${recording ?? '?'} of camera ${camera} does not follow on the one before it.`;
    case 'overdue':
      return `Camera ${camera} has not been here for longer than it should be away.`;
    case 'partial':
      return `The upload of recording ${recording ?? '?'} from camera ${camera} stopped before its end.`;
    default:
      return kind satisfies never;
  }
}

/** What the disk has lost, as a sentence for people. */
export function damageInWords({ what, chunk, recording, at, copyIn }: OpenDamage): string {
  const which = chunk === undefined ? `the ${what}` : `chunk ${chunk}`;
  const copy = copyIn === undefined ? '' : ` Camera ${copyIn} has not said that it erased its copy.`;
  return `The disk has lost ${which} of recording ${recording}. Since ${at}.${copy}`;
}

/** How far a pass has come: `5 of 20 bytes (25 %), 1 of 4 recordings, 16777216 bytes/s, 0 damaged`. */
export function passInWords(pass: PassProgress): string {
  const { bytesDone, bytesTotal, recordingsDone, recordingsTotal, bytesPerS, damaged } = pass;
  const percent = bytesTotal === 0 ? 100 : Math.floor((bytesDone / bytesTotal) * 100);
  const bytes = `${bytesDone} of ${bytesTotal} bytes (${percent} %)`;
  return `${bytes}, ${recordingsDone} of ${recordingsTotal} recordings, ${bytesPerS} bytes/s, ${damaged} damaged`;
}

/** How the scrub stands, in one line or two. */
export function scrubInWords({ state, now, last }: ScrubStanding): readonly string[] {
  const going = now === undefined ? state : `${state}: ${passInWords(now)}; since ${now.startedAt}`;
  if (last === undefined) return [`${going}; no pass has ended since the dock started`];
  const { recordingsTotal, bytesTotal, damaged, endedAt } = last;
  return [
    going,
    `last pass ${endedAt}: ${recordingsTotal} recordings, ${bytesTotal} bytes, ${damaged} damaged`,
  ];
}

/** One job in one line. */
export function jobInWords(standing: JobStanding): string {
  const { job, schedule, runningSince, last, next, runs, leftOut, failures } = standing;
  const parts = [
    `${job.padEnd(10)} ${schedule}`,
    ...(runningSince === undefined ? [] : [`runs since ${runningSince}`]),
    last === undefined
      ? 'has not run yet'
      : `${last.outcome} ${last.endedAt} in ${last.tookMs} ms: ${last.said}`,
    `${runs} runs${leftOut === 0 ? '' : `, ${leftOut} LEFT OUT as one still ran`}`,
    ...(failures === 0 ? [] : [`${failures} FAILED in a row`]),
    ...(next === undefined ? [] : [`next ${next}`]),
  ];
  return parts.join('; ');
}
