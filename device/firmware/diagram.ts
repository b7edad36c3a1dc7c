import { BUTTONS } from './buttons.ts';
import type { Answer } from './rule.ts';
import { EVENTS, KINDS, ruleOf } from './table.ts';
import type { EventName, Kind, Stage } from './state.ts';

interface Line {
  readonly event: EventName;
  /** In words; empty: always, or else. */
  readonly when: string;
  readonly answer: Answer;
}

/** The states and every answer of the table as Markdown: a Mermaid diagram, the button, and a list for each state. */
export function statesMarkdown(): string {
  return [
    '### Diagram\n',
    '```mermaid',
    mermaid(),
    '```\n',
    'An event in brackets has a condition; what changes nothing but what the camera knows is left out.\n',
    '### The button\n',
    buttonTable(),
    '',
    ...sections(),
  ].join('\n');
}

/** The same as a Mermaid state diagram. */
export function mermaid(): string {
  const docked = KINDS.filter((kind) => kind.startsWith('docked/'));
  const arrows = KINDS.flatMap(arrowsFrom);
  const inside = arrows.filter(({ from, to }) => docked.includes(from) && docked.includes(to));
  const outside = merged(arrows.filter((arrow) => !inside.includes(arrow)));
  return [
    'stateDiagram-v2',
    '  [*] --> off',
    '  state "in a bay" as docked {',
    `    [*] --> ${nodeOf('docked/charging')}`,
    ...docked.map((kind) => `    state "${kind.slice('docked/'.length)}" as ${nodeOf(kind)}`),
    ...inside.map((arrow) => `    ${drawn(arrow)}`),
    '  }',
    ...outside.map((arrow) => `  ${drawn(arrow).replace(/^docked_charging /, 'docked ')}`),
  ].join('\n');
}

interface Arrow {
  readonly from: Kind;
  readonly to: Kind;
  readonly labels: readonly string[];
}

function drawn({ from, to, labels }: Arrow): string {
  return `${nodeOf(from)} --> ${nodeOf(to)}: ${labels.join(', ')}`;
}

function nodeOf(kind: Kind): string {
  return kind.replace('/', '_').replace('-', '_');
}

/** Leaving the bay is the same from every stage that says the same, so it is drawn once, from the bay. */
function merged(arrows: readonly Arrow[]): readonly Arrow[] {
  const stages: readonly Stage[] = ['syncing', 'transferring', 'verifying', 'ready'];
  return arrows.filter(({ from }) => !stages.some((stage) => from === `docked/${stage}`));
}

function arrowsFrom(from: Kind): readonly Arrow[] {
  const labels = new Map<Kind, string[]>();
  for (const { event, when, answer } of linesOf(from)) {
    if (!('to' in answer) || answer.to === 'same' || answer.to === from) continue;
    const label = when === '' ? event : `[${event}]`;
    const known = labels.get(answer.to) ?? [];
    labels.set(answer.to, known.includes(label) ? known : [...known, label]);
  }
  return [...labels].map(([to, events]) => ({ from, to, labels: events }));
}

function linesOf(kind: Kind): readonly Line[] {
  return EVENTS.flatMap((event) => {
    const { cases, otherwise } = ruleOf(kind, event);
    return [
      ...cases.map(({ when, answer }) => ({ event, when: `if ${when}`, answer })),
      { event, when: cases.length === 0 ? '' : 'else', answer: otherwise },
    ];
  });
}

/** States that answer everything alike stand together. */
function sections(): readonly string[] {
  const alike = new Map<string, Kind[]>();
  for (const kind of KINDS) {
    const text = section(kind);
    alike.set(text, [...(alike.get(text) ?? []), kind]);
  }
  return [...alike].map(([text, kinds]) => `### ${kinds.join(', ')}\n\n${text}`);
}

function section(kind: Kind): string {
  const lines = linesOf(kind);
  const moves = lines.flatMap(({ event, when, answer }) =>
    'to' in answer && (answer.to !== 'same' || answer.does.length > 0 || answer.change !== undefined)
      ? [`| ${event} | ${when} | ${answer.to} | ${doings(answer)} |`]
      : [],
  );
  const known = lines.filter(
    ({ answer }) =>
      'to' in answer && answer.to === 'same' && answer.does.length === 0 && answer.change === undefined,
  );
  return [
    ...(moves.length === 0
      ? []
      : ['| event | | goes to | does |', '| --- | --- | --- | --- |', ...moves, '']),
    ...(known.length === 0 ? [] : [`- known, and no more: ${known.map(({ event }) => event).join(', ')}`]),
    ...grouped(lines, 'refused'),
    ...grouped(lines, 'ignored'),
    '',
  ].join('\n');
}

function doings({ does, change }: Extract<Answer, { to: unknown }>): string {
  return [...(change === undefined ? [] : [`*${change}*`]), ...does].join(', ');
}

/** What has the same reason stands together. */
function grouped(lines: readonly Line[], how: 'refused' | 'ignored'): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { event, when, answer } of lines) {
    const why = how in answer ? reasonOf(answer) : undefined;
    if (why === undefined) continue;
    reasons.set(why, [...(reasons.get(why) ?? []), when === '' ? event : `${event} (${when})`]);
  }
  return [...reasons].map(([why, events]) => `- ${how}, “${why}”: ${events.join(', ')}`);
}

function reasonOf(answer: Answer): string | undefined {
  if ('refused' in answer) return answer.refused;
  return 'ignored' in answer ? answer.ignored : undefined;
}

function buttonTable(): string {
  const rows = KINDS.map((kind) => {
    const { press, 'double-press': twice, hold } = BUTTONS[kind];
    return `| ${kind} | ${[press, twice, hold].map(({ means }) => means).join(' | ')} |`;
  });
  return ['| in | press | press twice | hold |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
