import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeChecker } from '../../../../dock/ledger/checker.ts';
import type { FindingCode } from '../../../../dock/ledger/verify/finding.ts';
import { type PackageReport, verifyPackage } from '../../../../dock/package/verify.ts';
import { newKey } from '../ledger/rig.ts';
import { pack, type Packed, places, rename } from './archive.ts';
import { KeptDock, recordingId } from './kept-dock.ts';
import { packageOf } from './packing.ts';

const work = mkdtempSync(join(tmpdir(), 'holdfast-archive-'));
const made = join(work, 'made.zip');
const victim = join(work, 'victim.zip');

beforeAll(async () => {
  const dock = await KeptDock.make(work);
  await dock.accept(await dock.enrol('cam-1'), 1);
  await packageOf(dock, recordingId(1), { path: made });
  await dock.close();
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const codes = ({ findings }: PackageReport): readonly FindingCode[] => [
  ...new Set(findings.map(({ code }) => code)),
];
const verified = (): Promise<PackageReport> => verifyPackage({ file: victim, checker: nodeChecker });

describe('an archive that is no package', () => {
  const content: Packed = ['a', new Uint8Array(9)];
  const asItIs = (): void => undefined;
  const mebibytes = (count: number): Uint8Array => new Uint8Array(count * 1024 * 1024);

  // Goal: an archive made to harm its reader is refused as a whole. Method: every trick that a ZIP has, one at a time.
  it.each<readonly [string, readonly Packed[], (path: string) => void]>([
    ['two files of one name', [content, content], asItIs],
    ['two names that are one on some disks', [content, ['A', new Uint8Array(9)]], asItIs],
    [
      'a way out of the folder',
      [['aa/bb/c', new Uint8Array(9)]],
      (path) => rename(path, ['aa/bb/c', '../bb/c']),
    ],
    ['an absolute path', [['aa/bb/c', new Uint8Array(9)]], (path) => rename(path, ['aa/bb/c', '/a/bb/c'])],
    [
      'a path of another system',
      [['aa/bb/c', new Uint8Array(9)]],
      (path) => rename(path, ['aa/bb/c', 'a\\..\\bc']),
    ],
    [
      'a control character in a name',
      [['aa/bb/c', new Uint8Array(9)]],
      (path) => rename(path, ['aa/bb/c', 'aa/bb/\n']),
    ],
    [
      'a second name in front of the file',
      [['aa/bb/c', new Uint8Array(9)]],
      (path) => rename(path, ['aa/bb/c', 'aa/bb/d'], 0),
    ],
    ['a link', [['a', new Uint8Array(9), { mode: 0o120_777 }]], asItIs],
    ['a file that grows on reading', [['a', mebibytes(8), { compress: true }]], asItIs],
    ['a file that is compressed', [['a', newKey().publicKey, { compress: true }]], asItIs],
    ['a small file that is large', [['README.html', mebibytes(17)]], asItIs],
    ['a chunk that is no chunk', [['recording/chunks/000000', mebibytes(1)]], asItIs],
    ['a very long name', [['a'.repeat(300), new Uint8Array(9)]], asItIs],
    ['its end cut off', [content], (path) => truncateSync(path, 60)],
    [
      'files that lie upon one another',
      [
        ['opened/1', mebibytes(3)],
        ['opened/2', mebibytes(3)],
        ['opened/3', new Uint8Array(9)],
      ],
      (path) => overlap(path),
    ],
  ])('is refused with %s', async (_what, packed, harm) => {
    await pack(victim, packed);
    harm(victim);
    const { findings, package: found } = await verified();
    expect(findings.map(({ code }) => code)).toEqual(['package-malformed']);
    expect(found.files).toBe(0);
  });

  // Goal: a small archive has no endless content. Method: a file inside another file's bytes, listed as a file of its own.
  it('is refused with a file inside a file', async () => {
    await nest(victim, mebibytes(3));
    const { findings, package: found } = await verified();
    expect([findings.map(({ message }) => message), found.files]).toEqual([
      ['is no evidence package: its files are longer than itself'],
      0,
    ]);
  });

  // Goal: no program reads another archive here than this one. Method: the whole package, edited where only some programs look.
  it.each<readonly [string, (bytes: Buffer) => Buffer]>([
    ['bytes in front', (bytes) => shifted(bytes, 0, Buffer.from('#!/bin/sh\n'))],
    ['a file between two files', (bytes) => shifted(bytes, second(bytes), bytes.subarray(0, second(bytes)))],
    ['a file behind the last', (bytes) => shifted(bytes, directory(bytes), bytes.subarray(0, second(bytes)))],
    ['a comment', (bytes) => commented(bytes)],
    ['fewer files than there are', (bytes) => counting(bytes, -1)],
    ['another way of packing in front of a file', (bytes) => edited(bytes, 8, 8)],
    ['another flag in front of a file', (bytes) => edited(bytes, 6, 0x809)],
    ['another length in front of a file', (bytes) => edited(bytes, 18, 1)],
    ['another check sum in front of a file', (bytes) => edited(bytes, 14, 1)],
  ])('is refused with %s', async (_what, harm) => {
    writeFileSync(victim, harm(readFileSync(made)));
    const { findings, package: found } = await verified();
    expect([findings.map(({ code }) => code), found.files]).toEqual([['package-malformed'], 0]);
  });

  // Goal: an archive of nothing does not hold. Method: the shortest one there is.
  it('is refused without a file in it', async () => {
    await pack(victim, []);
    const report = await verified();
    expect([report.ok, codes(report)]).toEqual([false, expect.arrayContaining(['package-malformed'])]);
  });

  // Goal: what is no archive is refused, not thrown about. Method: text, and nothing.
  it.each(['', 'PK', 'not an archive at all'])('is refused when it is %j', async (text) => {
    writeFileSync(victim, text);
    expect(codes(await verified())).toEqual(['package-malformed']);
  });
});

/** Makes the third file of an archive another name for the bytes of the first. */
function overlap(path: string): void {
  const bytes = readFileSync(path);
  const [first, , third] = records(bytes);
  bytes.copy(bytes, (third ?? 0) + LENGTHS, (first ?? 0) + LENGTHS, (first ?? 0) + LENGTHS + 12);
  bytes.copy(bytes, (third ?? 0) + OFFSET, (first ?? 0) + OFFSET, (first ?? 0) + OFFSET + 4);
  writeFileSync(path, bytes);
}

/** Makes a file that stands whole inside the first file's bytes the second file of an archive. */
async function nest(path: string, inner: Uint8Array): Promise<void> {
  await pack(path, [['opened/2', inner]]);
  const whole = readFileSync(path);
  const [record = 0] = records(whole);
  await pack(path, [
    ['opened/1', whole.subarray(0, record)],
    ['opened/2', new Uint8Array(9)],
  ]);
  const { start = 0 } = (await places(path)).get('opened/1') ?? {};
  const bytes = readFileSync(path);
  const second = records(bytes).at(-1) ?? 0;
  whole.copy(bytes, second + LENGTHS, record + LENGTHS, record + LENGTHS + 12);
  bytes.writeUInt32LE(start, second + OFFSET);
  writeFileSync(path, bytes);
}

const directory = (bytes: Buffer): number => bytes.readUInt32LE(bytes.length - 6);
/** Where the second file begins. */
const second = (bytes: Buffer): number => bytes.readUInt32LE((records(bytes)[1] ?? 0) + OFFSET);

/** Puts bytes in, and moves every place that the directory and the end name behind them. */
function shifted(bytes: Buffer, at: number, more: Uint8Array): Buffer {
  const moved = Buffer.from(bytes);
  const begin = directory(bytes);
  for (const record of records(bytes)) {
    const place = bytes.readUInt32LE(record + OFFSET);
    if (place >= at) moved.writeUInt32LE(place + more.length, record + OFFSET);
  }
  moved.writeUInt32LE(begin + more.length, bytes.length - 6);
  return Buffer.concat([moved.subarray(0, at), more, moved.subarray(at)]);
}

function commented(bytes: Buffer): Buffer {
  const whole = Buffer.concat([bytes, Buffer.from('comment')]);
  whole.writeUInt16LE(7, bytes.length - 2);
  return whole;
}

function counting(bytes: Buffer, more: number): Buffer {
  const changed = Buffer.from(bytes);
  for (const at of [14, 12])
    changed.writeUInt16LE(bytes.readUInt16LE(bytes.length - at) + more, bytes.length - at);
  return changed;
}

/** Changes what stands in front of the first file. */
function edited(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt16LE(value, at);
  return changed;
}

// Within a record of the central directory: CRC-32 and both lengths, and where the file begins.
const LENGTHS = 16;
const OFFSET = 42;

/** Where the records of the central directory begin. */
function records(bytes: Buffer): readonly number[] {
  const found: number[] = [];
  const end = bytes.readUInt32LE(bytes.length - 6);
  for (let at = bytes.indexOf('PK\x01\x02', end, 'latin1'); at >= 0; )
    at = found.push(at) && bytes.indexOf('PK\x01\x02', at + 4, 'latin1');
  return found;
}
