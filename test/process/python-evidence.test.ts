import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../dock/ledger/checker.ts';
import { verifyPackage } from '../../dock/package/verify.ts';
import { type PythonRun, python, runPython, type Said, Stand } from './python-stand.ts';

const MIN = 60_000;
const BYTES = 300_000;
const EVIDENCE = fileURLToPath(new URL('../python/evidence.py', import.meta.url));
const HARMS = fileURLToPath(new URL('../python/harms.py', import.meta.url));
// In the order in which they build on one another.
const CHECKS = [
  ...['archive', 'listing', 'package', 'checkpoint', 'entries', 'witnesses', 'manifest', 'camera', 'ticket'],
  ...['chunks', 'wraps', 'stamps', 'reading', 'export', 'footage'],
];

const of = (said: readonly Said[], event: string): Said => {
  const [one, ...more] = said.filter((line) => line.event === event);
  if (one === undefined || more.length > 0) throw new Error(`not one ${event} in ${JSON.stringify(said)}`);
  return one;
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

// What a package is found to be when a byte of it is changed and the dock signs its listing again. What nobody but the dock has
// said is the dock's to change: words for people, the means to check, and which entries it shows beside those that are needed.
const SIGNED_AGAIN: readonly (readonly [RegExp, string | null])[] = [
  [/^(none|signed again)$/, null],
  [/^a byte of (README\.html|check\/README\.md|check\/check\.go), signed/, null],
  [/^a byte of check\/dock\.pub\.pem, signed/, 'package'],
  [/^a byte of ledger\/(vkey|checkpoint), signed/, 'checkpoint'],
  [/^a byte of ledger\/(entries|proofs)\/\d{6}.*, signed/, 'entries'],
  [/^a byte of ledger\/ticket\.consistency, signed/, 'ticket'],
  [/^a byte of recording\/manifest, signed/, 'manifest'],
  [/^a byte of recording\/signed\/.*, signed/, 'camera'],
  [/^a byte of recording\/chunks\/.*, signed/, 'chunks'],
  [/^a byte of recording\/wraps, signed/, 'wraps'],
  [/^a byte of recording\/stamps, signed/, 'stamps'],
  [/^a byte of recording\/(manifest\.json|SHA256SUMS), signed/, 'reading'],
  [/^(chunks exchanged|a chunk too few|a chunk too many), signed/, 'chunks'],
  [/^no wraps, signed/, 'wraps'],
  [/^no proof of .*, signed/, 'entries'],
  [/^no accepted, signed/, 'manifest'],
  [/^no device\.enrolled, signed/, 'camera'],
  [/^no started, signed/, 'stamps'],
  [/^no (erased|withheld|released), signed/, null],
  [/^a byte of policy\/.*, signed/, 'export'],
  [/^(no (grant|granted|exported|decision|decision to read)|made before it was exported), signed/, 'export'],
  [/^(the grant as decision|a grant twice), signed/, 'export'],
  [/^opened, and not said, signed/, 'export'],
  [/^a byte of opened\/recording\.mp4, signed/, 'footage'],
  [/^a byte of PACKAGE\.sig$/, 'package'],
  [/^a byte of [^,]*$/, 'listing'],
];

describe.skipIf(python === undefined)('sealed footage and its evidence, by programs in Python', () => {
  let stand: Stand | undefined;
  afterEach(async () => {
    await stand?.close();
    stand = undefined;
  });

  const record = async (at: Stand, more: readonly string[] = []): Promise<PythonRun> => {
    const args = ['--bytes', String(BYTES), '--negotiate', '921600', '--deadline', '60'];
    const run = await at.camera([...args, ...at.sealing, ...more]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    return run;
  };

  // Goal: the pages are enough to seal, to hand over, to check a package and to open it with the custodian's key alone, and what
  // comes out is what went in. Method: camera and checker in another language, a real dock and policy service between them; the
  // second recording comes in another run, which remembers the ledger of the first. One byte of the package that is another byte
  // is found, wherever it is.
  it('comes back byte for byte, and no byte of its package can change', { timeout: 2 * MIN }, async () => {
    stand = await Stand.open();
    const first = await record(stand);
    const done = of(first.said, 'done');
    const root = String(done['root']);
    const second = await record(stand, ['--counter', '2', '--previous-root', root]);
    const kept = Number(of(first.said, 'receipt')['kept']);
    expect(of(second.said, 'ticket')['from']).toBe(kept);
    expect(of(second.said, 'receipt')['from']).toBeGreaterThan(kept);
    expect(stand.verify()).toMatchObject({ status: 0 });

    const packages: string[] = [];
    for (const { said } of [first, second]) {
      const recording = of(said, 'done');
      const path = stand.export(String(recording['recording']));
      packages.push(path);
      const out = `${path}.footage`;
      const pins = ['--vkey', stand.vkey, '--dock', stand.path('dock/keys/dock.json')];
      const key = ['--custodian', stand.path('policy/custodian.key.pem')];
      const run = await runPython(EVIDENCE, [path, ...pins, ...key, '--out', out]);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      expect(run.said.map((one) => one['check'])).toEqual(CHECKS);
      const footage = readFileSync(out);
      expect(footage).toHaveLength(BYTES);
      expect(sha256(footage)).toBe(recording['plainSha256']);
      expect(stand.stored(recording['recording'])).toBe(recording['sha256']);
      expect(stand.stored(recording['recording'])).not.toBe(recording['plainSha256']);
    }

    const [path = ''] = packages;
    const bytes = readFileSync(path);
    const spoilt = `${path}.spoilt`;
    for (const at of [bytes.length >> 3, bytes.length >> 1, bytes.indexOf('"files"') + 1]) {
      const other = Buffer.from(bytes);
      other[at] = (other[at] ?? 0) ^ 1;
      writeFileSync(spoilt, other);
      const run = await runPython(EVIDENCE, [spoilt]);
      expect(run).toMatchObject({ code: 1, stderr: '' });
      expect(of(run.said, 'fails')['check']).toBe('listing');
    }
  });

  // Goal: each check finds what it is for, also when the dock itself lies and signs what it made. Method: a package with the footage
  // opened under a grant; every file of it with one byte changed, exchanged or left out, in a ZIP that is sound, with and without a
  // new listing signed by the dock.
  it('finds every harm to a package', { timeout: 2 * MIN }, async () => {
    stand = await Stand.open();
    const { said } = await record(stand);
    const path = await stand.exportOpened(String(of(said, 'done')['recording']));
    const whose = await runPython(EVIDENCE, [path, '--policy-key', stand.path('policy/policy.jwk.json')]);
    expect(whose).toMatchObject({ code: 0, stderr: '' });
    const keys = [stand.path('dock/keys/dock.key.pem'), stand.path('policy/custodian.key.pem')];
    const run = await runPython(HARMS, [path, ...keys]);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const expected = run.said.map(({ harm }) => {
      const row = SIGNED_AGAIN.find(([pattern]) => pattern.test(String(harm)));
      return { event: 'harm', harm, found: row === undefined ? 'in no row' : row[1] };
    });
    expect(run.said).toEqual(expected);
    expect(run.said.length).toBeGreaterThan(70);
  });

  // Goal: footage that no camera sealed leaves under a grant alone, and then whole. Method: a camera that does not seal; the export
  // without a person, and with one; both checkers.
  it('leaves under a grant alone when it is not sealed', { timeout: 2 * MIN }, async () => {
    stand = await Stand.open();
    const at = stand;
    const run = await at.camera(['--bytes', String(BYTES), '--deadline', '60']);
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const recording = String(of(run.said, 'done')['recording']);
    expect(() => at.export(recording)).toThrow('is not sealed');
    const path = await at.exportOpened(recording);
    const key = ['--policy-key', at.path('policy/policy.jwk.json')];
    const checked = await runPython(EVIDENCE, [path, ...key]);
    expect(checked).toMatchObject({ code: 0, stderr: '' });
    expect(
      of(
        checked.said.filter((one) => one['check'] === 'export'),
        'holds',
      )['what'],
    ).toMatch(/^opened for 4411/);
    const report = await verifyPackage({ file: path, checker: nodeChecker });
    expect(report).toMatchObject({ ok: true, package: { form: 'opened' } });
  });
});
