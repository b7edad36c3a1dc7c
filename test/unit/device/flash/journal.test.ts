import { describe, expect, it } from 'vitest';
import {
  decodeHeader,
  decodeJournal,
  encodeEntry,
  encodeHeader,
  headsIn,
} from '../../../../device/flash/journal.ts';
import { encodeLine } from '../../../../device/flash/line.ts';
import { concat } from '../../../../proto/bytes.ts';
import { chunkOf, headerOf } from '../camera-kit.ts';

const chunk = (index: number) =>
  ({ entry: 'chunk', index, chunk: chunkOf(index, 10).info, at: { wallUs: 1, monoUs: index } }) as const;
const mark = { entry: 'mark', mark: { at: { wallUs: 3, monoUs: 4 }, kind: 'weapon "drawn"' } } as const;

describe('a header', () => {
  // Goal: every field survives. Method: round trip, with and without a previous root, a ticket and wraps.
  it('comes back as it was written', () => {
    for (const previousRoot of [new Uint8Array(), new Uint8Array(32).fill(7)]) {
      const header = headerOf(3, { previousRoot, incidentTag: 'Ünïcode' });
      expect(decodeHeader(encodeHeader({ header }))).toEqual({ header });
      const sealed = {
        header: { ...header, suite: 1, ticket: 'log\n1\n\n— log AAAA\n' } as const,
        wrapsSha256: new Uint8Array(32).fill(9),
      };
      expect(decodeHeader(encodeHeader(sealed))).toEqual(sealed);
    }
  });

  // Goal: a sealed recording's header says which wraps are its own. Method: leave that out.
  it('of a sealed recording names its wraps', () => {
    expect(decodeHeader(encodeHeader({ header: headerOf(1, { suite: 1 }) }))).toBeUndefined();
  });

  // Goal: a header of another make, or one with something behind it, is not believed. Method: spoil one field each.
  it.each([
    ['format', { format: 2 }],
    ['suite', { suite: 9 }],
    ['counter', { counter: 1.5 }],
    ['recordingId', { recordingId: '../../etc' }],
    ['bootId', { bootId: 'no hex' }],
    ['started', { started: null }],
  ])('is refused for a wrong %s', (_field, change) => {
    const fields = { format: 1, ...headerOf(1), previousRoot: '', bootId: 'b0'.repeat(16) };
    expect(decodeHeader(encodeLine(fields))).toBeDefined();
    expect(decodeHeader(encodeLine({ ...fields, ...change }))).toBeUndefined();
  });

  it('is refused with a second line behind it', () => {
    expect(decodeHeader(concat(encodeHeader({ header: headerOf(1) }), encodeLine({})))).toBeUndefined();
  });
});

describe('a journal', () => {
  // Goal: chunks and marks come back in order, each with the offset after it. Method: round trip.
  it('comes back as it was written', () => {
    const entries = [chunk(0), mark, chunk(1)];
    const lines = entries.map(encodeEntry);
    const read = decodeJournal(concat(...lines));
    expect(read.map(({ entry }) => entry)).toEqual(entries);
    expect(read.at(-1)?.end).toBe(concat(...lines).length);
  });

  // Goal: heads come back in their place, and are found behind lines that are torn, unless that is all there is of the newest
  // write. Method: two heads, a bad line between them, with and without a later line; none, and a line that only looks like one.
  it('keeps heads', () => {
    const heads = [1, 2].map((byte) => ({ entry: 'head', head: new Uint8Array(90).fill(byte) }) as const);
    const lines = [chunk(0), heads[0], chunk(1), heads[1]].flatMap((entry) =>
      entry ? [encodeEntry(entry)] : [],
    );
    expect(decodeJournal(concat(...lines)).map(({ entry }) => entry)[1]).toEqual(heads[0]);
    lines[2]?.set([0], 5);
    expect(decodeJournal(concat(...lines))).toHaveLength(2);
    expect(headsIn(concat(...lines))).toEqual([heads[0]?.head]);
    expect(headsIn(concat(...lines, encodeEntry(mark)))).toEqual(heads.map(({ head }) => head));
    expect(headsIn(concat(...lines).subarray(0, -1))).toEqual([heads[0]?.head]);
    expect(headsIn(concat(encodeEntry(chunk(0)), encodeLine({ head: '***' })))).toEqual([]);
  });

  // Goal: a chunk out of its place ends the journal: what follows is the rest of something older. Method: skip one.
  it('ends at a chunk that is not the next', () => {
    expect(decodeJournal(concat(...[chunk(0), chunk(2), chunk(1)].map(encodeEntry)))).toHaveLength(1);
    expect(decodeJournal(encodeEntry(chunk(1)))).toEqual([]);
  });

  // Goal: a line with a good check but without the fields of an entry ends it too. Method: lack one.
  it('ends at a line that is no entry', () => {
    expect(decodeJournal(concat(encodeEntry(mark), encodeLine({ index: 0, at: mark.mark.at })))).toHaveLength(
      1,
    );
  });
});
