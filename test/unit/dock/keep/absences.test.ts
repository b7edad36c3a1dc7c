import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CounterBook } from '../../../../dock/keep/absences.ts';
import type { CustodyEntry } from '../../../../proto/custody-entry.ts';
import type { EntryOf } from '../../../../proto/custody-fields.ts';
import { isCameraId, isRecordingId, type RecordingId } from '../../../../proto/ids.ts';
import { checked } from '../../proto/fixture.ts';

const camera = checked('cam-1', isCameraId);
const at = '2026-11-22T10:00:00.000000Z';
const digest = (number: number): string => number.toString(16).padStart(64, '0');
const id = (number: number): RecordingId => checked(number.toString(16).padStart(32, '0'), isRecordingId);

const enrolled = (key = 'A'): EntryOf<'device.enrolled'> => ({
  type: 'device.enrolled',
  at,
  camera,
  publicKey: `${key.repeat(43)}=`,
});

/** Recording `counter` of a camera that lost nothing: its root is its number. */
function accepted(counter: number, changes: Partial<EntryOf<'accepted'>> = {}): EntryOf<'accepted'> {
  return {
    type: 'accepted',
    at,
    recording: id(counter),
    camera,
    counter,
    previousRoot: counter === 1 ? '' : digest(counter - 1),
    manifest: digest(1_000 + counter),
    root: digest(counter),
    bytes: 1,
    chunks: 1,
    stamps: digest(0),
    transport: 'mqtt',
    receivedAt: at,
    uncertaintyUs: 1,
    basis: 'local',
    officer: digest(9),
    ...changes,
  };
}

function bookOf(...entries: readonly CustodyEntry[]): CounterBook {
  const book = new CounterBook();
  for (const entry of [enrolled(), ...entries]) book.take(entry);
  return book;
}

// Goal: what never came shows by what did, and only that shows.
// Method: small logs written by hand for each rule, then any set of numbers in any order against a plain count.
describe('what a camera has made and the ledger lacks', () => {
  test('nothing, when every number is there', () => {
    expect(bookOf(accepted(1), accepted(2), accepted(3)).absences()).toEqual([]);
  });

  test('the numbers before the first and between two', () => {
    expect(bookOf(accepted(3), accepted(7)).absences()).toEqual([
      { camera, kind: 'gap', counterFrom: 1, counterTo: 2, recording: id(3) },
      { camera, kind: 'gap', counterFrom: 4, counterTo: 6, recording: id(7) },
    ]);
  });

  test('what came late closes its gap', () => {
    expect(bookOf(accepted(3), accepted(1), accepted(2)).absences()).toEqual([]);
  });

  test('what was quarantined used its number up, when the entry says which', () => {
    const refused = (counter?: number): CustodyEntry => ({
      type: 'refused',
      at,
      recording: id(2),
      camera,
      manifest: digest(5),
      reason: 'root-mismatch',
      bytes: 1,
      ...(counter === undefined ? {} : { counter }),
    });
    expect(bookOf(accepted(1), refused(2), accepted(3)).absences()).toEqual([]);
    expect(bookOf(accepted(1), refused(3), accepted(5)).absences()).toEqual([
      { camera, kind: 'gap', counterFrom: 2, counterTo: 2, recording: id(5) },
      { camera, kind: 'gap', counterFrom: 4, counterTo: 4, recording: id(5) },
    ]);
    expect(bookOf(accepted(1), refused(), accepted(3)).absences()).toHaveLength(1);
  });

  test('a recording that names another predecessor', () => {
    const broken = accepted(2, { previousRoot: digest(77) });
    expect(bookOf(accepted(1), broken).absences()).toEqual([
      { camera, kind: 'broken-link', recording: id(2) },
    ]);
    expect(bookOf(accepted(1, { previousRoot: digest(77) })).absences()).toEqual([
      { camera, kind: 'broken-link', recording: id(1) },
    ]);
  });

  test('a camera with a new key begins anew, and its old gaps stay', () => {
    const book = bookOf(accepted(1), accepted(3), enrolled('B'), accepted(1, { recording: id(11) }));
    expect(book.absences()).toEqual([
      { camera, kind: 'gap', counterFrom: 2, counterTo: 2, recording: id(3) },
    ]);
  });

  test('an absurd number costs no memory', () => {
    const [gap] = bookOf(accepted(1), accepted(Number.MAX_SAFE_INTEGER)).absences();
    expect(gap).toMatchObject({ counterFrom: 2, counterTo: Number.MAX_SAFE_INTEGER - 1 });
  });

  test('what is named stays named until it is explained', () => {
    const gap = { at, camera, kind: 'gap', counterFrom: 2, counterTo: 2, recording: id(3) } as const;
    const book = bookOf({ type: 'missing', ...gap });
    expect([...book.named().values()]).toMatchObject([{ kind: 'gap', counterFrom: 2 }]);
    book.take({ type: 'found', because: 'arrived', ...gap });
    expect(book.named().size).toBe(0);
  });

  test('any numbers in any order', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 25 });
    fc.assert(
      fc.property(numbers, (counters) => {
        const there = new Set(counters);
        const lost = Array.from({ length: Math.max(...counters) }, (_, i) => i + 1).filter(
          (n) => !there.has(n),
        );
        const named = bookOf(...counters.map((counter) => accepted(counter)))
          .absences()
          .flatMap(({ counterFrom = 1, counterTo = 0 }) =>
            Array.from({ length: counterTo - counterFrom + 1 }, (_, i) => counterFrom + i),
          );
        expect(named).toEqual(lost);
      }),
    );
  });
});
