import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64 } from '../../proto/bytes.ts';
import { openControl } from '../../dock/keep/control.ts';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { type PackageReport, verifyPackage } from '../../dock/package/verify.ts';
import type { EntryOf } from '../../proto/custody-fields.ts';
import { peer } from '../peer.ts';
import { pack, places, signAnew, unpack } from '../unit/dock/package/archive.ts';
import { flipByte } from '../unit/dock/ledger/verify/rig.ts';
import { type Camera, KeptDock, recordingId } from '../unit/dock/package/kept-dock.ts';
import { goEnvironment, goWithModules } from './go-ledger.ts';

const START = fileURLToPath(new URL('../../dist/bin/start.cjs', import.meta.url));

interface Said {
  readonly status: number | null;
  readonly text: string;
}

function run(program: string, argv: readonly string[], more: { readonly cwd?: string } = {}): Said {
  const { status, stdout, stderr } = spawnSync(program, [...argv], {
    encoding: 'utf8',
    timeout: 120_000,
    ...more,
  });
  return { status, text: stdout + stderr };
}

const holdfast = (...argv: readonly string[]): Said => run(process.execPath, [START, ...argv]);

describe('holdfast export', () => {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-export-'));
  const zip = join(work, 'evidence.zip');
  const folder = join(work, 'unpacked');
  const where = ['--data', join(work, 'data'), '--keys', join(work, 'keys')] as const;
  let dock: KeptDock;
  let camera: Camera;

  beforeAll(async () => {
    dock = await KeptDock.make(work);
    camera = await dock.enrol('cam-1');
    for (const n of [1, 2]) await dock.accept(camera, n);
    await dock.accept(await dock.enrol('cam-2'), 3, { suite: 0 });
    await dock.close();
  });
  afterAll(() => rmSync(work, { recursive: true, force: true }));

  // Goal: one command makes the package of a dock that is not running, and says so in the ledger first. Method: the built command;
  // the built check; the entry in the ledger.
  it('makes a package that verify finds whole', () => {
    expect(holdfast('export', recordingId(1), '-o', zip, ...where)).toMatchObject({ status: 0 });
    const { ledger, publicKey } = dock.keys.identity;
    const pins = [
      '--vkey',
      ledger,
      '--dock-key',
      toBase64(publicKey),
      '--camera-key',
      toBase64(camera.key.publicKey),
    ];
    const said = holdfast('verify', zip, ...pins);
    expect(said).toMatchObject({ status: 0 });
    expect(said.text).toMatch(/result {4}everything holds\n$/);
    expect(said.text).toContain(`recording ${recordingId(1)} (sealed)`);
    const log = holdfast('verify', join(work, 'data/ledger'), '--vkey', ledger, '--json');
    expect([log.status, JSON.parse(log.text)]).toMatchObject([0, { entries: { exported: 1 } }]);
  });

  // Goal: nothing is written over, and a wrong call says what is wrong. Method: the same name again; no such recording; wrong flags.
  it('refuses what it cannot do', () => {
    expect(holdfast('export', recordingId(1), '-o', zip, ...where).text).toContain('is there already');
    const absent = holdfast('export', recordingId(9), '-o', join(work, 'no.zip'), ...where);
    expect(absent).toMatchObject({ status: 1 });
    expect(absent.text).toContain('never accepted it');
    expect(holdfast('export', recordingId(1)).status).toBe(2);
    expect(holdfast('verify', zip, '--ledger-only').status).toBe(2);
    expect(
      holdfast('verify', join(work, 'data/ledger'), '--dock-key', toBase64(new Uint8Array(32).fill(1)))
        .status,
    ).toBe(2);
  });

  // Goal: footage that no camera sealed does not leave without a grant, and the ledger does not say that it did. Method: export it.
  it('refuses a recording that is not sealed, without a grant', () => {
    const said = holdfast('export', recordingId(3), '-o', join(work, 'bare.zip'), ...where);
    expect(said.status).toBe(1);
    expect(said.text).toMatch(/is not sealed: its footage leaves only under a grant.*\[PACKAGE_REFUSED\]/);
    expect(run('ls', [work]).text).not.toContain('bare');
    const log = holdfast('verify', join(work, 'data/ledger'), '--ledger-only', '--json');
    expect(JSON.parse(log.text)).toMatchObject({ entries: { exported: 1 } });
  });

  // Goal: a damaged recording does not leave as evidence. The ledger does not claim
  // that it did. Method: flip a byte of its content, export.
  it('refuses a recording that the disk spoilt', () => {
    flipByte(join(work, 'data/recordings', recordingId(2), 'chunks'), 5_000);
    const said = holdfast('export', recordingId(2), '-o', join(work, 'spoilt.zip'), ...where);
    expect(said.status).toBe(1);
    expect(said.text).toMatch(/chunks \[1\] is not the chunk that was accepted.*\[PACKAGE_DAMAGED\]/);
    expect(run('ls', [work]).text).not.toContain('spoilt');
    const log = holdfast('verify', join(work, 'data/ledger'), '--ledger-only', '--json');
    expect(JSON.parse(log.text)).toMatchObject({ entries: { exported: 1 } });
    flipByte(join(work, 'data/recordings', recordingId(2), 'chunks'), 5_000);
  });

  // Goal: a dock that runs writes the entry itself, and nobody writes past it. Method: hold its ledger open, first with nobody
  // at the control socket, then with its real door, which writes.
  it('has a running dock record the export', async () => {
    const again = await KeptDock.make(work);
    const said = holdfast('export', recordingId(1), '-o', join(work, 'busy.zip'), ...where);
    expect(said.status).toBe(1);
    expect(said.text).toContain('PACKAGE_BUSY');
    const asked: unknown[] = [];
    const exported = async (body: unknown): Promise<unknown> => {
      asked.push(body);
      const { recording, manifest, form } = body as EntryOf<'exported'>;
      return { index: await again.append({ type: 'exported', at: again.at(), recording, manifest, form }) };
    };
    const door = await openControl(join(work, 'data/control.sock'), { exported }, () => undefined);
    const argv = ['export', recordingId(2), '-o', join(work, 'running.zip'), ...where, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, [START, ...argv]);
    await door.close();
    await again.close();
    expect(JSON.parse(stdout)).toMatchObject({ form: 'sealed', recording: recordingId(2) });
    expect(asked).toMatchObject([{ recording: recordingId(2), form: 'sealed' }]);
    const report = await verifyPackage({ file: join(work, 'running.zip'), checker: nodeChecker });
    expect(report).toMatchObject({ ok: true, ledger: { entries: 5 } });
  });

  const [unzip, openssl] = [peer('unzip'), peer('openssl')];
  const go = goWithModules();

  describe.skipIf(unzip === undefined)('and tools that we did not write', () => {
    beforeAll(() => {
      const unpacked = run(unzip ?? '', ['-q', zip, '-d', folder]);
      if (unpacked.status !== 0) throw new Error(unpacked.text);
    });

    // Goal: anybody can compare the chunks with the camera's list. Method: sha256sum -c.
    it('sums every chunk', () => {
      const said = run('sha256sum', ['-c', '--strict', 'SHA256SUMS'], { cwd: join(folder, 'recording') });
      expect(said).toEqual({ status: 0, text: [0, 1, 2, 3].map((n) => `chunks/00000${n}: OK\n`).join('') });
    });

    // Goal: anybody can check both signatures. Method: the lines of check/README.md, with the real OpenSSL.
    it.skipIf(openssl === undefined)('verifies the signatures of camera and dock', () => {
      const readme = readFileSync(join(folder, 'check/README.md'), 'utf8');
      const lines = readme.split('\n').filter((line) => line.includes('openssl pkeyutl'));
      expect(lines).toHaveLength(2);
      for (const line of lines) {
        const said = run('sh', ['-c', line], { cwd: folder });
        expect(said).toEqual({ status: 0, text: 'Signature Verified Successfully\n' });
      }
    });

    // Goal: a program on nobody's code but golang.org/x/mod finds it whole, and sees each changed byte. Method: go run, as the
    // package says; then flip a byte of every file and run it again.
    it.skipIf(go === undefined)('runs the check in Go that is in the package', () => {
      const program = join(work, 'check');
      const built = spawnSync(go ?? '', ['build', '-o', program, join(folder, 'check/check.go')], {
        encoding: 'utf8',
        env: goEnvironment(work),
      });
      expect(built).toMatchObject({ status: 0 });
      const { ledger, publicKey } = dock.keys.identity;
      const pins = [
        '-vkey',
        ledger,
        '-dock-key',
        toBase64(publicKey),
        '-camera-key',
        toBase64(camera.key.publicKey),
      ];
      const said = run(program, [...pins, folder]);
      expect(said.text).toMatch(
        /^ok: recording 0+1, 4 chunks, \d+ files, 5 ledger entries proved in \d+, 0 witnesses\n$/,
      );
      const names = run('find', ['.', '-type', 'f', '-size', '+0'], { cwd: folder }).text.trim().split('\n');
      expect(names.length).toBeGreaterThan(20);
      for (const name of names) {
        flipByte(join(folder, name), 20);
        expect({ name, status: run(program, [...pins, folder]).status }).toEqual({ name, status: 1 });
        flipByte(join(folder, name), 20);
      }
      expect(run(program, [...pins, folder]).status).toBe(0);
      expect(run(program, [folder, 'more']).status).toBe(2);
    });

    // Goal: the proof that the log grew from what the camera had seen counts there too. Method: another proof, listed and signed.
    it.skipIf(go === undefined)('runs it on a proof that the dock changed', async () => {
      const program = join(work, 'check');
      const files = await unpack(zip);
      const proof = files.get('ledger/ticket.consistency') ?? new Uint8Array();
      expect(proof.length).toBeGreaterThan(44);
      files.set('ledger/ticket.consistency', proof.slice(45));
      signAnew(files, dock.sign);
      const other = join(work, 'other');
      await pack(`${other}.zip`, files);
      expect(run(unzip ?? '', ['-q', `${other}.zip`, '-d', other])).toMatchObject({ status: 0 });
      const said = run(program, [other]);
      expect(said).toMatchObject({
        status: 1,
        text: expect.stringContaining('ticket.consistency') as string,
      });
    });
  });

  // Goal: the built check names a changed file and exits 1. Method: a byte of one file of each kind.
  it.each(['recording/chunks/000002', 'recording/manifest', 'ledger/entries/000003.json', 'README.html'])(
    'and verify names a changed %s',
    async (name) => {
      const victim = join(work, 'victim.zip');
      cpSync(zip, victim);
      const { start = 0 } = (await places(zip)).get(name) ?? {};
      flipByte(victim, start + 10);
      const { status, text } = holdfast('verify', victim, '--json');
      const report = JSON.parse(text) as PackageReport;
      expect(status).toBe(1);
      expect(report.findings.map(({ file }) => file)).toContain(name);
    },
  );
});
