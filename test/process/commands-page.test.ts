import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startMosquitto } from '../../sim/rig/mosquitto.ts';
import { COMMAND } from '../../sim/rig/program.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { Site } from '../../sim/rig/site.ts';
import { peer } from '../peer.ts';

// Goal: what docs/COMMANDS.md says to type works as typed. Method: its own lines in a shell, beside a real dock, with ports that are
// there in place of those of the page; of a conformance run one case, as all of them have tests of their own.

const bash = peer('bash');
const socat = peer('socat');
const mosquitto = peer('mosquitto');
const PAGE = readFileSync(new URL('../../docs/COMMANDS.md', import.meta.url), 'utf8');
const SECONDS_MAX = 180;
const ENROLS = /^holdfast enrol .*\n/gm;
const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

/** The shell blocks of the page. */
const blocks = [...PAGE.matchAll(/```sh\n(.*?)```/gs)].map(([, lines = '']) => lines);

const HELPERS = `
set -euo pipefail
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
until_said() { for _ in $(seq 600); do grep -q "$1" "$2" 2>/dev/null && return; sleep 0.1; done; echo "nobody said $1" >&2; exit 1; }
until_there() { for _ in $(seq 100); do [ -e "$1" ] && return; sleep 0.1; done; exit 1; }
`;

/** Runs lines as a person would type them, and gives what was printed. */
async function type(dir: string, lines: string): Promise<string> {
  const env = { ...process.env, PATH: `${join(dir, 'bin')}:${process.env['PATH']}` };
  const options = { cwd: dir, env, timeout: SECONDS_MAX * 1000, maxBuffer: 1 << 26 };
  const { stdout } = await promisify(execFile)(bash ?? '', ['-c', `${HELPERS}\n${lines}`], options);
  return stdout;
}

interface Bay {
  readonly dir: string;
  /** Ports whose other ends are bays of the dock. */
  readonly bays: readonly [string, string];
  readonly mqtt: string;
}

/** A folder with the keys of the page's cameras, and a dock that knows them. */
async function withDock(): Promise<Bay> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-commands-'));
  closers.push(async () => rmSync(dir, { recursive: true, force: true }));
  const people = [{ id: '4411', name: 'Officer Reyes', roles: ['officer'] }];
  const plan = { dockId: 'dock-1', site: 'yard', cameras: [], people, password: 'x', unsealed: true };
  const site = await Site.prepare({ dir: join(dir, 'site'), ...plan });
  mkdirSync(join(dir, 'bin'));
  // As a program of its own, so that the shell's `kill $!` reaches it.
  const launcher = `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`;
  writeFileSync(join(dir, 'bin/holdfast'), launcher, { mode: 0o755 });
  mkdirSync(join(dir, 'keys'));
  symlinkSync(join(site.dockDir('dock-1'), 'keys'), join(dir, 'keys/dock-1'));
  mkdirSync(join(site.dockDir('dock-1'), 'enrolled'), { recursive: true });
  symlinkSync(join(site.dockDir('dock-1'), 'enrolled'), join(dir, 'enrolled'));
  const enrolling = blocks.flatMap((lines) => lines.match(ENROLS) ?? []).join('');
  await type(dir, `${enrolling}holdfast enrol trust --camera-keys keys/cam-1 --dock keys/dock-1/dock.json`);
  const [first, second] = await Promise.all([openPtyPair(), openPtyPair()]);
  closers.push(
    () => first.close(),
    () => second.close(),
  );
  const policy = await site.startPolicy({ regime: 'doj' });
  closers.push(() => policy.program.stop());
  const serial = [first.dockPath, second.dockPath];
  const broker = await startMosquitto({ binary: mosquitto ?? '' });
  closers.push(() => broker.close());
  const dock = await site.startDock({ serial, mqtt: broker.url, policyUrl: policy.url });
  closers.push(() => dock.program.stop());
  return { dir, bays: [first.cameraPath, second.cameraPath], mqtt: broker.url };
}

describe.skipIf([bash, socat, mosquitto].includes(undefined))('the page of commands', () => {
  it('tests a dock and a camera, and captures, reads and replays what they say, as typed', {
    timeout: SECONDS_MAX * 1000,
  }, async () => {
    const [testsDock = '', testsCamera = '', captures = '', ...more] = blocks;
    expect(more, 'every block is run here').toEqual([]);
    const { dir, bays, mqtt } = await withDock();
    const ours = await openPtyPair();
    closers.push(() => ours.close());

    const one = (lines: string): string =>
      lines.replace(/^(holdfast rig conformance .*)$/m, '$1 --case ping-answered');
    const dockTested = await type(dir, one(testsDock).replace(ENROLS, '').replace('/dev/ttyUSB0', bays[0]));
    expect(dockTested).toMatch(/ping-answered/);
    expect(readFileSync(join(dir, 'conformance.xml'), 'utf8')).toContain('ping-answered');

    const cameraTested = one(testsCamera)
      .replace(ENROLS, '')
      .replace('link=rig-end &', 'link=rig-end &\nuntil_there rig-end')
      .replace('1 2 3 4;', '1;')
      .replace('--record 4 & sleep 10;', '--record 1 > film.log & until_said ^closed film.log;')
      .replace('--serial cam-end &', '--serial cam-end > camera.log &\nuntil_said ^ready camera.log');
    expect(await type(dir, cameraTested)).toMatch(/ping-answered/);

    const device = 'holdfast device --id cam-1 --keys keys/cam-1 --flash flash --once';
    const stop = 'kill -INT $!\nwait $!';
    const told = captures
      .replace(
        '--serial /dev/ttyUSB0 --serial /dev/ttyUSB1',
        `--serial ${ours.dockPath} --serial ${bays[1]} > 1.log &\nuntil_said . 1.log\n${device} --serial ${ours.cameraPath}\n${stop}`,
      )
      .replace(
        'mqtt://127.0.0.1:1883 --site yard --camera cam-1',
        `${mqtt} --site yard --camera cam-1 > 2.log &\nuntil_said . 2.log\n${device} --mqtt ${mqtt} --site yard --record 1\n${stop}`,
      )
      .replace('/dev/ttyUSB0', bays[0]);
    const said = await type(dir, told);
    for (const word of [/^receipt .*outcome=accepted/m, /custody-receipt|receipt/i])
      expect(said).toMatch(word);
    expect(readFileSync(join(dir, 'cam-1.capture'), 'utf8')).toContain('"format":"holdfast/capture@1"');
  });
});
