import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromBase64, fromHex, text, toBase64, toHex, utf8 } from '../../../proto/bytes.ts';
import { decodeEntry } from '../../../proto/custody-entry.ts';
import { ProofError } from '../../../proto/errors.ts';
import { parseIdentity } from '../../../proto/identity.ts';
import { formatInstant, parseInstant } from '../../../proto/instant.ts';
import { openNote, signNote } from '../../../proto/note.ts';
import { parseTlogProof } from '../../../proto/tlog-proof.ts';
import { parseCheckpoint } from '../../../proto/checkpoint.ts';
import { checker, LEDGER_KEY, LEDGER_VKEY, ORIGIN, sha256 } from '../../unit/proto/fixture.ts';

describe('spellings', () => {
  // Node's own coders are the reference for ours, which must also run where Node is not.
  test('of bytes are those of Node', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      }),
    );
  });

  // Whatever is accepted is the one spelling of what it means.
  test('are one a value', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9+/]{0,9}={0,3}$/), (symbols) => {
        const bytes = attempt(() => fromBase64(symbols), TypeError);
        if (bytes !== undefined) expect(toBase64(bytes)).toBe(symbols);
      }),
      { numRuns: 1000 },
    );
  });

  test('of instants sort as the instants do', () => {
    const instant = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(instant, instant, (a, b) => {
        expect(parseInstant(formatInstant(a))).toBe(a);
        expect(formatInstant(a) < formatInstant(b)).toBe(a < b);
      }),
    );
  });

  test('of text round trip', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        expect(text(utf8(value))).toBe(value);
      }),
    );
  });
});

describe('parsers of signed text', () => {
  // Whatever arrives, they answer with a value or a ProofError: nothing else may escape into a daemon.
  const line = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 30 }),
    fc.constantFrom(
      '',
      'c2sp.org/tlog-proof@v1',
      'index 0',
      'extra AAAA',
      `\u2014 ${ORIGIN} AAAAAAAA`,
      '1',
      '{"v":1}',
    ),
    fc.base64String({ maxLength: 48 }),
  );
  const anyText = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'));

  test.each<[string, (value: string) => unknown]>([
    ['note', (value) => openNote(value, [LEDGER_VKEY], checker)],
    ['checkpoint', parseCheckpoint],
    ['proof', parseTlogProof],
    ['identity', parseIdentity],
    ['entry', (value) => decodeEntry(utf8(value))],
  ])('%s', (_name, parse) => {
    fc.assert(
      fc.property(anyText, (value) => {
        attempt(() => parse(value), ProofError);
      }),
      { numRuns: 300 },
    );
  });

  // Any text that a note may have is signed and opened unchanged.
  test('notes round trip', () => {
    const body = fc
      .string({ unit: 'binary', maxLength: 60 })
      .map((value) => `${value.replace(/\p{Cc}/gu, '\n')}\n`);
    fc.assert(
      fc.property(body, (value) => {
        const note = signNote(value, { ...LEDGER_KEY, name: ORIGIN, sha256 });
        expect(openNote(note, [LEDGER_VKEY], checker).text).toBe(value);
      }),
    );
  });
});

/** The value, or undefined for an error of this kind; any other error is a failure. */
function attempt<T>(work: () => T, kind: typeof TypeError | typeof ProofError): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof kind) return undefined;
    throw error;
  }
}
