import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { verifyPackage } from '../../dock/package/verify.ts';
import { peer } from '../peer.ts';
import { pack, signAnew, unpack } from '../unit/dock/package/archive.ts';
import { KeptDock, recordingId } from '../unit/dock/package/kept-dock.ts';
import { newPolicyKey, packageOf, type PolicyKey } from '../unit/dock/package/packing.ts';
import { goEnvironment, goWithModules } from './go-ledger.ts';
import { python, runPython } from './python-stand.ts';

// Goal: whoever checks opened footage without holdfast finds the same as with it: in grants, in the decisions behind them, in what the
// ledger says of both. Method: packages that hold and packages in which one thing is wrong, signed all the same by whoever signs
// it; `verify`, check.go and evidence.py on each.

const SOURCE = fileURLToPath(new URL('../../dock/package/check/check.go', import.meta.url));
const EVIDENCE = fileURLToPath(new URL('../python/evidence.py', import.meta.url));
const RECORDING = recordingId(1);
const HALVES = [
  [0, 2],
  [2, 4],
] as const;

const go = goWithModules();
const unzip = peer('unzip');

describe.skipIf(go === undefined || python === undefined || unzip === undefined)('opened footage', () => {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-opened-checks-'));
  const [zip, folder, program, key] = ['o.zip', 'unpacked', 'check', 'policy.json'].map((name) =>
    join(work, name),
  ) as [string, string, string, string];
  let dock: KeptDock;
  let policy: PolicyKey;

  beforeAll(async () => {
    const built = spawnSync(go ?? '', ['build', '-o', program, SOURCE], {
      encoding: 'utf8',
      env: goEnvironment(work),
    });
    if (built.status !== 0) throw new Error(built.stderr);
    dock = await KeptDock.make(work);
    await dock.accept(await dock.enrol('cam-1'), 1, { suite: 0 });
    policy = newPolicyKey();
    writeFileSync(key, JSON.stringify(policy.jwk));
  }, 60_000);
  afterAll(async () => {
    await dock.close();
    rmSync(work, { recursive: true, force: true });
  });

  /** What each of the three says: does it hold? The last one names the check that fails. */
  async function verdicts(pinned = key): Promise<readonly unknown[]> {
    rmSync(folder, { recursive: true, force: true });
    const unpacked = spawnSync(unzip ?? '', ['-q', zip, '-d', folder], { encoding: 'utf8' });
    if (unpacked.status !== 0) throw new Error(unpacked.stderr);
    const { ok } = await verifyPackage({ file: zip, checker: nodeChecker });
    const checked = spawnSync(program, ['-policy-key', pinned, folder], { encoding: 'utf8' });
    const run = await runPython(EVIDENCE, [zip, '--policy-key', pinned]);
    return [ok, checked.status === 0, run.said.find(({ event }) => event === 'fails')?.['check'] ?? true];
  }

  it('holds for all of them, under one grant and under two', async () => {
    for (const ranges of [[[0, 4]], HALVES]) {
      await packageOf(dock, RECORDING, { path: zip, policy, ranges });
      expect(await verdicts()).toEqual([true, true, true]);
    }
    const said = spawnSync(program, [folder], { encoding: 'utf8' });
    expect(said.stdout).toContain(', opened under 2 grants on 6 facts\n');
    const other = join(work, 'other.json');
    writeFileSync(other, JSON.stringify(newPolicyKey().jwk));
    expect((await verdicts(other)).slice(1)).toEqual([false, 'export']);
    // While the service changes its key, the file of it is a set.
    const both = (...keys: readonly object[]): string => {
      writeFileSync(other, JSON.stringify({ keys }));
      return other;
    };
    expect(await verdicts(both(newPolicyKey().jwk, policy.jwk))).toEqual([true, true, true]);
    expect((await verdicts(both(newPolicyKey().jwk))).slice(1)).toEqual([false, 'export']);
  });

  const fact = { source: 'records', receivedAt: 'then', fact: { type: 'report.filed' } };
  it.each<readonly [string, Omit<Parameters<typeof packageOf>[2], 'path'>]>([
    [
      'a hole',
      {
        ranges: [
          [0, 1],
          [2, 4],
        ],
      },
    ],
    [
      'an overlap',
      {
        ranges: [
          [0, 3],
          [2, 4],
        ],
      },
    ],
    ['an end before the last chunk', { ranges: [[0, 3]] }],
    ['a grant for a release', { claims: { kind: 'release' } }],
    ['a grant for another dock', { claims: { aud: 'dock-2' } }],
    ['a decision behind another grant', { decided: { grant: '00'.repeat(32) } }],
    ['a decision about another person', { decided: { sub: '4411' } }],
    ['a decision that says no', { decided: { decision: false } }],
    ['a decision after its grant', { decided: { iat: 1_790_000_061 } }],
    ['a policy that forbids', { decided: { policies: [{ id: 'x', text: 'x', effect: 'forbid' }] } }],
    ['no facts', { decided: { facts: [] } }],
    ['a fact that it did not know', { decided: { facts: [{ ...fact, index: 4 }] } }],
    [
      'facts out of order',
      {
        decided: {
          facts: [
            { ...fact, index: 2 },
            { ...fact, index: 1 },
          ],
        },
      },
    ],
  ])('does not hold for any of them with %s', async (_what, how) => {
    await packageOf(dock, RECORDING, { path: zip, policy, ...how });
    expect(await verdicts()).toEqual([false, false, 'export']);
  });

  it.each([
    'policy/grants/001.jws',
    'policy/decisions/001.jws',
    'policy/decisions/000.json',
    'ledger/entries',
  ])('does not hold for any of them without %s', async (name) => {
    await packageOf(dock, RECORDING, { path: zip, policy, ranges: HALVES });
    const files = await unpack(zip);
    const isExport = (bytes: Uint8Array): boolean =>
      new TextDecoder().decode(bytes).includes('"type":"exported"');
    for (const [path, bytes] of files)
      if (path === name || (path.startsWith(name) && isExport(bytes))) {
        files.delete(path);
        files.delete(path.replace('entries', 'proofs').replace('.json', '.tlog-proof'));
      }
    signAnew(files, dock.sign);
    await pack(zip, files);
    expect(await verdicts()).toEqual([false, false, 'export']);
  });

  // Goal: what belongs to nothing is no part of it. Method: a third grant beside two; a second decision to read changed by a space.
  it('does not hold for any of them with more than there should be', async () => {
    await packageOf(dock, RECORDING, { path: zip, policy, ranges: HALVES });
    const whole = await unpack(zip);
    const grant = whole.get('policy/grants/001.jws') ?? new Uint8Array();
    const said = whole.get('policy/decisions/001.json') ?? new Uint8Array();
    const spaced = Buffer.from(new TextDecoder().decode(said).replace('"2207"', '"2208"'));
    for (const [path, bytes] of [
      ['policy/grants/002.jws', grant],
      ['policy/decisions/001.json', spaced],
    ] as const) {
      const files = new Map(whole).set(path, bytes);
      signAnew(files, dock.sign);
      await pack(zip, files);
      expect(await verdicts()).toEqual([false, false, 'export']);
    }
  });
});
