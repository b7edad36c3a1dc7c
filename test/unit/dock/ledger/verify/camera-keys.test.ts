import { expect, it, vi } from 'vitest';
import { main } from '../../../../../dock/verify-main.ts';
import { toBase64 } from '../../../../../proto/bytes.ts';
import { verifyLedger } from '../../../../../dock/ledger/verify/verify.ts';
import { cameraId, type DockFolder, failures, notes, recordingId, tempDock } from './rig.ts';

const [one, two] = [cameraId('cam-1'), cameraId('cam-2')];

const keyOf = (dock: DockFolder): Uint8Array => dock.cameras.get(one)?.key.publicKey ?? new Uint8Array();

/** A camera whose second recording is signed by a key that was enrolled after the first, and a camera with one key. */
async function rekeyed(): Promise<{ readonly dock: DockFolder; readonly keys: readonly Uint8Array[] }> {
  const dock = tempDock();
  await dock.enrol(one);
  await dock.enrol(two);
  await dock.accept(one, 1);
  await dock.accept(two, 2);
  const first = keyOf(dock);
  await dock.enrol(one);
  await dock.accept(one, 3);
  return { dock, keys: [first, keyOf(dock)] };
}

// Goal: a further key of a camera is seen, and what came under it. Method: a camera enrolled twice; the log alone too.
it('notes a further key of a camera', async () => {
  const { dock } = await rekeyed();
  const report = await dock.verify();
  expect([report.ok, notes(report)]).toEqual([true, ['camera-rekeyed']]);
  expect(report.findings[0]).toMatchObject({ index: 4 });
  expect(report.findings[0]?.message).toContain(recordingId(3));
  expect(report.findings[0]?.message).not.toContain(recordingId(1));
  const { vkey, ledgerDir: dir } = dock;
  expect(notes(await verifyLedger({ dir, vkey }))).toEqual(['camera-rekeyed']);
});

// Goal: who knows a camera's key is not shown recordings of another. Method: pin the first key, the second and both.
it('believes no other key than a pinned one', async () => {
  const { dock, keys } = await rekeyed();
  const strangers = async (...pinned: readonly Uint8Array[]): Promise<readonly string[]> => {
    const report = await dock.verify({ cameraKeys: new Map([[one, pinned]]) });
    expect(failures(report)).toEqual(report.ok ? [] : ['manifest-signature']);
    return report.findings.filter(({ severity }) => severity === 'failure').map(({ file }) => file);
  };
  const [first = new Uint8Array(), second = new Uint8Array()] = keys;
  expect(await strangers(first)).toEqual([`${recordingId(3)}/manifest`]);
  expect(await strangers(second)).toEqual([`${recordingId(1)}/manifest`]);
  expect(await strangers(first, second)).toEqual([]);
});

// Goal: the pin is taken from the command line as it is written there. Method: the right key, the wrong one, one without its camera.
it('pins by --camera-key', async () => {
  const { dock, keys } = await rekeyed();
  await dock.close();
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const given = keys.map((key) => ['--camera-key', `cam-1=${toBase64(key)}`]);
  const verify = (flags: readonly string[]): Promise<number> =>
    main([dock.ledgerDir, '--vkey', dock.vkey, ...flags]);
  expect(await verify(given.flat())).toBe(0);
  expect(await verify(given[0] ?? [])).toBe(1);
  await expect(verify(['--camera-key', toBase64(keys[0] ?? new Uint8Array())])).rejects.toThrow('ID=KEY');
  vi.restoreAllMocks();
});
