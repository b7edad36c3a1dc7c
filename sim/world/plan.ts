import type { CameraId } from '../../proto/ids.ts';
import { Chance } from '../fault/chance.ts';
import { ManualClock } from '../fault/manual-clock.ts';
import { type Cast, planCast, planDeeds } from './deeds.ts';
import { between, one } from './draw.ts';
import { type Busy, planHarms } from './plan-harms.ts';
import type { Action, CameraOption, DockOption, Scenario } from './scenario.ts';
import { drawSwarm, type Swarm } from './swarm.ts';
import type { WireSetting } from './wires.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const STORM_MINUTES = [5, 8, 12, 20, 40] as const;
const MOST_DEEDS = 30;
const CHUNKS_A_FRAGMENT = 4;
const FRAGMENTS = 7;
const CALM_MS = 20 * MINUTE_MS;
// An idle camera in a bay is asked for the time each second: a long wait costs much and shows little, so few worlds have one.
const LONG_QUIET = 0.15;
const QUIET_MS_MAX = 20 * SECOND_MS;
const BAUDS = [115_200, 460_800, 921_600] as const;
const GOP_SECONDS = [1, 2, 5] as const;
const OFFICERS = ['4411', '4412', '4413', '4414'] as const;

/** What the seed makes of a world: the same seed, the same scenario, on every machine. */
export function plan(seed: number): Scenario {
  const chance = new Chance(`world ${seed}`);
  const swarm = drawSwarm(chance.split('swarm'));
  const size = chance.split('size');
  const stormMs = one(size, STORM_MINUTES) * MINUTE_MS;
  const docks = Array.from({ length: 1 + size.below(2) }, (_, index) =>
    planDock(chance.split(`dock ${index}`), swarm),
  );
  const cameras = Array.from({ length: 1 + size.below(4) }, (_, index) =>
    planCamera(index, { chance: chance.split(`camera ${index}`), swarm, docks: docks.length }),
  );
  const lives = cameras.map((option, camera) =>
    planLife(camera, {
      chance: chance.split(`life ${camera}`),
      ...{ swarm, stormMs, option, docks: docks.length },
      recordings: 1 + Math.floor((2 + size.below(10)) / cameras.length),
    }),
  );
  const busy = lives.flatMap((life) => life.busy);
  const harms = planHarms(chance.split('harms'), { swarm, stormMs, busy, cameras, docks: docks.length });
  const { cast, deeds } = planPeople(chance.split('people'), {
    ...{ swarm, stormMs, docks: docks.length, officers: cameras.map(({ officer }) => officer) },
    recordings: lives.flatMap(({ actions }) => actions.filter((action) => action.do === 'record')).length,
  });
  const actions = [...lives.flatMap((life) => life.actions), ...harms, ...deeds]
    .filter(({ atMs }) => atMs < stormMs)
    .toSorted((a, b) => a.atMs - b.atMs);
  const whole: Scenario = { seed, stormMs, calmMs: CALM_MS, cameras, docks, cast, actions };
  return chance.split('quiet').happens(LONG_QUIET) ? whole : brisk(whole);
}

/** The same in the same order, with less time where nothing begins: most of what was begun is over by then. */
function brisk(scenario: Scenario): Scenario {
  let [lastMs, cutMs] = [0, 0];
  const cuts = scenario.actions.map(({ atMs }) => {
    cutMs += Math.max(0, atMs - lastMs - QUIET_MS_MAX);
    lastMs = atMs;
    return { atMs, cutMs };
  });
  const sooner = (atMs: number): number => {
    const before = cuts.findLast((cut) => cut.atMs <= atMs) ?? { atMs: 0, cutMs: 0 };
    return before.atMs - before.cutMs + Math.min(QUIET_MS_MAX, atMs - before.atMs);
  };
  const startMs = new ManualClock().wallUs() / 1_000;
  const regimes = scenario.cast.regimes.map(({ fromMs, ...line }) => ({
    ...line,
    fromMs: fromMs === 0 ? 0 : startMs + sooner(fromMs - startMs),
  }));
  return {
    ...scenario,
    stormMs: sooner(scenario.stormMs),
    actions: scenario.actions.map((action) => ({ ...action, atMs: sooner(action.atMs) })),
    cast: { ...scenario.cast, regimes },
  };
}

interface PeoplePlan {
  readonly swarm: Swarm;
  readonly stormMs: number;
  readonly docks: number;
  readonly recordings: number;
  readonly officers: readonly string[];
}

function planPeople(
  chance: Chance,
  { swarm, officers, ...world }: PeoplePlan,
): { readonly cast: Cast; readonly deeds: readonly Action[] } {
  const modes = (
    [
      ['policy-down', 'down'],
      ['policy-slow', 'slow'],
      ['policy-lying', 'lying'],
    ] as const
  ).flatMap(([kind, mode]) => (swarm.has(kind) ? [mode] : []));
  const size = {
    ...{
      ...world,
      modes,
      fromMs: Math.floor(world.stormMs / 6),
      startMs: new ManualClock().wallUs() / 1_000,
    },
    deeds: chance.below(MOST_DEEDS),
    troubles: modes.length === 0 ? 0 : 1 + chance.below(4),
  };
  const cast = planCast(chance.split('cast'), [...new Set(officers)], size);
  const deeds = planDeeds(chance.split('deeds'), cast, size);
  return { cast, deeds: deeds.map(({ atMs, deed }) => ({ atMs, do: 'deed', deed })) };
}

function planDock(chance: Chance, swarm: Swarm): DockOption {
  return {
    driftPpm: swarm.has('clock-drift') ? between(chance, -100, 100) : 0,
    hasMirror: chance.happens(0.3),
    hasTimeDaemon: chance.happens(0.4),
  };
}

function planCamera(
  index: number,
  { chance, swarm, docks }: { readonly chance: Chance; readonly swarm: Swarm; readonly docks: number },
): CameraOption {
  const gopBytesMax = between(chance, 100, 3_000);
  const isTight = swarm.has('flash-full') && chance.happens(0.5);
  return {
    cameraId: `cam-${index + 1}` as CameraId,
    officer: one(chance, OFFICERS),
    driftPpm: swarm.has('clock-drift') ? between(chance, -200, 200) : 0,
    preEventMs: chance.happens(0.2) ? between(chance, 2, 12) * SECOND_MS : 0,
    capacityBytes: isTight ? between(chance, 4_000, 40_000) : 10_000_000,
    isSealed: chance.happens(0.8),
    footage: {
      gopMs: one(chance, GOP_SECONDS) * SECOND_MS,
      gopBytesMax,
      chunkBytesMax: between(
        chance,
        Math.ceil(gopBytesMax / CHUNKS_A_FRAGMENT),
        Math.min(2_000, gopBytesMax + 50),
      ),
    },
    wire: planWire(chance, swarm),
    home: chance.below(docks),
  };
}

function planWire(chance: Chance, swarm: Swarm): WireSetting {
  const overUart = swarm.has('bit-error') ? 0.6 : 0.15;
  const baud = one(chance, BAUDS);
  if (chance.happens(overUart)) return { over: 'uart', baud };
  return { over: chance.happens(swarm.has('broker-restart') ? 0.7 : 0.4) ? 'broker' : 'line', baud };
}

interface LifePlan {
  readonly chance: Chance;
  readonly swarm: Swarm;
  readonly stormMs: number;
  readonly recordings: number;
  readonly option: CameraOption;
  readonly docks: number;
}

/** What is done with one camera: some recordings, then a bay, and again. */
function planLife(
  camera: number,
  { chance, swarm, stormMs, recordings, option, docks }: LifePlan,
): { readonly actions: readonly Action[]; readonly busy: readonly Busy[] } {
  const actions: Action[] = [];
  const busy: Busy[] = [];
  let atMs = between(chance, 1, 30) * SECOND_MS + chance.below(1_000);
  const spareMs = Math.floor(stormMs / (recordings + 1));
  for (let n = 0; n < recordings; n++) {
    const lengthMs = Math.ceil(option.footage.gopMs * FRAGMENTS * chance.fraction()) + chance.below(1_000);
    actions.push({ atMs, do: 'record', camera });
    for (let marks = chance.below(3); marks > 0; marks--)
      actions.push({ atMs: atMs + 1 + chance.below(lengthMs), do: 'mark', camera, kind: `mark-${marks}` });
    busy.push({ camera, doing: 'recording', fromMs: atMs, untilMs: atMs + lengthMs });
    atMs += lengthMs;
    const isStopped = chance.happens(0.6);
    if (isStopped) actions.push({ atMs, do: 'stop', camera });
    // Somebody notices in the end, where no bay has stopped it.
    else actions.push({ atMs: atMs + 3 * option.footage.gopMs, do: 'stop', camera });
    if (chance.happens(0.6)) atMs = planBay(camera, { chance, swarm, docks, actions, busy, atMs });
    atMs += 1 + chance.below(Math.max(1, spareMs - lengthMs));
  }
  return { actions, busy };
}

interface BayPlan {
  readonly chance: Chance;
  readonly swarm: Swarm;
  readonly docks: number;
  readonly actions: Action[];
  readonly busy: Busy[];
  readonly atMs: number;
}

/** A while in a bay; says when it ends. */
function planBay(camera: number, { chance, swarm, docks, actions, busy, atMs }: BayPlan): number {
  const startMs = atMs + 200 + chance.below(3_000);
  const endMs = startMs + between(chance, 2, 60) * SECOND_MS;
  const dock = chance.below(docks);
  actions.push({ atMs: startMs, do: 'dock', camera, dock });
  busy.push({ camera, doing: 'docked', fromMs: startMs, untilMs: endMs });
  if (swarm.has('dock-swap') && docks > 1 && chance.happens(0.5)) {
    const swapMs = startMs + 300 + chance.below(4_000);
    actions.push({ atMs: swapMs, do: 'dock', camera, dock: 1 - dock });
  }
  if (swarm.has('reassigned') && chance.happens(0.5))
    actions.push({ atMs: endMs, do: 'assign', camera, officer: one(chance, OFFICERS) });
  if (chance.happens(0.7)) actions.push({ atMs: endMs, do: 'undock', camera });
  return endMs + 500;
}
