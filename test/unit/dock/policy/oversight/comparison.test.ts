import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadRules } from '../../../../../dock/policy/decide/load.ts';
import type { Interval } from '../../../../../dock/policy/decide/timeline.ts';
import { openDatabase, type Database } from '../../../../../dock/policy/facts/database.ts';
import type { Entry } from '../../../../../dock/policy/facts/fact.ts';
import { Knowledge } from '../../../../../dock/policy/facts/knowledge.ts';
import { openFactStore } from '../../../../../dock/policy/facts/store.ts';
import { compareFor, type Comparison } from '../../../../../dock/policy/oversight/comparison.ts';
import { INCIDENT_FACTS_MAX } from '../../../../../dock/policy/oversight/incident.ts';
import { compare, type Difference } from '../../../../../dock/policy/shift/difference.ts';
import { parseShift } from '../../../../../dock/policy/shift/file.ts';
import { fact, INCIDENT, NOW_MS } from '../story.ts';

// Goal: the comparison of one incident says what `holdfast policy diff` says of it over the whole shift, and the service goes on
// answering others meanwhile. Method: the golden shift in a real store; and an incident of a thousand facts beside a timer.

const shiftFile = new URL('../../../../golden/shift.jsonl', import.meta.url).pathname;
const shift = parseShift('shift.jsonl', readFileSync(shiftFile, 'utf8'));
const REVIEWER = 'ipr-3';

let folder: string;
let database: Database;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'comparison-'));
  database = openDatabase(join(folder, 'facts.db'));
});
afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

async function comparisonOf(
  entries: readonly Entry[],
  incident: string,
  regimes: readonly [string, string],
): Promise<Comparison | undefined> {
  const store = openFactStore(database);
  store.append(entries);
  const known = new Knowledge();
  for (const entry of entries) known.apply(entry);
  const rules = [loadRules(regimes[0]), loadRules(regimes[1])] as const;
  const found = await compareFor({ known, store }, REVIEWER, { incident, rules });
  return found.outcome === 'compared' ? found.comparison : undefined;
}

/** The reviewer gets a case on it, at the very end, so that nothing else changes. */
function withCase(entries: readonly Entry[], incident: string): readonly Entry[] {
  const last = entries.at(-1);
  const assigned = fact('case.assigned', { incident, person: REVIEWER });
  return [
    ...entries,
    { index: entries.length + 1, source: 'records', receivedAt: last?.receivedAt ?? '', fact: assigned },
  ];
}

const isoOf = (ms: number | undefined): string | undefined =>
  ms === undefined ? undefined : new Date(ms).toISOString();
const spans = (intervals: readonly Interval[]): unknown =>
  intervals.map(({ fromMs, untilMs }) => [isoOf(fromMs), isoOf(untilMs)]);

function saidOver(difference: Difference, incident: string): unknown {
  const isOfIt = ({ recording }: { readonly recording: string }): boolean =>
    difference.known.recording(recording).incidents.includes(incident);
  return {
    rows: difference.rows
      .filter(isOfIt)
      .map(({ recording, person, part, purposes, allowed }) => [
        ...[recording, person, part, purposes],
        allowed.map(spans),
      ]),
    windows: difference.windows
      .filter(isOfIt)
      .map((one) => [one.recording, one.person, one.part, one.under, spans([one])]),
  };
}

function saidOf({ rows, windows, regimes }: Comparison): unknown {
  type Told = Comparison['rows'][number]['allowed'][number];
  const told = (list: Told): unknown => list.map(({ from, until }) => [from.at, until?.at]);
  return {
    rows: rows.map(({ recording, person, part, purposes, allowed }) => [
      ...[recording, person, part, purposes],
      allowed.map(told),
    ]),
    windows: windows.map((one) => [
      ...[one.recording, one.person, one.part],
      regimes.findIndex(({ regime }) => regime === one.under),
      told([one]),
    ]),
  };
}

describe('the comparison of one incident', { timeout: 60_000 }, () => {
  it.each([
    ['26-201', 'doj', 'ppa'],
    ['26-202', 'doj', 'ppa'],
    ['26-203', 'doj', 'ppa'],
    ['26-202', 'doj', 'city'],
    ['26-203', 'city', 'portland-2023'],
  ] as const)('%s under %s and %s is that of the whole shift', async (incident, a, b) => {
    const entries = withCase(shift, incident);
    const comparison = await comparisonOf(entries, incident, [a, b]);
    const whole = compare(entries, [loadRules(a), loadRules(b)]);
    expect(comparison && saidOf(comparison)).toEqual(saidOver(whole, incident));
    expect(comparison?.rows).not.toEqual([]);
  });

  it('takes in what a leave to view rests on', async () => {
    const comparison = await comparisonOf(shift, '26-203', ['doj', 'ppa']);
    // The city attorney, whom no fact of the incident names but as the giver, lets the reviewer view for half an hour.
    const reviewer = comparison?.rows.find(({ person }) => person === REVIEWER);
    expect(reviewer?.allowed[0]?.[0]?.from.cause).toMatch(/^access\.authorised/);
  });
});

// Three officers, four recordings, a thousand facts: each moves four times four answers.
function large(): readonly Entry[] {
  const officers = ['4411', '4412', '4413'];
  const recordings = Array.from({ length: 4 }, (_, at) => String(at).padStart(32, '0'));
  const facts = [
    ...officers.map((person) => fact('person.enrolled', { person })),
    fact('person.enrolled', { person: REVIEWER, roles: ['independent_review'] }),
    ...recordings.flatMap((recording, at) => [
      fact('recording.registered', { recording, officer: officers[at % 3] }),
      fact('recording.linked', { recording }),
    ]),
    ...officers.map((person) => fact('officer.involved', { person })),
    fact('case.assigned', { person: REVIEWER }),
    ...Array.from({ length: 1_000 }, (_, at) =>
      fact(at % 2 === 0 ? 'report.filed' : 'report.withdrawn', { person: '4411' }, `report-${at}`),
    ),
  ];
  return facts.map((one, at) => {
    const receivedAt = new Date(NOW_MS + at * 1_000).toISOString();
    return { index: at + 1, source: 'records', receivedAt, fact: one };
  });
}

describe('a comparison of a thousand facts', { timeout: 120_000 }, () => {
  it('gives way to others', async () => {
    const entries = large();
    expect(entries.length).toBeGreaterThan(1_000);
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    const comparison = await comparisonOf(entries, INCIDENT, ['doj', 'ppa']);
    isDone = true;
    expect(comparison?.windows.length).toBeGreaterThan(100);
    // A turn for others at least every four of some sixteen thousand answers.
    expect(turns).toBeGreaterThan(3_900);
  });

  it('is not begun of more than it may take', async () => {
    const entries = large();
    const many = Array.from({ length: INCIDENT_FACTS_MAX }, (_, at) => ({
      ...{ index: entries.length + at + 1, source: 'records', receivedAt: new Date(NOW_MS).toISOString() },
      fact: fact('incident.opened', {}, `more-${at}`),
    }));
    expect(await comparisonOf([...entries, ...many], INCIDENT, ['doj', 'ppa'])).toBeUndefined();
  });
});
