import { instant } from '../clock.ts';
import { titled } from '../decide/candidate.ts';
import { sumOf, type Difference, type PreReviewWindow, type Row } from './difference.ts';
import { counted, duration, intervalLines, lengthInWords, recordingLines } from './words.ts';

/** The difference for people, at most 100 columns wide as long as names are short. */
export function differencePage(difference: Difference): readonly string[] {
  const { windows, rows } = difference;
  return [
    ...summary(difference),
    '',
    ...([0, 1] as const).flatMap((under) =>
      windowLines(
        difference,
        windows.filter((one) => one.under === under),
        under,
      ),
    ),
    ...(rows.length === 0 ? ['NO DIFFERENCE'] : ['WHO COULD VIEW WHEN, where the two do not agree']),
    ...byRecording(rows).flatMap(([recording, those]) => [
      '',
      ...recordingLines(difference.known, recording),
      ...those.flatMap((row) => rowLines(difference, row)),
    ]),
  ];
}

function summary(difference: Difference): readonly string[] {
  const { rules, entries, recordings, people, rows, startMs, endMs } = difference;
  const differing = (key: (row: Row) => string): number => new Set(rows.map(key)).size;
  const [a, b] = rules.map(({ regime }) => regime);
  return [
    `${a} and ${b} over ${counted(entries.length, 'fact')}, ${instant(startMs)} to ${instant(endMs)}`,
    '',
    ...rules.map(({ regime, hash }) => `rules       ${regime} ${hash}`),
    `recordings  ${recordings.length}, of which ${differing(({ recording }) => recording)} differ`,
    `people      ${people.length}, of which ${differing(({ person }) => person)} differ`,
    `pairs       ${recordings.length * people.length} of a recording and a person, of which ${differing(
      ({ recording, person }) => `${recording} ${person}`,
    )} differ`,
    ...([0, 1] as const).flatMap((under) => windowSummary(difference, under)),
  ];
}

function windowSummary({ rules, windows }: Difference, under: 0 | 1): readonly string[] {
  const { count, open, totalMs, medianMs } = sumOf(windows.filter((one) => one.under === under));
  const whose = `under ${rules[under].regime}, before the report that ${otherName(rules, under)} waits for`;
  const numbers = `${duration(totalMs)} in all, median ${duration(medianMs)}, ${open} open at the end`;
  return [
    `pre-review  ${counted(count, 'window')} ${whose}`,
    ...(count === 0 ? [] : [`            ${numbers}`]),
  ];
}

function otherName(rules: Difference['rules'], under: 0 | 1): string {
  return rules[under === 0 ? 1 : 0].regime;
}

function windowLines(
  { rules, known }: Difference,
  windows: readonly PreReviewWindow[],
  under: 0 | 1,
): readonly string[] {
  if (windows.length === 0) return [];
  return [
    `PRE-REVIEW WINDOWS: viewable under ${rules[under].regime} before the report that ${otherName(rules, under)} waits for`,
    ...byRecording(windows).flatMap(([recording, those]) => [
      '',
      ...recordingLines(known, recording),
      ...those.flatMap((one) => [
        `  ${titled(known, one.person)}, ${one.part}: ${lengthInWords(one.length)}`,
        ...intervalLines([one]).map((line) => `    ${line}`),
      ]),
    ]),
    '',
  ];
}

function rowLines({ rules, known }: Difference, row: Row): readonly string[] {
  const names = rules.map(({ regime }) => regime);
  const width = Math.max(...names.map(({ length }) => length));
  return [
    `  ${titled(known, row.person)}, ${row.part}: ${row.purposes.join(', ')}`,
    ...row.allowed.flatMap((intervals, at) =>
      intervalLines(intervals).map(
        (line, first) => `    ${(first === 0 ? (names[at] ?? '') : '').padEnd(width)}  ${line}`,
      ),
    ),
    `    = ${differenceInWords(row, names)}`,
  ];
}

/** `ppa opens 12m before doj; only under ppa: 12m`. */
export function differenceInWords({ allowed, only }: Row, names: readonly string[]): string {
  const opens = openingInWords(
    allowed.map((intervals) => intervals[0]?.fromMs),
    names,
  );
  const lengths = only.flatMap((length, at) =>
    length.ms === 0 && !length.goesOn ? [] : [`only under ${names[at]}: ${lengthInWords(length)}`],
  );
  return [opens, ...lengths].join('; ');
}

function openingInWords(
  opened: readonly (number | undefined)[],
  [a = '', b = '']: readonly string[],
): string {
  const [first, second] = opened;
  if (first === undefined) return `never under ${a}`;
  if (second === undefined) return `never under ${b}`;
  if (first === second) return 'both open at once';
  const [early, late] = first < second ? [a, b] : [b, a];
  return `${early} opens ${duration(Math.abs(first - second))} before ${late}`;
}

function byRecording<Item extends { readonly recording: string }>(
  items: readonly Item[],
): readonly (readonly [string, readonly Item[]])[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const group = groups.get(item.recording) ?? [];
    group.push(item);
    groups.set(item.recording, group);
  }
  return [...groups];
}
