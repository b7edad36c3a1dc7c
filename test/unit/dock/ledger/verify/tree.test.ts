import { cpSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../../../../dock/ledger/verify/verify.ts';
import { encodeEntry, entryKey } from '../../../../../proto/custody-entry.ts';
import { open } from '../rig.ts';
import { failures, flipByte, livedIn, notes, PERSON, recordingId, tempDock } from './rig.ts';

const lived = livedIn();

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
    expect((await dock.verify({ since: [since] })).ok).toBe(true);
    await dock.fill(300);
    expect((await dock.verify({ since: [since] })).ok).toBe(true);
    expect((await dock.verify({ dir: early })).ok).toBe(true);
    expect(failures(await dock.verify({ dir: early, since: [since] }))).toEqual(['log-truncated']);
    const other = join(dock.dir, 'other');
    const denied = { type: 'denied', at: dock.at(), recording: recordingId(1), person: PERSON } as const;
    const forged = await open(other, dock.key);
    for (let n = 0; n < 400; n++) {
      const entry = { ...denied, at: dock.at(), purpose: 'oversight', reason: 'r', count: 1 } as const;
      void forged.appendOnce(entryKey(entry), encodeEntry(entry));
    }
    await forged.close();
    expect(failures(await dock.verify({ dir: other, since: [since] }))).toEqual([
      'since-mismatch',
      'entry-missing',
    ]);
    flipByte(since, 3);
    expect(failures(await dock.verify({ since: [since] }))).toEqual(['since-signature']);
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
