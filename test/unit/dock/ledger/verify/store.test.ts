import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { FindingCode } from '../../../../../dock/ledger/verify/finding.ts';
import { verifyLedger } from '../../../../../dock/ledger/verify/verify.ts';
import {
  cameraId,
  type DockFolder,
  failures,
  flipByte,
  livedIn,
  notes,
  recordingId,
  sha256Hex,
  tempDock,
} from './rig.ts';

const lived = livedIn();

describe('a damaged store', () => {
  const chunksOf = (dock: DockFolder, n: number): string => join(dock.store, recordingId(n), 'chunks');

  // Goal: chunks that changed places are found and said to be so. Method: swap chunks 1 and 2 (of one size) of a recording.
  it('finds two chunks swapped within a recording', async () => {
    const dock = tempDock(lived);
    const bytes = readFileSync(chunksOf(dock, 1));
    const [first, second] = [bytes.subarray(700, 1900), bytes.subarray(1900, 3100)];
    writeFileSync(
      chunksOf(dock, 1),
      Buffer.concat([bytes.subarray(0, 700), second, first, bytes.subarray(3100)]),
    );
    const report = await dock.verify();
    expect(
      report.findings
        .filter(({ code }) => code === 'chunk-mismatch')
        .map(({ index, message }) => [index, message]),
    ).toEqual([
      [1, `holds chunk 2 of ${recordingId(1)}`],
      [2, `holds chunk 1 of ${recordingId(1)}`],
    ]);
  });

  // Goal: a chunk of another recording is found. Method: put chunk 2 of recording 3 into recording 1.
  it('finds a chunk swapped between recordings', async () => {
    const dock = tempDock(lived);
    const bytes = readFileSync(chunksOf(dock, 1));
    readFileSync(chunksOf(dock, 3)).copy(bytes, 1900, 1900, 3100);
    writeFileSync(chunksOf(dock, 1), bytes);
    const report = await dock.verify();
    expect(report.findings.filter(({ code }) => code === 'chunk-mismatch')).toMatchObject([
      { file: `${recordingId(1)}/chunks`, index: 2, message: `holds chunk 2 of ${recordingId(3)}` },
    ]);
  });

  // Goal: what a dock's disk has damaged is checked where the dock put it aside: one chunk is wrong, and nothing is missing.
  // Method: one bit of a chunk, and the folder moved as the dock moves it.
  it('looks for what was put aside', async () => {
    const dock = tempDock(lived);
    flipByte(chunksOf(dock, 2), 2000);
    const digest = sha256Hex(readFileSync(join(dock.store, recordingId(2), 'manifest')));
    const aside = `${recordingId(2)}-${digest.slice(0, 8)}`;
    mkdirSync(join(dock.store, '../quarantine'), { recursive: true });
    renameSync(join(dock.store, recordingId(2)), join(dock.store, '../quarantine', aside));
    const report = await dock.verify();
    expect(failures(report)).toEqual(['chunk-mismatch']);
    expect(report.findings).toContainEqual(
      expect.objectContaining({ code: 'chunk-mismatch', file: `../quarantine/${aside}/chunks` }),
    );
  });

  // Goal: every other harm to a recording is found, by the right name. Method: one at a time.
  it.each<readonly [string, FindingCode, (dock: DockFolder) => void]>([
    ['a flipped byte of content', 'chunk-mismatch', (dock) => flipByte(chunksOf(dock, 2), 2000)],
    ['a missing chunk file', 'chunk-missing', (dock) => rmSync(chunksOf(dock, 2))],
    ['a cut chunk file', 'chunk-missing', (dock) => truncateSync(chunksOf(dock, 2), 3000)],
    ['an empty chunk file', 'chunk-missing', (dock) => truncateSync(chunksOf(dock, 2), 0)],
    [
      'bytes after the last chunk',
      'chunk-surplus',
      (dock) => writeFileSync(chunksOf(dock, 2), 'x', { flag: 'a' }),
    ],
    [
      'a flipped byte in a manifest',
      'manifest-mismatch',
      (dock) => flipByte(join(dock.store, recordingId(2), 'manifest'), 50),
    ],
    [
      'a flipped byte in stamps',
      'stamps-mismatch',
      (dock) => flipByte(join(dock.store, recordingId(2), 'stamps'), 3),
    ],
    ['missing stamps', 'stamps-mismatch', (dock) => rmSync(join(dock.store, recordingId(2), 'stamps'))],
    [
      'a missing recording',
      'recording-missing',
      (dock) => rmSync(join(dock.store, recordingId(2)), { recursive: true }),
    ],
    ["two recordings in each other's place", 'manifest-mismatch', (dock) => swap(dock, 1, 2)],
    ['a missing store', 'store-missing', (dock) => rmSync(dock.store, { recursive: true })],
    [
      'a missing quarantine',
      'quarantine-missing',
      (dock) => rmSync(join(dock.dir, 'quarantine'), { recursive: true }),
    ],
  ])('finds %s', async (_what, code, harm) => {
    const dock = tempDock(lived);
    harm(dock);
    const report = await dock.verify();
    expect(report.ok).toBe(false);
    expect(failures(report)).toContain(code);
    for (const { advice } of report.findings) expect(advice).not.toBe('');
  });

  // Goal: what was refused is there with its content, since its camera was told to free it. Method: cut it, take it away.
  it.each([(path: string) => truncateSync(path, 99), (path: string) => rmSync(path)])(
    'notes quarantined content that is not there (%#)',
    async (harm) => {
      const dock = tempDock(lived);
      const [folder = ''] = readdirSync(join(dock.dir, 'quarantine'));
      harm(join(dock.dir, 'quarantine', folder, 'chunks'));
      expect(notes(await dock.verify())).toContain('quarantine-mismatch');
    },
  );

  // Goal: a manifest that is accepted but not signed by its camera is found. Method: sign with another camera's key.
  it('finds a manifest by the wrong camera', async () => {
    const dock = tempDock();
    await dock.enrol(cameraId('cam-1'));
    await dock.enrol(cameraId('cam-2'));
    const [one, two] = [dock.cameras.get(cameraId('cam-1')), dock.cameras.get(cameraId('cam-2'))];
    if (one !== undefined && two !== undefined) dock.cameras.set(cameraId('cam-1'), { ...one, key: two.key });
    await dock.accept(cameraId('cam-1'), 1);
    expect(failures(await dock.verify())).toEqual(['manifest-signature']);
  });

  // Goal: entry and manifest must tell one story. Method: an entry with another length than its manifest's.
  it('finds an entry that differs from its manifest', async () => {
    const dock = tempDock();
    await dock.enrol(cameraId('cam-1'));
    await dock.accept(cameraId('cam-1'), 1, { bytes: 3601 });
    const report = await dock.verify();
    expect(failures(report)).toEqual(['manifest-mismatch']);
  });

  // Goal: a recording that no entry names is noted. Method: an extra folder, as an upload under way leaves one.
  it('notes a recording that is not in the ledger', async () => {
    const dock = tempDock(lived);
    mkdirSync(join(dock.store, recordingId(99)));
    const report = await dock.verify();
    expect([report.ok, notes(report)]).toEqual([true, ['recording-unlisted']]);
  });

  // Goal: a log that was cut back to an older, honestly signed checkpoint is found by what the store holds beyond it.
  // Method: keep a copy of the ledger, accept one recording more, bring the copy back.
  it('finds a log that was cut back behind a recording in custody', async () => {
    const dock = tempDock();
    await dock.enrol(cameraId('cam-1'));
    await dock.accept(cameraId('cam-1'), 1);
    await dock.close();
    const older = `${dock.ledgerDir}-older`;
    cpSync(dock.ledgerDir, older, { recursive: true });
    await dock.accept(cameraId('cam-1'), 2);
    await dock.close();
    expect(failures(await dock.verify())).toEqual([]);
    rmSync(dock.ledgerDir, { recursive: true });
    renameSync(older, dock.ledgerDir);
    expect(failures(await dock.verify())).toEqual(['entry-missing']);
  });

  // Goal: the store can be left out. Method: the same harm, log alone.
  it('is not looked at with the log alone', async () => {
    const dock = tempDock(lived);
    rmSync(dock.store, { recursive: true });
    expect((await verifyLedger({ dir: dock.ledgerDir, vkey: dock.vkey })).ok).toBe(true);
  });
});

function swap(dock: DockFolder, a: number, b: number): void {
  const [first, second, aside] = [
    join(dock.store, recordingId(a)),
    join(dock.store, recordingId(b)),
    join(dock.dir, 'aside'),
  ];
  renameSync(first, aside);
  renameSync(second, first);
  renameSync(aside, second);
}
