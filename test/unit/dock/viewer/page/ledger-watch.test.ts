// Goal: a browser that comes back finds out a dock with two histories, and takes silence for neither. Method: signed checkpoints of
// small trees; a dock that proves, does not, or cannot be reached.
import { beforeEach, describe, expect, it } from 'vitest';
import { LedgerWatch, SplitError } from '../../../../../dock/viewer/page/ledger-watch.ts';
import { toBase64, utf8 } from '../../../../../proto/bytes.ts';
import { formatCheckpoint } from '../../../../../proto/checkpoint.ts';
import { consistencyProof, leafHash, rootOf } from '../../../../../proto/merkle.ts';
import { signNote } from '../../../../../proto/note.ts';
import { LEDGER_KEY, LEDGER_VKEY, ORIGIN, sha256 } from '../../../proto/fixture.ts';

const leaves = (size: number, name = 'entry') =>
  Array.from({ length: size }, (_, place) => leafHash(sha256, utf8(`${name} ${place}`)));

function head(size: number, name?: string) {
  const root = rootOf(sha256, leaves(size, name));
  const checkpoint = signNote(formatCheckpoint({ origin: ORIGIN, size, root }), {
    name: ORIGIN,
    publicKey: LEDGER_KEY.publicKey,
    sign: LEDGER_KEY.sign,
    sha256,
  });
  return { size, root, checkpoint };
}

describe('the newest checkpoint that a browser saw', () => {
  let kept: Map<string, string>;
  let asked: number;
  let answer: (from: number, to: number) => readonly Uint8Array[] | undefined;
  beforeEach(() => {
    kept = new Map();
    asked = 0;
    answer = (from, to) => consistencyProof(sha256, leaves(to), from);
  });
  const visit = (): LedgerWatch =>
    new LedgerWatch(
      async (from, to) => {
        asked += 1;
        return answer(from, to)?.map(toBase64);
      },
      LEDGER_VKEY,
      {
        getItem: (name) => kept.get(name) ?? null,
        setItem: (name, value) => void kept.set(name, value),
      },
    );
  const keptNow = (): readonly string[] => [...kept.values()];

  it('is kept, and only ever moves forward', async () => {
    await visit().see(head(5));
    await visit().see(head(9));
    expect(keptNow()).toEqual([head(9).checkpoint]);
    // One that was on its way when a newer one came.
    await visit().see(head(7));
    expect(keptNow()).toEqual([head(9).checkpoint]);
    const watch = visit();
    for (let time = 0; time < 3; time += 1) await watch.see(head(9));
    expect(asked).toBe(2);
  });

  it.each([
    ['another tree of the same size', 5, 'other'],
    ['a longer tree that does not begin with it', 9, 'other'],
    ['a shorter tree that is not its beginning', 3, 'other'],
  ])('finds %s', async (_what, size, name) => {
    await visit().see(head(5));
    const watch = visit();
    await expect(watch.see(head(size, name))).rejects.toBeInstanceOf(SplitError);
    // What fits afterwards does not undo it, and the evidence stays for the next visit.
    await expect(watch.see(head(6))).rejects.toMatchObject({
      seen: head(5).checkpoint,
      shown: head(size, name).checkpoint,
    });
    expect(keptNow()).toEqual([head(5).checkpoint]);
  });

  it('takes an answer without a proof for none, and silence for neither', async () => {
    await visit().see(head(5));
    answer = () => {
      throw new TypeError('the dock cannot be reached');
    };
    await expect(visit().see(head(9))).rejects.toBeInstanceOf(TypeError);
    answer = () => undefined;
    await expect(visit().see(head(9))).rejects.toBeInstanceOf(SplitError);
    expect(keptNow()).toEqual([head(5).checkpoint]);
  });

  // Goal: what stands in the browser's storage is believed only as far as the dock signed it.
  it('is none where the dock did not sign it', async () => {
    await visit().see(head(5));
    for (const [name, note] of kept) kept.set(name, note.replace('\n5\n', '\n6\n'));
    await visit().see(head(9, 'other'));
    expect(keptNow()).toEqual([head(9, 'other').checkpoint]);
  });
});
