import { LinkError } from '../../proto/errors.ts';
import type { Identity } from '../../proto/identity.ts';
import { isDockId } from '../../proto/ids.ts';
import { wrapPair, type WrapPair } from '../fault/hpke.ts';
import { WorldCamera } from './camera.ts';
import { countersOf } from './counters.ts';
import { WorldDock, type WorldDockParts } from './dock.ts';
import { OfficeLines } from './office-lines.ts';
import { Office } from './office.ts';
import { People } from './people.ts';
import type { CameraOption, Scenario } from './scenario.ts';
import type { Scene } from './scene.ts';
import { Wires } from './wires.ts';

/** One camera and where it is. */
export interface Placed {
  readonly option: CameraOption;
  readonly machine: WorldCamera;
  /** In whose bay it is, or was last; counts from 0. */
  bay: number;
  isDocked: boolean;
}

/** Everything of one run that acts by itself, and the people. */
export interface Machines {
  readonly cameras: readonly Placed[];
  readonly docks: readonly WorldDock[];
  readonly wires: Wires;
  readonly lines: OfficeLines;
  readonly people: People;
  /** The pair that cameras seal to. */
  readonly custodian: WrapPair;
}

// Short, so that whoever watches asks again now and then.
const GRANT_MEDIA_MS = 10 * 60_000;

/** Builds what the scenario names; everything is off. `crashed` hears of what no machine may do. */
export function makeMachines(scenario: Scenario, scene: Scene, crashed: (error: unknown) => void): Machines {
  const wires = new Wires(scene, crashed);
  const custodian = wrapPair(scene.chance.split('custodian'));
  const docks: WorldDock[] = [];
  const cameras = scenario.cameras.map((option) =>
    placeCamera(option, { scene, wires, docks, custodian, crashed }),
  );
  const enrolled = cameras.map(({ machine: { cameraId, publicKey } }) => ({ cameraId, publicKey }));
  // Connected when a dock boots: by then there is an office, which must know the docks before.
  const connect: WorldDockParts['connect'] = (caller) => lines.connect(caller);
  for (const [index, option] of scenario.docks.entries()) {
    const dockId = `dock-${index + 1}`;
    if (!isDockId(dockId)) throw new TypeError(`${dockId} is no name of a dock`);
    docks.push(new WorldDock({ scene, cameras: enrolled, dockId, connect, crashed, ...option }));
  }
  const { regimes, people: known } = scenario.cast;
  const office = new Office({
    ...{ scene, regimes, people: known, custodian, grantMediaMs: GRANT_MEDIA_MS },
    identities: [
      ...enrolled.map(({ cameraId: id, publicKey }): Identity => ({ kind: 'camera', id, publicKey })),
      ...docks.map(({ identity }) => identity),
    ],
  });
  const lines = new OfficeLines(scene, office);
  const counters = countersOf(docks);
  const people = new People({ scene, office, lines, counters, cast: scenario.cast });
  return { cameras, docks, wires, lines, people, custodian };
}

interface Around {
  readonly scene: Scene;
  readonly wires: Wires;
  /** Filled later: a camera looks for a dock when it is put into a bay. */
  readonly docks: readonly WorldDock[];
  readonly custodian: WrapPair;
  readonly crashed: (error: unknown) => void;
}

function placeCamera(option: CameraOption, { scene, wires, docks, custodian, crashed }: Around): Placed {
  const placed: Placed = {
    ...{ option, bay: option.home, isDocked: false },
    machine: new WorldCamera({
      ...{ scene, crashed, setting: option },
      trusts: (dockId) => docks.find(({ trusted }) => trusted.dockId === dockId)?.trusted,
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
}
