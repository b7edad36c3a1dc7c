import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { FindingCode } from '../../../../dock/ledger/verify/finding.ts';
import { formatListing, parseListing } from '../../../../dock/package/listing.ts';
import { type PackageOptions, type PackageReport, verifyPackage } from '../../../../dock/package/verify.ts';
import { formatCheckpoint } from '../../../../proto/checkpoint.ts';
import { signNote } from '../../../../proto/note.ts';
import { newKey } from '../ledger/rig.ts';
import { type Files, pack, signAnew, unpack } from './archive.ts';
import { type Camera, KeptDock, recordingId } from './kept-dock.ts';
import { newPolicyKey, packageOf, type PolicyKey } from './packing.ts';

const work = mkdtempSync(join(tmpdir(), 'holdfast-leaving-'));
const [sealedZip, openedZip, victim] = ['sealed.zip', 'opened.zip', 'victim.zip'].map((name) =>
  join(work, name),
) as [string, string, string];
const [SEALED, BARE, FOREIGN] = [recordingId(1), recordingId(2), recordingId(3)];
let dock: KeptDock;
let camera: Camera;
let policy: PolicyKey;
let pins: PackageOptions;
let sealed: Files;
let opened: Files;

beforeAll(async () => {
  dock = await KeptDock.make(work);
  camera = await dock.enrol('cam-1');
  policy = newPolicyKey();
  await dock.accept(camera, 1);
  // A camera that has sealed once seals for ever.
  await dock.accept(await dock.enrol('cam-2'), 2, { suite: 0 });
  await packageOf(dock, SEALED, { path: sealedZip });
  await packageOf(dock, BARE, { path: openedZip, policy });
  [sealed, opened] = [await unpack(sealedZip), await unpack(openedZip)];
  const { ledger: vkey, publicKey: dockKey } = dock.keys.identity;
  pins = { file: victim, checker: nodeChecker, vkey, dockKey, policyKey: policy.jwk };
});
afterAll(async () => {
  await dock.close();
  rmSync(work, { recursive: true, force: true });
});

const said = ({ findings }: PackageReport): readonly (readonly [FindingCode, string])[] =>
  findings.map(({ code, file }) => [code, file]);
const textOf = (files: Files, path: string): string => new TextDecoder().decode(files.get(path));

const factAt = (index: number): object => ({
  ...{ index, source: 'records', receivedAt: '2026-11-21T08:00:01.000Z' },
  fact: { id: 'f', at: '2026-11-21T08:00:00Z', type: 'report.filed' },
});

/** What verify says of a package that its dock changed, listed and signed again. */
async function harmed(from: Files, harm: (mine: Files) => void): Promise<PackageReport> {
  const mine = new Map(from);
  harm(mine);
  signAnew(mine, dock.sign);
  await pack(victim, mine);
  return verifyPackage(pins);
}

/** Changes what the listing says before it is signed again. */
function relist(mine: Files, change: object): void {
  const listing = parseListing(mine.get('PACKAGE.json') ?? new Uint8Array());
  if (listing === undefined) throw new TypeError('no listing');
  mine.set('PACKAGE.json', formatListing({ ...listing, ...change }));
}

/** Takes an entry of this type and its proof out. */
function without(mine: Files, type: string): void {
  for (const path of [...mine.keys()].filter((name) => name.startsWith('ledger/entries/')))
    if (textOf(mine, path).includes(`"type":"${type}"`)) {
      mine.delete(path);
      mine.delete(path.replace('entries', 'proofs').replace('.json', '.tlog-proof'));
    }
}

describe('footage that no camera sealed', () => {
  // Goal: it leaves under a grant alone. Method: pack it without one.
  it('makes no sealed package', async () => {
    await expect(packageOf(dock, BARE, { path: victim })).rejects.toMatchObject({
      code: 'PACKAGE_REFUSED',
      message: expect.stringContaining('is not sealed') as string,
    });
  });

  // Goal: a dock that packs it all the same is found out. Method: an opened package, listed as sealed without its grant.
  it('does not hold as a sealed package', async () => {
    const report = await harmed(opened, (mine) => {
      for (const path of mine.keys()) if (/^(policy|opened)\//.test(path)) mine.delete(path);
      relist(mine, { form: 'sealed' });
    });
    expect(report.ok).toBe(false);
    expect(said(report)).toContainEqual(['grant-mismatch', 'recording/manifest']);
  });

  // Goal: with its grant it is a package like others. Method: pin every key.
  it('holds with its grant', async () => {
    const report = await verifyPackage({ ...pins, file: openedZip });
    expect(report).toMatchObject({ ok: true, findings: [], package: { form: 'opened' } });
  });
});

describe('the grant in a package', () => {
  // Goal: the reader learns that the policy service's key came with the package. Method: pin all but that one.
  it('says when its key is not pinned', async () => {
    const { file, checker, vkey = '', dockKey = new Uint8Array() } = pins;
    const others = { file, checker, vkey, dockKey };
    const report = await verifyPackage({ ...others, file: openedZip });
    expect([report.ok, said(report)]).toEqual([true, [['policy-key-unpinned', 'policy/key.jwk.json']]]);
    expect(said(await verifyPackage({ ...others, file: sealedZip }))).toEqual([]);
  });

  // Goal: another service's word does not pass. Method: pin another key.
  it('does not hold under another pinned key', async () => {
    const report = await verifyPackage({ ...pins, file: openedZip, policyKey: newPolicyKey().jwk });
    expect(said(report)).toEqual([
      ['grant-mismatch', 'policy/key.jwk.json'],
      ['grant-mismatch', 'policy/grants/000.jws'],
    ]);
  });

  it.each([[true], [false]])('under a pinned set with its key: %s', async (has) => {
    const [mine = {}, other] = [pins.policyKey, newPolicyKey().jwk];
    for (const keys of has ? [[other, mine], [mine]] : [[other], [], 'all', [7]])
      expect((await verifyPackage({ ...pins, file: openedZip, policyKey: { keys } })).ok).toBe(has);
  });

  // Goal: only a grant for all of this recording at this dock opens it. Method: grants that the service signed for something else.
  it.each([
    { kind: 'release' },
    { action: 'delete' },
    { recording: SEALED },
    { manifest: '00'.repeat(32) },
    { aud: 'dock-2' },
    { chunks: [0, 2] },
    { purpose: 'supplement_report' },
    { jti: 'grant-2' },
  ])('is for nothing else: %j', async (claims) => {
    await packageOf(dock, BARE, { path: victim, policy, claims });
    const found = said(await verifyPackage(pins));
    expect(found).toEqual([['grant-mismatch', 'policy/grants/000.jws']]);
  });

  // Goal: nothing is left open or opened twice, and nobody mixes people. Method: two grants that meet; then with a hole, with an
  // overlap, in the other order, past the end, one that opens nothing.
  it.each<readonly [readonly (readonly number[])[], boolean]>([
    [
      [
        [0, 2],
        [2, 4],
      ],
      true,
    ],
    [
      [
        [0, 1],
        [1, 3],
        [3, 4],
      ],
      true,
    ],
    [
      [
        [0, 1],
        [2, 4],
      ],
      false,
    ],
    [
      [
        [0, 3],
        [2, 4],
      ],
      false,
    ],
    [
      [
        [2, 4],
        [0, 2],
      ],
      false,
    ],
    [
      [
        [0, 2],
        [2, 5],
      ],
      false,
    ],
    [
      [
        [0, 2],
        [2, 3],
      ],
      false,
    ],
    [
      [
        [0, 4],
        [4, 4],
      ],
      false,
    ],
  ])('covers every chunk once: %j is %s', async (ranges, holds) => {
    await packageOf(dock, BARE, { path: victim, policy, ranges });
    const report = await verifyPackage(pins);
    expect([report.ok, [...new Set(report.findings.map(({ code }) => code))]]).toEqual([
      holds,
      holds ? [] : ['grant-mismatch'],
    ]);
  });

  // Goal: neither a grant nor a decision can go or come, or change places. Method: two openings; every file taken out, exchanged, added.
  it('is complete', async () => {
    await packageOf(dock, BARE, {
      path: victim,
      policy,
      ranges: [
        [0, 2],
        [2, 4],
      ],
    });
    const two = await unpack(victim);
    const names = [...two.keys()].filter((name) => /^policy\/\w+\//.test(name));
    expect(names).toHaveLength(6);
    for (const name of names) {
      const gone = await harmed(two, (mine) => mine.delete(name));
      expect({ name, ok: gone.ok }).toEqual({ name, ok: false });
      const other = name.replace('000', '002').replace('001', '000').replace('002', '001');
      const exchanged = await harmed(two, (mine) => mine.set(name, two.get(other) ?? new Uint8Array()));
      expect({ name, ok: exchanged.ok }).toEqual({ name, ok: false });
      const third = name.replace(/00\d/, '002');
      const more = await harmed(two, (mine) => mine.set(third, two.get(name) ?? new Uint8Array()));
      expect({ third, ok: more.ok }).toEqual({ third, ok: false });
    }
  });

  // Goal: the ledger recorded the export of these grants and no others. Method: a package of the second half alone, as of both.
  it('is one of those that were exported', async () => {
    const report = await harmed(opened, (mine) => {
      const jws = textOf(mine, 'policy/grants/000.jws');
      mine.set('policy/grants/000.jws', Buffer.from(`${jws}\n`));
    });
    expect(said(report)).toContainEqual(['export-unrecorded', 'ledger/entries']);
  });
});

describe('the decision in a package', () => {
  const file = 'policy/decisions/000.jws';

  // Goal: people read what was signed, to the last claim. Method: change each claim in the JSON, or add one; sign the listing.
  it.each([
    'sub',
    'recording',
    'purpose',
    'regime',
    'policySet',
    'newestFact',
    'iat',
    'facts',
    'policies',
    'more',
  ])('is what its JSON says of %s', async (name) => {
    const report = await harmed(opened, (mine) => {
      const claims = JSON.parse(textOf(mine, 'policy/decisions/000.json')) as Record<string, unknown>;
      const decision = JSON.stringify({ ...claims, [name]: 'other' }, null, 2);
      mine.set('policy/decisions/000.json', Buffer.from(`${decision}\n`));
    });
    expect(said(report)).toEqual([['decision-mismatch', 'policy/decisions/000.json']]);
  });

  // Goal: a decision about something else, a deny, one on no facts or on facts that it did not know stands behind no grant. Method:
  // decisions that the service signed so.
  it.each<readonly [string, Readonly<Record<string, unknown>>]>([
    ['another person', { sub: '4411' }],
    ['another grant id', { jti: 'grant-2' }],
    ['another grant', { grant: '00'.repeat(32) }],
    ['another recording', { recording: SEALED }],
    ['another manifest', { manifest: '00'.repeat(32) }],
    ['another purpose', { purpose: 'disclosure' }],
    ['another action', { action: 'export' }],
    ['another service', { iss: 'https://elsewhere.test' }],
    ['other rules', { policySet: 'q' }],
    ['another regime', { regime: 'city' }],
    ['other facts', { newestFact: 2 }],
    ['a deny', { decision: false }],
    ['no answer', { decision: undefined }],
    ['a time before its grant', { iat: 1_789_999_999 }],
    ['a time after its grant', { iat: 1_790_000_061 }],
    ['no time', { iat: undefined }],
    ['no policy', { policies: [] }],
    ['a policy that forbids', { policies: [{ id: 'x', text: 'x', effect: 'forbid' }] }],
    ['no facts', { facts: [] }],
    ['a fact after its newest', { facts: [factAt(4)] }],
    ['facts out of order', { facts: [factAt(2), factAt(1)] }],
    ['a fact twice', { facts: [factAt(2), factAt(2)] }],
    ['a fact of nobody', { facts: [{ ...factAt(1), source: undefined }] }],
    ['what is no fact', { facts: [{ ...factAt(1), fact: 'x' }] }],
  ])('is not one with %s', async (_what, decided) => {
    await packageOf(dock, BARE, { path: victim, policy, decided });
    expect(said(await verifyPackage(pins))).toEqual([['decision-mismatch', file]]);
  });

  // Goal: only the service's own word counts. Method: the same claims signed with another key; a grant in its place.
  it('is signed by the service as a decision', async () => {
    const claims = JSON.parse(textOf(opened, 'policy/decisions/000.json')) as Record<string, unknown>;
    for (const jws of [newPolicyKey().sign('decision', claims), policy.sign('grant', claims)]) {
      const report = await harmed(opened, (mine) => mine.set(file, Buffer.from(jws)));
      expect(said(report)).toEqual([['decision-mismatch', file]]);
    }
  });

  // Goal: a reader without tools learns who decided what on whose word. Method: the page, with facts that try to be markup.
  it('stands in the page in words, and nothing of it is markup', () => {
    const page = textOf(opened, 'README.html');
    expect(page).toContain('<td>records &lt;i&gt;&amp;</td>');
    expect(page).toContain('4411 filed the initial report on incident 24-118842');
    expect(page).toContain('<th>Policy base-oversight</th><td>Reviewers &lt;b&gt; may.</td>');
    expect(page).toContain('of another version {&quot;what&quot;:&quot;&lt;script&gt;&quot;}');
    expect(page).not.toMatch(/<script|<b>|<i>|undefined/);
    expect(textOf(sealed, 'README.html')).not.toContain('Who allowed it');
  });
});

describe('a package of an older version', () => {
  // Goal: whoever has one learns what to do with it. Method: the format of before decisions were in it.
  it('is named as such', async () => {
    const mine = new Map(sealed);
    mine.set('PACKAGE.json', Buffer.from(textOf(mine, 'PACKAGE.json').replace('package@2', 'package@1')));
    await pack(victim, mine);
    const { findings } = await verifyPackage(pins);
    expect(findings).toMatchObject([{ code: 'package-malformed', file: 'PACKAGE.json' }]);
    expect(findings[0]?.message).toContain('is of format holdfast/package@1');
  });
});

describe('the export in the ledger', () => {
  // Goal: what left past the ledger does not hold, in either form. Method: leave the entries out, sign the listing.
  it.each<readonly [string, () => Files, FindingCode]>([
    ['exported', () => sealed, 'export-unrecorded'],
    ['exported', () => opened, 'export-unrecorded'],
    ['granted', () => opened, 'grant-mismatch'],
  ])('is there, with %s', async (type, from, code) => {
    const report = await harmed(from(), (mine) => without(mine, type));
    expect([report.ok, report.findings.map((finding) => finding.code)]).toEqual([false, [code]]);
  });

  // Goal: a package is not made before the ledger says that it leaves. Method: an earlier time in the listing.
  it('comes before the package', async () => {
    const report = await harmed(sealed, (mine) => relist(mine, { madeAt: '2025-01-01T00:00:00.000000Z' }));
    expect(said(report)).toEqual([['export-unrecorded', 'PACKAGE.json']]);
  });
});

describe('the checkpoint that a camera had seen', () => {
  const proof = 'ledger/ticket.consistency';

  // Goal: that the log grew from it shows in the package. Method: another proof, none, one too long.
  it.each<readonly [string, (mine: Files) => void]>([
    ['none', (mine) => mine.delete(proof)],
    ['half of it', (mine) => mine.set(proof, (mine.get(proof) ?? new Uint8Array()).slice(45))],
    ['another', (mine) => mine.set(proof, (mine.get(proof) ?? new Uint8Array()).toReversed())],
    ['more', (mine) => mine.set(proof, Buffer.concat([mine.get(proof) ?? Buffer.of(), Buffer.of(10)]))],
  ])('is proved by its proof, and not by %s', async (_what, harm) => {
    expect(textOf(sealed, 'README.html')).toContain('shows that the ledger in this package grew from it');
    const report = await harmed(sealed, harm);
    expect(said(report)).toEqual([['ticket-mismatch', proof]]);
  });

  // Goal: another log's checkpoint counts for nothing and is said to. Method: a ticket that another log signed.
  it('may be of another log, and the page says so', async () => {
    const { sign, publicKey } = newKey();
    const text = formatCheckpoint({ origin: 'elsewhere.example', size: 4, root: new Uint8Array(32).fill(4) });
    const key = { name: 'elsewhere.example', publicKey, sign, sha256: nodeChecker.sha256 };
    await dock.accept(camera, 3, { change: { ticket: signNote(text, key) } });
    await packageOf(dock, FOREIGN, { path: victim });
    expect(await verifyPackage(pins)).toMatchObject({ ok: true, findings: [] });
    const files = await unpack(victim);
    expect(files.has(proof)).toBe(false);
    expect(textOf(files, 'README.html')).toContain('it is of another log than the one in this package');
    const report = await harmed(files, (mine) => mine.set(proof, new Uint8Array()));
    expect(said(report)).toEqual([['ticket-mismatch', proof]]);
  });

  // Goal: a ledger that was written anew does not go out as evidence. Method: a ticket of this log's key with another root.
  it('is not one of a log that this one did not grow from', async () => {
    const { origin, publicKey, sign } = dock.keys.ledgerSigner;
    const text = formatCheckpoint({ origin, size: 4, root: new Uint8Array(32).fill(4) });
    const key = { name: origin, publicKey, sign, sha256: nodeChecker.sha256 };
    await dock.accept(camera, 4, { change: { ticket: signNote(text, key) } });
    await expect(packageOf(dock, recordingId(4), { path: victim })).rejects.toMatchObject({
      code: 'PACKAGE_DAMAGED',
      message: expect.stringContaining('had seen 4 entries') as string,
    });
  });
});
