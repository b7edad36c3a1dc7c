import { instant } from '../clock.ts';
import type { Cause, Interval } from '../decide/timeline.ts';
import type { Force } from '../facts/fact.ts';
import { classificationOf } from '../facts/situation.ts';
import type { Knowledge } from '../facts/knowledge.ts';
import type { Length } from './difference.ts';

const SECOND_MS = 1_000;
const FORCE: Readonly<Record<Force, string>> = {
  unclassified: 'force not classified',
  none: 'no force',
  non_deadly: 'non-deadly force',
  deadly: 'deadly force',
};
const UNITS: readonly (readonly [string, number])[] = [
  ['d', 24 * 60 * 60],
  ['h', 60 * 60],
  ['m', 60],
  ['s', 1],
];

/** `1h 2m 5s`; less than a minute with what there is of milliseconds, `4.25s`. */
export function duration(ms: number): string {
  if (ms < 60 * SECOND_MS) return `${Math.round(ms) / SECOND_MS}s`;
  let rest = Math.floor(ms / SECOND_MS);
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count}${unit}`);
  }
  return parts.join(' ');
}

/** `12m`, or `12m and on` when the shift ended first. */
export function lengthInWords({ ms, goesOn }: Length): string {
  return goesOn ? `${duration(ms)} and on` : duration(ms);
}

/** The type and index of the fact, with `ran out` behind a leave to view whose time has come. */
export function causeInWords({ what, entry: { index, fact } }: Cause): string {
  const name = `${fact.type} #${index}`;
  if (what === 'arrived') return name;
  return fact.type === 'access.authorised' ? `${name} ran out` : `${name} came into force`;
}

/** Two columns, `from` and `until` with their causes, a line each; `never` when there is nothing. */
export function intervalLines(intervals: readonly Interval[]): readonly string[] {
  if (intervals.length === 0) return ['never'];
  return intervals.flatMap(({ fromMs, from, untilMs, until }) => [
    `from   ${instant(fromMs)}  ${causeInWords(from)}`,
    ...(untilMs === undefined || until === undefined
      ? []
      : [`until  ${instant(untilMs)}  ${causeInWords(until)}`]),
  ]);
}

/** `Recording ID, made by 4411` and a line for each incident with how it is classified. */
export function recordingLines(known: Knowledge, recording: string): readonly string[] {
  const { registration, incidents, sealedBy } = known.recording(recording);
  const made = registration === undefined ? 'in no custody' : madeInWords(registration.officer);
  const linked = incidents.map((incident) => `  incident ${incident}: ${forceInWords(known, incident)}`);
  return [
    `Recording ${recording}, ${made}${sealedBy.size > 0 ? ', sealed by a court' : ''}`,
    ...(linked.length === 0 ? ['  linked to no incident'] : linked),
  ];
}

function madeInWords(officer: string): string {
  return officer === '' ? 'made by nobody in particular' : `made by ${officer}`;
}

function forceInWords(known: Knowledge, incident: string): string {
  const { force, injury, deathInCustody, vulnerable } = classificationOf(known, incident);
  const words = FORCE[force];
  const more = [
    ...(injury === 'none' ? [] : [`${injury.replace('_', '-')} injury`]),
    ...(deathInCustody ? ['a death in custody'] : []),
    ...(vulnerable ? ['handcuffed or in crisis'] : []),
  ];
  return [words, ...more].join(', ');
}

/** `1 recording`, `2 recordings`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

const COLUMNS_MAX = 100;

/** A text in lines of at most 100 columns, each behind the indent and all but the first two columns further in. */
export function wrapped(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    const isFirst = line.trim() === '';
    if (!isFirst && line.length + 1 + word.length > COLUMNS_MAX) {
      lines.push(line);
      line = `${indent}  ${word}`;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line];
}
