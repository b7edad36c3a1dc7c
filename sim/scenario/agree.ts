import type { Scenario } from './schema.ts';
import type { Step, WantedEvent } from './step-schema.ts';

/** Keys and positions down to a value of the file. */
export type Place = readonly (string | number)[];

interface Disagreement {
  readonly path: Place;
  readonly message: string;
}

const ALWAYS_THERE = ['policy', 'broker'];

/** Names that nothing in the file has, and steps that nobody can carry out: what a schema alone does not see. */
export function disagreements(scenario: Scenario): readonly Disagreement[] {
  const names = namesOf(scenario);
  return [
    ...twice(scenario),
    ...scenario.site.cameras.flatMap(({ link }, index) =>
      needs(link === 'mqtt' ? names.hasBroker : names.bays.has(link), {
        path: ['site', 'cameras', index, 'link'],
        message:
          link === 'mqtt'
            ? 'asks for a dock with mqtt, and none has it'
            : `names no bay of this site: ${link}`,
      }),
    ),
    ...scenario.site.docks.flatMap(({ bays }, dock) =>
      bays.flatMap((bay, index) =>
        needs(bay.noise === undefined || scenario.site.line !== undefined, {
          path: ['site', 'docks', dock, 'bays', index, 'noise'],
          message: 'asks for a line rate: give site.line',
        }),
      ),
    ),
    ...scenario.timeline.flatMap((step, index) =>
      stepAgrees(step, names).map((one) => at(['timeline', index], one)),
    ),
    ...expectationsAgree(scenario, names),
  ];
}

interface Names {
  readonly cameras: ReadonlySet<string>;
  readonly docks: ReadonlySet<string>;
  readonly bays: ReadonlySet<string>;
  readonly people: ReadonlySet<string>;
  readonly programs: ReadonlySet<string>;
  readonly recordings: ReadonlySet<string>;
  readonly hasBroker: boolean;
  /** A broker that is a program of its own. */
  readonly hasOutsideBroker: boolean;
  /** Cameras that stand in a bay when they are docked. */
  readonly onCables: ReadonlySet<string>;
}

function namesOf({ site, timeline }: Scenario): Names {
  const cameras = site.cameras.map(({ id }) => id);
  const docks = site.docks.map(({ id }) => id);
  return {
    cameras: new Set(cameras),
    docks: new Set(docks),
    bays: new Set(site.docks.flatMap(({ bays }) => bays.map(({ name }) => name))),
    people: new Set(peopleOf({ site, timeline }).map(({ id }) => id)),
    programs: new Set([...cameras, ...docks, ...ALWAYS_THERE]),
    recordings: new Set(timeline.flatMap(({ record }) => (record === undefined ? [] : [record.as]))),
    hasBroker: site.docks.some(({ mqtt }) => mqtt !== undefined),
    hasOutsideBroker: site.docks.some(({ mqtt }) => mqtt === 'mosquitto'),
    onCables: new Set(site.cameras.filter(({ link }) => link !== 'mqtt').map(({ id }) => id)),
  };
}

/** Everybody of the site: those named, and officers who have a camera at some time. */
export function peopleOf({
  site,
  timeline,
}: Pick<Scenario, 'site' | 'timeline'>): Scenario['site']['people'] {
  const named = new Set(site.people.map(({ id }) => id));
  const officers = [
    ...site.cameras.map(({ officer }) => officer),
    ...timeline.flatMap(({ hand }) => (hand === undefined ? [] : [hand.officer])),
  ].filter((id) => !named.has(id));
  return [
    ...site.people,
    ...[...new Set(officers)].map((id) => ({ id, name: `Officer ${id}`, roles: ['officer'] })),
  ];
}

/** Ids that would mean two things. */
function twice({ site }: Scenario): readonly Disagreement[] {
  const ids = [
    ...site.docks.map(({ id }, index) => ({ id, path: ['site', 'docks', index, 'id'] })),
    ...site.cameras.map(({ id }, index) => ({ id, path: ['site', 'cameras', index, 'id'] })),
    ...site.docks.flatMap(({ bays }, dock) =>
      bays.map(({ name }, index) => ({ id: name, path: ['site', 'docks', dock, 'bays', index, 'name'] })),
    ),
  ];
  return ids.flatMap(({ id, path }, index) =>
    ALWAYS_THERE.includes(id) || ids.slice(0, index).some((earlier) => earlier.id === id)
      ? [{ path, message: `names two things: ${id} is taken` }]
      : [],
  );
}

function stepAgrees(step: Step, names: Names): readonly Disagreement[] {
  const { after } = step;
  const cameras = [
    ['record', step.record?.camera],
    ['stop', step.stop],
    ['mark', step.mark],
    ['say', step.say?.camera],
    ['dock', step.dock?.camera],
    ['undock', step.undock],
    ['cut', step.cut],
    ['unplug', step.unplug],
    ['plug', step.plug],
    ['hand', step.hand?.camera],
    ['after', after !== undefined && 'by' in after ? after.by : undefined],
  ] as const;
  const programs = [
    ...(['kill', 'end', 'pause', 'resume', 'start'] as const).map((key) => [key, step[key]] as const),
    ['disk', step.disk?.of] as const,
    ['clock', step.clock?.of] as const,
  ];
  const { dock, incident, open, report, fact, rot } = step;
  return [
    ...cameras.flatMap(([key, name]) => known(names.cameras, { name, key, kind: 'camera' })),
    ...programs.flatMap(([key, name]) => known(names.programs, { name, key, kind: 'program' })),
    ...known(names.bays, { name: dock?.bay, key: 'dock', kind: 'bay' }),
    ...known(names.recordings, { name: open?.recording, key: 'open', kind: 'recording' }),
    ...(incident?.recordings ?? []).flatMap((name) =>
      known(names.recordings, { name, key: 'incident', kind: 'recording' }),
    ),
    ...known(names.docks, { name: rot?.dock, key: 'rot', kind: 'dock' }),
    ...known(names.recordings, { name: rot?.recording, key: 'rot', kind: 'recording' }),
    ...known(names.recordings, { name: fact?.recording, key: 'fact', kind: 'recording' }),
    ...known(names.people, { name: open?.person, key: 'open', kind: 'person' }),
    ...known(names.people, { name: report?.person, key: 'report', kind: 'person' }),
    ...canHappen(step, names),
    ...(after !== undefined && 'of' in after ? eventAgrees(after, names, 'after') : []),
  ];
}

/** What the names of a step do not have: a bay, a broker of its own, a disk. */
function canHappen({ after, dock, disk, clock, ...step }: Step, names: Names): readonly Disagreement[] {
  const programs = (['kill', 'end', 'pause', 'resume', 'start'] as const).map(
    (key) => [key, step[key]] as const,
  );
  const inBay = (camera: string | undefined, key: string): readonly Disagreement[] =>
    needs(camera === undefined || !names.cameras.has(camera) || names.onCables.has(camera), {
      path: [key],
      message: `asks for a camera with a cable: ${camera} has link mqtt`,
    });
  return [
    ...programs.flatMap(([key, of]) =>
      needs(of !== 'broker' || names.hasOutsideBroker, {
        path: [key],
        message: 'asks for a broker of its own: give a dock mqtt: mosquitto',
      }),
    ),
    ...needs(disk?.of !== 'broker' && disk?.of !== 'policy', {
      path: ['disk'],
      message: 'asks for a camera or a dock: what a disk does to others is not seen',
    }),
    ...needs(clock?.of !== 'broker', { path: ['clock'], message: 'asks for a camera, a dock or policy' }),
    ...inBay(dock?.bay === undefined ? undefined : dock.camera, 'dock'),
    ...inBay(after !== undefined && 'carried' in after ? after.by : undefined, 'after'),
  ];
}

function expectationsAgree({ expect }: Scenario, names: Names): readonly Disagreement[] {
  const here = (path: Place, found: readonly Disagreement[]): readonly Disagreement[] =>
    found.map((one) => at(['expect', ...path], one));
  return [
    ...Object.entries(expect.recordings).flatMap(([name, { by, officer, seconds }]) =>
      here(
        ['recordings'],
        [
          ...known(names.people, { name: officer, key: name, kind: 'person' }),
          ...inOrder(seconds, [name, 'seconds']),
          ...known(names.recordings, { name, key: name, kind: 'recording' }),
          ...known(names.docks, { name: by, key: name, kind: 'dock' }),
        ],
      ),
    ),
    ...expect.access.flatMap(({ person, recording }, index) =>
      here(
        ['access', index],
        [
          ...known(names.people, { name: person, key: 'person', kind: 'person' }),
          ...known(names.recordings, { name: recording, key: 'recording', kind: 'recording' }),
        ],
      ),
    ),
    ...expect.events.flatMap(({ event, times }, index) =>
      here(
        ['events', index],
        [
          ...eventAgrees(event, names, 'event'),
          ...(typeof times === 'object' ? inOrder(times, ['times']) : []),
        ],
      ),
    ),
    ...expect.lengths.flatMap(({ from, to }, index) =>
      here(['lengths', index], [...eventAgrees(from, names, 'from'), ...eventAgrees(to, names, 'to')]),
    ),
  ];
}

function eventAgrees({ of }: WantedEvent, { programs }: Names, key: string): readonly Disagreement[] {
  return [
    ...known(programs, { name: of, key, kind: 'program' }),
    ...needs(of !== 'broker', { path: [key], message: 'waits for a broker, which says no events' }),
  ];
}

function inOrder(span: readonly [number, number] | undefined, path: Place): readonly Disagreement[] {
  return needs(span === undefined || span[0] <= span[1], {
    path,
    message: 'must name the smaller one first',
  });
}

function known(
  names: ReadonlySet<string>,
  { name, key, kind }: { readonly name: string | undefined; readonly key: string; readonly kind: string },
): readonly Disagreement[] {
  if (name === undefined || names.has(name)) return [];
  const there = names.size === 0 ? 'there is none' : `there are ${[...names].join(', ')}`;
  return [{ path: [key], message: `names no ${kind} of this scenario: "${name}"; ${there}` }];
}

function needs(holds: boolean, otherwise: Disagreement): readonly Disagreement[] {
  return holds ? [] : [otherwise];
}

function at(place: Place, { path, message }: Disagreement): Disagreement {
  return { path: [...place, ...path], message };
}
