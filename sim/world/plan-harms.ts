import type { Message } from '../../proto/messages.ts';
import type { Chance } from '../fault/chance.ts';
import type { FaultKind } from './coverage.ts';
import type { DockHarm } from './parties.ts';
import { between, one } from './draw.ts';
import type { Action, CameraOption, Harm } from './scenario.ts';
import type { Swarm } from './swarm.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** A stretch of time in which a camera does something: harm that falls into one has something to meet. */
export interface Busy {
  readonly camera: number;
  readonly doing: 'recording' | 'docked';
  readonly fromMs: number;
  readonly untilMs: number;
}

interface HarmPlan {
  readonly swarm: Swarm;
  readonly stormMs: number;
  readonly busy: readonly Busy[];
  readonly cameras: readonly CameraOption[];
  readonly docks: number;
}

/** One harm, for a camera in some stretch of what it does, or for the dock that it may then be at. */
type Maker = (chance: Chance, at: { readonly camera: number; readonly dock: number }) => Harm;

interface HarmKind {
  readonly kind: FaultKind;
  readonly most: number;
  /** In what stretches it is to fall; anywhere when absent. */
  readonly during?: Busy['doing'];
  /** Messages that it may wait for, so that it meets somebody in the middle of something: most of the time nothing is said. */
  readonly cues?: readonly Message['type'][];
  /** What must follow, or nobody would notice. */
  readonly next?: Maker;
  readonly make: Maker;
}

const ms = (chance: Chance, leastS: number, mostS: number): number =>
  between(chance, leastS, mostS) * SECOND_MS;

// A cut at an operation of the disk is what tears writes; one at a moment mostly finds the disk at rest.
const cut = (chance: Chance): { readonly operations?: number } =>
  chance.happens(0.75) ? { operations: chance.below(40) } : {};

const dockHarm =
  (make: (chance: Chance) => DockHarm): Maker =>
  (chance, { dock }) => ({
    do: 'dock-harm',
    dock,
    harm: make(chance),
  });

const HARMS: readonly HarmKind[] = [
  {
    kind: 'camera-power-cut',
    cues: ['data', 'fin', 'receipt'],
    most: 4,
    make: (chance, { camera }) => ({
      do: 'camera-cut',
      camera,
      offMs: ms(chance, 1, 30),
      isBattery: false,
      ...cut(chance),
    }),
  },
  {
    kind: 'torn-write',
    most: 6,
    during: 'recording',
    make: (chance, { camera }) => ({
      do: 'camera-cut',
      camera,
      offMs: ms(chance, 1, 10),
      isBattery: false,
      operations: chance.below(30),
    }),
  },
  {
    kind: 'battery-dead',
    most: 2,
    make: (chance, { camera }) => ({
      do: 'camera-cut',
      camera,
      offMs: ms(chance, 5, 60),
      isBattery: true,
      ...cut(chance),
    }),
  },
  {
    kind: 'dock-power-cut',
    cues: ['offer', 'data', 'fin', 'receipt-ack'],
    most: 3,
    during: 'docked',
    make: (chance, { dock }) => ({ do: 'dock-cut', dock, offMs: ms(chance, 1, 20), ...cut(chance) }),
  },
  {
    kind: 'dock-disk-full',
    cues: ['accept', 'data', 'fin'],
    most: 2,
    during: 'docked',
    make: dockHarm((chance) => ({
      harm: 'disk-full',
      roomBytes: chance.below(3_000),
      ms: ms(chance, 2, 40),
    })),
  },
  {
    kind: 'dock-disk-slow',
    cues: ['accept', 'data', 'fin'],
    most: 2,
    during: 'docked',
    make: dockHarm((chance) => ({
      harm: 'disk-slow',
      // One that dies tries each sector for long: then sessions overtake each other while it does.
      eachMs: chance.happens(0.3) ? between(chance, 100, 900) : between(chance, 1, 30),
      ms: ms(chance, 2, 20),
    })),
  },
  {
    kind: 'bit-rot',
    cues: ['ack', 'fin', 'receipt'],
    most: 3,
    during: 'docked',
    make: dockHarm((chance) => ({ harm: 'bit-rot', pick: chance.fraction() })),
    // A dock reads what it holds in turn, and mends or condemns what rotted.
    next: dockHarm(() => ({ harm: 'scrub' })),
  },
  {
    kind: 'index-lost',
    most: 1,
    make: dockHarm(() => ({ harm: 'index-lost' })),
    // An index is looked for at a start.
    next: (chance, { dock }) => ({ do: 'dock-cut', dock, offMs: ms(chance, 1, 20), ...cut(chance) }),
  },
  {
    kind: 'dock-clock-step',
    cues: ['data', 'fin'],
    most: 3,
    during: 'docked',
    make: dockHarm((chance) => ({ harm: 'clock-step', byMs: between(chance, -3_600, 3_600) * SECOND_MS })),
  },
  {
    kind: 'hang-up',
    cues: ['hello', 'data', 'fin', 'receipt'],
    most: 5,
    during: 'docked',
    make: (_chance, { camera }) => ({ do: 'hang-up', camera }),
  },
  {
    kind: 'rival-session',
    cues: ['offer', 'data', 'fin'],
    most: 4,
    during: 'docked',
    make: (chance, { camera }) => ({
      do: 'half-close',
      camera,
      ...(chance.happens(0.5) ? { heldMs: between(chance, 1_000, 6_000) } : {}),
    }),
  },
  {
    kind: 'undock',
    cues: ['data', 'fin', 'receipt'],
    most: 4,
    during: 'docked',
    make: (chance, { camera }) => ({ do: 'pull', camera, isNoticed: chance.happens(0.5) }),
  },
  {
    kind: 'partition',
    cues: ['offer', 'data', 'fin', 'receipt'],
    most: 3,
    during: 'docked',
    make: (chance, { camera }) => ({ do: 'part', camera, ms: ms(chance, 1, 12) }),
  },
  {
    kind: 'broker-restart',
    cues: ['offer', 'data', 'fin'],
    most: 3,
    during: 'docked',
    make: (_chance, { dock }) => ({ do: 'broker', dock }),
  },
  {
    kind: 'camera-clock-step',
    most: 3,
    during: 'recording',
    make: (chance, { camera }) => ({
      do: 'clock-step',
      camera,
      byMs: between(chance, -7_200, 7_200) * SECOND_MS,
    }),
  },
  {
    kind: 'flash-slow',
    most: 2,
    make: (chance, { camera }) => ({
      do: 'weary',
      camera,
      weariness: { eachMs: between(chance, 1, 60), wornWrites: 0 },
      ms: ms(chance, 2, 15),
    }),
  },
  {
    kind: 'flash-worn',
    most: 2,
    make: (chance, { camera }) => ({
      do: 'weary',
      camera,
      weariness: { eachMs: 0, wornWrites: 0.02 + 0.3 * chance.fraction() },
      ms: ms(chance, 1, 10),
    }),
  },
  {
    kind: 'flash-full',
    most: 2,
    during: 'recording',
    make: (chance, { camera }) => ({
      do: 'flash-room',
      camera,
      bytes: chance.below(8_000),
      ms: ms(chance, 2, 40),
    }),
  },
];

/** All harm of a world, most of it where it meets somebody at work. */
export function planHarms(chance: Chance, world: HarmPlan): readonly Action[] {
  const events = HARMS.flatMap((harm) => {
    const draw = chance.split(harm.kind);
    return Array.from({ length: world.swarm.times(harm.kind, harm.most) }, () =>
      planHarm(draw, harm, world),
    ).flat();
  });
  return [...events, ...planWeather(chance.split('weather'), world)];
}

function planHarm(
  chance: Chance,
  { during, make, cues = [], next }: HarmKind,
  { busy, stormMs, cameras, docks }: HarmPlan,
): readonly Action[] {
  const stretches = busy.filter(({ doing }) => during === undefined || doing === during);
  const camera = chance.below(cameras.length);
  const anywhere = { camera, fromMs: 0, untilMs: stormMs };
  const at = stretches.length > 0 && chance.happens(0.85) ? one(chance, stretches) : anywhere;
  // Most of what is said in a bay is said at once.
  const spanMs = chance.happens(0.5) ? Math.min(3_000, at.untilMs - at.fromMs) : at.untilMs - at.fromMs;
  const atMs = at.fromMs + chance.below(Math.max(1, spanMs));
  const whom = { camera: at.camera, dock: chance.below(docks) };
  const isCued = cues.length > 0 && chance.happens(0.6);
  const harm: Action = { atMs, ...(isCued ? { on: one(chance, cues) } : {}), ...make(chance, whom) };
  if (next === undefined || chance.happens(0.3)) return [harm];
  return [harm, { atMs: atMs + chance.below(MINUTE_MS), ...next(chance, whom) }];
}

function planWeather(chance: Chance, { swarm, stormMs }: HarmPlan): readonly Action[] {
  const actions: Action[] = [];
  for (let atMs = 0; atMs < stormMs; atMs += between(chance, 1, 6) * MINUTE_MS) {
    const isFair = actions.length > 0 && chance.happens(0.25);
    const harsh = isFair ? 0 : 1;
    const weather = {
      loss: harsh * swarm.rate('packet-loss', 0.005, 0.2),
      repeat: harsh * swarm.rate('packet-repeat', 0.005, 0.3),
      reorder: harsh * swarm.rate('packet-reorder', 0.005, 0.3),
      delayMs: harsh * Math.round(swarm.rate('packet-delay', 1, 200)),
      bitErrorRate: harsh * swarm.rate('bit-error', 1e-6, 3e-4),
    };
    actions.push({ atMs, do: 'weather', weather });
  }
  return actions;
}
