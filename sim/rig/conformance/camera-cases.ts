import type { Bench, ConformanceCase } from './case.ts';
import { type Benches, openWire, type Setup, suiteOf } from './suite.ts';
import { LineError } from './line.ts';

const HELLO_MS = 10_000;

/** Every case against a camera, in the order in which they run. */
const CAMERA_CASES: readonly ConformanceCase[] = [
  {
    name: 'says-hello',
    rule: 'A camera that is docked says Hello, and the same again until it is answered.',
    section: '6',
    run: async ({ wire }) => {
      const first = await wire.hear('hello', HELLO_MS);
      await wire.hear('hello', HELLO_MS, ({ nonce }) => Buffer.compare(nonce, first.message.nonce) === 0);
    },
  },
];

/** Benches on which the rig is a dock, for the topics of the camera under test. */
function cameraBenches(setup: Setup): Benches<Bench> {
  return {
    open: async () => {
      if (setup.cameraId === undefined) throw new LineError('LINE_OPEN', 'give --camera', { retry: 'never' });
      const wire = await openWire(setup, setup.cameraId);
      return { wire, hooks: setup.hooks, close: () => wire.close() };
    },
    close: async () => undefined,
  };
}

/** The rig as a dock, against a camera. */
export const CAMERA_SUITE = suiteOf(CAMERA_CASES, cameraBenches);
