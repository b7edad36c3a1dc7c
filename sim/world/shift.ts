import type { CameraId } from '../../proto/ids.ts';
import { Chance } from '../fault/chance.ts';
import { ManualClock } from '../fault/manual-clock.ts';
import { planCast, planDeeds } from './deeds.ts';
import { between, one } from './draw.ts';
import type { Action, CameraOption, Scenario } from './scenario.ts';
import { CALM_WIRES } from './wires.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const SHIFT_MS = 8 * 60 * MINUTE_MS;
const CAMERAS = 50;
const DOCKS = 2;
/** Portland's officers bring 6.8 files each from a shift; so many in all. */
const RECORDINGS = 340;
/** In so long before the end all cameras come to their bays. */
const BURST_MS = 90 * SECOND_MS;
const CALM_MS = 30 * MINUTE_MS;
const GOP_MS = 60 * SECOND_MS;
const DEEDS = 20;

/**
 * One shift of a precinct, as long as a real one, with footage of a few hundred bytes a minute: all cameras are in the field, some come
 * back in between, and in the end they come all at once, over two brokers and some lines. Trouble is light. The same on every machine.
 */
export function planShift(): Scenario {
  const chance = new Chance('shift');
  const cameras = Array.from({ length: CAMERAS }, (_, index) => planCamera(index, chance));
  const lives = cameras.flatMap((_, camera) => planLife(camera, chance.split(`life ${camera}`)));
  const size = {
    ...{ fromMs: 0, stormMs: SHIFT_MS, docks: DOCKS, recordings: RECORDINGS, deeds: DEEDS, troubles: 2 },
    ...{ modes: ['down', 'slow'] as const, startMs: new ManualClock().wallUs() / 1_000 },
  };
  const officers = cameras.map(({ officer }) => officer);
  const cast = planCast(chance.split('cast'), officers, size);
  const deeds = planDeeds(chance.split('deeds'), cast, size).map(
    ({ atMs, deed }): Action => ({ atMs, do: 'deed', deed }),
  );
  // Most incidents are somebody's stop of a few minutes, with one recording or two.
  const links = cast.links.map((link, at) =>
    at % 5 === 0 ? link : { ...link, incident: `26-${9 + (at >> 1)}` },
  );
  const actions = [...lives, ...planTrouble(chance.split('trouble')), ...deeds]
    .filter(({ atMs }) => atMs < SHIFT_MS)
    .toSorted((a, b) => a.atMs - b.atMs);
  const docks = Array.from({ length: DOCKS }, (_, index) => ({
    ...{ driftPpm: 20 - 40 * index, hasMirror: index === 0, hasTimeDaemon: true },
  }));
  return { seed: 0, stormMs: SHIFT_MS, calmMs: CALM_MS, cameras, docks, cast: { ...cast, links }, actions };
}

function planCamera(index: number, shift: Chance): CameraOption {
  const chance = shift.split(`camera ${index}`);
  const gopBytesMax = between(chance, 200, 600);
  return {
    cameraId: `cam-${index + 1}` as CameraId,
    officer: `${5_001 + index}`,
    driftPpm: between(chance, -40, 40),
    preEventMs: index % 5 === 0 ? 2 * GOP_MS : 0,
    capacityBytes: 10_000_000,
    isSealed: true,
    footage: { gopMs: GOP_MS, gopBytesMax, chunkBytesMax: gopBytesMax + 50 },
    wire: { over: index % 10 === 0 ? 'line' : 'broker', baud: 921_600 },
    home: index % DOCKS,
  };
}

/** Recordings of a minute to five, spread over the shift; every tenth camera brings what it has at half-time. */
function planLife(camera: number, chance: Chance): readonly Action[] {
  const count =
    Math.floor(((camera + 1) * RECORDINGS) / CAMERAS) - Math.floor((camera * RECORDINGS) / CAMERAS);
  const burstMs = SHIFT_MS - BURST_MS;
  const stretchMs = Math.floor(burstMs / count);
  const home = camera % DOCKS;
  const recordings = Array.from({ length: count }, (_, n): readonly Action[] => {
    const lengthMs = between(chance, 60, 300) * SECOND_MS;
    const atMs = n * stretchMs + chance.below(stretchMs - lengthMs - MINUTE_MS);
    const mark = { atMs: atMs + lengthMs / 2, do: 'mark', camera, kind: 'evidence' } as const;
    const record = { atMs, do: 'record', camera } as const;
    return [record, ...(chance.happens(0.3) ? [mark] : []), { atMs: atMs + lengthMs, do: 'stop', camera }];
  });
  const halfMs = Math.ceil(count / 2) * stretchMs - 30 * SECOND_MS;
  const half: readonly Action[] = [
    { atMs: halfMs, do: 'dock', camera, dock: home },
    { atMs: halfMs + 20 * SECOND_MS, do: 'undock', camera },
  ];
  const toBay = { atMs: burstMs + chance.below(BURST_MS), do: 'dock', camera, dock: home } as const;
  return [...recordings.flat(), ...(camera % 10 === 0 ? half : []), toBay];
}

/** What befalls a good precinct: a battery, a plug, a bad line in the burst. */
function planTrouble(chance: Chance): readonly Action[] {
  const anywhen = (): number => chance.below(SHIFT_MS - BURST_MS);
  const burst = (): number => SHIFT_MS - BURST_MS + chance.below(BURST_MS);
  const camera = (): number => chance.below(CAMERAS);
  const cuts = Array.from(
    { length: 6 },
    (_, n): Action => ({
      ...{ atMs: anywhen(), do: 'camera-cut', camera: camera(), offMs: 10 * SECOND_MS },
      ...{ isBattery: n === 0, operations: chance.below(30) },
    }),
  );
  const lines = Array.from(
    { length: 8 },
    (): Action => ({
      ...{ atMs: burst(), do: one(chance, ['hang-up', 'half-close'] as const), camera: camera() },
    }),
  );
  const weather = { ...CALM_WIRES, loss: 0.01, repeat: 0.01, reorder: 0.01, delayMs: 5 };
  return [
    ...cuts,
    ...lines,
    { atMs: 0, do: 'weather', weather },
    { atMs: burst(), do: 'dock-cut', dock: 1, offMs: 5 * SECOND_MS, operations: 30 },
    { atMs: burst(), do: 'broker', dock: 0 },
  ];
}
