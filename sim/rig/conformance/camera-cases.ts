import { cameraBenches, type CameraCase } from './camera-bench.ts';
import { HELLO_CASES } from './camera-cases-hello.ts';
import { suiteOf } from './suite.ts';

/** Every case against a camera, in the order in which they run. */
const CAMERA_CASES: readonly CameraCase[] = [...HELLO_CASES];

/** The rig as a dock, against a camera. */
export const CAMERA_SUITE = suiteOf(CAMERA_CASES, cameraBenches);
