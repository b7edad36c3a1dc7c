import { describe, expect, test } from 'vitest';
import { fromBase64, fromHex, toBase64 } from '../../../proto/bytes.ts';
import { formatCheckpoint, openCheckpoint } from '../../../proto/checkpoint.ts';
import {
  cosign,
  formatCosignerVkey,
  hasQuorum,
  openCosignatures,
  parseCosignerVkey,
} from '../../../proto/cosignature.ts';
import { formatVkey, openNote, parseVkey, signNote } from '../../../proto/note.ts';
import { checker, fill, LEDGER_KEY, LEDGER_VKEY, ORIGIN, sha256, testKey } from './fixture.ts';

// Goal: a witness's statement is read as C2SP tlog-cosignature says, and a quorum cannot be made of less than it names.
// Method: keys and lines of other programs, then notes of our own with one thing wrong.
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });
const text = formatCheckpoint({ origin: ORIGIN, size: 5, root: fill(32, 7) });
const note = signNote(text, { ...LEDGER_KEY, name: ORIGIN, sha256 });
const witness = (
  n: number,
  name = `witness.test/w${n}`,
): { vkey: string; line: (timeS?: number) => string } => {
  const key = testKey(40 + n);
  return {
    vkey: formatCosignerVkey(name, key.publicKey, sha256),
    line: (timeS = 1_679_315_147) => cosign(text, { ...key, name, sha256, timeS }),
  };
};
const [w1, w2, w3] = [witness(1), witness(2), witness(3)];

describe('keys of witnesses', () => {
  // A public witness of the transparency.dev network, as its operator writes it.
  test('are read as others write them', () => {
    const vkey = 'remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2';
    const key = parseCosignerVkey(vkey, sha256);
    expect(key).toMatchObject({ name: 'remora.n621.de', keyHash: 'da77ade7' });
    expect(formatCosignerVkey(key.name, key.publicKey, sha256)).toBe(vkey);
  });

  // One key made for both would let a log's signature pass for a witness's.
  test('are not keys of logs', () => {
    expect(() => parseCosignerVkey(LEDGER_VKEY, sha256)).toThrow(code('BAD_NOTE'));
    expect(() => parseVkey(w1.vkey, sha256)).toThrow(code('BAD_NOTE'));
    const asLog = formatVkey(ORIGIN, LEDGER_KEY.publicKey, sha256);
    expect(formatCosignerVkey(ORIGIN, LEDGER_KEY.publicKey, sha256)).not.toContain(asLog.split('+')[1]);
  });
});

describe('cosignatures', () => {
  // The layout is that of the specification: key id, then seconds as 64 bits, then the signature over time and text.
  test('are laid out as specified', () => {
    const [, name, encoded = ''] = w1.line().trimEnd().split(' ');
    const bytes = fromBase64(encoded);
    expect(name).toBe('witness.test/w1');
    expect(bytes.subarray(4, 12)).toEqual(fromHex('00000000641850cb'));
    const message = new TextEncoder().encode(`cosignature/v1\ntime 1679315147\n${text}`);
    expect(checker.verify(testKey(41).publicKey, message, bytes.subarray(12))).toBe(true);
    expect(bytes).toHaveLength(76);
  });

  test('by known witnesses are found, others ignored', () => {
    const cosigned = note + w1.line() + w2.line(99) + w3.line();
    expect(openCosignatures(cosigned, [w2.vkey, w1.vkey], checker)).toEqual([
      { name: 'witness.test/w1', timeS: 1_679_315_147, line: w1.line() },
      { name: 'witness.test/w2', timeS: 99, line: w2.line(99) },
    ]);
    expect(openCosignatures(note, [w1.vkey], checker)).toEqual([]);
  });

  // Whoever knows only the log reads the same checkpoint.
  test('leave the log its own signature', () => {
    const cosigned = note + w1.line();
    expect(openNote(cosigned, [LEDGER_VKEY], checker)).toEqual({ text, signers: [ORIGIN] });
    expect(openCheckpoint(cosigned, LEDGER_VKEY, checker).size).toBe(5);
    expect(() => openNote(text + '\n' + w1.line(), [LEDGER_VKEY], checker)).toThrow(code('BAD_SIGNATURE'));
  });

  const flipped = (line: string, at: number): string => {
    const [dash = '', name = '', encoded = ''] = line.trimEnd().split(' ');
    const bytes = fromBase64(encoded);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return `${dash} ${name} ${toBase64(bytes)}\n`;
  };

  // A known witness's line that does not hold is an attack or damage; it is never passed over.
  test.each([
    ['another time', note + flipped(w1.line(), 11)],
    ['a time past all reason', note + flipped(w1.line(), 4)],
    ['another signature', note + flipped(w1.line(), 75)],
    ['another tree', note.replace('\n5\n', '\n6\n') + w1.line()],
    [
      'one byte too many',
      note +
        w1
          .line()
          .replace(/ [^ ]+\n$/, (tail) => ` ${toBase64(Uint8Array.of(...fromBase64(tail.trim()), 0))}\n`),
    ],
    ['a good one before it', note + w1.line() + flipped(w1.line(), 75)],
  ])('that do not hold are an error: %s', (_what, spoiled) => {
    expect(() => openCosignatures(spoiled, [w1.vkey], checker)).toThrow(code('BAD_SIGNATURE'));
    expect(() => hasQuorum(spoiled, { witnesses: [w1.vkey], quorum: 0 }, checker)).toThrow(
      code('BAD_SIGNATURE'),
    );
    expect(openCosignatures(spoiled, [w2.vkey], checker)).toEqual([]);
  });

  test('need a time that can be written', () => {
    for (const timeS of [-1, 0.5, 2 ** 53]) expect(() => w1.line(timeS)).toThrow(code('BAD_NOTE'));
  });
});

describe('a quorum', () => {
  const [witnesses, both] = [[w1.vkey, w2.vkey], note + w1.line() + w2.line()];

  test('counts known witnesses', () => {
    expect(hasQuorum(both, { witnesses, quorum: 2 }, checker)).toBe(true);
    expect(hasQuorum(note + w1.line() + w3.line(), { witnesses, quorum: 2 }, checker)).toBe(false);
    expect(hasQuorum(note, { witnesses: [], quorum: 0 }, checker)).toBe(true);
    expect(hasQuorum(note, { witnesses, quorum: 1 }, checker)).toBe(false);
  });

  // One witness is one, however often it signs, is listed, or is called by another name.
  test('counts a witness once', () => {
    const twice = note + w1.line(1) + w1.line(2);
    expect(hasQuorum(twice, { witnesses: [w1.vkey, w1.vkey], quorum: 2 }, checker)).toBe(false);
    const alias = witness(1, 'witness.test/alias');
    const aliased = { witnesses: [w1.vkey, alias.vkey], quorum: 2 };
    expect(hasQuorum(note + w1.line() + alias.line(), aliased, checker)).toBe(false);
  });
});
