import type {
  Comparison,
  ComparedRow,
  OpenCase,
  Participant,
  PolicyChange,
  Span,
} from './oversight-answers.ts';
import { purposeInWords, when } from './words.ts';

const FORCE: Readonly<Record<OpenCase['force'], string>> = {
  unclassified: 'Force not classified: it counts as the strictest',
  none: 'No force',
  non_deadly: 'Non-deadly force',
  deadly: 'Deadly force',
};

/** What the incident is about, the gravest first. */
export function gravity(one: OpenCase): readonly string[] {
  const { force, deathInCustody, injury, vulnerable, misconduct } = one;
  return [
    ...(deathInCustody ? ['Death in custody'] : []),
    FORCE[force],
    ...(injury === 'none' ? [] : [injury === 'serious' ? 'Serious injury' : 'Injury, not serious']),
    ...(vulnerable ? ['Handcuffed or in a mental-health crisis'] : []),
    ...(misconduct ? ['Misconduct alleged'] : []),
  ];
}

const REPORT: Readonly<Record<Participant['report'], string>> = {
  none: 'no report yet',
  filed: 'report filed',
  withdrawn: 'report taken back',
};

/** `report filed; candid statement; perceptual statement, recorded`. */
export function onFile({ report, statements }: Participant): string {
  const said = statements.map(({ kind, recorded }) => {
    const name = kind === 'supervisor_interview' ? 'interview with a supervisor' : `${kind} statement`;
    return recorded ? `${name}, recorded` : name;
  });
  return [REPORT[report], ...said].join('; ');
}

/** Which rules, for whom and from when. */
export function changeInWords({ adopted, agency, from }: PolicyChange): string {
  const who = agency === '' ? 'every agency without rules of its own' : agency;
  const start = from === undefined ? '' : ` from ${when(from)}`;
  return adopted === undefined
    ? `Taken back: the line of ${who}${start}`
    : `${adopted.regime} for ${who}${start}`;
}

const STATE: Readonly<Record<PolicyChange['state'], string>> = {
  'in-force': 'In force now',
  waiting: 'Not in force yet',
  over: 'Over: newer rules hold',
  replaced: 'Replaced by a later adoption for the same time',
  'taken-back': 'Taken back later',
  'takes-back': 'Takes an earlier line back',
};

export function stateInWords({ state }: PolicyChange): string {
  return STATE[state];
}

const PART = { 'made it': 'made it', 'took part': 'took part', 'no part': 'took no part' } as const;

export function partInWords(part: ComparedRow['part']): string {
  return PART[part];
}

/** `write my report or supplement my report` would speak of the reader; these are others' purposes. */
export function purposesInWords(purposes: readonly string[]): string {
  return purposes.map((purpose) => purposeInWords(purpose).replace('my report', 'a report')).join(', ');
}

export function spanInWords({ from, until }: Span): string {
  return until === undefined ? `from ${when(from.at)} on` : `${when(from.at)} to ${when(until.at)}`;
}

export function spansInWords(spans: readonly Span[] = []): string {
  return spans.length === 0 ? 'never' : spans.map(spanInWords).join('; ');
}

/** Enough of a recording's id to tell it from others of the same incident. */
export function shortId(recording: string): string {
  return recording.slice(0, 8);
}

/** Width of the drawing that {@link barsOf} measures in. */
export const BARS_WIDTH = 1_000;
const BAR_WIDTH_MIN = 4;

/** From the first fact to whatever comes last: the last fact, or a leave to view that runs out later. */
export function reachOf({ from, until, rows }: Comparison): {
  readonly fromMs: number;
  readonly untilMs: number;
} {
  const ends = rows
    .flatMap(({ allowed }) => allowed.flat())
    .map((span) => Date.parse((span.until ?? span.from).at));
  const untilMs = ends.reduce((latest, ms) => Math.max(latest, ms), Date.parse(until));
  const fromMs = Date.parse(from);
  return { fromMs, untilMs: Math.max(untilMs, fromMs + 1) };
}

/** Where on a line each span lies; one without an end goes to the edge, and none is too short to see. */
export function barsOf(
  spans: readonly Span[],
  { fromMs, untilMs }: ReturnType<typeof reachOf>,
): readonly { readonly x: number; readonly width: number }[] {
  const place = (ms: number): number => {
    const share = (Math.min(Math.max(ms, fromMs), untilMs) - fromMs) / (untilMs - fromMs);
    return Math.round(share * BARS_WIDTH);
  };
  return spans.map(({ from, until }) => {
    const end = until === undefined ? BARS_WIDTH : place(Date.parse(until.at));
    const start = Math.min(place(Date.parse(from.at)), BARS_WIDTH - BAR_WIDTH_MIN);
    return { x: start, width: Math.max(BAR_WIDTH_MIN, end - start) };
  });
}

/** What is compared, as the address says it. */
export interface Wanted {
  readonly incident: string;
  readonly a: string;
  readonly b: string;
}

/** Undefined unless the address names an incident and two regimes. */
export function wantedIn(query: string): Wanted | undefined {
  const parts = new URLSearchParams(query);
  const [incident, a, b] = ['incident', 'a', 'b'].map((name) => parts.get(name) ?? '');
  if (!incident || !a || !b || a === b) return undefined;
  return { incident, a, b };
}

export function queryOf({ incident, a, b }: Wanted): string {
  return new URLSearchParams({ incident, a, b }).toString();
}
