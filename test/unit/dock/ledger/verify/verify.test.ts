import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FindingCode } from '../../../../../dock/ledger/verify/finding.ts';
import { type Report, verifyLedger } from '../../../../../dock/ledger/verify/verify.ts';
import { encodeEntry, entryKey } from '../../../../../proto/custody-entry.ts';
import { utf8 } from '../../../../../proto/bytes.ts';
import { newKey, open, tempFolder } from '../rig.ts';
import { cameraId, DockFolder, flipByte, live, PERSON, recordingId, SESSION, tempDock } from './rig.ts';

const failures = ({ findings }: Report): readonly FindingCode[] => [
  ...new Set(findings.filter(({ severity }) => severity === 'failure').map(({ code }) => code)),
];
const notes = ({ findings }: Report): readonly FindingCode[] =>
  findings.filter(({ severity }) => severity === 'note').map(({ code }) => code);

// Made once and copied for each test: most of a test's time would go into making it.
const lived = new DockFolder(mkdtempSync(join(tmpdir(), 'holdfast-lived-')));
beforeAll(async () => {
  await live(lived);
  await lived.close();
});
afterAll(() => rmSync(lived.dir, { recursive: true, force: true }));

describe('verifying a whole dock folder', () => {
  // Goal: what is right passes. Method: a folder with everything in it, written by the real writer.
  it('finds nothing where nothing is wrong', async () => {
    const dock = tempDock(lived);
    const report = await dock.verify();
    expect(report.findings.filter(({ severity }) => severity === 'failure')).toEqual([]);
    // The refused recording took a place in its camera's numbering that no accepted entry has.
    expect(notes(report)).toEqual(['counter-gap']);
    expect(report).toMatchObject({
      ok: true,
      ledger: { origin: 'holdfast.test/dock-1', size: 303, pinned: true },
      entries: { 'device.enrolled': 2, accepted: 5, denied: 290, viewed: 1 },
      store: { recordings: 5, bytes: 5 * 3600 },
    });
  });

  // Goal: logs of every awkward size pass. Method: around the edges of bundles, empty included.
  it.each([0, 1, 2, 255, 256, 257, 511, 512, 513])('passes a log of %i entries', async (size) => {
    const dock = tempDock();
    await dock.fill(size);
    mkdirSync(dock.store);
    expect((await dock.verify()).findings).toEqual([]);
  });

  // Goal: an unpinned key is said to be so. Method: no --vkey.
  it('says that the key is not pinned', async () => {
    const dock = tempDock(lived);
    const report = await verifyLedger({ dir: dock.ledgerDir, store: dock.store });
    expect(report.ok).toBe(true);
    expect(report.ledger.pinned).toBe(false);
    expect(notes(report)).toContain('vkey-unpinned');
  });

  // Goal: somebody else's key does not pass. Method: pin another one.
  it('refuses a checkpoint by another key', async () => {
    const dock = tempDock(lived);
    const other = await open(tempFolder(), newKey());
    expect(failures(await dock.verify({ vkey: other.vkey }))).toEqual(['checkpoint-signature']);
    expect(failures(await dock.verify({ vkey: 'nonsense' }))).toEqual(['vkey-invalid']);
  });
});

describe('a damaged log', () => {
  // Goal: a changed byte anywhere in the log is a failure that names the file. Method: flip one byte in the middle, at the
  // start and at the end of every file there is, one at a time.
  it('is found for a flipped byte in any file', async () => {
    const dock = tempDock(lived);
    await dock.close();
    const files = readdirSync(dock.ledgerDir, { recursive: true, withFileTypes: true })
      .filter(
        (each) =>
          each.isFile() &&
          /^(checkpoint|tile)/.test(join(each.parentPath, each.name).slice(dock.ledgerDir.length + 1)),
      )
      .map((each) => join(each.parentPath, each.name));
    expect(files.length).toBeGreaterThan(8);
    for (const path of files) {
      const name = path.slice(dock.ledgerDir.length + 1);
      const { size } = statSync(path);
      for (const at of [0, Math.floor(size / 2), size - 1]) {
        flipByte(path, at);
        const report = await dock.verify();
        expect({ name, at, ok: report.ok }).toEqual({ name, at, ok: false });
        expect(report.findings.map(({ file }) => file)).toContain(name);
        flipByte(path, at);
      }
    }
    expect((await dock.verify()).ok).toBe(true);
  });

  // Goal: the code and place are the right ones. Method: one known byte of each kind.
  it('is placed by kind, file and index', async () => {
    const dock = tempDock(lived);
    const spoilt = async (path: string, at: number): Promise<Report> => {
      flipByte(join(dock.ledgerDir, path), at);
      const report = await dock.verify();
      flipByte(join(dock.ledgerDir, path), at);
      return report;
    };
    const first = ({ findings }: Report): unknown => {
      const found = findings.find(({ severity }) => severity === 'failure');
      return found && [found.code, found.file, found.index];
    };
    expect(first(await spoilt('tile/0/000', 32 * 17 + 3))).toEqual(['tile-mismatch', 'tile/0/000', 17]);
    expect(first(await spoilt('tile/0/001.p/47', 0))).toEqual(['tile-mismatch', 'tile/0/001.p/47', 0]);
    expect(first(await spoilt('tile/1/000.p/1', 31))).toEqual(['tile-mismatch', 'tile/1/000.p/1', 0]);
    expect(first(await spoilt('tile/entries/000', 10))).toEqual(['entry-mismatch', 'tile/entries/000', 0]);
    expect(first(await spoilt('tile/entries/001.p/47', -5))).toEqual([
      'entry-mismatch',
      'tile/entries/001.p/47',
      302,
    ]);
    expect(first(await spoilt('checkpoint', 25))).toEqual(['checkpoint-signature', 'checkpoint', undefined]);
  });

  // Goal: an entry that was not signed proves nothing. Method: change the camera's counter in an accepted entry and
  // see that no conclusion is drawn from it but the mismatch.
  it('does not believe an entry that was changed', async () => {
    const dock = tempDock(lived);
    const path = join(dock.ledgerDir, 'tile/entries/000');
    writeFileSync(path, readFileSync(path, 'latin1').replace('"counter":1', '"counter":9'), 'latin1');
    expect(failures(await dock.verify())).toEqual(['entry-mismatch']);
  });

  // Goal: every way of cutting the log short is found. Method: missing and shortened files of each kind.
  it.each([
    ['tile/0/000', 'gone'],
    ['tile/0/001.p/47', 'gone'],
    ['tile/1/000.p/1', 'gone'],
    ['tile/entries/000', 'gone'],
    ['tile/entries/001.p/47', 'gone'],
    ['tile/0/001.p/47', 'cut'],
    ['tile/1/000.p/1', 'cut'],
    ['tile/entries/001.p/47', 'cut'],
    ['tile/entries/000', 'cut'],
    ['tile', 'gone'],
    ['checkpoint', 'gone'],
    ['checkpoint', 'cut'],
  ] as const)('is found when %s is %s', async (path, how) => {
    const dock = tempDock(lived);
    const victim = join(dock.ledgerDir, path);
    if (how === 'gone') rmSync(victim, { recursive: true });
    else truncateSync(victim, statSync(victim).size - 30);
    const report = await dock.verify();
    expect(report.ok).toBe(false);
    if (path !== 'checkpoint' && how === 'gone') expect(failures(report)).toContain('log-truncated');
  });

  // Goal: a log that was rolled back whole is found against a newer checkpoint, and a rewritten one against an older.
  // Method: put an older copy back; write another log with the same key.
  it('is found by --since when it was rolled back or rewritten', async () => {
    const dock = tempDock(lived);
    const since = join(dock.dir, 'since');
    const early = join(dock.dir, 'early');
    await dock.close();
    cpSync(dock.ledgerDir, early, { recursive: true });
    await dock.fill(3);
    writeFileSync(since, (await (await dock.ledger()).checkpoint()).note);
    expect((await dock.verify({ since })).ok).toBe(true);
    await dock.fill(300);
    expect((await dock.verify({ since })).ok).toBe(true);
    expect((await dock.verify({ dir: early })).ok).toBe(true);
    expect(failures(await dock.verify({ dir: early, since }))).toEqual(['log-truncated']);
    const other = join(dock.dir, 'other');
    const denied = { type: 'denied', at: dock.at(), recording: recordingId(1), person: PERSON } as const;
    const forged = await open(other, dock.key);
    for (let n = 0; n < 400; n++) {
      const entry = { ...denied, at: dock.at(), purpose: 'oversight', reason: 'r', count: 1 } as const;
      void forged.appendOnce(entryKey(entry), encodeEntry(entry));
    }
    await forged.close();
    expect(failures(await dock.verify({ dir: other, since }))).toEqual(['since-mismatch']);
    flipByte(since, 3);
    expect(failures(await dock.verify({ since }))).toEqual(['since-signature']);
  });

  // Goal: what an interrupted batch leaves is no failure. Method: a tile past the end, and a file that is nobody's.
  it('notes what no checkpoint covers', async () => {
    const dock = tempDock(lived);
    const path = join(dock.ledgerDir, 'tile/0/001.p/48');
    writeFileSync(
      path,
      Buffer.concat([readFileSync(join(dock.ledgerDir, 'tile/0/001.p/47')), Buffer.alloc(32)]),
    );
    writeFileSync(join(dock.ledgerDir, 'tile/readme'), 'hello');
    const report = await dock.verify();
    expect(report.ok).toBe(true);
    expect(notes(report)).toEqual(expect.arrayContaining(['unpublished', 'stray']));
  });
});

describe('the rules of the entries', () => {
  const grant = { grant: 'b'.repeat(64), grantId: 'g', purpose: 'oversight', keyThumbprint: 't' } as const;
  const about = { recording: recordingId(1), person: PERSON } as const;

  // Goal: acts that the dock's rules forbid are found. Method: one log each with the act where it may not be.
  it.each([
    [
      'erased before it was accepted',
      { type: 'erased', recording: recordingId(1), camera: cameraId('cam-1') },
    ],
    ['granted before it was accepted', { type: 'granted', ...about, ...grant, session: SESSION }],
    ['viewed without a grant', { type: 'viewed', ...about, session: SESSION }],
    [
      'withheld before it was accepted',
      { type: 'withheld', ...about, reason: 'r', missing: [], regime: 'doj' },
    ],
    ['revoked without a release', { type: 'revoked', ...about, reason: 'r' }],
  ] as const)('finds %s', async (_what, draft) => {
    const dock = tempDock();
    await dock.append({ ...draft, at: dock.at() });
    expect(failures(await dock.verify())).toEqual(['sequence']);
  });

  // Goal: a camera the ledger does not know cannot have been accepted. Method: leave its enrolment out.
  it('finds a camera that was never enrolled', async () => {
    const dock = tempDock();
    await dock.enrol(cameraId('cam-1'));
    const { key } = dock.cameras.get(cameraId('cam-1')) ?? {};
    if (key !== undefined) dock.cameras.set(cameraId('cam-9'), { key, counter: 0, root: new Uint8Array() });
    await dock.accept(cameraId('cam-9'), 1);
    expect(failures(await dock.verify())).toEqual(['sequence', 'manifest-signature']);
  });

  // Goal: entries that are none are found, those of another version are noted. Method: append bytes past the encoder.
  it('tells a malformed entry from an unknown one', async () => {
    const dock = tempDock();
    const ledger = await dock.ledger();
    mkdirSync(dock.store);
    await ledger.appendOnce('a', utf8(`{"at":"${dock.at()}","type":"exported","v":1}`));
    await ledger.appendOnce('b', utf8(`{"at":"${dock.at()}","type":"exported","v":1}`));
    const unknown = await dock.verify();
    expect([unknown.ok, notes(unknown), unknown.entries]).toEqual([true, ['entry-unknown'], { exported: 2 }]);
    await ledger.appendOnce('c', utf8('{"type": "erased"}'));
    expect(failures(await dock.verify())).toEqual(['entry-malformed']);
  });

  // Goal: a camera's recordings form one chain. Method: a gap, a repeat, a wrong predecessor, a new key.
  it('follows each camera from recording to recording', async () => {
    const camera = cameraId('cam-1');
    const chain = async (entries: (dock: DockFolder) => Promise<void>): Promise<Report> => {
      const dock = tempDock();
      await dock.enrol(camera);
      await entries(dock);
      return dock.verify({ dir: dock.ledgerDir });
    };
    const gap = await chain(async (dock) => {
      await dock.accept(camera, 1);
      dock.record(camera, 2);
      await dock.accept(camera, 3);
    });
    expect([gap.ok, notes(gap)]).toEqual([true, ['counter-gap']]);
    const outOfOrder = await chain(async (dock) => {
      const state = dock.cameras.get(camera);
      await dock.accept(camera, 1);
      const after = state && { ...state };
      dock.record(camera, 2);
      await dock.accept(camera, 3);
      if (after !== undefined) dock.cameras.set(camera, after);
      await dock.accept(camera, 2);
    });
    expect(outOfOrder.findings).toEqual([]);
    const anew = await chain(async (dock) => {
      await dock.accept(camera, 1);
      await dock.enrol(camera);
      await dock.accept(camera, 2);
    });
    expect(anew.findings).toEqual([]);
    const repeated = await chain(async (dock) => {
      await dock.accept(camera, 1);
      const state = dock.cameras.get(camera);
      if (state !== undefined) Object.assign(state, { counter: 0, root: new Uint8Array() });
      await dock.accept(camera, 2);
    });
    expect(failures(repeated)).toEqual(['counter-repeat']);
    const foreign = await chain(async (dock) => {
      await dock.accept(camera, 1);
      const state = dock.cameras.get(camera);
      if (state !== undefined) state.root = new Uint8Array(32);
      await dock.accept(camera, 2);
    });
    expect(failures(foreign)).toEqual(['chain-mismatch']);
  });
});

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
    expect([report.ok, notes(report)]).toEqual([true, ['counter-gap', 'recording-unlisted']]);
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
