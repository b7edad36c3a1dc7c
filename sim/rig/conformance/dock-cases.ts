import { type DockCase, dockBenches } from './dock-bench.ts';
import { CUSTODY_CASES } from './dock-custody.ts';
import { FLOW_CASES } from './dock-flow.ts';
import { GROWTH_CASES } from './dock-growth.ts';
import { HANDSHAKE_CASES } from './dock-handshake.ts';
import { LINK_CASES } from './dock-link.ts';
import { LIVENESS_CASES } from './dock-liveness.ts';
import { NOISE_CASES } from './dock-noise.ts';
import { RESUME_CASES } from './dock-resume.ts';
import { SEAL_CASES } from './dock-seal.ts';
import { STORAGE_CASES } from './dock-storage.ts';
import { suiteOf } from './suite.ts';

/** Every case against a dock, in the order in which they run: what later ones rely on comes first. */
const DOCK_CASES: readonly DockCase[] = [
  ...HANDSHAKE_CASES,
  ...CUSTODY_CASES,
  ...GROWTH_CASES,
  ...SEAL_CASES,
  ...FLOW_CASES,
  ...RESUME_CASES,
  ...NOISE_CASES,
  ...LINK_CASES,
  ...LIVENESS_CASES,
  ...STORAGE_CASES,
];

/** The rig as a camera, against a dock. */
export const DOCK_SUITE = suiteOf(DOCK_CASES, dockBenches);
