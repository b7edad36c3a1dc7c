import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Tests of real programs run what a user runs: `dist/`, built again when a source has changed. */
export function setup(): void {
  execFileSync(process.execPath, [fileURLToPath(new URL('../bin/prepare.mjs', import.meta.url))], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
}
