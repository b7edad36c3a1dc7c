import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peekJws } from '../../dock/package/jws.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { verifyPackage } from '../../dock/package/verify.ts';
import { toHex, utf8 } from '../../proto/bytes.ts';
import { canonicalJson } from '../../proto/canonical-json.ts';
import { MemoryLedger } from '../../sim/fault/memory-ledger.ts';
import { peer } from '../peer.ts';
import { type Files, pack, signAnew, unpack } from '../unit/dock/package/archive.ts';
import { KeptDock, recordingId } from '../unit/dock/package/kept-dock.ts';
import { newPolicyKey, packageOf, type PolicyKey } from '../unit/dock/package/packing.ts';
import { sha256, testKey } from '../unit/proto/fixture.ts';
import { goEnvironment, goWithModules } from './go-ledger.ts';
import { python, runPython } from './python-stand.ts';

// Goal: whoever checks opened footage without holdfast finds the same as with it: in grants, in the decisions behind them, in what the
// ledger says of both, and in what the custodian's own ledger says of the keys. Method: packages that hold and packages in which one thing is wrong, signed all the same by whoever signs
// it; `verify`, check.go and evidence.py on each.

const SOURCE = fileURLToPath(new URL('../../dock/package/check/check.go', import.meta.url));
const EVIDENCE = fileURLToPath(new URL('../python/evidence.py', import.meta.url));
const [RECORDING, SEALED] = [recordingId(1), recordingId(2)];
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
    await dock.accept(await dock.enrol('cam-2'), 2);
    policy = newPolicyKey();
    writeFileSync(key, JSON.stringify(policy.jwk));
  }, 60_000);
  afterAll(async () => {
    await dock.close();
    rmSync(work, { recursive: true, force: true });
  });

  /** What each of the three says: does it hold? The last one names the check that fails. */
  async function verdicts(pinned = key, policyLedger?: string): Promise<readonly unknown[]> {
    rmSync(folder, { recursive: true, force: true });
    const unpacked = spawnSync(unzip ?? '', ['-q', zip, '-d', folder], { encoding: 'utf8' });
    if (unpacked.status !== 0) throw new Error(unpacked.stderr);
    const pin = policyLedger === undefined ? {} : { policyLedger };
    const { ok } = await verifyPackage({ file: zip, checker: nodeChecker, ...pin });
    const pins = policyLedger === undefined ? [] : ['policy-ledger', policyLedger];
    const dashed = (dash: string): readonly string[] =>
      pins.map((word, at) => (at === 0 ? dash + word : word));
    const checked = spawnSync(program, ['-policy-key', pinned, ...dashed('-'), folder], { encoding: 'utf8' });
    const run = await runPython(EVIDENCE, [zip, '--policy-key', pinned, ...dashed('--')]);
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

  describe('of a sealed recording', () => {
    const page = 'P'.repeat(43);
    const custodian = new MemoryLedger({ origin: 'policy.test/policy', ...testKey(41), sha256 });
    const stranger = new MemoryLedger({ origin: 'policy.test/policy', ...testKey(42), sha256 });
    const custody = (number: number, end = 'json'): string => `policy/custody/00${number}.${end}`;
    let whole: Files;

    /** The custodian's word about the keys of one grant. */
    async function given(
      number: number,
      how: {
        readonly changes?: object;
        readonly text?: (json: string) => string;
        readonly log?: MemoryLedger;
        readonly from?: Files;
      } = {},
    ): Promise<readonly (readonly [string, Uint8Array])[]> {
      const jws = (how.from ?? whole).get(`policy/grants/00${number}.jws`) ?? new Uint8Array();
      const { recording, manifest, jti, chunks } = peekJws(new TextDecoder().decode(jws))?.claims ?? {};
      const json = canonicalJson({
        ...{ v: 1, type: 'keys.released', at: '2026-11-21T08:00:00.000000Z', recording, manifest, chunks },
        ...{
          grant: toHex(sha256(jws)),
          grantId: jti,
          person: '0f'.repeat(32),
          page,
          receiver: 'R'.repeat(43),
        },
        ...{
          dock: 'dock-1',
          dockLedger: { index: 0, size: 1, root: '0f'.repeat(32) },
          decision: '0e'.repeat(32),
        },
        ...{ regime: 'doj', policySet: 'p', newestFact: 3 },
        ...how.changes,
      });
      const entry = utf8(how.text?.(json) ?? json);
      const { log = custodian } = how;
      const proof = await log.prove(await log.appendOnce(toHex(sha256(entry)), entry));
      return [
        [custody(number), entry],
        [custody(number, 'tlog-proof'), utf8(proof)],
      ];
    }

    async function packed(change: (files: Files) => unknown = () => undefined): Promise<void> {
      const files = new Map(whole);
      await change(files);
      signAnew(files, dock.sign);
      await pack(zip, files);
    }
    const put = (files: Files, more: readonly (readonly [string, Uint8Array])[]): void => {
      for (const [path, bytes] of more) files.set(path, bytes);
    };

    beforeAll(async () => {
      await packageOf(dock, SEALED, { path: zip, policy, ranges: HALVES, claims: { cnf: { jkt: page } } });
      whole = await unpack(zip);
      // Something before it, so that there is a path to prove.
      await custodian.appendOnce('first', utf8('{}'));
      for (const number of [0, 1]) put(whole, await given(number));
      whole.set('policy/ledger.vkey', utf8(`${custodian.vkey}\n`));
    });

    it("holds with the custodian's word, pinned or not, and without it when nobody pins it", async () => {
      await packed();
      expect(await verdicts()).toEqual([true, true, true]);
      expect(await verdicts(key, custodian.vkey)).toEqual([true, true, true]);
      const said = spawnSync(program, ['-policy-ledger', custodian.vkey, folder], { encoding: 'utf8' });
      expect(said.stdout).toContain(
        ' 2 grants on 6 facts, of each the keys in the ledger policy.test/policy\n',
      );
      expect(await verdicts(key, stranger.vkey)).toEqual([false, false, 'export']);
      await packed((files) => {
        for (const path of files.keys()) if (/^policy\/(custody|ledger)/.test(path)) files.delete(path);
      });
      expect(await verdicts()).toEqual([true, true, true]);
      expect(await verdicts(key, custodian.vkey)).toEqual([false, false, 'export']);
    });

    // Goal: only what the custodian signed about this very opening passes. Method: the same entry with one member changed, in its log and proved.
    it.each<readonly [string, Parameters<typeof given>[1]]>([
      ['another type', { changes: { type: 'decision.shown', person: '0f'.repeat(32) } }],
      ['another version', { changes: { v: 2 } }],
      ['another recording', { changes: { recording: RECORDING } }],
      ['another manifest', { changes: { manifest: '0f'.repeat(32) } }],
      ['another dock', { changes: { dock: 'dock-2' } }],
      ['another grant', { changes: { grant: '0f'.repeat(32) } }],
      ['another id of the grant', { changes: { grantId: 'grant-9' } }],
      ['another page', { changes: { page: 'Q'.repeat(43) } }],
      ['fewer chunks', { changes: { chunks: [2, 3] } }],
      ['chunks in words', { changes: { chunks: ['2', '4'] } }],
      ['a repeated member', { text: (json) => json.replace('{', '{"recording":"00",') }],
      ['white space', { text: (json) => json.replace(',', ', ') }],
      ['another log', { log: stranger }],
    ])('does not hold for any of them with an entry of %s', async (_what, how) => {
      const other = await given(1, how);
      await packed((files) => put(files, other));
      expect(await verdicts()).toEqual([false, false, 'export']);
    });

    const changed = (path: string, change: (text: string) => string) => (files: Files) =>
      void files.set(path, utf8(change(new TextDecoder().decode(files.get(path)))));
    it.each<readonly [string, (files: Files) => unknown]>([
      ['an entry changed by a letter', changed(custody(1), (text) => text.replace('"doj"', '"dok"'))],
      ['an entry left out', (files) => files.delete(custody(1))],
      ['a proof left out', (files) => files.delete(custody(1, 'tlog-proof'))],
      ['the key left out', (files) => files.delete('policy/ledger.vkey')],
      ['a key that is none', (files) => files.set('policy/ledger.vkey', utf8('key\n'))],
      [
        'the word about another grant',
        (files) =>
          put(files, [
            [custody(1), files.get(custody(0)) ?? new Uint8Array()],
            [custody(1, 'tlog-proof'), files.get(custody(0, 'tlog-proof')) ?? new Uint8Array()],
          ]),
      ],
      ['a word about no grant', (files) => files.set(custody(2), files.get(custody(1)) ?? new Uint8Array())],
      [
        'a path that is changed',
        changed(custody(1, 'tlog-proof'), (text) =>
          text.replace(
            /\n([A-Za-z0-9+/])([A-Za-z0-9+/]{42}=\n)/,
            (_all, first: string, rest: string) => `\n${first === 'A' ? 'B' : 'A'}${rest}`,
          ),
        ),
      ],
      ['another index', changed(custody(1, 'tlog-proof'), (text) => text.replace(/index \d+/, 'index 0'))],
      [
        'a checkpoint of another size',
        changed(custody(1, 'tlog-proof'), (text) =>
          text.replace(
            /(policy.test\/policy\n)(\d+)/,
            (_all, origin: string, size: string) => `${origin}${Number(size) + 1}`,
          ),
        ),
      ],
      [
        'a checkpoint that nobody signed',
        changed(custody(1, 'tlog-proof'), (text) => text.replace(/\n\u2014.*\n$/s, '\n')),
      ],
    ])('does not hold for any of them with %s', async (_what, change) => {
      await packed(change);
      expect(await verdicts()).toEqual([false, false, 'export']);
    });

    // Goal: a word about keys seems to be checked wherever it lies. Method: a true one, in a package of a recording that nobody sealed.
    it('does not hold for any of them with keys of what was never sealed', async () => {
      const how = { path: zip, policy, claims: { cnf: { jkt: page } } };
      await packageOf(dock, RECORDING, how);
      const plain = await unpack(zip);
      expect(await verdicts(key, custodian.vkey)).toEqual([true, true, true]);
      const word = await given(0, { from: plain });
      const vkey = ['policy/ledger.vkey', utf8(`${custodian.vkey}\n`)] as const;
      for (const more of [[...word, vkey], [vkey]]) {
        const files = new Map(plain);
        put(files, more);
        signAnew(files, dock.sign);
        await pack(zip, files);
        expect(await verdicts()).toEqual([false, false, 'export']);
      }
    });
  });
});
