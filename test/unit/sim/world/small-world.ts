import type { CameraId } from '../../../../proto/ids.ts';
import type { Action, Scenario } from '../../../../sim/world/scenario.ts';

export const SECOND_MS = 1_000;

/** One camera and one dock: one recording of some seconds, then the bay, and what else is done. It uploads from 10.1 s to 11 s. */
export function bay(...actions: readonly Action[]): Scenario {
  const life: readonly Action[] = [
    { atMs: SECOND_MS, do: 'record', camera: 0 },
    { atMs: 8 * SECOND_MS, do: 'stop', camera: 0 },
    { atMs: 10 * SECOND_MS, do: 'dock', camera: 0, dock: 0 },
  ];
  return {
    ...{ seed: 1, stormMs: 60 * SECOND_MS, calmMs: 300 * SECOND_MS },
    cameras: [
      {
        ...{ cameraId: 'cam-1' as CameraId, officer: '4411', home: 0, driftPpm: 0, preEventMs: 0 },
        ...{ capacityBytes: 1_000_000, isSealed: true },
        footage: { gopMs: SECOND_MS, gopBytesMax: 1_500, chunkBytesMax: 600 },
        wire: { over: 'uart', baud: 115_200 },
      },
    ],
    docks: [{ driftPpm: 0, hasMirror: false, hasTimeDaemon: false }],
    cast: {
      regimes: [{ agency: '', regime: 'city', fromMs: 0 }],
      people: [{ person: '4411', roles: ['officer'], org: 'bureau' }],
      links: [],
    },
    actions: [...life, ...actions].toSorted((a, b) => a.atMs - b.atMs),
  };
}
