import { type DockCase, dockBenches } from './dock-bench.ts';
import { suiteOf } from './suite.ts';

/** Every case against a dock, in the order in which they run: what later ones rely on comes first. */
export const DOCK_CASES: readonly DockCase[] = [
  {
    name: 'good-path',
    rule: 'A recording goes from Hello to a Receipt that holds, and ReceiptAck ends it.',
    section: '7',
    run: async ({ camera, wire }) => {
      const session = await camera.dock();
      const recording = camera.record([3_000, 2_000, 1_000]);
      const upload = await session.upload(recording);
      wire.send({ type: 'receipt-ack', recordingId: upload.recording.recordingId, erased: true });
      await wire.expectNone('abort', 100);
      await camera.ping();
    },
  },
];

/** The rig as a camera, against a dock. */
export const DOCK_SUITE = suiteOf(DOCK_CASES, dockBenches);
