import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOwnBook } from '../../dock/policy/ledger/own-book.ts';
import { type WhoOpened, whoOpened } from '../../dock/policy/ledger/who-opened.ts';
import { parseCheckpoint } from '../../proto/checkpoint.ts';
import { bundlesOf, entriesPath, tilePath, tilesOf } from '../../proto/tile.ts';
import { COMMAND, Program } from '../../sim/rig/program.ts';
import { Site } from '../../sim/rig/site.ts';
import { buildGoVerifier, goWithModules } from './go-ledger.ts';

// Goal: who was given keys, and who was not, can be proved from the policy service's own ledger by somebody who has nothing else, and no
// key is given while its witness cannot be asked. Method: the real service, dock and camera, and a real witness; footage opened by the real
// command; a copy of the log over HTTP, checked by `who-opened` and by Go; the service killed while facts arrive, and restored from a backup.

const run = promisify(execFile);
const CAMERA = 'cam-1';
const OFFICER = '4411';
const INCIDENT = '24-118842';
const WITNESS = 'witness.test/w1';
const go = goWithModules();

describe('the own ledger of a policy service', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-policy-ledger-'));
  const at = (...names: readonly string[]): string => join(dir, ...names);
  const [passwordFile, zip, copy, backup] = [at('password'), at('out.zip'), at('copy'), at('backup')];
  const programs: Program[] = [];
  let site: Site;
  let policy: { readonly program: Program; readonly url: string };
  let dockUrl = '';
  let witness: Program;
  let witnessKey = '';
  let witnessUrl = '';
  let recording = '';
  let beforeReport = '';

  async function startPolicy(): Promise<void> {
    const port = policy === undefined ? 0 : Number(new URL(policy.url).port);
    const witnessing = ['--witness', `${witnessKey}=${witnessUrl}`, '--quorum', '1'];
    policy = await site.startPolicy({ regime: 'doj', port, args: witnessKey === '' ? [] : witnessing });
    programs.push(policy.program);
  }

  async function startWitness(): Promise<void> {
    const port = witnessUrl === '' ? '0' : new URL(witnessUrl).port;
    const logs = at('policy/ledger/vkey');
    const flags = ['--data', at('w1'), '--name', WITNESS, '--logs', logs, '--http', port];
    witness = Program.start(['witness', ...flags], { name: 'witness' });
    programs.push(witness);
    const { url, vkey } = await witness.until('listening');
    [witnessUrl, witnessKey] = [String(url), String(vkey)];
  }

  beforeAll(async () => {
    writeFileSync(passwordFile, 'correct horse\n', { mode: 0o600 });
    const people = [{ id: OFFICER, name: 'A. Ruiz', roles: ['officer'] }];
    const plan = { dir, dockId: 'dock-1', site: 'yard', cameras: [CAMERA], people };
    site = await Site.prepare({ ...plan, password: 'correct horse' });
    // The first start makes the log's key, by which the witness knows the log.
    await startPolicy();
    await policy.program.stop();
    await startWitness();
    await startPolicy();
    const dock = await site.startDock({ mqtt: 'embedded:0', policyUrl: policy.url });
    programs.push(dock.program);
    dockUrl = dock.url;
    const link = ['--mqtt', dock.mqtt ?? ''];
    const camera = site.startCamera(CAMERA, link, {
      args: ['--officer', OFFICER, '--incident', INCIDENT, '--record', '2', '--pre-event', '0', '--once'],
    });
    programs.push(camera);
    recording = String((await camera.until('recording'))['recording']);
    await camera.until('erased');
    const records = site.records(policy.url);
    await records.assert({ type: 'incident.opened', incident: INCIDENT });
    await records.assert({ type: 'officer.involved', incident: INCIDENT, person: OFFICER });
    const force = { force: 'none', deathInCustody: false, injury: 'none', vulnerable: false, by: 'sgt-1' };
    await records.assert({ type: 'force.classified', incident: INCIDENT, ...force });
    await records.assert({ type: 'recording.linked', incident: INCIDENT, recording });
    beforeReport = new Date().toISOString();
    const reportHash = 'a'.repeat(64);
    await records.assert({ type: 'report.filed', incident: INCIDENT, person: OFFICER, reportHash });
  });
  afterAll(async () => {
    for (const program of programs.toReversed()) if (program.isRunning) await program.kill();
    rmSync(dir, { recursive: true, force: true });
  });

  const open = (): Promise<unknown> => {
    const where = [
      '--data',
      at('dock'),
      '--keys',
      at('dock/keys'),
      '--dock',
      dockUrl,
      '--policy',
      policy.url,
    ];
    const who = ['--person', OFFICER, '--password-file', passwordFile, '--purpose', 'supplement_report'];
    return run(process.execPath, [COMMAND, 'export', recording, '-o', zip, ...where, ...who]);
  };
  const who = async (
    ...argv: readonly string[]
  ): Promise<{ readonly code: number; readonly out: string }> => {
    const all = [COMMAND, 'policy', 'who-opened', recording, ...argv];
    try {
      return { code: 0, out: (await run(process.execPath, all)).stdout };
    } catch (error) {
      const { code, stdout } = error as { readonly code: number; readonly stdout: string };
      return { code, out: stdout };
    }
  };
  const given = async (...argv: readonly string[]): Promise<WhoOpened> =>
    JSON.parse((await who(...argv, '--json')).out) as WhoOpened;
  const pinned = (): readonly string[] => [...['--vkey', at('policy/ledger/vkey'), '--witness', witnessKey]];

  /** The same without a program of its own, to wait for: what it comes to is then for the command to say. */
  const soFar = (): Promise<WhoOpened> =>
    whoOpened({
      ...{ dir: at('policy/ledger'), recording, since: [], witnesses: { witnesses: [], quorum: 0 } },
      ownBook: () => readOwnBook(at('policy'), recording),
    });

  /** The log as a stranger gets it. */
  async function fetchCopy(): Promise<void> {
    rmSync(copy, { recursive: true, force: true });
    const fetched = async (path: string): Promise<Buffer> => {
      const answer = await fetch(`${policy.url}/v1/ledger/${path}`);
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
      return Buffer.from(await answer.arrayBuffer());
    };
    const note = (await fetched('checkpoint')).toString();
    const { size } = parseCheckpoint(note.slice(0, note.indexOf('\n\n') + 1));
    const paths = [
      ...bundlesOf(size).map(({ index, width }) => entriesPath(index, width)),
      ...tilesOf(size).map(({ level, index, width }) => tilePath(level, index, width)),
    ];
    for (const path of [...paths, 'vkey']) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), await fetched(path));
    }
    writeFileSync(join(copy, 'checkpoint'), note);
  }

  it('gives no key while its witness cannot be asked, and gives it when it can', async () => {
    await witness.kill();
    const opening = open();
    await expect
      .poll(() => policy.program.stderr, { timeout: 60_000 })
      .toMatch(/the witness witness\.test\/w1 cannot be reached/);
    // The entry is written down, and whoever looks sees that it is not published.
    await expect.poll(async () => (await soFar()).shown, { timeout: 30_000 }).not.toEqual([]);
    // The decision record is asked for first, and keys not before it is there.
    const early = await given('--data', at('policy'));
    expect([early.shown.map(({ published }) => published), existsSync(zip)]).toEqual([[false], false]);
    expect(early.given).toEqual([]);
    await startWitness();
    await opening;
    expect(existsSync(zip)).toBe(true);
    const late = await given('--data', at('policy'), ...pinned());
    expect(late.given).toMatchObject([{ published: true, rests: { keys: 1 } }]);
    expect(late.given[0]?.rests?.decision).toBeGreaterThan(0);
    expect(late.shown).toMatchObject([{ published: true, grantId: late.given[0]?.grantId, name: OFFICER }]);
  });

  it('shows that nobody was given keys before the report, and who was after it', async () => {
    await fetchCopy();
    for (const from of [
      ['--ledger', copy],
      ['--data', at('policy')],
    ]) {
      const { code, out } = await who(...from, ...pinned(), '--before', beforeReport);
      expect([code, out]).toEqual([
        0,
        expect.stringContaining(`nobody was given keys of ${recording} before`),
      ]);
      expect(out).toContain(`cosigned by ${WITNESS} at `);
    }
    const report = await given('--data', at('policy'), ...pinned());
    expect(report.ok).toBe(true);
    expect(new Set(report.given.map(({ name }) => name))).toEqual(new Set([OFFICER]));
    const bare = await given('--ledger', copy, ...pinned());
    expect(bare.given.map(({ grantId }) => grantId)).toEqual(report.given.map(({ grantId }) => grantId));
    expect(JSON.stringify(bare)).not.toContain(OFFICER);
  });

  it('names a copy that was changed', async () => {
    const [bundle = ''] = bundlesOf((await given('--ledger', copy)).ledger.size ?? 0).map(
      ({ index, width }) => entriesPath(index, width),
    );
    const bytes = readFileSync(join(copy, bundle));
    const where = bytes.indexOf(recording);
    writeFileSync(join(copy, bundle), bytes.fill('f', where, where + recording.length));
    const { code, out } = await who('--ledger', copy, ...pinned(), '--before', beforeReport);
    expect([code, out]).toEqual([1, expect.stringMatching(/THE LOG DOES NOT HOLD \(.*entry-mismatch/)]);
  });

  it.skipIf(go === undefined)('is read by golang.org/x/mod, cosignature and all', async () => {
    await fetchCopy();
    const verify = buildGoVerifier(go ?? '', dir);
    const { size } = (await given('--ledger', copy)).ledger;
    const vkey = readFileSync(at('policy/ledger/vkey'), 'utf8').trim();
    const said = verify('-vkey', vkey, '-witness', witnessKey, '-quorum', '1', copy);
    expect(said.text).toMatch(
      new RegExp(`^ok: .*, ${size} entries, ${size} inclusion proofs, .*1 of 1 witnesses\n$`),
    );
    expect(said.status).toBe(0);
  });

  // Goal: every fact that was acknowledged is in the log, once, whenever the service was killed. Method: kill -9 while facts arrive, three times.
  it('catches up after kill -9', async () => {
    let acknowledged = 0;
    for (const round of [1, 2, 3]) {
      const records = site.records(policy.url);
      const posting = (async () => {
        for (let n = 0; n < 1_000; n += 1, acknowledged += 1)
          await records.assert({ type: 'incident.opened', incident: `24-${round}-${n}` });
      })();
      const wanted = acknowledged + 40 * round;
      const killed = (async () => {
        while (acknowledged < wanted) await new Promise((resolve) => setImmediate(resolve));
        await policy.program.kill();
      })();
      await Promise.allSettled([posting, killed]);
      await startPolicy();
    }
    const headers = { authorization: `Bearer ${site.token('records')}` };
    const answer = await fetch(`${policy.url}/v1/facts`, { headers });
    const facts = ((await answer.json()) as { readonly facts: readonly unknown[] }).facts.length;
    expect(facts).toBeGreaterThanOrEqual(acknowledged);
    await expect
      .poll(async () => (await soFar()).entries['fact.taken'], { timeout: 30_000, interval: 200 })
      .toBe(facts);
    const { ok, entries } = await given('--data', at('policy'), ...pinned());
    expect([ok, entries['fact.taken']]).toEqual([true, facts]);
  });

  it('does not start on facts of an older backup', async () => {
    await policy.program.stop();
    cpSync(at('policy'), backup, { recursive: true });
    await startPolicy();
    const taken = async (): Promise<number> => (await soFar()).entries['fact.taken'] ?? 0;
    const before = await taken();
    await site.records(policy.url).assert({ type: 'incident.opened', incident: '24-last' });
    await expect.poll(taken, { timeout: 30_000 }).toBe(before + 1);
    await policy.program.stop();
    for (const name of readdirSync(at('policy')).filter((each) => each.startsWith('facts.db')))
      rmSync(at('policy', name));
    cpSync(join(backup, 'facts.db'), at('policy/facts.db'));
    await expect(startPolicy()).rejects.toThrow(/restored from an older backup.*LOG_AHEAD/s);
  });
});
