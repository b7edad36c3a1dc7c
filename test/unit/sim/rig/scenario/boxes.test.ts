import { describe, expect, it } from 'vitest';
import { looseEnd } from '../../../../../sim/rig/scenario/boxes.ts';

function box(kind: string, bytes = 4): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + bytes);
  head.write(kind, 4, 'latin1');
  return Buffer.concat([head, Buffer.alloc(bytes)]);
}

const film = Buffer.concat(['ftyp', 'moov', 'moof', 'mdat', 'moof', 'mdat'].map((kind) => box(kind)));

// Goal: a film that ends in the middle of a fragment is never called whole. Method: one cut after every byte.
describe('the end of a film', () => {
  it('is found whole after each fragment, and nowhere else', () => {
    const whole = [24, 48, 72];
    for (let bytes = 0; bytes <= film.length; bytes += 1) {
      expect(looseEnd(film.subarray(0, bytes)) === undefined, `${bytes} bytes`).toBe(whole.includes(bytes));
    }
  });

  it('is torn when a box says that it is longer than the film, or shorter than its head', () => {
    const torn = Buffer.from(film);
    torn.writeUInt32BE(1_000, 60);
    expect(looseEnd(torn)).toContain('byte 60');
    torn.writeUInt32BE(7, 60);
    expect(looseEnd(torn)).toContain('byte 60');
  });
});
