import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { type PackageReport, verifyPackage } from '../../dock/package/verify.ts';
import { PASSWORD } from '../../sim/demo/cast.ts';
import { Screen } from '../../sim/demo/screen.ts';
import { Stage, type Take } from '../../sim/demo/stage.ts';
import { fileReport, openIncident } from '../../sim/demo/story.ts';
import { readLedger } from '../../sim/rig/ledger.ts';
import { COMMAND } from '../../sim/rig/program.ts';
import { pack, signAnew, unpack } from '../unit/dock/package/archive.ts';
import { openFileKeys } from '../../dock/keys/file-keys.ts';

const run = promisify(execFile);
const SECOND_MS = 1_000;

describe('holdfast export of footage that was opened', () => {
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-opened-'));
  const [zip, passwordFile] = [join(dir, 'opened.zip'), join(dir, 'password')];
  const keysDir = join(dir, 'dock/keys');
  let stage: Stage;
  let take: Take;

  // A real policy service, dock and cameras that seal, as the demo runs them.
  beforeAll(async () => {
    writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
    const config = {
      once: true,
      json: true,
      data: dir,
      regime: 'doj',
      recordSeconds: 3,
      httpPort: 0,
      policyPort: 0,
    };
    stage = await Stage.open(dir, config, new Screen(process.stderr));
    const [first] = await stage.record(3);
    if (first === undefined) throw new TypeError('nothing was recorded');
    take = first;
    await openIncident(stage, take);
  }, 120 * SECOND_MS);
  afterAll(async () => {
    await stage.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const opening = (): Promise<{ readonly stdout: string }> => {
    const where = [
      '--data',
      join(dir, 'dock'),
      '--keys',
      keysDir,
      '--dock',
      stage.dockUrl,
      '--policy',
      stage.policyUrl,
    ];
    const who = [
      '--person',
      take.role.officer,
      '--password-file',
      passwordFile,
      '--purpose',
      'supplement_report',
    ];
    return run(process.execPath, [COMMAND, 'export', take.recording, '-o', zip, ...where, ...who, '--json']);
  };
  const exported = (): readonly unknown[] =>
    readLedger(join(dir, 'dock/ledger')).filter(({ type }) => type === 'exported');

  // Goal: an export is no way round the rules. Method: ask before the report is filed; nothing is written, and nothing claimed.
  it('gives nothing before the rules allow it', async () => {
    await expect(opening()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('PACKAGE_REFUSED') as string,
    });
    expect([existsSync(zip), exported()]).toEqual([false, []]);
  });

  // Goal: what is in the package is what the camera recorded, under a grant that the ledger holds, and the running dock said so.
  // Method: file the report, export, compare with the digest that the camera gave before it sealed anything.
  it('holds the footage and the grant', async () => {
    await fileReport(stage, take);
    const { stdout } = await opening();
    expect(JSON.parse(stdout)).toMatchObject({ form: 'opened' });
    const report = await verifyPackage({ file: zip, checker: nodeChecker });
    expect(report.findings.filter(({ severity }) => severity === 'failure')).toEqual([]);
    expect(report).toMatchObject({ ok: true, package: { form: 'opened', recording: take.recording } });
    const files = await unpack(zip);
    const video = files.get('opened/recording.mp4') ?? new Uint8Array();
    const page = new TextDecoder().decode(files.get('README.html'));
    expect(page).toContain(`${take.role.officer} filed the initial report on incident ${take.role.incident}`);
    expect(Buffer.from(nodeChecker.sha256(video)).toString('hex')).toBe(take.sha256);
    expect(exported()).toMatchObject([{ form: 'opened', recording: take.recording }]);
    expect(readFileSync(zip).includes(PASSWORD)).toBe(false);
  });

  // Goal: the policy service's key can be pinned, and its absence is said. Method: the built command with no key, with the service's
  // public key, with another's, and with a private one.
  it('is held against the key of the policy service', async () => {
    const verify = async (...more: readonly string[]): Promise<PackageReport> => {
      const argv = [COMMAND, 'verify', zip, ...more, '--json'];
      const { stdout } = await run(process.execPath, argv).catch(
        (error: unknown) => error as { stdout: string },
      );
      return JSON.parse(stdout) as PackageReport;
    };
    const codes = ({ findings }: PackageReport): readonly string[] => findings.map(({ code }) => code);
    const vkey = (await (await fetch(`${stage.policyUrl}/v1/ledger/vkey`)).text()).trim();
    const pinned = await verify(
      ...['--policy-key', join(dir, 'policy/policy.jwk.json'), '--policy-ledger', vkey],
    );
    expect(pinned.ok).toBe(true);
    expect(codes(pinned).filter((code) => code.startsWith('policy-'))).toEqual([]);
    expect(codes(await verify())).toEqual(
      expect.arrayContaining(['policy-key-unpinned', 'policy-ledger-unpinned']),
    );
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const [other, secret] = [join(dir, 'other.json'), join(dir, 'secret.json')];
    writeFileSync(other, JSON.stringify(publicKey.export({ format: 'jwk' })));
    writeFileSync(secret, JSON.stringify(privateKey.export({ format: 'jwk' })));
    const wrong = await verify('--policy-key', other);
    expect([wrong.ok, codes(wrong)]).toEqual([false, expect.arrayContaining(['grant-mismatch'])]);
    await expect(
      run(process.execPath, [COMMAND, 'verify', zip, '--policy-key', secret]),
    ).rejects.toMatchObject({
      stderr: expect.stringContaining('is a private key') as string,
    });
  });

  // Goal: opened footage without its grant does not pass. Method: harm each part, signed anew by the dock.
  it.each([
    'policy/grants/000.jws',
    'policy/key.jwk.json',
    'policy/decisions/000.jws',
    'policy/decisions/000.json',
    'opened/recording.mp4',
  ])('does not hold without %s', async (name) => {
    const files = await unpack(zip);
    files.set(name, (files.get(name) ?? new Uint8Array()).slice(1));
    const keys = openFileKeys({ dir: keysDir, registry: keysDir });
    signAnew(files, (message) => keys.sign(message));
    const victim = join(dir, 'victim.zip');
    await pack(victim, files);
    const { ok, findings } = await verifyPackage({ file: victim, checker: nodeChecker });
    expect([ok, findings.map(({ code }) => code)]).toEqual([
      false,
      expect.arrayContaining([name.includes('decisions') ? 'decision-mismatch' : 'grant-mismatch']),
    ]);
  });
});
