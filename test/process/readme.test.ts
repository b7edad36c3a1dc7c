import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { COMMAND } from '../../sim/rig/program.ts';
import { peer } from '../peer.ts';

const run = promisify(execFile);
const bash = peer('bash');
const curl = peer('curl');
const README = new URL('../../README.md', import.meta.url);
const SECONDS_MAX = 90;

const dir = mkdtempSync(join(tmpdir(), 'holdfast-readme-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(String(typeof address === 'object' && address !== null ? address.port : 0)));
    });
  });
}

/** The README's own shell blocks that put an installation up by hand, one script. */
function script(): string {
  const blocks = [...readFileSync(README, 'utf8').matchAll(/```sh\n(.*?)```/gs)].map(
    ([, text]) => text ?? '',
  );
  return blocks.filter((text) => text.includes('enrol dock dock-1') || text.includes('fact()')).join('\n');
}

/** Waits in the script for a line in a program's output; a reader of the README waits by looking. */
const waitFor = (file: string, text: string): string =>
  `for _ in $(seq 300); do grep -q '${text}' ${file} 2>/dev/null && break; sleep 0.1; done`;

// Goal: what the README says to type works as typed. Method: its own lines in a shell, with other ports, the launcher in
// place of npm, the programs' output in files, and the camera's own answer where the README says RECORDING.
describe.skipIf(bash === undefined || curl === undefined)('the README', () => {
  it('puts an installation up by hand and releases a recording', {
    timeout: SECONDS_MAX * 1000,
  }, async () => {
    const [policy, viewer, mqtt] = await Promise.all([freePort(), freePort(), freePort()]);
    const lines = script()
      .replace(/^alias holdfast=.*$/m, '')
      .replaceAll('8090', policy)
      .replaceAll('8080', viewer)
      .replaceAll('1883', mqtt)
      .replaceAll(/^holdfast (policy|dock)/gm, `timeout ${SECONDS_MAX} node ${COMMAND} $1`)
      .replaceAll(/^holdfast /gm, `node ${COMMAND} `)
      .replaceAll('| holdfast ', `| node ${COMMAND} `)
      .replace('policy/enrolled &', `policy/enrolled > policy.log &\n${waitFor('policy.log', 'listening')}`)
      .replace('dock/policy.token &', `dock/policy.token > dock.log &\n${waitFor('dock.log', 'listening')}`)
      .replace('--record 5 --once', '--record 2 --once > camera.log')
      .replace('RECORDING', `'"$(grep -m1 -o 'recording=[0-9a-f]*' camera.log | cut -d= -f2)"'`)
      .replace('RECORDING', `$(grep -m1 -o 'recording=[0-9a-f]*' camera.log | cut -d= -f2)`);
    const end = `${waitFor('dock.log', '^released')}\nls -l evidence.zip\ngrep '^released' dock.log\nkill $(jobs -p)\n`;
    const { stdout } = await run(bash ?? '', ['-euc', `${lines}\n${end}`], { cwd: dir });
    expect(stdout).toContain('everything holds');
    expect(stdout).toMatch(/^released recording=[0-9a-f]{32} person=4411$/m);
  });
});
