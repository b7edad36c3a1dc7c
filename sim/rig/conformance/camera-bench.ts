import type { Bench, ConformanceCase } from './case.ts';
import { LineError } from './line.ts';
import { PuppetDock } from './puppet-dock.ts';
import { RigDock } from './rig-dock.ts';
import { type Benches, openWire, type Setup } from './suite.ts';
import type { Wire } from './wire.ts';

/** What a case against a camera has: a line, and a dock that says what it is told to. */
export interface CameraBench extends Bench {
  readonly dock: PuppetDock;
}

export type CameraCase = ConformanceCase<CameraBench>;

/**
 * Benches on which the rig is a dock. One line serves all cases: opening a port may reset what hangs on it. Throws
 * KeyError when the keys are no dock's keys, LineError when it was not said which camera to test.
 */
export function cameraBenches(setup: Setup): Benches<CameraBench> {
  const { cameraId, registry, hooks } = setup;
  if (cameraId === undefined || registry === undefined)
    throw new LineError('LINE_OPEN', 'say which camera to test: --camera ID and --registry DIR', {
      retry: 'never',
    });
  const rig = new RigDock({ keys: setup.keys, registry });
  let shared: Wire | undefined;
  return {
    open: async () => {
      if (shared === undefined || shared.isClosed) shared = await openWire(setup, cameraId);
      shared.manners.pong = true;
      shared.manners.linkCommit = true;
      shared.forget();
      return { wire: shared, hooks, dock: new PuppetDock(shared, rig), close: () => Promise.resolve() };
    },
    close: async () => shared?.close(),
  };
}
