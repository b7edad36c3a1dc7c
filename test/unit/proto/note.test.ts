import { describe, expect, test } from 'vitest';
import { concat, toBase64 } from '../../../proto/bytes.ts';
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from '../../../proto/checkpoint.ts';
import { formatVkey, openNote, parseVkey, signNote } from '../../../proto/note.ts';
import { checker, fill, LEDGER_KEY, LEDGER_VKEY, ORIGIN, sha256, testKey } from './fixture.ts';

const signer = { ...LEDGER_KEY, name: ORIGIN, sha256 };
const text = 'If you think cryptography is the answer to your problem,\nthen you know less than you think.\n';
const code = (wanted: string): unknown => expect.objectContaining({ code: wanted });

describe('verifier keys', () => {
  // The worked example of golang.org/x/mod/sumdb/note: a key and note that Go made.
  test('read what Go wrote', () => {
    const vkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
    const note =
      'If you think cryptography is the answer to your problem,\n' +
      "then you don't know what your problem is.\n\n" +
      '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
    expect(parseVkey(vkey, sha256).name).toBe('PeterNeumann');
    expect(openNote(note, [vkey], checker).signers).toEqual(['PeterNeumann']);
    expect(formatVkey('PeterNeumann', parseVkey(vkey, sha256).publicKey, sha256)).toBe(vkey);
  });

  // A typing mistake in any part is found before the key is used.
  test.each([
    'no plus signs',
    '+00000000+AQ==',
    LEDGER_VKEY.replace(/\+([0-9a-f])/, (_all, digit: string) => `+${digit === '0' ? '1' : '0'}`),
    LEDGER_VKEY.replace('dock-1', 'dock-2'),
    LEDGER_VKEY.replace(/[^+]+$/, toBase64(concat(Uint8Array.of(2), LEDGER_KEY.publicKey))),
    `${LEDGER_VKEY}AAAA`,
  ])('refuse %j', (vkey) => {
    expect(() => parseVkey(vkey, sha256)).toThrow(code('BAD_NOTE'));
  });

  // White space or a plus in a name would let one line be read in two ways.
  test.each(['', 'a b', 'a+b', 'a\u2003b', 'a\nb'])('refuse the name %j', (name) => {
    expect(() => formatVkey(name, LEDGER_KEY.publicKey, sha256)).toThrow(code('BAD_NOTE'));
    expect(() => signNote(text, { ...signer, name })).toThrow(code('BAD_NOTE'));
  });
});

describe('signed notes', () => {
  // The text may have empty lines; the last one divides.
  test.each([text, 'a\n\nb\n\n\n', '\n'])('round trip %j', (body) => {
    expect(openNote(signNote(body, signer), [LEDGER_VKEY], checker)).toEqual({
      text: body,
      signers: [ORIGIN],
    });
  });

  // Strangers' signatures are ignored, known ones are all checked.
  test('with several signatures', () => {
    const other = testKey(9);
    const otherVkey = formatVkey('witness', other.publicKey, sha256);
    const line = signNote(text, { ...other, name: 'witness', sha256 }).slice(text.length + 1);
    const both = signNote(text, signer) + line;
    expect(openNote(both, [LEDGER_VKEY], checker).signers).toEqual([ORIGIN]);
    expect(openNote(both, [otherVkey, LEDGER_VKEY], checker).signers).toEqual([ORIGIN, 'witness']);
    const spoiled = both.replace('then', 'Then');
    expect(() => openNote(spoiled, [otherVkey], checker)).toThrow(code('BAD_SIGNATURE'));
  });

  // A key of the same name that is not ours signs nothing for us.
  test('by an unknown key', () => {
    const forged = signNote(text, { ...testKey(8), name: ORIGIN, sha256 });
    expect(() => openNote(forged, [LEDGER_VKEY], checker)).toThrow(code('BAD_SIGNATURE'));
  });

  const note = signNote(text, signer);
  test.each([
    ['no signatures', text],
    ['no last line feed', note.slice(0, -1)],
    ['a hyphen for the dash', note.replace('\u2014', '-')],
    ['a control character', note.replace('If', 'If\t')],
    ['a signature that is not base64', note.replace(/.\n$/, '!\n')],
    ['a signature of four bytes', `${text}\n\u2014 ${ORIGIN} AAAAAA==\n`],
    ['too many signatures', `${text}\n${`\u2014 x AAAAAAAA\n`.repeat(101)}`],
    ['nothing', ''],
  ])('refuse %s', (_name, wrong) => {
    expect(() => openNote(wrong, [LEDGER_VKEY], checker)).toThrow(code('BAD_NOTE'));
  });

  // Every single flipped character of the text must be noticed.
  test('notice any change of the text', () => {
    for (let i = 0; i < text.length - 1; i++) {
      const changed = `${note.slice(0, i)}${note[i] === 'x' ? 'y' : 'x'}${note.slice(i + 1)}`;
      expect(() => openNote(changed, [LEDGER_VKEY], checker)).toThrow(/./);
    }
  });
});

describe('checkpoints', () => {
  const checkpoint = { origin: ORIGIN, size: 20_852_163, root: fill(32, 5) };

  test('round trip', () => {
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint);
    const note = signNote(formatCheckpoint(checkpoint), signer);
    expect(openCheckpoint(note, LEDGER_VKEY, checker)).toEqual(checkpoint);
  });

  // A key may sign only for the log that it is named after.
  test('of another origin are refused', () => {
    const note = signNote(formatCheckpoint({ ...checkpoint, origin: 'other' }), signer);
    expect(() => openCheckpoint(note, LEDGER_VKEY, checker)).toThrow(code('BAD_NOTE'));
  });

  const good = formatCheckpoint(checkpoint);
  test.each([
    ['a leading zero', good.replace('\n2', '\n02')],
    ['a sign', good.replace('\n2', '\n+2')],
    ['a size beyond 2^53', good.replace('20852163', '9007199254740993')],
    ['a short root', good.replace(/.{4}=\n/, '=\n')],
    ['an extension line', `${good}more\n`],
    ['no end', good.slice(0, -1)],
    ['no origin', `\n${good}`],
  ])('refuse %s', (_name, wrong) => {
    expect(() => parseCheckpoint(wrong)).toThrow(code('BAD_NOTE'));
  });
});
