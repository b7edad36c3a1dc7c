import { describe, expect, it } from 'vitest';
import { type Place, Staging, STAGING_BYTES_MIN } from '../../../../dock/ingest/staging.ts';

const MIB = 1024 * 1024;

/** Uploads by name, and the order in which waiting ones were served. */
function crowd(staging: Staging): { open: (name: string) => Place; served: string[] } {
  const served: string[] = [];
  return { open: (name) => staging.open(() => served.push(name)), served };
}

// Goal: the memory is shared fairly and never exceeded. Method: uploads that ask for more than there is, in every order
// that matters.
describe('the staging memory', () => {
  it('serves whoever came first, and never more than there is', () => {
    const staging = new Staging(8 * MIB);
    const { open, served } = crowd(staging);
    const first = open('first');
    expect(first.reserve(6 * MIB)).toBe(true);
    const [second, third] = [open('second'), open('third')];
    expect(second.reserve(4 * MIB)).toBe(false);
    // There would be room for this one, but it came later: a large unit must not wait for ever behind small ones.
    expect(third.reserve(1 * MIB)).toBe(false);
    expect(staging).toMatchObject({ bytesUsed: 6 * MIB, waiting: 2 });
    first.release(3 * MIB);
    expect(served).toEqual(['second', 'third']);
    expect(staging.bytesUsed).toBe(8 * MIB);
    for (const place of [first, second, third]) place.close();
    expect(staging.bytesUsed).toBe(0);
  });

  it('gives nobody a second unit while somebody waits for a first', () => {
    const staging = new Staging(8 * MIB);
    const { open, served } = crowd(staging);
    const [rich, other, poor] = [open('rich'), open('other'), open('poor')];
    expect(rich.reserve(4 * MIB)).toBe(true);
    expect(other.reserve(4 * MIB)).toBe(true);
    expect(rich.reserve(2 * MIB)).toBe(false);
    expect(poor.reserve(4 * MIB)).toBe(false);
    other.release(2 * MIB);
    expect(served).toEqual([]);
    other.release(2 * MIB);
    expect(served).toEqual(['poor']);
    poor.release(4 * MIB);
    expect(served).toEqual(['poor', 'rich']);
  });

  it('keeps some for those who have nothing yet', () => {
    const staging = new Staging(8 * MIB);
    const { open, served } = crowd(staging);
    const rich = open('rich');
    for (let units = 0; units < 6; units += 1) expect(rich.reserve(MIB)).toBe(true);
    expect(rich.reserve(MIB)).toBe(false);
    const poor = open('poor');
    expect(poor.reserve(2 * MIB)).toBe(true);
    rich.release(MIB);
    expect(served).toEqual([]);
    poor.close();
    expect(served).toEqual(['rich']);
    // Who waits for more and gives all back has nothing, and comes before the others again.
    const other = open('other');
    expect(rich.reserve(MIB)).toBe(false);
    expect([other.reserve(MIB), other.reserve(MIB)]).toEqual([true, false]);
    other.release(MIB);
    expect(served).toEqual(['rich', 'other']);
  });

  it('takes back everything of an upload that ends, and its wish', () => {
    const staging = new Staging(8 * MIB);
    const { open, served } = crowd(staging);
    const [holder, leaver, last] = [open('holder'), open('leaver'), open('last')];
    holder.reserve(8 * MIB);
    leaver.reserve(1 * MIB);
    last.reserve(1 * MIB);
    leaver.close();
    leaver.close();
    holder.close();
    expect(served).toEqual(['last']);
    expect(staging).toMatchObject({ bytesUsed: 1 * MIB, waiting: 0 });
  });

  it('is large enough for any unit', () => {
    expect(() => new Staging(STAGING_BYTES_MIN - 1)).toThrow(/hold any unit/);
  });
});
