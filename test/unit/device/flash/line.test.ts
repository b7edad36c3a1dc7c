import { describe, expect, it } from 'vitest';
import { decodeLines, encodeLine } from '../../../../device/flash/line.ts';
import { concat, text, utf8 } from '../../../../proto/bytes.ts';

describe('lines with a check', () => {
  // Goal: what was written is what is read. Method: three records, one with text that looks like a line's end.
  it('gives back each record and where it ends', () => {
    const records = [{ mark: 'a\n b' }, { index: 1 }, {}];
    const lines = records.map(encodeLine);
    const read = decodeLines(concat(...lines));
    expect(read.map(({ record }) => record)).toEqual(records);
    expect(read.at(-1)?.end).toBe(concat(...lines).length);
  });

  // Goal: a line is for people too. Method: look at one.
  it('is text that a person can read', () => {
    expect(text(encodeLine({ index: 7 }))).toMatch(/^\{"index":7\} [0-9a-f]{8}\n$/);
  });

  // Goal: nothing torn or changed counts, and nothing after it. Method: cut the middle line at every byte, then
  // flip a bit in each of its bytes; the first record must stay alone.
  it('stops at the first line that does not hold', () => {
    const [first, second, third] = [encodeLine({ a: 1 }), encodeLine({ b: 2 }), encodeLine({ c: 3 })];
    for (let cut = 0; cut < second.length; cut++) {
      expect(decodeLines(concat(first, second.subarray(0, cut), third)).length).toBe(cut === 0 ? 2 : 1);
      const changed = Uint8Array.from(second, (byte, index) => (index === cut ? byte ^ 1 : byte));
      expect(decodeLines(concat(first, changed, third)).length).toBe(1);
    }
  });

  // Goal: a check that holds over something that is no object is no record. Method: hand-made lines.
  it.each(['null 0', '"text"', '', '{} zzzzzzzz'])('does not take %j for a record', (line) => {
    expect(decodeLines(utf8(`${line}\n`))).toEqual([]);
  });
});
