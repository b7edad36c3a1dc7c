import type { TrustedDock } from '../../device/ports.ts';
import { LinkError } from '../../proto/errors.ts';
import { WorldCamera } from './camera.ts';
import { wrapPair, type WrapPair } from '../fault/hpke.ts';
import type { DockMachine, MachineParts } from './parties.ts';
import type { CameraOption, Scenario } from './scenario.ts';
import type { Scene } from './scene.ts';
import { Wires } from './wires.ts';

/** Makes a dock of a world; `index` counts from 0. */
export type MakeDock = (index: number, parts: MachineParts) => DockMachine;

/** One camera and where it is. */
export interface Placed {
  readonly option: CameraOption;
  readonly machine: WorldCamera;
  /** In whose bay it is, or was last; counts from 0. */
  bay: number;
  isDocked: boolean;
}

/** All machines of one run. */
export interface Machines {
  readonly cameras: readonly Placed[];
  readonly docks: readonly DockMachine[];
  readonly wires: Wires;
  /** The pair that cameras seal to. */
  readonly custodian: WrapPair;
}

/** Builds what the scenario names; everything is off. `crashed` hears of what no machine may do. */
export function makeMachines(
  scenario: Scenario,
  scene: Scene,
  { makeDock, crashed }: { readonly makeDock: MakeDock; readonly crashed: (error: unknown) => void },
): Machines {
  const wires = new Wires(scene, crashed);
  const custodian = wrapPair(scene.chance.split('custodian'));
  const docks: DockMachine[] = [];
  const trusts = (dockId: string): TrustedDock | undefined =>
    docks.find(({ trusted }) => trusted.dockId === dockId)?.trusted;
  const cameras = scenario.cameras.map((option) => {
    const placed: Placed = {
      ...{ option, bay: option.home, isDocked: false },
      machine: new WorldCamera({
        ...{ scene, trusts, crashed, setting: option },
        recipients: [{ kind: 'custodian', id: 'custodian', publicKey: custodian.point }],
        openLink: () => {
          const dock = docks[placed.bay];
          if (dock === undefined) return Promise.reject(LinkError.gone('a bay that is not there'));
          return wires.open(option.cameraId, dock, option.wire);
        },
        unplug: () => wires.unplug(option.cameraId, false),
      }),
    };
    return placed;
  });
  const enrolled = cameras.map(({ machine: { cameraId, publicKey } }) => ({ cameraId, publicKey }));
  for (const [index, { driftPpm }] of scenario.docks.entries())
    docks.push(makeDock(index, { scene, cameras: enrolled, driftPpm }));
  return { cameras, docks, wires, custodian };
}
