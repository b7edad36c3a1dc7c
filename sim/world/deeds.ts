import type { RegimeLine } from '../../dock/policy/config.ts';
import { FORCES, type Role } from '../../dock/policy/facts/fact.ts';
import type { Chance } from '../fault/chance.ts';
import type { OfficeMode } from './office-lines.ts';
import type { Person } from './office.ts';

/** Who is in a world besides machines, and by which rules; plain data. */
export interface Cast {
  readonly regimes: readonly RegimeLine[];
  readonly people: readonly Person[];
  /** Of the first, second, … recording that docks register: when records says that it belongs to which incident. The last one goes for all others. */
  readonly links: readonly { readonly incident: string; readonly afterMs: number }[];
}

/** What somebody says to the records system. A recording is named by its place among those registered so far. */
export interface Saying {
  readonly type: string;
  readonly incident?: string;
  readonly person?: string;
  readonly recording?: number;
  /** Of an authorisation: how long it lasts. */
  readonly forMs?: number;
  /** Whatever else a fact of that type needs, as it is. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** One thing that somebody does. Numbers of recordings, docks and sessions count what there is by then, and begin again at its end. */
export type Deed =
  | { readonly deed: 'say'; readonly saying: Saying }
  | { readonly deed: 'list'; readonly person: string; readonly dock: number }
  | {
      readonly deed: 'open';
      readonly person: string;
      readonly dock: number;
      readonly recording: number;
      /** Among those that this dock registered, or any. */
      readonly recordings: 'here' | 'any';
      readonly purpose: string;
      /** Which token the page shows: one of this moment, the first it ever had, or somebody else's. */
      readonly token: 'fresh' | 'old' | 'foreign';
      /** Chunks `start` up to `end`; all of them when absent. */
      readonly chunks?: readonly [start: number, end: number];
      /** How often it then fetches a chunk, and how many times. */
      readonly everyMs: number;
      readonly times: number;
    }
  | {
      readonly deed: 'pry';
      /** Who asks for the chunk, under which session, of which recording. */
      readonly person: string;
      readonly dock: number;
      readonly session: 'own' | 'foreign' | 'made-up';
      readonly nth: number;
      readonly recording: 'its' | 'another';
      readonly chunk: number;
    }
  | {
      readonly deed: 'keys';
      readonly nth: number;
      /** Whose page asks, and with which entry of the ledger. */
      readonly by: 'own' | 'foreign';
      readonly entry: 'its' | 'another';
    }
  | { readonly deed: 'office'; readonly mode: Exclude<OfficeMode, 'up'>; readonly ms: number }
  | { readonly deed: 'office-cut' };

export interface TimedDeed {
  readonly atMs: number;
  readonly deed: Deed;
}

/** How much there is to do, and what may befall the policy service. */
export interface DeedSize {
  /** When there may be something to open for the first time, and the end. */
  readonly fromMs: number;
  readonly stormMs: number;
  readonly docks: number;
  readonly recordings: number;
  readonly deeds: number;
  /** Outages, slow times and liars. */
  readonly troubles: number;
  readonly modes: readonly Exclude<OfficeMode, 'up'>[];
  /** When the world begins, milliseconds since 1970. */
  readonly startMs: number;
}

const REGIMES = ['city', 'doj', 'osp', 'portland-2023', 'ppa'] as const;
const REVIEWERS: readonly Person[] = [
  { person: 'sgt-1', roles: ['supervisor'], org: 'bureau' },
  { person: 'chief-1', roles: ['chief'], org: 'bureau' },
  { person: 'ia-1', roles: ['internal_affairs'], org: 'bureau' },
  { person: 'ipr-1', roles: ['independent_review'], org: 'city' },
  { person: 'doj-1', roles: ['doj_monitor'], org: 'doj' },
  { person: 'attorney-1', roles: ['city_attorney'], org: 'city' },
  { person: 'keeper-1', roles: ['custodian'], org: 'city' },
];
const PURPOSE: Readonly<Record<string, string>> = {
  internal_affairs: 'investigation',
  independent_review: 'oversight',
  doj_monitor: 'oversight',
  city_attorney: 'disclosure',
};
const OWN_PURPOSES = ['write_report', 'supplement_report', 'interview_preparation'] as const;
const INCIDENTS = ['26-1', '26-2'] as const;
const REPORT_HASH = 'ab'.repeat(32);

/** Draws rules, people and incidents. Mostly one regime for all; sometimes another follows it during the run. */
export function planCast(chance: Chance, officers: readonly string[], size: DeedSize): Cast {
  const regime = pick(chance, REGIMES);
  const later = { agency: '', regime: pick(chance, REGIMES), fromMs: 0 };
  const fromMs = size.startMs + chance.below(size.stormMs);
  const role = (): Role => (chance.happens(0.1) ? 'internal_affairs' : 'officer');
  return {
    regimes: [
      { agency: '', regime, fromMs: 0 },
      ...(chance.happens(0.25) && later.regime !== regime ? [{ ...later, fromMs }] : []),
    ],
    people: [...officers.map((person): Person => ({ person, roles: [role()], org: 'bureau' })), ...REVIEWERS],
    links: Array.from({ length: size.recordings }, () => ({
      incident: pick(chance, chance.happens(0.8) ? [INCIDENTS[0]] : INCIDENTS),
      afterMs: chance.below(20_000),
    })),
  };
}

/** Draws what people do and what befalls the policy service, in the order of time. */
export function planDeeds(chance: Chance, cast: Cast, size: DeedSize): readonly TimedDeed[] {
  const { fromMs, stormMs } = size;
  const early = (deed: Deed): TimedDeed => ({ atMs: chance.below(Math.ceil((fromMs + stormMs) / 2)), deed });
  const at = (deed: Deed): TimedDeed => ({ atMs: fromMs + chance.below(stormMs - fromMs), deed });
  const scene = { chance, cast, size };
  const deeds = [
    ...usualCourse(scene).map(early),
    ...Array.from({ length: size.deeds }, () => at(anyDeed(scene))).flatMap((one) => withdrawn(one, chance)),
    ...Array.from({ length: size.troubles }, () => at(trouble(scene))).flatMap((one) => tried(one, scene)),
  ];
  return deeds.toSorted((one, other) => one.atMs - other.atMs);
}

/** Some openings end while somebody watches: what they rested on is taken back. */
function withdrawn({ atMs, deed }: TimedDeed, chance: Chance): readonly TimedDeed[] {
  if (deed.deed !== 'open' || !chance.happens(0.35)) return [{ atMs, deed }];
  const about = { incident: INCIDENTS[0], person: deed.person };
  const type = deed.purpose === 'oversight' ? 'case.unassigned' : 'report.withdrawn';
  const members = deed.purpose === 'oversight' ? { case: 'case-1' } : {};
  const laterMs = atMs + 500 + chance.below(4_000);
  // Whoever watches when the service speaks up goes on for longer than it may take.
  return [
    { atMs, deed: { ...deed, everyMs: 700, times: 12 } },
    { atMs: laterMs, deed: say({ ...about, type, members }) },
  ];
}

/** Whoever stands before the policy service and lies needs somebody to lie to. */
function tried({ atMs, deed }: TimedDeed, scene: Drawing): readonly TimedDeed[] {
  const { chance, size } = scene;
  if (deed.deed !== 'office' || deed.mode === 'down') return [{ atMs, deed }];
  const openings = Array.from({ length: 1 + chance.below(3) }, () => ({
    atMs: atMs + chance.below(deed.ms),
    deed: opening(scene, chance.below(size.docks)),
  }));
  return [{ atMs, deed }, ...openings];
}

interface Drawing {
  readonly chance: Chance;
  readonly cast: Cast;
  readonly size: DeedSize;
}

/** What must happen somewhere in a run, or nothing would ever be allowed. */
function usualCourse({ chance, cast }: Drawing): readonly Deed[] {
  const officers = officersOf(cast);
  const force = pick(chance, ['none', 'none', 'non_deadly', 'deadly']);
  return [
    say({ type: 'force.classified', incident: INCIDENTS[0], members: classified(chance, force) }),
    ...officers.map((person) => filed(person, INCIDENTS[0])),
    ...officers.flatMap((person) => (chance.happens(0.6) ? [statement(chance, person)] : [])),
    say({ type: 'case.assigned', incident: INCIDENTS[0], person: 'ipr-1', members: { case: 'case-1' } }),
  ];
}

function anyDeed(drawing: Drawing): Deed {
  const { chance, size } = drawing;
  const dock = chance.below(size.docks);
  const roll = chance.below(100);
  if (roll < 30) return say(anySaying(drawing));
  if (roll < 38) return { deed: 'list', person: somebody(drawing).person, dock };
  if (roll < 75) return opening(drawing, dock);
  if (roll < 90) {
    return {
      deed: 'pry',
      person: somebody(drawing).person,
      dock,
      session: pick(chance, ['own', 'foreign', 'foreign', 'made-up']),
      nth: chance.below(10),
      recording: pick(chance, ['its', 'its', 'another']),
      chunk: pick(chance, [0, 1, chance.below(20), 1_000, -1]),
    };
  }
  const [by, entry] = [
    pick(chance, ['own', 'own', 'foreign'] as const),
    pick(chance, ['its', 'its', 'another'] as const),
  ];
  return { deed: 'keys', nth: chance.below(10), by, entry };
}

function opening(drawing: Drawing, dock: number): Deed {
  const { chance } = drawing;
  const { person, roles } = somebody(drawing);
  const usual = PURPOSE[roles[0] ?? ''] ?? pick(chance, OWN_PURPOSES);
  const start = chance.below(8);
  return {
    deed: 'open',
    person,
    dock,
    recording: chance.below(12),
    recordings: chance.happens(0.9) ? 'here' : 'any',
    purpose: chance.happens(0.85) ? usual : pick(chance, [...OWN_PURPOSES, 'oversight', 'curiosity']),
    token: pick(chance, ['fresh', 'fresh', 'fresh', 'fresh', 'fresh', 'old', 'foreign']),
    ...(chance.happens(0.3) ? { chunks: [start, start + 1 + chance.below(6)] as const } : {}),
    everyMs: pick(chance, [200, 700, 1_500, 5_000]),
    times: 1 + chance.below(8),
  };
}

/** Most of what is said is about the one incident where most recordings are, so that it meets somebody who watches. */
function anySaying(drawing: Drawing): Saying {
  const { chance, cast } = drawing;
  const incident = pick(chance, [INCIDENTS[0], INCIDENTS[0], INCIDENTS[0], INCIDENTS[1]]);
  const officer = pick(chance, officersOf(cast));
  const recording = chance.below(12);
  const reviewer = pick(chance, ['ipr-1', 'doj-1', 'ia-1']);
  const watcher = pick(chance, [officer, reviewer]);
  const court = { by: 'court', reason: 'order 7' };
  const about = { incident, person: officer };
  const sayings: readonly Saying[] = [
    { ...about, type: 'report.withdrawn', members: {} },
    { ...about, type: 'report.withdrawn', members: {} },
    { ...about, type: 'report.filed', members: { reportHash: REPORT_HASH } },
    { ...about, type: 'report.filed', members: { reportHash: REPORT_HASH } },
    { ...about, type: 'report.supplemented', members: { reportHash: REPORT_HASH } },
    { ...about, type: 'statement.withdrawn', members: { kind: pick(chance, ['candid', 'perceptual']) } },
    { ...about, type: 'officer.involved' },
    { ...about, type: 'interview.scheduled' },
    { type: 'force.classified', incident, members: classified(chance, pick(chance, FORCES)) },
    { type: 'force.classified', incident, members: classified(chance, 'deadly') },
    { type: 'misconduct.alleged', incident },
    { type: 'case.assigned', incident, person: reviewer, members: { case: 'case-1' } },
    { type: 'case.unassigned', incident, person: reviewer, members: { case: 'case-1' } },
    { type: 'recording.sealed', recording, members: court },
    { type: 'recording.unsealed', recording, members: court },
    { type: 'recording.linked', recording, incident },
    { type: 'recording.unlinked', recording, incident },
    {
      type: 'access.authorised',
      recording,
      person: watcher,
      forMs: pick(chance, [3_000, 30_000, 600_000]),
      members: { by: pick(chance, ['chief-1', 'attorney-1', 'doj-1']) },
    },
    { type: 'access.revoked', recording, person: watcher, members: { by: 'chief-1' } },
  ];
  return pick(chance, sayings);
}

function trouble({ chance, size }: Drawing): Deed {
  if (size.modes.length === 0 || chance.happens(0.2)) return { deed: 'office-cut' };
  return { deed: 'office', mode: pick(chance, size.modes), ms: 2_000 + chance.below(60_000) };
}

function classified(chance: Chance, force: string): Readonly<Record<string, unknown>> {
  const [deathInCustody, vulnerable] = [chance.happens(0.1), chance.happens(0.1)];
  return {
    force,
    deathInCustody,
    injury: pick(chance, ['none', 'non_serious', 'serious']),
    vulnerable,
    by: 'sgt-1',
  };
}

function filed(person: string, incident: string): Deed {
  return say({ type: 'report.filed', incident, person, members: { reportHash: REPORT_HASH } });
}

function statement(chance: Chance, person: string): Deed {
  const kind = pick(chance, ['candid', 'perceptual', 'supervisor_interview']);
  return say({ type: 'statement.given', incident: INCIDENTS[0], person, members: { kind, recorded: true } });
}

function say(saying: Saying): Deed {
  return { deed: 'say', saying };
}

function somebody({ chance, cast }: Drawing): Person {
  const officers = cast.people.filter(({ person }) => officersOf(cast).includes(person));
  return pick(chance, chance.happens(0.65) ? officers : cast.people);
}

function officersOf({ people }: Cast): readonly string[] {
  return people
    .filter((one) => !REVIEWERS.some((other) => other.person === one.person))
    .map(({ person }) => person);
}

function pick<Item>(chance: Chance, items: readonly Item[]): Item {
  const [picked] = items.slice(chance.below(items.length));
  if (picked === undefined) throw new RangeError('nothing to pick from');
  return picked;
}
