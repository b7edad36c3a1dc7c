import type { Absence } from './absences.ts';

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
