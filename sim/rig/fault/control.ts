import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Names the control file of {@link openDiskTrouble} in a program's environment. */
export const DISK_VARIABLE = 'HOLDFAST_RIG_DISK';
/** Names the control file of {@link openClockTrouble}. */
export const CLOCK_VARIABLE = 'HOLDFAST_RIG_CLOCK';

const BUILT = import.meta.url.endsWith('.ts') ? '../../../dist/sim/rig/fault/preload.js' : './preload.js';

/**
 * Environment under which a program of the rig is troubled by this control file. The option is the same for every kind of trouble, so
 * two environments can be spread into one. Programs run from the built tree, and so does what is loaded into them.
 */
export function troubledEnv(variable: string, controlFile: string): Readonly<Record<string, string>> {
  const option = `--import=${new URL(BUILT, import.meta.url).href}`;
  const others = (process.env['NODE_OPTIONS'] ?? '').split(' ').filter((one) => one !== '' && one !== option);
  return { NODE_OPTIONS: [...others, option].join(' '), [variable]: controlFile };
}

/** Replaces the control file in one step, so that nobody reads half of it: what is asked from now on holds at once. */
export function writeControl(path: string, control: object): void {
  writeFileSync(`${path}.new`, JSON.stringify(control));
  renameSync(`${path}.new`, path);
}

/** What the control file says; undefined once it is gone, which means no trouble. `read`: the `readFileSync` from before it was troubled. */
export function readControl(path: string, read = readFileSync): object | undefined {
  try {
    const control: unknown = JSON.parse(read(path, 'utf8'));
    return typeof control === 'object' && control !== null ? control : undefined;
  } catch {
    return undefined;
  }
}
