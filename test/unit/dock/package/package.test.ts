import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { FindingCode } from '../../../../dock/ledger/verify/finding.ts';
import { type PackageOptions, type PackageReport, verifyPackage } from '../../../../dock/package/verify.ts';
import { cosign, formatCosignerVkey } from '../../../../proto/cosignature.ts';
import { splitNote } from '../../../../proto/note.ts';
import { newKey } from '../ledger/rig.ts';
import { flipByte } from '../ledger/verify/rig.ts';
import { type Files, pack, places, signAnew, unpack } from './archive.ts';
import { KeptDock, recordingId } from './kept-dock.ts';
import { packageOf } from './packing.ts';

const work = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
const made = join(work, 'made.zip');
const victim = join(work, 'victim.zip');
let dock: KeptDock;
let pins: PackageOptions;
let files: Files;

beforeAll(async () => {
  dock = await KeptDock.make(work);
  const [one, two] = [await dock.enrol('cam-1'), await dock.enrol('cam-2')];
  await dock.accept(one, 1);
  await dock.accept(two, 2);
  await packageOf(dock, recordingId(1), { path: made });
  await packageOf(dock, recordingId(2), { path: join(work, 'other.zip') });
  files = await unpack(made);
  const { identity } = dock.keys;
  const { publicKey: cameraKey } = one.key;
  const keys = { vkey: identity.ledger, dockKey: identity.publicKey, cameraKey };
  pins = { file: victim, checker: nodeChecker, ...keys };
});
afterAll(async () => {
  await dock.close();
  rmSync(work, { recursive: true, force: true });
});

const codes = ({ findings }: PackageReport): readonly FindingCode[] => [
  ...new Set(findings.map(({ code }) => code)),
];
const verified = (): Promise<PackageReport> => verifyPackage(pins);

describe('an evidence package', () => {
  // Goal: what the dock made holds, and holds everything. Method: make it with the dock's own code, pin every key.
  it('holds as it was made', async () => {
    const report = await verifyPackage({ ...pins, file: made });
    expect(report).toMatchObject({
      ok: true,
      findings: [],
      package: { form: 'sealed', recording: recordingId(1), dock: 'dock-1', files: files.size },
      ledger: { pinned: true, entries: 5 },
    });
    expect([...files.keys()]).toEqual(expect.arrayContaining(['README.html', 'recording/chunks/000003']));
  });

  // Goal: without pins the reader is told what that is worth. Method: no keys.
  it('says which keys are not pinned', async () => {
    const report = await verifyPackage({ file: made, checker: nodeChecker });
    expect([report.ok, codes(report)]).toEqual([true, ['dock-key-unpinned', 'vkey-unpinned']]);
  });

  // Goal: another party's key does not pass. Method: pin a wrong one of each kind.
  it.each<readonly [keyof PackageOptions, FindingCode]>([
    ['vkey', 'checkpoint-signature'],
    ['dockKey', 'package-signature'],
    ['cameraKey', 'manifest-signature'],
  ])('does not pass with another %s', async (which, code) => {
    const { publicKey } = newKey();
    const vkey = dock.keys.identity.ledger.replace(/\+.*/, '+00000000+AQ==');
    const report = await verifyPackage({ ...pins, file: made, [which]: which === 'vkey' ? vkey : publicKey });
    expect(codes(report)).toContain(which === 'vkey' ? 'vkey-invalid' : code);
  });

  // Goal: a package whose key is wrapped for somebody else too does not pass. Method: name a recipient that is none of its own.
  it('does not pass with a recipient that was not named', async () => {
    const other = Buffer.alloc(32, 77).toString('base64url');
    const report = await verifyPackage({ ...pins, file: made, recipients: [other] });
    expect([report.ok, codes(report)]).toEqual([false, ['recipient-unknown']]);
    const own = report.findings.map(({ message }) => /wrapped for ([\w-]{43})/.exec(message)?.[1] ?? '');
    expect(await verifyPackage({ ...pins, file: made, recipients: own })).toMatchObject({ ok: true });
  });

  // Goal: what is typed into a camera cannot become markup, and nothing is fetched. Method: an incident tag with markup.
  it('has a page that runs and loads nothing', () => {
    const page = new TextDecoder().decode(files.get('README.html'));
    expect(page).toContain('24-118842 &lt;b&gt;&amp;');
    expect(page).not.toMatch(/<script|<img|<link|https?:|\ssrc=|\shref=/);
    expect(page).toContain('Taken into custody from camera cam-1');
    expect(page).not.toContain('undefined');
  });

  // Goal: any changed byte is found and its file named. Method: flip one in the middle of every file of the package, one at a time.
  it('names every file in which a byte was changed', async () => {
    for (const [name, { start, bytes }] of await places(made)) {
      if (bytes === 0) continue;
      cpSync(made, victim);
      flipByte(victim, start + Math.floor(bytes / 2));
      const { ok, findings } = await verified();
      const named = findings.map(({ file }) => file);
      // The listing is what the signature is over; a damaged one is either no listing or signed by nobody.
      const wanted = name === 'PACKAGE.json' ? /^PACKAGE\.(json|sig)$/ : new RegExp(`^${name}$`);
      expect({ name, ok }).toEqual({ name, ok: false });
      expect(named.some((file) => wanted.test(file))).toBe(true);
    }
  });

  // Goal: files cannot come or go. Method: leave each one out; add one.
  it('names what was taken out or put in', async () => {
    for (const name of files.keys()) {
      await pack(
        victim,
        [...files].filter(([other]) => other !== name),
      );
      const { ok, findings } = await verified();
      const wanted = name === 'PACKAGE.json' ? 'PACKAGE.json' : name;
      expect({ name, ok }).toEqual({ name, ok: false });
      expect(findings.map(({ file }) => file)).toContain(wanted);
    }
    await pack(victim, [...files, ['recording/extra', new Uint8Array(3)]]);
    const { findings } = await verified();
    expect(findings).toMatchObject([
      { code: 'package-edited', file: 'recording/extra' },
      { code: 'package-malformed', file: 'recording/extra' },
    ]);
  });
});

describe('making a package', () => {
  // Goal: what the disk gives differently the second time does not go out either. Method: spoil the content after it was opened.
  it('stops at a chunk that is not what the camera signed', async () => {
    const path = join(work, 'data/recordings', recordingId(1), 'chunks');
    const spoil = (): void => flipByte(path, 5_000);
    await expect(packageOf(dock, recordingId(1), { path: victim, meanwhile: spoil })).rejects.toMatchObject({
      code: 'PACKAGE_DAMAGED',
      facts: { chunk: 1 },
    });
    await expect(packageOf(dock, recordingId(1), { path: victim })).rejects.toMatchObject({
      code: 'PACKAGE_DAMAGED',
    });
    spoil();
  });
});

describe('a package that its dock changed and signed again', () => {
  const other = async (): Promise<Files> => unpack(join(work, 'other.zip'));
  const take = (from: Files, name: string): Uint8Array => from.get(name) ?? new Uint8Array();
  const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 40 ? byte ^ 1 : byte));

  // Goal: the dock's key gives no power over what the camera or the ledger signed. Method: every harm, listed and signed anew.
  it.each<readonly [string, FindingCode, (mine: Files, theirs: Files) => void]>([
    [
      'a chunk',
      'chunk-mismatch',
      (mine) => mine.set('recording/chunks/000001', flipped(take(mine, 'recording/chunks/000001'))),
    ],
    [
      'two chunks swapped',
      'chunk-mismatch',
      (mine) => {
        const [a, b] = [take(mine, 'recording/chunks/000001'), take(mine, 'recording/chunks/000002')];
        mine.set('recording/chunks/000001', b).set('recording/chunks/000002', a);
      },
    ],
    ['a chunk left out', 'chunk-missing', (mine) => mine.delete('recording/chunks/000003')],
    [
      'a chunk too many',
      'chunk-surplus',
      (mine) => mine.set('recording/chunks/000004', take(mine, 'recording/chunks/000003')),
    ],
    [
      'the manifest of another recording',
      'manifest-mismatch',
      (mine, theirs) => mine.set('recording/manifest', take(theirs, 'recording/manifest')),
    ],
    [
      'the wraps of another recording',
      'wraps-mismatch',
      (mine, theirs) => mine.set('recording/wraps', take(theirs, 'recording/wraps')),
    ],
    ['no wraps', 'wraps-missing', (mine) => mine.delete('recording/wraps')],
    [
      'a stamp',
      'stamps-mismatch',
      (mine) => mine.set('recording/stamps', flipped(take(mine, 'recording/stamps'))),
    ],
    [
      'what the manifest says for people',
      'package-edited',
      (mine) => mine.set('recording/manifest.json', flipped(take(mine, 'recording/manifest.json'))),
    ],
    ['the sums', 'package-edited', (mine) => mine.set('recording/SHA256SUMS', new Uint8Array())],
    [
      'the key of the camera',
      'package-edited',
      (mine, theirs) =>
        mine.set('recording/signed/camera.pub.pem', take(theirs, 'recording/signed/camera.pub.pem')),
    ],
    [
      'the key of the dock',
      'package-edited',
      (mine, theirs) => mine.set('check/dock.pub.pem', take(theirs, 'recording/signed/camera.pub.pem')),
    ],
    [
      'an entry',
      'proof-mismatch',
      (mine) => mine.set('ledger/entries/000003.json', flipped(take(mine, 'ledger/entries/000003.json'))),
    ],
    [
      'an entry under another number',
      'proof-mismatch',
      (mine) => {
        mine.set('ledger/entries/000009.json', take(mine, 'ledger/entries/000003.json'));
        mine.set('ledger/proofs/000009.tlog-proof', take(mine, 'ledger/proofs/000003.tlog-proof'));
      },
    ],
    [
      'an entry without its proof',
      'proof-mismatch',
      (mine) => mine.delete('ledger/proofs/000003.tlog-proof'),
    ],
    [
      'the checkpoint',
      'checkpoint-signature',
      (mine) => mine.set('ledger/checkpoint', flipped(take(mine, 'ledger/checkpoint'))),
    ],
    [
      'a later checkpoint',
      'proof-mismatch',
      (mine, theirs) => mine.set('ledger/checkpoint', take(theirs, 'ledger/checkpoint')),
    ],
    ['no acceptance', 'package-malformed', (mine) => mine.delete('ledger/entries/000003.json')],
    ['no enrolment', 'manifest-signature', (mine) => mine.delete('ledger/entries/000001.json')],
    ['no start of the epoch', 'stamps-order', (mine) => mine.delete('ledger/entries/000000.json')],
  ])('does not hold with %s', async (_what, code, harm) => {
    const mine = new Map(files);
    harm(mine, await other());
    signAnew(mine, dock.sign);
    await pack(victim, mine);
    const report = await verified();
    expect([report.ok, codes(report)]).toEqual([false, expect.arrayContaining([code])]);
    expect(codes(report)).not.toContain('package-signature');
  });

  // Goal: footage that no grant covers cannot lie in a package and seem checked. Method: put it into a sealed one, listed and signed.
  it.each([
    'opened/recording.mp4',
    'policy/grants/000.jws',
    'policy/custody/000.json',
    'opened/other.mp4',
    'recording/notes',
  ])('does not hold with %s besides', async (path) => {
    const mine = new Map(files).set(path, new Uint8Array(9));
    signAnew(mine, dock.sign);
    await pack(victim, mine);
    expect((await verified()).findings).toMatchObject([{ code: 'package-malformed', file: path }]);
  });

  // Goal: only the dock can sign. Method: sign the same files with another key.
  it('is not signed by anybody else', async () => {
    const mine = new Map(files);
    signAnew(mine, newKey().sign);
    await pack(victim, mine);
    expect(codes(await verified())).toEqual(['package-signature']);
  });

  // Goal: witnesses count as in a ledger. Method: a cosigned checkpoint with its proofs, packed anew; and one that is not.
  it('names witnesses', async () => {
    const key = { name: 'north', ...newKey(), sha256: nodeChecker.sha256 };
    const witness = formatCosignerVkey(key.name, key.publicKey, nodeChecker.sha256);
    const witnesses = { witnesses: [witness], quorum: 1 };
    expect(codes(await verifyPackage({ ...pins, file: made, witnesses }))).toEqual(['quorum']);
    const mine = new Map(files);
    const note = new TextDecoder().decode(mine.get('ledger/checkpoint'));
    const line = cosign(splitNote(note).text, { ...key, timeS: 1_790_000_000 });
    for (const [name, bytes] of files)
      if (name === 'ledger/checkpoint' || name.startsWith('ledger/proofs/'))
        mine.set(name, Buffer.concat([bytes, Buffer.from(line)]));
    signAnew(mine, dock.sign);
    await pack(victim, mine);
    const report = await verifyPackage({ ...pins, witnesses });
    expect([report.findings, report.ledger.cosigned]).toEqual([[], ['north']]);
    expect(report.ledger.cosignedAt.north).toBe('2026-09-21T14:13:20.000000Z');
  });
});
