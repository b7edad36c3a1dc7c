import { instant } from '../clock.ts';
import type { Interval } from '../decide/timeline.ts';
import { sumOf, type Difference, type Length, type Row } from './difference.ts';
import { differenceInWords } from './difference-page.ts';
import { causeInWords } from './words.ts';

const SECOND_MS = 1_000;

/** The difference for a spreadsheet (RFC 4180): a line for each recording, person and purpose in which the regimes differ. */
export function differenceTable(difference: Difference): readonly string[] {
  const names = difference.rules.map(({ regime }) => regime);
  const head = [
    ...['recording', 'incidents', 'person', 'part', 'purpose'],
    ...['first', 'second'].flatMap((place) => [
      `${place}_regime`,
      `${place}_allowed`,
      `${place}_only_seconds`,
    ]),
    ...['difference', 'pre_review_under', 'pre_review_seconds'],
  ];
  return [head, ...difference.rows.flatMap((row) => cellsOf(difference, row, names))].map((cells) =>
    cells.map(cell).join(','),
  );
}

function cellsOf(difference: Difference, row: Row, names: readonly string[]): readonly (readonly string[])[] {
  const { recording, person, part, purposes, allowed, only } = row;
  const { incidents } = difference.known.recording(recording);
  const windows = difference.windows.filter((one) => one.recording === recording && one.person === person);
  const under = [...new Set(windows.map((one) => names[one.under] ?? ''))].join(' ');
  const seconds = windows.length === 0 ? '' : inSeconds(sumOf(windows).totalMs);
  return purposes.map((purpose) => [
    ...[recording, incidents.join(' '), person, part, purpose],
    ...allowed.flatMap((intervals, at) => [
      names[at] ?? '',
      intervals.map(spanOf).join(' '),
      inSeconds(only[at]?.ms ?? 0),
    ]),
    ...[differenceInWords(row, names), under, seconds],
  ]);
}

/** An interval as ISO 8601 writes one; `..` stands for an end that has not come. */
function spanOf({ fromMs, untilMs }: Interval): string {
  return `${instant(fromMs)}/${untilMs === undefined ? '..' : instant(untilMs)}`;
}

function inSeconds(ms: number): string {
  return String(ms / SECOND_MS);
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The difference as one JSON object; moments are RFC 3339, lengths milliseconds. */
export function differenceJson(difference: Difference): unknown {
  const { rules, entries, recordings, people, rows, windows, startMs, endMs, known } = difference;
  return {
    regimes: rules.map(({ regime, hash }) => ({ regime, policySet: hash })),
    shift: { facts: entries.length, from: instant(startMs), until: instant(endMs) },
    recordings: recordings.map((recording) => {
      const { registration, incidents } = known.recording(recording);
      return { recording, madeBy: registration?.officer ?? '', incidents };
    }),
    people,
    preReview: ([0, 1] as const).map((under) => ({
      under: rules[under].regime,
      ...sumOf(windows.filter((one) => one.under === under)),
    })),
    windows: windows.map((one) => {
      const { recording, person, part, under, length } = one;
      return {
        recording,
        person,
        part,
        under: rules[under].regime,
        ...intervalJson(one),
        ...lengthJson(length),
      };
    }),
    rows: rows.map(({ recording, person, part, purposes, allowed, only }) => ({
      ...{ recording, person, part, purposes },
      allowed: allowed.map((intervals) => intervals.map(intervalJson)),
      only: only.map(lengthJson),
    })),
  };
}

/** An interval with the facts that opened and closed it. */
export function intervalJson({ fromMs, from, untilMs, until }: Interval): object {
  return {
    from: { at: instant(fromMs), fact: from.entry.index, cause: causeInWords(from) },
    ...(untilMs === undefined || until === undefined
      ? {}
      : { until: { at: instant(untilMs), fact: until.entry.index, cause: causeInWords(until) } }),
  };
}

function lengthJson({ ms, goesOn }: Length): { readonly ms: number; readonly goesOn: boolean } {
  return { ms, goesOn };
}
