import { describe, expect, test } from 'vitest';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from '../../../proto/tlog-proof.ts';
import {
  cameraId,
  checker,
  fill,
  LEDGER_KEY,
  LEDGER_VKEY,
  logOf,
  recordingId,
  refusedEntry,
  sha256,
  testKey,
} from './fixture.ts';
import { formatVkey } from '../../../proto/note.ts';

const log = logOf(
  Array.from({ length: 11 }, (_, i) => refusedEntry(recordingId, cameraId, i.toString(16).padStart(64, '0'))),
);
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe('tlog-proof', () => {
  // Header, optional extra, index, hashes, an empty line, the note as it was.
  test('has the form of the specification', () => {
    const proof = { index: 3, hashes: [fill(32, 0)], checkpoint: log.checkpoint, extra: fill(3, 0) };
    const text = formatTlogProof(proof);
    expect(text.split('\n').slice(0, 5)).toEqual([
      'c2sp.org/tlog-proof@v1',
      'extra AAAA',
      'index 3',
      `${'A'.repeat(43)}=`,
      '',
    ]);
    expect(text.endsWith(`\n\n${log.checkpoint}`)).toBe(true);
    expect(parseTlogProof(text)).toEqual(proof);
  });

  // Every entry of a log of eleven, the last of which has the shortest path.
  test('proves each entry', () => {
    for (let index = 0; index < 11; index++) {
      const proven = verifyTlogProof(
        log.prove(index),
        { entry: log.bytes(index), vkey: LEDGER_VKEY },
        checker,
      );
      expect(proven).toMatchObject({ index, size: 11 });
    }
  });

  // A log of one entry has a proof without hashes.
  test('proves the only entry', () => {
    const one = logOf([refusedEntry(recordingId, cameraId, 'a'.repeat(64))]);
    expect(verifyTlogProof(one.prove(0), { entry: one.bytes(0), vkey: LEDGER_VKEY }, checker).size).toBe(1);
  });

  const good = log.prove(3);
  const claim = { entry: log.bytes(3), vkey: LEDGER_VKEY };
  test.each([
    ['another entry', good, { ...claim, entry: log.bytes(4) }],
    ['another index', good.replace('index 3', 'index 4'), claim],
    ['an index beyond the log', good.replace('index 3', 'index 11'), claim],
    ['a missing hash', good.replace(/(index 3\n)[^\n]+\n/, '$1'), claim],
    ['a changed root', good.replace('\n11\n', '\n12\n'), claim],
    ['another log', good, { ...claim, vkey: formatVkey('other', LEDGER_KEY.publicKey, sha256) }],
    [
      'another key',
      good,
      { ...claim, vkey: formatVkey('holdfast.local/dock-1', testKey(9).publicKey, sha256) },
    ],
    ['another header', good.replace('@v1', '@v2'), claim],
    ['no index', good.replace('index 3\n', ''), claim],
    ['a leading zero', good.replace('index 3', 'index 03'), claim],
    ['no checkpoint', good.slice(0, good.indexOf('\n\n')), claim],
    ['a hash that is short', good.replace(/(index 3\n)/, '$1AAAA\n'), claim],
    ['a hash that is no base64', good.replace(/(index 3\n)/, '$1?\n'), claim],
    ['too many hashes', good.replace(/(index 3\n)/, `$1${`${'A'.repeat(43)}=\n`.repeat(54)}`), claim],
  ])('refuses %s', (_name, text, wrong) => {
    expect(() => verifyTlogProof(text, wrong, checker)).toThrow(code('BAD_PROOF'));
  });
});
