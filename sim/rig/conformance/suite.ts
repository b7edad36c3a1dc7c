import type { CameraId } from '../../../proto/ids.ts';
import type { Bench, ConformanceCase, Hooks, Need, Transport } from './case.ts';
import { openMqttLine } from './mqtt-line.ts';
import { type CaseResult, runCases } from './run.ts';
import { openSerialLine } from './serial-line.ts';
import { Wire } from './wire.ts';

/** Everything the operator said about the device under test and the side that the rig plays. */
export interface Setup {
  /** The side that the rig plays. */
  readonly as: 'camera' | 'dock';
  readonly place:
    | { readonly path: string; readonly baud: number }
    | { readonly url: string; readonly site: string };
  /** The rig's own keys folder. */
  readonly keys: string;
  /** Folder with the identity of the device under test. */
  readonly registry: string | undefined;
  /** The camera whose topics are used: the rig's own, or the one under test. */
  readonly cameraId: CameraId | undefined;
  /** Keys of a second enrolled camera. */
  readonly secondKeys: string | undefined;
  /** Names this run's recordings and chances. */
  readonly seed: string;
  readonly hooks: Hooks;
  readonly given: ReadonlySet<Need>;
}

/** What is known of a case without running it. */
export type CaseFacts = Omit<ConformanceCase, 'run'>;

export interface SuiteRun {
  /** Names to run; all that suit the transport when absent. */
  readonly only: readonly string[] | undefined;
  readonly deadlineMs: number;
  /** Ends the case under way and begins no other. */
  readonly stopped?: AbortSignal;
  tell(result: CaseResult): void;
}

/** All cases against devices of one side. */
export interface Suite {
  readonly cases: readonly CaseFacts[];
  /** Rejects when the rig's own keys or identities cannot be used; never for what the device does. */
  run(setup: Setup, how: SuiteRun): Promise<readonly CaseResult[]>;
}

/** Gives each case its bench, over what all benches of a run share. */
export interface Benches<B extends Bench> {
  open(): Promise<B>;
  /** Releases what the benches shared. */
  close(): Promise<void>;
}

export function suiteOf<B extends Bench>(
  cases: readonly ConformanceCase<B>[],
  benches: (setup: Setup) => Benches<B>,
): Suite {
  return {
    cases,
    run: async (setup, { only, deadlineMs, stopped, ...how }) => {
      const transport = transportOf(setup);
      const chosen = cases.filter((one) =>
        only === undefined ? suits(one, transport) : only.includes(one.name),
      );
      const shared = benches(setup);
      try {
        return await runCases({
          ...{ cases: chosen, transport, given: setup.given, deadlineMs, stopped },
          open: () => shared.open(),
          tell: (result) => how.tell(result),
        });
      } finally {
        await shared.close();
      }
    },
  };
}

export function suits({ transports }: CaseFacts, transport: Transport): boolean {
  return transports === undefined || transports.includes(transport);
}

export function transportOf({ place }: Pick<Setup, 'place'>): Transport {
  return 'path' in place ? 'serial' : 'mqtt';
}

/** Opens the rig's end of the line, for the topics of this camera over MQTT. Rejects with LineError LINE_OPEN. */
export function openWire({ as, place }: Pick<Setup, 'as' | 'place'>, cameraId: CameraId): Promise<Wire> {
  if ('path' in place)
    return Wire.open({ side: as, baud: place.baud }, (ears) => openSerialLine(place, ears));
  return Wire.open({ side: as, baud: 0 }, (ears) => openMqttLine({ ...place, cameraId, side: as }, ears));
}
