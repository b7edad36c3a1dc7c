import { describe, expect, it } from 'vitest';
import type { Part } from '../../dock/viewer/page/part.ts';
import { Parts } from '../../dock/viewer/page/parts.ts';

import { manifestOf } from '../unit/proto/fixture.ts';

// Goal: keys of what is no longer played do not stay in the browser. Method: parts that write down when they are forgotten;
// this needs no browser.

const forgotten: number[] = [];

function part(start: number): Part {
  const manifest = manifestOf();
  return {
    range: [start, start + 10],
    openedAtMs: 0,
    evidence: { manifest, manifestHash: '', acceptedIndex: 0, grantedIndex: 0, grantedSize: 0 },
    fetch: () => Promise.reject(new Error('not fetched here')),
    unseal: undefined,
    forget: () => void forgotten.push(start),
  };
}

const parts = (): Parts => {
  forgotten.length = 0;
  return new Parts(part(0), async (from) => part(from));
};

describe('the open parts', () => {
  it('are two: the keys of the one that was not used for longest are gone', async () => {
    const open = parts();
    await open.open(10);
    expect(forgotten).toEqual([]);
    expect(open.find(5)?.range).toEqual([0, 10]);
    await open.open(20);
    expect(forgotten).toEqual([10]);
    expect(open.find(10)).toBeUndefined();
    expect(open.find(9)?.range).toEqual([0, 10]);
    expect(open.find(29)?.range).toEqual([20, 30]);
    expect(open.find(30)).toBeUndefined();
  });

  it('are forgotten one by one, and all at the end', async () => {
    const open = parts();
    const second = await open.open(10);
    open.drop(second);
    expect(forgotten).toEqual([10]);
    expect(open.find(10)).toBeUndefined();
    open.forget();
    expect(forgotten).toEqual([10, 0]);
    expect(open.find(0)).toBeUndefined();
  });
});
