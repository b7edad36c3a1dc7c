import type { Row } from './answers.ts';

const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

const dayAndMinute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** The same as {@link when}, to the minute. */
export function shortly(instant: string): string {
  return dayAndMinute.format(new Date(instant));
}

/** An instant of a ledger or clock, in the reader's own time zone. */
export function when(instant: string): string {
  return dayAndTime.format(new Date(instant));
}

const toTheMillisecond = new Intl.DateTimeFormat(undefined, {
  ...{ year: 'numeric', month: 'short', day: 'numeric' },
  ...{ hour: 'numeric', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 },
});

/** The same, as exactly as people compare times of a ledger. */
export function exactly(instant: string): string {
  return toTheMillisecond.format(new Date(instant));
}

export function bytesInWords(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return bytes < 1_000_000_000
    ? `${(bytes / 1_000_000).toFixed(1)} MB`
    : `${(bytes / 1_000_000_000).toFixed(2)} GB`;
}

/** `1:05` or `1:02:09`. */
export function length(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}

/** A moment of a film: the second that is running, never one that has not come yet. */
export function clockTime(ms: number): string {
  return length(Math.floor(ms / 1_000) * 1_000);
}

/** The one sentence of a row. */
export function statusInWords({ status, missing, reason }: Row): string {
  if (status === 'released') return 'Released';
  const [first, ...others] = missing;
  if (first === undefined) return `Held: ${reason}`;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  return `Held: waiting for the ${first.text}${more}`;
}

/** The reason of the policy service, which ends it with what is missing; for where that is said in a list of its own. */
export function withoutMissing(reason: string, missing: readonly unknown[]): string {
  return missing.length > 0 ? reason.replace(/ ?Waiting for: .*$/s, '') : reason;
}

// Enough to tell two sets of rules apart at a glance; the whole digest is there for whoever wants to be sure.
const VERSION_CHARACTERS = 12;

/** Under which rules it was decided: `doj, version 3fa9c1d2e0b7`. Empty while nobody knows. */
export function rulesInWords({ regime, policySet }: Pick<Row, 'regime' | 'policySet'>): string {
  if (regime === '' || policySet === undefined) return regime;
  return `${regime}, version ${policySet.slice(0, VERSION_CHARACTERS)}`;
}

const PURPOSES: Readonly<Record<string, string>> = {
  write_report: 'write my report',
  supplement_report: 'supplement my report',
  interview_preparation: 'prepare for an interview',
  investigation: 'investigate',
  oversight: 'review a case',
  disclosure: 'disclose it',
};

/** Completes "I watch this to …". */
export function purposeInWords(purpose: string): string {
  return PURPOSES[purpose] ?? purpose.replaceAll('_', ' ');
}

/** How far the dock's clock may be from the truth, as far as anybody knows. */
export function boundInWords({ uncertaintyUs, basis }: Pick<Row, 'uncertaintyUs' | 'basis'>): string {
  if (uncertaintyUs === undefined) return '';
  const bound = uncertaintyUs < 1_000 ? `${uncertaintyUs} µs` : `${(uncertaintyUs / 1_000).toFixed(1)} ms`;
  return basis === 'utc' ? `± ${bound} of UTC` : `± ${bound} of the dock’s own clock`;
}

export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
