import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { COMMAND } from '../../sim/rig/program.ts';
import { openPtyPair } from '../../sim/rig/pty.ts';
import { python, readJunit } from './junit-reader.ts';

const MIN = 60_000;
const dir = mkdtempSync(join(tmpdir(), 'holdfast-rig-run-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const SCENARIO = `name: short
about: One recording on its way.
seed: 1
site:
  docks: [{ id: dock-1, bays: [{ name: bay1 }] }]
  cameras: [{ id: cam-1, officer: "4411", link: bay1 }]
timeline:
  - record: { camera: cam-1, as: patrol }
  - wait: 1s
  - stop: cam-1
  - dock: cam-1
`;

interface Ran {
  readonly code: number | null;
  readonly lines: readonly string[];
  readonly stderr: string;
}

function run(
  args: readonly string[],
  heard?: (child: ChildProcess) => void,
  started?: (child: ChildProcess) => Promise<void>,
): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, 'rig', 'run', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
  child.stderr.on('data', (text: Buffer) => {
    said.err += text.toString();
    heard?.(child);
  });
  void started?.(child);
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, lines: said.out.trimEnd().split('\n'), stderr: said.err }));
  });
}

function scenarioFile(name: string, text: string): string {
  const file = join(dir, name);
  writeFileSync(file, text);
  return file;
}

// Goal: a build server gets what it can read, and a person what they need to go on. Method: the command as they run it.
describe('holdfast rig run', () => {
  it('passes, keeps what it made, and reports in JSON and in JUnit XML', { timeout: 3 * MIN }, async () => {
    const [junit, keep] = [join(dir, 'out.xml'), join(dir, 'kept')];
    const file = scenarioFile('short.yaml', SCENARIO);
    const { code, lines, stderr } = await run([
      file,
      '--json',
      '--junit',
      junit,
      '--keep',
      keep,
      '--seed',
      'mine',
    ]);
    expect(stderr).toContain('short: +0.0 s record camera cam-1, as patrol');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({
        event: 'scenario',
        name: 'short',
        seed: 'mine',
        outcome: 'passed',
        problems: [],
      }),
      { event: 'run', ok: true, passed: 1, failed: 0, notRun: 0 },
    ]);
    expect(code).toBe(0);
    const xml = readFileSync(junit, 'utf8');
    expect(xml).toMatch(/<testsuite name="holdfast\.scenarios".* tests="1" failures="0"/);
    if (python !== undefined) expect(readJunit(xml)).toMatchObject([{ name: 'short', came: 'passed' }]);
    const [made = ''] = readdirSync(keep);
    expect(existsSync(join(keep, made, 'dock/ledger/checkpoint'))).toBe(true);
  });

  it('fails with what did not hold, and says it in the XML as well', { timeout: 3 * MIN }, async () => {
    const junit = join(dir, 'failed.xml');
    const wrong = `${SCENARIO}expect:\n  recordings: { patrol: { marks: 3 } }\n`;
    const { code, lines } = await run([scenarioFile('wrong.yaml', wrong), '--junit', junit]);
    expect(code).toBe(1);
    expect(lines[0]).toMatch(/^FAIL {4}short +\d+\.\d s {2}seed 1$/);
    expect(lines).toContain('        patrol has 0 marks and should have 3');
    expect(lines.at(-1)).toBe('0 passed, 1 failed');
    expect(readFileSync(junit, 'utf8')).toContain(
      '<failure type="SCENARIO_FAILED" message="patrol has 0 marks and should have 3">',
    );
  });

  // As docs/SCENARIOS.md says it for two adapters with a cable between them.
  it('plays on real ports', { timeout: 3 * MIN }, async () => {
    const cable = await openPtyPair();
    try {
      const ports = ['--port', `bay1=${cable.dockPath}`, '--port', `cam-1=${cable.cameraPath}`];
      const { code, lines } = await run(['shift-change', ...ports]);
      expect(lines.join('\n')).toContain('1 passed, 0 failed');
      expect(code).toBe(0);
      expect(cable.carriedBytes.toDock).toBeGreaterThan(50_000);
    } finally {
      await cable.close();
    }
  });

  it('ends everything it started when it is told to', { timeout: 3 * MIN }, async () => {
    const keep = join(dir, 'stopped');
    const file = scenarioFile('long.yaml', SCENARIO.replace('wait: 1s', 'wait: 50s'));
    let isTold = false;
    const { code, lines } = await run([file, '--keep', keep], (child) => {
      if (!isTold) child.kill('SIGTERM');
      isTold = true;
    });
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('it was stopped');
    expect(programsOf(keep)).toEqual([]);
  });

  it('starts nothing that is left when it is told to end while everything starts', {
    timeout: 3 * MIN,
  }, async () => {
    const keep = join(dir, 'stopped-early');
    const file = scenarioFile('early.yaml', SCENARIO.replace('wait: 1s', 'wait: 50s'));
    const { code, lines } = await run([file, '--keep', keep], undefined, async (child) => {
      await vi.waitFor(() => expect(existsSync(keep) ? readdirSync(keep) : []).toHaveLength(1), MIN);
      child.kill('SIGTERM');
    });
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('it was stopped');
    expect(programsOf(keep)).toEqual([]);
  });

  it('says where it waits when an event never comes', { timeout: 3 * MIN }, async () => {
    const late = SCENARIO.replace('  - dock: cam-1', '  - { after: cam-1 colsed, dock: cam-1 }');
    const file = scenarioFile('never.yaml', `within: 3s\n${late}`);
    const { code, lines } = await run([file]);
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain(
      'never.yaml:12: step 4 (dock camera cam-1) waits for "cam-1 colsed", which did not come: it took longer than 3 s',
    );
  });

  it('runs another program in place of the camera', { timeout: 3 * MIN }, async () => {
    const mine = join(dir, 'mine.cjs');
    writeFileSync(
      mine,
      `require('node:fs').writeFileSync(${JSON.stringify(join(dir, 'mine.txt'))}, process.argv.slice(2).join(' '));
      require(${JSON.stringify(COMMAND)});`,
    );
    const { code } = await run([scenarioFile('camera.yaml', SCENARIO), '--camera', mine]);
    expect(code).toBe(0);
    expect(readFileSync(join(dir, 'mine.txt'), 'utf8')).toMatch(/^device --id cam-1 .*--undocked.*--json$/);
  });

  it.each([
    [
      'a file with a slip',
      () => [scenarioFile('slip.yaml', SCENARIO.replace('stop:', 'stpo:'))],
      /slip\.yaml:10: timeline\.2\.stpo is not known here/,
    ],
    ['no such scenario', () => ['nonsense'], /no scenario "nonsense" comes with holdfast; .*quiet-night/],
    ['no such file', () => ['./nowhere.yaml'], /nowhere\.yaml: cannot be read/],
    [
      'a port of nobody',
      () => ['quiet-night', '--port', 'bay7=/dev/null'],
      /quiet-night has no bay or camera "bay7"/,
    ],
    [
      'a report nowhere',
      () => ['quiet-night', '--junit', join(dir, 'no/such/x.xml')],
      /--junit: nothing can be written/,
    ],
    ['a report over a folder', () => ['quiet-night', '--junit', dir], /--junit: .* is a folder; name a file/],
    ['a camera that is not there', () => ['quiet-night', '--camera', 'no.js'], /--camera: no\.js is no file/],
    [
      'nowhere to keep anything',
      () => ['quiet-night', '--keep', scenarioFile('keep', '')],
      /--keep: nothing can be kept in/,
    ],
  ])('exits 2 for %s', async (_, args, said) => {
    const { code, stderr } = await run(args());
    expect(stderr).toMatch(said);
    expect(code).toBe(2);
  });

  it('lists what comes along', async () => {
    const { code, lines } = await run(['--list']);
    expect(code).toBe(0);
    expect(lines).toHaveLength(11);
    expect(lines).toContainEqual(expect.stringMatching(/^quiet-night +One camera on a cable/));
  });
});

/** Programs that still run on what one run made below this folder. */
function programsOf(keep: string): readonly string[] {
  const [made = 'nothing was made'] = readdirSync(keep);
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(made));
}

/** The command line of a process; empty when it is gone. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
