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
const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const DOCK_API = readFileSync(new URL('../../docs/DOCK-API.md', import.meta.url), 'utf8');
const SECONDS_MAX = 180;
/** Of a line that a step of the script begins with, in front of its number. */
const STEP = '@@ step ';

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

/** The shell blocks of a page that have any of these words in them. */
function blocks(page: string, ...words: readonly string[]): string {
  return [...page.matchAll(/```sh\n(.*?)```/gs)]
    .map(([, text]) => text ?? '')
    .filter((text) => words.some((word) => text.includes(word)))
    .join('\n');
}

/** Lines to type, and what the page says they print: `…` is anything. */
interface Step {
  readonly lines: string;
  readonly printed: string;
}

/** A step ends with what it prints; so lines that print nothing belong to the step after them. */
function stepsOf(block: string): readonly Step[] {
  return [...block.matchAll(/((?:(?!#> ).*\n)+)((?:#> .*\n)*)/g)].map(([, lines = '', printed = '']) => ({
    lines,
    printed: printed.replaceAll(/^#> /gm, '').trimEnd(),
  }));
}

/** In the script, the id that the camera printed. */
const RECORDING = `$(grep -m1 -o 'recording=[0-9a-f]*' camera.log | cut -d= -f2)`;

/** Waits in the script for a line in a program's output; a reader of the README waits by looking. */
const waitFor = (file: string, text: string): string => waitUntil(`grep -q '${text}' ${file} 2>/dev/null`);

const waitUntil = (command: string): string => `for _ in $(seq 200); do ${command} && break; sleep 0.1; done`;

const literally = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

function asPattern(printed: string, recording: string): RegExp {
  const pieces = printed.replaceAll('RECORDING', recording).split('…');
  return new RegExp(`^${pieces.map(literally).join('[^]*')}$`);
}

/** Each step behind a line with its number, whether or not the output before it ended with a line of its own. */
const numbered = (steps: readonly Step[]): string =>
  steps.map(({ lines }, n) => `printf '\\n${STEP}${n}\\n'\n${lines}`).join('');

// Goal: what README and docs/DOCK-API.md say to type works as typed, and prints what they say. Method: their own lines in a shell, with
// other ports, the launcher in place of npm, the programs' output in files, and the camera's own answer where they say RECORDING.
describe.skipIf(bash === undefined || curl === undefined)('the README', () => {
  it('puts an installation up by hand, releases a recording, and asks both programs over HTTP', {
    timeout: SECONDS_MAX * 1000,
  }, async () => {
    const [policy, viewer, mqtt] = await Promise.all([freePort(), freePort(), freePort()]);
    const here = (text: string): string =>
      text.replaceAll('8090', policy).replaceAll('8080', viewer).replaceAll('1883', mqtt);
    const steps = stepsOf(here(`${blocks(README, 'policy=http:')}${blocks(DOCK_API, '$dock')}`));
    expect(steps.filter(({ printed }) => printed !== '').length).toBeGreaterThan(24);
    const byHand = here(blocks(README, 'enrol dock dock-1', 'fact()'));
    const lines =
      `${byHand}\n${waitFor('dock.log', '^released')}\n${numbered(steps)}printf '\\n${STEP}end\\n'`
        .replace(/^alias holdfast=.*$/m, '')
        .replaceAll(/^holdfast (policy|dock)/gm, `timeout ${SECONDS_MAX} node ${COMMAND} $1`)
        .replaceAll(/^holdfast /gm, `node ${COMMAND} `)
        .replaceAll('| holdfast ', `| node ${COMMAND} `)
        .replace('policy/enrolled &', `policy/enrolled > policy.log &\n${waitFor('policy.log', 'listening')}`)
        .replace('dock/policy.token &', `dock/policy.token > dock.log &\n${waitFor('dock.log', 'listening')}`)
        .replace('--record 5 --once', '--record 2 --once > camera.log')
        .replace('--max-time 10', `--max-time ${SECONDS_MAX}`)
        .replace('sleep 2;', `${waitFor('updates.txt', '"status":"held"')};`)
        .replace('sleep 2;', `${waitUntil(`tail -n 2 updates.txt | grep -q '"status":"released"'`)};`)
        .replace('"RECORDING"', `"'"${RECORDING}"'"`)
        .replaceAll('RECORDING', RECORDING);
    const begin = `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT`;
    const end = `ls -l evidence.zip\ngrep '^released' dock.log`;
    const { stdout } = await run(bash ?? '', ['-euc', `${begin}\n${lines}\n${end}`], { cwd: dir });
    const [before, ...outputs] = stdout.split(new RegExp(`^${STEP}.*\n`, 'm'));
    expect(before).toContain('everything holds');
    const [, recording = ''] = /^released recording=([0-9a-f]{32}) person=4411$/m.exec(stdout) ?? [];
    for (const [n, { lines: typed, printed }] of steps.entries()) {
      const output = outputs[n]?.trimEnd() ?? '';
      const holds = asPattern(printed, recording).test(output);
      expect(holds ? printed : output.slice(0, 2000), typed).toBe(printed);
    }
  });
});
