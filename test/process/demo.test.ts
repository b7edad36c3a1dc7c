import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import type { Fate } from '../../sim/demo/story.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import { PASSWORD } from '../../sim/demo/cast.ts';
import { COMMAND } from '../../sim/rig/program.ts';
import { ViewerClient } from '../../sim/rig/viewer.ts';
import { buildGoVerifier, goWithModules } from './go-ledger.ts';

const run = promisify(execFile);
const go = goWithModules();
const SECOND_MS = 1_000;

interface Summary {
  readonly ok: boolean;
  readonly recordings: readonly Fate[];
  readonly ledger: {
    readonly dir: string;
    readonly origin: string;
    readonly size: number;
    readonly vkey: string;
  };
  readonly policy: { readonly url: string };
  readonly viewer: { readonly url: string };
}

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const played = new Map<string, ReturnType<typeof play>>();

/** The demo under this regime; played once, however many tests look at what it left behind. */
function demo(regime: string): ReturnType<typeof play> {
  const found = played.get(regime) ?? play(regime);
  played.set(regime, found);
  return found;
}

async function play(regime: string): Promise<{ summary: Summary; dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-demo-test-'));
  folders.push(dir);
  const { stdout } = await run(process.execPath, [
    COMMAND,
    'demo',
    '--once',
    '--json',
    '--data',
    dir,
    '--regime',
    regime,
    '--record',
    '3',
  ]);
  return { summary: JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Summary, dir };
}

const byForce = (summary: Summary, force: string): Fate | undefined =>
  summary.recordings.find((one) => one.force === force);

// Goal: the story as a user runs it comes out as each regime says, and what it leaves behind verifies with programs we
// did not write. Method: the built command in a process of its own, its one line of JSON, and the folder it kept.
describe('holdfast demo --once --json', () => {
  it('doj: everything is released by its report and not before', { timeout: 150 * SECOND_MS }, async () => {
    const { summary, dir } = await demo('doj');
    expect(summary.ok).toBe(true);
    expect(summary.recordings).toHaveLength(3);
    expect(new Set(summary.recordings.map((one) => one.transport))).toEqual(new Set(['serial', 'mqtt']));
    for (const one of summary.recordings) {
      expect(one).toMatchObject({
        heldBeforeReport: true,
        releasedAfterReport: true,
        erasedFromCamera: true,
        identical: true,
        sealed: true,
      });
      expect(one.heldReason).toContain(`initial report of Officer ${one.officer} on ${one.incident}`);
      expect(one.sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(one.uncertaintyUs).toBeGreaterThan(0);
      expect(existsSync(join(dir, 'cameras', one.camera, 'flash/recordings', one.id, 'chunks'))).toBe(false);
    }
    const entries = readLedger(summary.ledger.dir);
    expect(entries).toHaveLength(summary.ledger.size);
    const firstView = entries.findIndex((entry) => entry.type === 'viewed');
    const firstGrant = entries.findIndex((entry) => entry.type === 'granted');
    expect(firstGrant).toBeGreaterThan(-1);
    expect(firstGrant).toBeLessThan(firstView);
    expect(readFileSync(join(summary.ledger.dir, 'vkey'), 'utf8').trim()).toBe(summary.ledger.vkey);
    if (go !== undefined) {
      const said = buildGoVerifier(go, dir)('-vkey', summary.ledger.vkey, summary.ledger.dir);
      expect(said).toMatchObject({ status: 0 });
      expect(said.text).toContain(`${summary.ledger.size} entries`);
    }
  });

  it('city: by force, and deadly force only when the chief says so', {
    timeout: 150 * SECOND_MS,
  }, async () => {
    const { summary } = await demo('city');
    expect(summary.ok).toBe(true);
    expect(byForce(summary, 'none')).toMatchObject({ heldBeforeReport: false, releasedAfterReport: true });
    expect(byForce(summary, 'non_deadly')).toMatchObject({
      heldBeforeReport: true,
      releasedAfterStatement: true,
      releasedAfterReport: true,
    });
    expect(byForce(summary, 'deadly')).toMatchObject({
      heldBeforeReport: true,
      releasedAfterReport: false,
      releasedAfterAuthorisation: true,
    });
  });
});

/** A pre-review window as `policy diff --json` says it. */
interface Opening {
  readonly recording: string;
  readonly person: string;
  readonly ms: number;
  readonly until?: { readonly cause: string };
}

/** What `policy explain --json` says. */
interface Said {
  readonly rules: { readonly regime: string; readonly because: string };
  readonly answers: readonly {
    readonly purposes: readonly string[];
    readonly allowedWhen: readonly { readonly from: { readonly cause: string } }[];
  }[];
  readonly decisions: readonly { readonly allowed: boolean }[];
  readonly keys: readonly { readonly given: boolean }[];
}

/** `holdfast policy …` about a demo's facts, with its exit code. */
async function policy(...argv: readonly string[]): Promise<{ status: number; text: string }> {
  try {
    return { status: 0, text: (await run(process.execPath, [COMMAND, 'policy', ...argv])).stdout };
  } catch (error) {
    const { code, stdout } = error as { readonly code: number; readonly stdout: string };
    return { status: code, text: stdout };
  }
}

// Goal: over a real shift the dispute is one table: what the police association asks for is, for each recording, a pre-review window
// that the justice department shuts. Method: the facts that the demo left behind, read by the commands as a user runs them.
describe('the shift of a demo under other rules', { timeout: 240 * SECOND_MS }, () => {
  it('doj and ppa: each officer could have viewed until their report, and not after', async () => {
    const { summary, dir } = await demo('doj');
    const data = join(dir, 'policy');
    const { status, text } = await policy('diff', 'doj', 'ppa', '--data', data, '--json');
    expect(status).toBe(1);
    const { windows, rows } = JSON.parse(text) as {
      readonly windows: readonly Opening[];
      readonly rows: readonly unknown[];
    };
    expect(rows).toHaveLength(3);
    expect(windows.map(({ recording, person }) => `${recording} ${person}`).toSorted()).toEqual(
      summary.recordings.map(({ id, officer }) => `${id} ${officer}`).toSorted(),
    );
    for (const one of windows) {
      expect(one).toMatchObject({ under: 'ppa', part: 'made it', goesOn: false });
      expect(one.until?.cause).toContain('report.filed #');
      expect(one.ms).toBeGreaterThan(0);
    }
    const shift = join(dir, 'shift.jsonl');
    writeFileSync(shift, (await policy('facts', '--data', data)).text);
    expect(await policy('diff', 'doj', 'ppa', '--shift', shift, '--json')).toEqual({ status, text });
  });

  it('explains why an officer may view, and what is on record about it', async () => {
    const { summary, dir } = await demo('doj');
    const [first] = summary.recordings;
    const id = first?.id ?? '';
    const data = join(dir, 'policy');
    const { status, text } = await policy('explain', id, first?.officer ?? '', '--data', data, '--json');
    expect(status).toBe(0);
    const said = JSON.parse(text) as Said;
    expect(said.rules.regime).toBe('doj');
    expect(said.rules.because).toContain('in force');
    const answer = said.answers.find(({ purposes }) => purposes.includes('supplement_report'));
    expect(answer).toMatchObject({ allowed: true, policies: [{ id: 'doj-took-part', effect: 'permit' }] });
    expect(answer?.allowedWhen[0]?.from.cause).toContain('report.filed #');
    expect(new Set(said.decisions.map(({ allowed }) => allowed))).toEqual(new Set([true, false]));
    expect(said.keys.some(({ given }) => given)).toBe(true);
    const nobody = await policy('explain', id, 'nobody-1', '--data', data);
    expect(nobody.text).toContain('Person nobody-1, whom nobody has enrolled');
    expect(nobody.text).toContain('DECISIONS ON RECORD: 0');
  });
});

// Goal: a person at the terminal can change what is known and the dock follows; quitting leaves nothing running.
// Method: the same command without --once, typed to over stdin, watched over the dock's own interface.
it('stays up for a person, who files a report and quits', { timeout: 150 * SECOND_MS }, async () => {
  const child = spawn(process.execPath, [COMMAND, 'demo', '--record', '2'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = pattern.exec(said);
        if (found !== null) resolve(found);
      };
      child.stdout.on('data', look);
      look();
    });
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [, dockUrl = ''] = await until(/Viewer {2,}(http\S+)/);
  const [, policyUrl = ''] = await until(/Records system {2,}(http\S+)\/demo\/records/);
  await until(/q quits/);
  const viewer = await ViewerClient.signIn({ dockUrl, policyUrl }, '4411', PASSWORD);
  expect(await viewer.list()).toMatchObject([{ status: 'held' }]);
  child.stdin.write('r1\nz9\n');
  await until(/26-118840: initial report filed/);
  await until(/"z9" is not one of/);
  await expect
    .poll(async () => (await viewer.list())[0]?.status, { timeout: 5 * SECOND_MS })
    .toBe('released');
  child.stdin.write('q\n');
  expect(await exited).toBe(0);
  await expect(fetch(`${dockUrl}/healthz`)).rejects.toThrow('fetch failed');
  await expect(fetch(`${policyUrl}/healthz`)).rejects.toThrow('fetch failed');
});
