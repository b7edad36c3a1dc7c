import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { peer, skippingForbidden } from '../peer.ts';

const SOURCE = fileURLToPath(new URL('../go/verify-ledger/main.go', import.meta.url));
const GOPATH = '/usr/share/gocode';

export interface Said {
  readonly status: number | null;
  readonly text: string;
}

/** Path of the Go compiler, when golang.org/x/mod is there for it too; with skipping forbidden a missing one throws. */
export function goWithModules(): string | undefined {
  const go = peer('go');
  const hasModules = existsSync(join(GOPATH, 'src/golang.org/x/mod/sumdb/tlog'));
  if (!hasModules && skippingForbidden()) throw new Error('apt-get install golang-golang-x-mod-dev');
  return hasModules ? go : undefined;
}

/** In which Go finds golang.org/x/mod where the system keeps it, and writes nothing outside `work`. */
export function goEnvironment(work: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: work, GO111MODULE: 'off', GOPATH, GOFLAGS: '' };
}

/** Compiles test/go/verify-ledger into `work` and returns what runs it. Throws with the compiler's words. */
export function buildGoVerifier(go: string, work: string): (...argv: readonly string[]) => Said {
  const program = join(work, 'verify-ledger');
  const built = spawnSync(go, ['build', '-o', program, SOURCE], {
    encoding: 'utf8',
    env: goEnvironment(work),
  });
  if (built.status !== 0) throw new Error(`go build failed: ${built.stderr}`);
  return (...argv) => {
    const { status, stdout, stderr } = spawnSync(program, [...argv], { encoding: 'utf8', timeout: 60_000 });
    return { status, text: stdout + stderr };
  };
}
