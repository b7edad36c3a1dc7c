import { cameraBenches, type CameraCase } from './camera-bench.ts';
import { ABORT_CASES, LAST_CASES } from './camera-cases-abort.ts';
import { CUSTODY_CASES, ERASING_CASES, WHOLE_CASES } from './camera-cases-custody.ts';
import { GROWTH_CASES } from './camera-cases-growth.ts';
import { HELLO_CASES } from './camera-cases-hello.ts';
import { LINK_CASES } from './camera-cases-link.ts';
import { LIVENESS_CASES, RESET_CASES } from './camera-cases-liveness.ts';
import { LOSS_CASES } from './camera-cases-loss.ts';
import { OFFER_CASES } from './camera-cases-offer.ts';
import { SENDING_CASES } from './camera-cases-sending.ts';
import { WIRE_CASES } from './camera-cases-wire.ts';
import { suiteOf } from './suite.ts';

/** Every case against a camera, in the order in which they run: what erases a recording comes when the others are done. */
const CAMERA_CASES: readonly CameraCase[] = [
  ...WHOLE_CASES,
  ...HELLO_CASES,
  ...OFFER_CASES,
  ...SENDING_CASES,
  ...LOSS_CASES,
  ...WIRE_CASES,
  ...CUSTODY_CASES,
  ...GROWTH_CASES,
  ...ABORT_CASES,
  ...LIVENESS_CASES,
  ...LINK_CASES,
  ...RESET_CASES,
  ...ERASING_CASES,
  ...LAST_CASES,
];

/** The rig as a dock, against a camera. */
export const CAMERA_SUITE = suiteOf(CAMERA_CASES, cameraBenches);
